// One time step of a vanilla recurrent cell.

using System.Runtime.CompilerServices;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Kernels;

/// <summary>One time step of a vanilla recurrent cell.</summary>
/// <remarks>
/// <code>
/// h' = tanh(W·x + R·h + b)        or max(W·x + R·h + b, 0)        [HiddenSize]
/// </code>
/// Source: Elman (1990), "Finding Structure in Time", as computed by torch.nn.RNN.
/// </remarks>
internal static unsafe class RnnKernel
{
    /// <param name="weights">Panels of one gate with unit vector b.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="columns">x and h [columnCount], see <see cref="ColumnLayout"/>.</param>
    /// <param name="columnCount">A multiple of <see cref="WeightedSum.Unroll"/>.</param>
    /// <param name="next">Receives h', whole vectors; not the h in the columns: later panels still read it.</param>
    /// <param name="y">Receives h' too, whole vectors; null: nothing.</param>
    /// <param name="isRelu">max(·, 0) instead of tanh.</param>
    public static void Step<TSimd, TVector, TWeights>(
        float* weights, nint groups, float* columns, nint columnCount, float* next, float* y, bool isRelu)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        float* w = weights;
        for (nint group = 0; group < groups; group++)
        {
            Advance<TSimd, TVector>(WeightedSum.Of<TSimd, TVector, TWeights>(w, columns, columnCount), next, y, isRelu);
            if (y != null)
            {
                y += TSimd.Lanes;
            }

            next += TSimd.Lanes;
            w += WeightedSum.PanelLength<TSimd, TVector, TWeights>(columnCount);
        }
    }

    /// <summary>The same step for a tile of streams and one group of units.</summary>
    /// <param name="panel">The group's panel.</param>
    /// <param name="columns">x and h of the first stream.</param>
    /// <param name="stride">Floats from stream to stream, of h' too.</param>
    /// <param name="columnCount">Columns of each stream.</param>
    /// <param name="next">Receives h' of the first stream's group.</param>
    /// <param name="isRelu">max(·, 0) instead of tanh.</param>
    [SkipLocalsInit]
    public static void StepTile<TSimd, TVector, TWeights>(
        float* panel, float* columns, nint stride, nint columnCount, float* next, bool isRelu)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        nint lanes = TSimd.Lanes;
        float* sums = stackalloc float[StreamTile.ScratchLength];
        StreamTile.Sum<TSimd, TVector, TWeights>(
            panel, panel + lanes, 1, WeightedSum.Unroll, columnCount, 0, isLastApart: false, columns, stride, sums);
        for (int stream = 0; stream < TSimd.TileStreams; stream++)
        {
            Advance<TSimd, TVector>(StreamTile.Total<TSimd, TVector>(sums, WeightedSum.Unroll, lanes), next, y: null, isRelu);
            sums += WeightedSum.Unroll * lanes;
            next += stride;
        }
    }

    /// <summary>The same step with 8-bit weights.</summary>
    /// <param name="weights">Panels of one gate with the unit vector of the other form, see <see cref="Int8Panels"/>.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="values">x and h, quantised.</param>
    /// <param name="next">Receives h', whole vectors.</param>
    /// <param name="y">Receives h' too, whole vectors; null: nothing.</param>
    /// <param name="isRelu">max(·, 0) instead of tanh.</param>
    [SkipLocalsInit]
    public static void StepInt8<TSimd, TVector, TDot, TWord, TBytes, TSum>(
        float* weights, nint groups, in Int8Operands values, float* next, float* y, bool isRelu)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        nint lanes = TSimd.Lanes;
        nint panel = Int8Gates.PanelLength<TSimd, TVector, Int8OneGate>(in values, otherVectors: 0);
        float* sums = stackalloc float[Int8Gates.ScratchLength];
        for (float* end = weights + (groups * panel); weights < end; weights += Int8Gates.GroupsAtOnce * panel)
        {
            float* sum = sums;
            float* last = weights + (Int8Gates.GroupsAtOnce * panel);
            last = last < end ? last : end;
            for (float* w = weights; w < last; w += panel)
            {
                // A rectified h has no bound: it is quantised as x is.
                if (isRelu)
                {
                    Int8Gates.Sum<TSimd, TVector, TDot, TWord, TBytes, TSum, RectifiedGate>(
                        w, in values, otherVectors: 0, sum);
                }
                else
                {
                    Int8Gates.Sum<TSimd, TVector, TDot, TWord, TBytes, TSum, Int8OneGate>(
                        w, in values, otherVectors: 0, sum);
                }

                sum += lanes;
            }

            sum = sums;
            for (float* w = weights; w < last; w += panel)
            {
                Advance<TSimd, TVector>(TSimd.Load(sum), next, y, isRelu);
                if (y != null)
                {
                    y += lanes;
                }

                sum += lanes;
                next += lanes;
            }
        }
    }

    /// <summary>h' of one group of units from its sum.</summary>
    /// <param name="sum">W·x + R·h + b.</param>
    /// <param name="next">Receives h' of the group.</param>
    /// <param name="y">Receives h' of the group too; null: nothing.</param>
    /// <param name="isRelu">max(·, 0) instead of tanh.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance<TSimd, TVector>(TVector sum, float* next, float* y, bool isRelu)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector h = isRelu ? TSimd.Max(TSimd.Zero, sum) : VectorMath.Tanh<TSimd, TVector>(sum);
        TSimd.Store(h, next);
        if (y != null)
        {
            TSimd.Store(h, y);
        }
    }

    // One gate whose h has no bound.
    private readonly struct RectifiedGate : IInt8Gates
    {
        public static int Gates => 1;

        public static bool IsLastApart => false;

        public static bool HasBytes => false;
    }
}
