// One time step of a gated recurrent unit whose reset gate acts after the recurrent product.

using System.Runtime.CompilerServices;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Kernels;

/// <summary>One time step of a gated recurrent unit, reset after the recurrent product.</summary>
/// <remarks>
/// <code>
/// r  = σ(W_r·x + R_r·h + b_r)      z = σ(W_z·x + R_z·h + b_z)     [HiddenSize]
/// n  = tanh(W_n·x + b_n + r ⊙ (R_n·h + b_hn))                     [HiddenSize]
/// h' = (1 − z) ⊙ n + z ⊙ h                                        [HiddenSize]
/// </code>
/// Source: Cho et al. (2014), arXiv:1406.1078, as computed by torch.nn.GRU.
/// </remarks>
internal static unsafe class GruResetAfterKernel
{
    /// <summary>Gates of a unit.</summary>
    public const int Gates = 3;

    /// <summary>Columns taken at a time: three gates four times are twelve independent sums.</summary>
    public const int Unroll = 4;

    /// <param name="weights">Panels of three gates r, z, n with unit vectors b_r, b_z, b_n, b_hn.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="columns">x, then h, see <see cref="ColumnLayout.Separate"/>.</param>
    /// <param name="inputColumns">Columns of x, a multiple of <see cref="Unroll"/>.</param>
    /// <param name="hiddenColumns">Columns of h, a multiple of <see cref="Unroll"/>.</param>
    /// <param name="h">Hidden state, whole vectors.</param>
    /// <param name="next">Receives h', whole vectors; must not be <paramref name="h"/>, which later panels still read.</param>
    /// <param name="y">Receives h' too, whole vectors; null: nothing.</param>
    public static void Step<TSimd, TVector, TWeights, TOrder>(
        float* weights, nint groups, float* columns, nint inputColumns, nint hiddenColumns, float* h, float* next, float* y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
        where TOrder : struct, IGroupOrder
    {
        nint lanes = TSimd.Lanes;
        nint pair = TWeights.PairLength(Gates);
        nint panel = ((Gates + 1) * lanes) + ((inputColumns + hiddenColumns) / 2 * pair);
        nint units = TOrder.IsBackward ? -lanes : lanes;
        if (TOrder.IsBackward)
        {
            nint last = groups - 1;
            weights += last * panel;
            h += last * lanes;
            next += last * lanes;
            y = y == null ? null : y + (last * lanes);
        }

        for (nint group = 0; group < groups; group++)
        {
            float* w = weights;
            TVector r0 = TSimd.Load(w), r1 = TSimd.Zero, r2 = TSimd.Zero, r3 = TSimd.Zero;
            TVector z0 = TSimd.Load(w + lanes), z1 = TSimd.Zero, z2 = TSimd.Zero, z3 = TSimd.Zero;
            TVector n0 = TSimd.Load(w + (2 * lanes)), n1 = TSimd.Zero, n2 = TSimd.Zero, n3 = TSimd.Zero;
            TVector recurrentBias = TSimd.Load(w + (3 * lanes));
            TVector inputSum = TSimd.Zero;
            w += 4 * lanes;

            // The same twelve sums walk x and then h; between the two, the sum of n changes from W_n·x to R_n·h.
            float* column = columns;
            float* end = columns + inputColumns;
            while (true)
            {
                for (; column < end; column += Unroll)
                {
                    r0 = TSimd.MultiplyAddColumn(TWeights.Even(w), column, 0, r0);
                    z0 = TSimd.MultiplyAddColumn(TWeights.Even(w + lanes), column, 0, z0);
                    n0 = TSimd.MultiplyAddColumn(TWeights.Even(w + (2 * lanes)), column, 0, n0);
                    r1 = TSimd.MultiplyAddColumn(TWeights.Odd(w, Gates), column, 1, r1);
                    z1 = TSimd.MultiplyAddColumn(TWeights.Odd(w + lanes, Gates), column, 1, z1);
                    n1 = TSimd.MultiplyAddColumn(TWeights.Odd(w + (2 * lanes), Gates), column, 1, n1);
                    r2 = TSimd.MultiplyAddColumn(TWeights.Even(w + pair), column, 2, r2);
                    z2 = TSimd.MultiplyAddColumn(TWeights.Even(w + pair + lanes), column, 2, z2);
                    n2 = TSimd.MultiplyAddColumn(TWeights.Even(w + pair + (2 * lanes)), column, 2, n2);
                    r3 = TSimd.MultiplyAddColumn(TWeights.Odd(w + pair, Gates), column, 3, r3);
                    z3 = TSimd.MultiplyAddColumn(TWeights.Odd(w + pair + lanes, Gates), column, 3, z3);
                    n3 = TSimd.MultiplyAddColumn(TWeights.Odd(w + pair + (2 * lanes), Gates), column, 3, n3);
                    w += 2 * pair;
                }

                if (end != columns + inputColumns)
                {
                    break;
                }

                inputSum = WeightedSum.Total<TSimd, TVector>(n0, n1, n2, n3);
                n0 = recurrentBias;
                n1 = n2 = n3 = TSimd.Zero;
                end = columns + inputColumns + hiddenColumns;
            }

            Advance<TSimd, TVector>(
                WeightedSum.Total<TSimd, TVector>(r0, r1, r2, r3),
                WeightedSum.Total<TSimd, TVector>(z0, z1, z2, z3),
                inputSum,
                WeightedSum.Total<TSimd, TVector>(n0, n1, n2, n3),
                h,
                next,
                y);
            if (y != null)
            {
                y += units;
            }

            h += units;
            next += units;
            weights = TOrder.IsBackward ? weights - panel : w;
        }
    }

    /// <summary>The same step for a tile of streams and one group of units.</summary>
    /// <param name="panel">The group's panel.</param>
    /// <param name="columns">x, then h, of the first stream.</param>
    /// <param name="stride">Floats from stream to stream, of h and h' too.</param>
    /// <param name="inputColumns">Columns of x of each stream.</param>
    /// <param name="hiddenColumns">Columns of h of each stream.</param>
    /// <param name="h">Hidden state of the first stream's group.</param>
    /// <param name="next">Receives h' of the first stream's group.</param>
    [SkipLocalsInit]
    public static void StepTile<TSimd, TVector, TWeights>(
        float* panel, float* columns, nint stride, nint inputColumns, nint hiddenColumns, float* h, float* next)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        nint lanes = TSimd.Lanes;
        nint passLength = (Gates + 1) * lanes;
        float* sums = stackalloc float[StreamTile.ScratchLength];
        StreamTile.Sum<TSimd, TVector, TWeights>(
            panel, panel + passLength, Gates, Unroll, inputColumns, hiddenColumns, isLastApart: true, columns, stride, sums);
        for (int stream = 0; stream < TSimd.TileStreams; stream++)
        {
            Advance<TSimd, TVector>(
                StreamTile.Total<TSimd, TVector>(sums, Unroll, passLength),
                StreamTile.Total<TSimd, TVector>(sums + lanes, Unroll, passLength),
                StreamTile.Total<TSimd, TVector>(sums + (3 * lanes), Unroll, passLength),
                StreamTile.Total<TSimd, TVector>(sums + (2 * lanes), Unroll, passLength),
                h,
                next,
                y: null);
            sums += Unroll * passLength;
            h += stride;
            next += stride;
        }
    }

