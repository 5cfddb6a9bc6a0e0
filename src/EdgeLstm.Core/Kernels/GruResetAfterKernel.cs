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
internal static class GruResetAfterKernel
{
    /// <summary>Columns taken at a time: three gates four times are twelve independent sums.</summary>
    public const int Unroll = 4;

    /// <param name="panels">Panels of three gates r, z, n with unit vectors b_r, b_z, b_n, b_hn.</param>
    /// <param name="columns">x, then h, see <see cref="ColumnLayout.Separate"/>.</param>
    /// <param name="inputColumns">Columns of x, a multiple of <see cref="Unroll"/>.</param>
    /// <param name="hiddenColumns">Columns of h, a multiple of <see cref="Unroll"/>.</param>
    /// <param name="h">Hidden state, whole vectors.</param>
    /// <param name="next">Receives h', whole vectors; must not be <paramref name="h"/>, which later panels still read.</param>
    public static void Step<TVector>(
        Panels panels, ref float columns, nuint inputColumns, nuint hiddenColumns, ref float h, ref float next)
        where TVector : struct, ISimdVector<TVector>
    {
        nuint lanes = (nuint)TVector.Lanes;
        nuint end = (nuint)panels.GroupCount * lanes;
        ref float w = ref panels.First;
        for (nuint unit = 0; unit < end; unit += lanes)
        {
            TVector r0 = TVector.Load(ref w, 0), r1 = TVector.Zero, r2 = TVector.Zero, r3 = TVector.Zero;
            TVector z0 = TVector.Load(ref w, lanes), z1 = TVector.Zero, z2 = TVector.Zero, z3 = TVector.Zero;
            TVector n0 = TVector.Load(ref w, 2 * lanes), n1 = TVector.Zero, n2 = TVector.Zero, n3 = TVector.Zero;
            TVector recurrentBias = TVector.Load(ref w, 3 * lanes);
            TVector inputSum = TVector.Zero;
            w = ref Unsafe.Add(ref w, 4 * lanes);

            // The same twelve sums walk x and then h; between the two, the sum of n changes from W_n·x to R_n·h.
            nuint columnsEnd = inputColumns;
            nuint k = 0;
            while (true)
            {
                for (; k < columnsEnd; k += Unroll)
                {
                    TVector value = TVector.Broadcast(Unsafe.Add(ref columns, k));
                    r0 = TVector.MultiplyAdd(TVector.Load(ref w, 0), value, r0);
                    z0 = TVector.MultiplyAdd(TVector.Load(ref w, lanes), value, z0);
                    n0 = TVector.MultiplyAdd(TVector.Load(ref w, 2 * lanes), value, n0);
                    value = TVector.Broadcast(Unsafe.Add(ref columns, k + 1));
                    r1 = TVector.MultiplyAdd(TVector.Load(ref w, 3 * lanes), value, r1);
                    z1 = TVector.MultiplyAdd(TVector.Load(ref w, 4 * lanes), value, z1);
                    n1 = TVector.MultiplyAdd(TVector.Load(ref w, 5 * lanes), value, n1);
                    value = TVector.Broadcast(Unsafe.Add(ref columns, k + 2));
                    r2 = TVector.MultiplyAdd(TVector.Load(ref w, 6 * lanes), value, r2);
                    z2 = TVector.MultiplyAdd(TVector.Load(ref w, 7 * lanes), value, z2);
                    n2 = TVector.MultiplyAdd(TVector.Load(ref w, 8 * lanes), value, n2);
                    value = TVector.Broadcast(Unsafe.Add(ref columns, k + 3));
                    r3 = TVector.MultiplyAdd(TVector.Load(ref w, 9 * lanes), value, r3);
                    z3 = TVector.MultiplyAdd(TVector.Load(ref w, 10 * lanes), value, z3);
                    n3 = TVector.MultiplyAdd(TVector.Load(ref w, 11 * lanes), value, n3);
                    w = ref Unsafe.Add(ref w, 12 * lanes);
                }

                if (columnsEnd != inputColumns)
                {
                    break;
                }

                inputSum = (n0 + n1) + (n2 + n3);
                n0 = recurrentBias;
                n1 = n2 = n3 = TVector.Zero;
                columnsEnd = inputColumns + hiddenColumns;
            }

            TVector r = VectorMath.Sigmoid((r0 + r1) + (r2 + r3));
            TVector z = VectorMath.Sigmoid((z0 + z1) + (z2 + z3));
            TVector n = VectorMath.Tanh(TVector.MultiplyAdd(r, (n0 + n1) + (n2 + n3), inputSum));
            TVector.MultiplyAdd(z, TVector.Load(ref h, unit) - n, n).Store(ref next, unit);
        }
    }
}
