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
internal static unsafe class LstmKernel
{
    /// <summary>Gates of a unit.</summary>
    public const int Gates = 4;

    /// <summary>Columns taken at a time: four gates twice are eight independent sums.</summary>
    public const int Unroll = 2;

    /// <param name="weights">Panels of four gates with unit vectors b_i, b_f, b_g, b_o and, with peepholes, p_i, p_f, p_o.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="columns">x and h [columnCount], see <see cref="ColumnLayout"/>.</param>
    /// <param name="columnCount">A multiple of <see cref="Unroll"/>.</param>
    /// <param name="c">Cell state, whole vectors; replaced by c'.</param>
    /// <param name="next">Receives h', whole vectors; not the h in the columns: later panels still read it.</param>
    /// <param name="hasPeepholes">Whether the panels hold peepholes.</param>
    public static void Step<TSimd, TVector, TWeights>(
        float* weights, nint groups, float* columns, nint columnCount, float* c, float* next, bool hasPeepholes)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        nint lanes = TSimd.Lanes;
        float* w = weights;
        for (nint group = 0; group < groups; group++)
        {
            float* peepholes = w + (Gates * lanes);
            TVector i0 = TSimd.Load(w);
            TVector f0 = TSimd.Load(w + lanes);
            TVector g0 = TSimd.Load(w + (2 * lanes));
            TVector o0 = TSimd.Load(w + (3 * lanes));
            TVector i1 = TSimd.Zero, f1 = TSimd.Zero, g1 = TSimd.Zero, o1 = TSimd.Zero;
            w = hasPeepholes ? peepholes + (3 * lanes) : peepholes;

            for (float* z = columns; z < columns + columnCount; z += Unroll)
            {
                TVector value = TSimd.Broadcast(z[0]);
                i0 = TSimd.MultiplyAdd(value, TWeights.Even(w), i0);
                f0 = TSimd.MultiplyAdd(value, TWeights.Even(w + lanes), f0);
                g0 = TSimd.MultiplyAdd(value, TWeights.Even(w + (2 * lanes)), g0);
                o0 = TSimd.MultiplyAdd(value, TWeights.Even(w + (3 * lanes)), o0);
                value = TSimd.Broadcast(z[1]);
                i1 = TSimd.MultiplyAdd(value, TWeights.Odd(w, Gates), i1);
                f1 = TSimd.MultiplyAdd(value, TWeights.Odd(w + lanes, Gates), f1);
                g1 = TSimd.MultiplyAdd(value, TWeights.Odd(w + (2 * lanes), Gates), g1);
                o1 = TSimd.MultiplyAdd(value, TWeights.Odd(w + (3 * lanes), Gates), o1);
                w += TWeights.PairLength(Gates);
            }

            Advance<TSimd, TVector>(
                TSimd.Add(i0, i1),
                TSimd.Add(f0, f1),
                TSimd.Add(g0, g1),
                TSimd.Add(o0, o1),
                hasPeepholes ? peepholes : null,
                c,
                next);
            c += lanes;
            next += lanes;
        }
    }

    /// <summary>c' and h' of one group of units from the sums of its gates.</summary>
    /// <param name="i">Sum of the input gate.</param>
    /// <param name="f">Sum of the forget gate.</param>
    /// <param name="g">Sum of the cell candidate.</param>
    /// <param name="o">Sum of the output gate.</param>
    /// <param name="peepholes">p_i, p_f, p_o, a vector each; null without.</param>
    /// <param name="c">Cell state of the group; replaced by c'.</param>
    /// <param name="next">Receives h' of the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance<TSimd, TVector>(
        TVector i, TVector f, TVector g, TVector o, float* peepholes, float* c, float* next)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector cell = TSimd.Load(c);
        if (peepholes != null)
        {
            i = TSimd.MultiplyAdd(TSimd.Load(peepholes), cell, i);
            f = TSimd.MultiplyAdd(TSimd.Load(peepholes + TSimd.Lanes), cell, f);
        }

        TVector kept = TSimd.Divide(cell, VectorMath.InverseSigmoid<TSimd, TVector>(f));
        cell = TSimd.Add(kept, VectorMath.SigmoidTimesTanh<TSimd, TVector>(i, g));
        if (peepholes != null)
        {
            o = TSimd.MultiplyAdd(TSimd.Load(peepholes + (2 * TSimd.Lanes)), cell, o);
        }

        TSimd.Store(cell, c);
        TSimd.Store(VectorMath.SigmoidTimesTanh<TSimd, TVector>(o, cell), next);
    }
}
