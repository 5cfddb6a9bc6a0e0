// One time step of a gated recurrent unit whose reset gate acts before the recurrent product.

using System.Runtime.CompilerServices;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Kernels;

/// <summary>One time step of a gated recurrent unit, reset before the recurrent product.</summary>
/// <remarks>
/// <code>
/// r  = σ(W_r·x + R_r·h + b_r)      z = σ(W_z·x + R_z·h + b_z)     [HiddenSize]
/// n  = tanh(W_n·x + R_n·(r ⊙ h) + b_n)                            [HiddenSize]
/// h' = (1 − z) ⊙ n + z ⊙ h                                        [HiddenSize]
/// </code>
/// Source: Cho et al. (2014), arXiv:1406.1078. Every r must be known before the first n: two passes over the units.
/// </remarks>
internal static unsafe class GruResetBeforeKernel
{
    /// <summary>Gates of the first pass: r and z.</summary>
    public const int Gates = 2;

    /// <summary>Columns of r and z taken at a time: two gates four times are eight independent sums.</summary>
    public const int Unroll = 4;

    /// <summary>First pass: r and z of all units.</summary>
    /// <param name="weights">Panels of two gates r, z with unit vectors b_r, b_z.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="columns">x and h [columnCount], see <see cref="ColumnLayout"/>.</param>
    /// <param name="columnCount">A multiple of <see cref="Unroll"/>.</param>
    /// <param name="h">Hidden state, whole vectors.</param>
    /// <param name="reset">Receives r ⊙ h, whole vectors; must not be <paramref name="h"/>.</param>
    /// <param name="next">Receives z, whole vectors, until the second pass puts h' there; not <paramref name="h"/>.</param>
    public static void StepGates<TSimd, TVector, TWeights>(
        float* weights, nint groups, float* columns, nint columnCount, float* h, float* reset, float* next)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        nint lanes = TSimd.Lanes;
        nint pair = TWeights.PairLength(Gates);
        float* w = weights;
        for (nint group = 0; group < groups; group++)
        {
            TVector r0 = TSimd.Load(w), r1 = TSimd.Zero, r2 = TSimd.Zero, r3 = TSimd.Zero;
            TVector z0 = TSimd.Load(w + lanes), z1 = TSimd.Zero, z2 = TSimd.Zero, z3 = TSimd.Zero;
            w += 2 * lanes;
            for (float* column = columns; column < columns + columnCount; column += Unroll)
            {
                r0 = TSimd.MultiplyAddColumn(TWeights.Even(w), column, 0, r0);
                z0 = TSimd.MultiplyAddColumn(TWeights.Even(w + lanes), column, 0, z0);
                r1 = TSimd.MultiplyAddColumn(TWeights.Odd(w, Gates), column, 1, r1);
                z1 = TSimd.MultiplyAddColumn(TWeights.Odd(w + lanes, Gates), column, 1, z1);
                r2 = TSimd.MultiplyAddColumn(TWeights.Even(w + pair), column, 2, r2);
                z2 = TSimd.MultiplyAddColumn(TWeights.Even(w + pair + lanes), column, 2, z2);
                r3 = TSimd.MultiplyAddColumn(TWeights.Odd(w + pair, Gates), column, 3, r3);
                z3 = TSimd.MultiplyAddColumn(TWeights.Odd(w + pair + lanes, Gates), column, 3, z3);
                w += 2 * pair;
            }

            AdvanceGates<TSimd, TVector>(
                WeightedSum.Total<TSimd, TVector>(r0, r1, r2, r3),
                WeightedSum.Total<TSimd, TVector>(z0, z1, z2, z3),
                h,
                reset,
                next);
            h += lanes;
            reset += lanes;
            next += lanes;
        }
    }

    /// <summary>Second pass: n and h' of all units.</summary>
    /// <param name="weights">Panels of one gate n with unit vector b_n.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="columns">x and r ⊙ h [columnCount].</param>
    /// <param name="columnCount">A multiple of <see cref="WeightedSum.Unroll"/>.</param>
    /// <param name="h">Hidden state, whole vectors.</param>
    /// <param name="next">z from the first pass; receives h'.</param>
    /// <param name="y">Receives h' too, whole vectors; null: nothing.</param>
    public static void StepState<TSimd, TVector, TWeights>(
        float* weights, nint groups, float* columns, nint columnCount, float* h, float* next, float* y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        nint lanes = TSimd.Lanes;
        float* w = weights;
        for (nint group = 0; group < groups; group++)
        {
            AdvanceState<TSimd, TVector>(WeightedSum.Of<TSimd, TVector, TWeights>(w, columns, columnCount), h, next, y);
            if (y != null)
            {
                y += lanes;
            }

            h += lanes;
            next += lanes;
            w += WeightedSum.PanelLength<TSimd, TVector, TWeights>(columnCount);
        }
    }

    /// <summary>The first pass for a tile of streams and one group of units.</summary>
    /// <param name="panel">The group's panel of two gates.</param>
    /// <param name="columns">x and h of the first stream.</param>
    /// <param name="stride">Floats from stream to stream, of all buffers.</param>
    /// <param name="columnCount">Columns of each stream.</param>
    /// <param name="h">Hidden state of the first stream's group.</param>
    /// <param name="reset">Receives r ⊙ h of the first stream's group.</param>
    /// <param name="next">Receives z of the first stream's group.</param>
    [SkipLocalsInit]
    public static void StepGatesTile<TSimd, TVector, TWeights>(
        float* panel, float* columns, nint stride, nint columnCount, float* h, float* reset, float* next)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        nint lanes = TSimd.Lanes;
        nint passLength = Gates * lanes;
        float* sums = stackalloc float[StreamTile.ScratchLength];
        StreamTile.Sum<TSimd, TVector, TWeights>(
            panel, panel + passLength, Gates, Unroll, columnCount, 0, isLastApart: false, columns, stride, sums);
        for (int stream = 0; stream < TSimd.TileStreams; stream++)
        {
            AdvanceGates<TSimd, TVector>(
                StreamTile.Total<TSimd, TVector>(sums, Unroll, passLength),
                StreamTile.Total<TSimd, TVector>(sums + lanes, Unroll, passLength),
                h,
                reset,
                next);
            sums += Unroll * passLength;
            h += stride;
            reset += stride;
            next += stride;
        }
    }

    /// <summary>The second pass for a tile of streams and one group of units.</summary>
    /// <param name="panel">The group's panel of one gate.</param>
    /// <param name="columns">x and r ⊙ h of the first stream.</param>
    /// <param name="stride">Floats from stream to stream, of all buffers.</param>
    /// <param name="columnCount">Columns of each stream.</param>
    /// <param name="h">Hidden state of the first stream's group.</param>
    /// <param name="next">z of the first stream's group; receives h'.</param>
    [SkipLocalsInit]
    public static void StepStateTile<TSimd, TVector, TWeights>(
        float* panel, float* columns, nint stride, nint columnCount, float* h, float* next)
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
            AdvanceState<TSimd, TVector>(StreamTile.Total<TSimd, TVector>(sums, WeightedSum.Unroll, lanes), h, next, y: null);
            sums += WeightedSum.Unroll * lanes;
            h += stride;
            next += stride;
        }
    }

    /// <summary>The first pass with 8-bit weights.</summary>
    /// <param name="weights">Panels of two gates with the unit vectors of the other form, see <see cref="Int8Panels"/>.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="values">x and h, quantised.</param>
    /// <param name="h">Hidden state, whole vectors.</param>
    /// <param name="reset">Receives r ⊙ h, whole vectors; must not be <paramref name="h"/>.</param>
    /// <param name="next">Receives z, whole vectors.</param>
    [SkipLocalsInit]
    public static void StepGatesInt8<TSimd, TVector, TDot, TWord, TBytes, TSum>(
        float* weights, nint groups, in Int8Operands values, float* h, float* reset, float* next)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        nint lanes = TSimd.Lanes;
        nint panel = Int8Gates.PanelLength<TSimd, TVector, GruBeforeGates>(in values, otherVectors: 0);
        float* sums = stackalloc float[Int8Gates.ScratchLength];
        for (float* end = weights + (groups * panel); weights < end; weights += Int8Gates.GroupsAtOnce * panel)
        {
            float* sum = sums;
            float* last = weights + (Int8Gates.GroupsAtOnce * panel);
            last = last < end ? last : end;
            for (float* w = weights; w < last; w += panel)
            {
                Int8Gates.Sum<TSimd, TVector, TDot, TWord, TBytes, TSum, GruBeforeGates>(
                    w, in values, otherVectors: 0, sum);
                sum += Gates * lanes;
            }

            sum = sums;
            for (float* w = weights; w < last; w += panel)
            {
                AdvanceGates<TSimd, TVector>(TSimd.Load(sum), TSimd.Load(sum + lanes), h, reset, next);
                sum += Gates * lanes;
                h += lanes;
                reset += lanes;
                next += lanes;
            }
        }
    }

    /// <summary>The second pass with 8-bit weights.</summary>
    /// <param name="weights">Panels of one gate with the unit vector of the other form, see <see cref="Int8Panels"/>.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="values">x and r ⊙ h, quantised.</param>
    /// <param name="h">Hidden state, whole vectors.</param>
    /// <param name="next">z from the first pass; receives h'.</param>
    /// <param name="y">Receives h' too, whole vectors; null: nothing.</param>
    [SkipLocalsInit]
    public static void StepStateInt8<TSimd, TVector, TDot, TWord, TBytes, TSum>(
        float* weights, nint groups, in Int8Operands values, float* h, float* next, float* y)
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
                Int8Gates.Sum<TSimd, TVector, TDot, TWord, TBytes, TSum, Int8OneGate>(
                    w, in values, otherVectors: 0, sum);
                sum += lanes;
            }

            sum = sums;
            for (float* w = weights; w < last; w += panel)
            {
                AdvanceState<TSimd, TVector>(TSimd.Load(sum), h, next, y);
                if (y != null)
                {
                    y += lanes;
                }

                sum += lanes;
                h += lanes;
                next += lanes;
            }
        }
    }

    /// <summary>r ⊙ h and z of one group of units from the sums of their gates.</summary>
    /// <param name="r">Sum of the reset gate.</param>
    /// <param name="z">Sum of the update gate.</param>
    /// <param name="h">Hidden state of the group.</param>
    /// <param name="reset">Receives r ⊙ h of the group.</param>
    /// <param name="next">Receives z of the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AdvanceGates<TSimd, TVector>(TVector r, TVector z, float* h, float* reset, float* next)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TSimd.Store(TSimd.Divide(TSimd.Load(h), VectorMath.InverseSigmoid<TSimd, TVector>(r)), reset);
        TSimd.Store(VectorMath.Sigmoid<TSimd, TVector>(z), next);
    }

    /// <summary>h' of one group of units from the sum of n.</summary>
    /// <param name="sum">W_n·x + R_n·(r ⊙ h) + b_n.</param>
    /// <param name="h">Hidden state of the group.</param>
    /// <param name="next">z of the group; receives h'.</param>
    /// <param name="y">Receives h' of the group too; null: nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AdvanceState<TSimd, TVector>(TVector sum, float* h, float* next, float* y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector n = VectorMath.Tanh<TSimd, TVector>(sum);
        TVector result = TSimd.MultiplyAdd(TSimd.Load(next), TSimd.Subtract(TSimd.Load(h), n), n);
        TSimd.Store(result, next);
        if (y != null)
        {
            TSimd.Store(result, y);
        }
    }

    // r, z.
    private readonly struct GruBeforeGates : IInt8Gates
    {
        public static int Gates => 2;

        public static bool IsLastApart => false;

        public static bool HasBytes => true;
    }
}
