// One time step of a gated recurrent unit whose reset gate acts before the recurrent product.

using System.Runtime.CompilerServices;

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
internal static class GruResetBeforeKernel
{
    /// <summary>Columns of r and z taken at a time: two gates four times are eight independent sums.</summary>
    public const int GateUnroll = 4;

    /// <summary>First pass: r and z of all units.</summary>
    /// <param name="panels">Panels of two gates r, z with unit vectors b_r, b_z.</param>
    /// <param name="columns">x and h [columnCount], see <see cref="ColumnLayout"/>.</param>
    /// <param name="columnCount">A multiple of <see cref="GateUnroll"/>.</param>
    /// <param name="h">Hidden state, whole vectors.</param>
    /// <param name="reset">Receives r ⊙ h, whole vectors; must not be <paramref name="h"/>.</param>
    /// <param name="next">Receives z, whole vectors, until the second pass puts h' there; not <paramref name="h"/>.</param>
    public static void StepGates<TVector>(
        Panels panels, ref float columns, nuint columnCount, ref float h, ref float reset, ref float next)
        where TVector : struct, ISimdVector<TVector>
    {
        nuint lanes = (nuint)TVector.Lanes;
        nuint end = (nuint)panels.GroupCount * lanes;
        ref float w = ref panels.First;
        for (nuint unit = 0; unit < end; unit += lanes)
        {
            TVector r0 = TVector.Load(ref w, 0), r1 = TVector.Zero, r2 = TVector.Zero, r3 = TVector.Zero;
            TVector z0 = TVector.Load(ref w, lanes), z1 = TVector.Zero, z2 = TVector.Zero, z3 = TVector.Zero;
            w = ref Unsafe.Add(ref w, 2 * lanes);
            for (nuint k = 0; k < columnCount; k += GateUnroll)
            {
                TVector value = TVector.Broadcast(Unsafe.Add(ref columns, k));
                r0 = TVector.MultiplyAdd(TVector.Load(ref w, 0), value, r0);
                z0 = TVector.MultiplyAdd(TVector.Load(ref w, lanes), value, z0);
                value = TVector.Broadcast(Unsafe.Add(ref columns, k + 1));
                r1 = TVector.MultiplyAdd(TVector.Load(ref w, 2 * lanes), value, r1);
                z1 = TVector.MultiplyAdd(TVector.Load(ref w, 3 * lanes), value, z1);
                value = TVector.Broadcast(Unsafe.Add(ref columns, k + 2));
                r2 = TVector.MultiplyAdd(TVector.Load(ref w, 4 * lanes), value, r2);
                z2 = TVector.MultiplyAdd(TVector.Load(ref w, 5 * lanes), value, z2);
                value = TVector.Broadcast(Unsafe.Add(ref columns, k + 3));
                r3 = TVector.MultiplyAdd(TVector.Load(ref w, 6 * lanes), value, r3);
                z3 = TVector.MultiplyAdd(TVector.Load(ref w, 7 * lanes), value, z3);
                w = ref Unsafe.Add(ref w, 8 * lanes);
            }

            TVector r = VectorMath.Sigmoid((r0 + r1) + (r2 + r3));
            (r * TVector.Load(ref h, unit)).Store(ref reset, unit);
            VectorMath.Sigmoid((z0 + z1) + (z2 + z3)).Store(ref next, unit);
        }
    }

    /// <summary>Second pass: n and h' of all units.</summary>
    /// <param name="panels">Panels of one gate n with unit vector b_n.</param>
    /// <param name="columns">x and r ⊙ h [columnCount].</param>
    /// <param name="columnCount">A multiple of <see cref="WeightedSum.Unroll"/>.</param>
    /// <param name="h">Hidden state, whole vectors.</param>
    /// <param name="next">z from the first pass; receives h'.</param>
    public static void StepState<TVector>(Panels panels, ref float columns, nuint columnCount, ref float h, ref float next)
        where TVector : struct, ISimdVector<TVector>
    {
        nuint lanes = (nuint)TVector.Lanes;
        nuint end = (nuint)panels.GroupCount * lanes;
        ref float w = ref panels.First;
        for (nuint unit = 0; unit < end; unit += lanes)
        {
            TVector n = VectorMath.Tanh(WeightedSum.Of<TVector>(ref w, ref columns, columnCount));
            TVector z = TVector.Load(ref next, unit);
            TVector.MultiplyAdd(z, TVector.Load(ref h, unit) - n, n).Store(ref next, unit);
            w = ref Unsafe.Add(ref w, (1 + columnCount) * lanes);
        }
    }
}