    /// <summary>The same step with 8-bit weights.</summary>
    /// <param name="weights">Panels of three gates with the unit vectors of the other form, see <see cref="Int8Panels"/>.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="values">x and h, quantised.</param>
    /// <param name="h">Hidden state, whole vectors.</param>
    /// <param name="next">Receives h', whole vectors; must not be <paramref name="h"/>.</param>
    /// <param name="y">Receives h' too, whole vectors; null: nothing.</param>
    [SkipLocalsInit]
    public static void StepInt8<TSimd, TVector, TDot, TWord, TBytes, TSum>(
        float* weights, nint groups, in Int8Operands values, float* h, float* next, float* y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        nint lanes = TSimd.Lanes;
        nint panel = Int8Gates.PanelLength<TSimd, TVector, GruAfterGates>(in values, otherVectors: 1);
        float* sums = stackalloc float[Int8Gates.ScratchLength];
        for (float* end = weights + (groups * panel); weights < end; weights += Int8Gates.GroupsAtOnce * panel)
        {
            float* sum = sums;
            float* last = weights + (Int8Gates.GroupsAtOnce * panel);
            last = last < end ? last : end;
            for (float* w = weights; w < last; w += panel)
            {
                Int8Gates.Sum<TSimd, TVector, TDot, TWord, TBytes, TSum, GruAfterGates>(
                    w, in values, otherVectors: 1, sum);
                sum += 4 * lanes;
            }

            sum = sums;
            for (float* w = weights; w < last; w += panel)
            {
                Advance<TSimd, TVector>(
                    TSimd.Load(sum),
                    TSimd.Load(sum + lanes),
                    TSimd.Load(sum + (2 * lanes)),
                    TSimd.Load(sum + (3 * lanes)),
                    h,
                    next,
                    y);
                if (y != null)
                {
                    y += lanes;
                }

                sum += 4 * lanes;
                h += lanes;
                next += lanes;
            }
        }
    }

    /// <summary>h' of one group of units from the sums of its gates.</summary>
    /// <param name="r">Sum of the reset gate.</param>
    /// <param name="z">Sum of the update gate.</param>
    /// <param name="inputSum">W_n·x + b_n.</param>
    /// <param name="recurrentSum">R_n·h + b_hn.</param>
    /// <param name="h">Hidden state of the group.</param>
    /// <param name="next">Receives h' of the group.</param>
    /// <param name="y">Receives h' of the group too; null: nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance<TSimd, TVector>(
        TVector r, TVector z, TVector inputSum, TVector recurrentSum, float* h, float* next, float* y)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector reset = TSimd.Divide(recurrentSum, VectorMath.InverseSigmoid<TSimd, TVector>(r));
        TVector n = VectorMath.Tanh<TSimd, TVector>(TSimd.Add(inputSum, reset));
        z = VectorMath.Sigmoid<TSimd, TVector>(z);
        TVector result = TSimd.MultiplyAdd(z, TSimd.Subtract(TSimd.Load(h), n), n);
        TSimd.Store(result, next);
        if (y != null)
        {
            TSimd.Store(result, y);
        }
    }

    // r, z, n; the recurrent sum of n apart.
    private readonly struct GruAfterGates : IInt8Gates
    {
        public static int Gates => 3;

        public static bool IsLastApart => true;

        public static bool HasBytes => true;
    }
}
