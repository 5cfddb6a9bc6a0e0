// One time step of a long short-term memory cell, with or without peepholes.

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels;

/// <summary>One time step of a long short-term memory cell.</summary>
/// <remarks>
/// <code>
/// a  = W·x + R·h + b                                              [4·HiddenSize], gates i, f, g, o
/// c' = σ(a_f [+ p_f ⊙ c]) ⊙ c + σ(a_i [+ p_i ⊙ c]) ⊙ tanh(a_g)    [HiddenSize]
/// h' = σ(a_o [+ p_o ⊙ c']) ⊙ tanh(c')                             [HiddenSize]
/// </code>
/// Source: Gers, Schmidhuber, Cummins (2000), "Learning to Forget", as computed by torch.nn.LSTM; peepholes p: Gers,
/// Schraudolph, Schmidhuber (2002), "Learning Precise Timing with LSTM Recurrent Networks".
/// </remarks>
internal static class LstmKernel
{
    /// <summary>Columns taken at a time: four gates twice are eight independent sums.</summary>
    public const int Unroll = 2;

    /// <param name="panels">Panels of four gates with unit vectors b_i, b_f, b_g, b_o and, with peepholes, p_i, p_f, p_o.</param>
    /// <param name="columns">x and h [columnCount], see <see cref="ColumnLayout"/>.</param>
    /// <param name="columnCount">A multiple of <see cref="Unroll"/>.</param>
    /// <param name="c">Cell state, whole vectors; replaced by c'.</param>
    /// <param name="next">Receives h', whole vectors; not the h in the columns: later panels still read it.</param>
    /// <param name="hasPeepholes">Whether the panels hold peepholes.</param>
    public static void Step<TVector>(
        Panels panels, ref float columns, nuint columnCount, ref float c, ref float next, bool hasPeepholes)
        where TVector : struct, ISimdVector<TVector>
    {
        nuint lanes = (nuint)TVector.Lanes;
        nuint end = (nuint)panels.GroupCount * lanes;
        ref float w = ref panels.First;
        for (nuint unit = 0; unit < end; unit += lanes)
        {
            ref float unitVectors = ref w;
            TVector i0 = TVector.Load(ref w, 0);
            TVector f0 = TVector.Load(ref w, lanes);
            TVector g0 = TVector.Load(ref w, 2 * lanes);
            TVector o0 = TVector.Load(ref w, 3 * lanes);
            TVector i1 = TVector.Zero, f1 = TVector.Zero, g1 = TVector.Zero, o1 = TVector.Zero;
            w = ref Unsafe.Add(ref w, (hasPeepholes ? 7u : 4u) * lanes);

            for (nuint k = 0; k < columnCount; k += Unroll)
            {
                TVector z = TVector.Broadcast(Unsafe.Add(ref columns, k));
                i0 = TVector.MultiplyAdd(TVector.Load(ref w, 0), z, i0);
                f0 = TVector.MultiplyAdd(TVector.Load(ref w, lanes), z, f0);
                g0 = TVector.MultiplyAdd(TVector.Load(ref w, 2 * lanes), z, g0);
                o0 = TVector.MultiplyAdd(TVector.Load(ref w, 3 * lanes), z, o0);
                z = TVector.Broadcast(Unsafe.Add(ref columns, k + 1));
                i1 = TVector.MultiplyAdd(TVector.Load(ref w, 4 * lanes), z, i1);
                f1 = TVector.MultiplyAdd(TVector.Load(ref w, 5 * lanes), z, f1);
                g1 = TVector.MultiplyAdd(TVector.Load(ref w, 6 * lanes), z, g1);
                o1 = TVector.MultiplyAdd(TVector.Load(ref w, 7 * lanes), z, o1);
                w = ref Unsafe.Add(ref w, 8 * lanes);
            }

            TVector i = i0 + i1, f = f0 + f1, o = o0 + o1;
            TVector cell = TVector.Load(ref c, unit);
            if (hasPeepholes)
            {
                i = TVector.MultiplyAdd(TVector.Load(ref unitVectors, 4 * lanes), cell, i);
                f = TVector.MultiplyAdd(TVector.Load(ref unitVectors, 5 * lanes), cell, f);
            }

            cell = TVector.MultiplyAdd(VectorMath.Sigmoid(f), cell, VectorMath.Sigmoid(i) * VectorMath.Tanh(g0 + g1));
            if (hasPeepholes)
            {
                o = TVector.MultiplyAdd(TVector.Load(ref unitVectors, 6 * lanes), cell, o);
            }

            cell.Store(ref c, unit);
            (VectorMath.Sigmoid(o) * VectorMath.Tanh(cell)).Store(ref next, unit);
        }
    }
}
