// One time step of a gated recurrent unit whose reset gate acts after the recurrent product.

using System.Runtime.CompilerServices;

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
    public static void Step<TSimd, TVector, TWeights>(
        float* weights, nint groups, float* columns, nint inputColumns, nint hiddenColumns, float* h, float* next)
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
                    TVector value = TSimd.Broadcast(column[0]);
                    r0 = TSimd.MultiplyAdd(value, TWeights.Even(w), r0);
                    z0 = TSimd.MultiplyAdd(value, TWeights.Even(w + lanes), z0);
                    n0 = TSimd.MultiplyAdd(value, TWeights.Even(w + (2 * lanes)), n0);
                    value = TSimd.Broadcast(column[1]);
                    r1 = TSimd.MultiplyAdd(value, TWeights.Odd(w, Gates), r1);
                    z1 = TSimd.MultiplyAdd(value, TWeights.Odd(w + lanes, Gates), z1);
                    n1 = TSimd.MultiplyAdd(value, TWeights.Odd(w + (2 * lanes), Gates), n1);
                    value = TSimd.Broadcast(column[2]);
                    r2 = TSimd.MultiplyAdd(value, TWeights.Even(w + pair), r2);
                    z2 = TSimd.MultiplyAdd(value, TWeights.Even(w + pair + lanes), z2);
                    n2 = TSimd.MultiplyAdd(value, TWeights.Even(w + pair + (2 * lanes)), n2);
                    value = TSimd.Broadcast(column[3]);
                    r3 = TSimd.MultiplyAdd(value, TWeights.Odd(w + pair, Gates), r3);
                    z3 = TSimd.MultiplyAdd(value, TWeights.Odd(w + pair + lanes, Gates), z3);
                    n3 = TSimd.MultiplyAdd(value, TWeights.Odd(w + pair + (2 * lanes), Gates), n3);
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
                next);
            h += lanes;
            next += lanes;
        }
    }

    /// <summary>h' of one group of units from the sums of its gates.</summary>
    /// <param name="r">Sum of the reset gate.</param>
    /// <param name="z">Sum of the update gate.</param>
    /// <param name="inputSum">W_n·x + b_n.</param>
    /// <param name="recurrentSum">R_n·h + b_hn.</param>
    /// <param name="h">Hidden state of the group.</param>
    /// <param name="next">Receives h' of the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance<TSimd, TVector>(
        TVector r, TVector z, TVector inputSum, TVector recurrentSum, float* h, float* next)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector reset = TSimd.Divide(recurrentSum, VectorMath.InverseSigmoid<TSimd, TVector>(r));
        TVector n = VectorMath.Tanh<TSimd, TVector>(TSimd.Add(inputSum, reset));
        z = VectorMath.Sigmoid<TSimd, TVector>(z);
        TSimd.Store(TSimd.MultiplyAdd(z, TSimd.Subtract(TSimd.Load(h), n), n), next);
    }
}
