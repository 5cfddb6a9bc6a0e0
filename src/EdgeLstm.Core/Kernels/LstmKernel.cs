// One time step of a long short-term memory cell, with or without peepholes.

using System.Runtime.CompilerServices;
using EdgeLstm.Core.Kernels.Int8;

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

    /// <summary>Sums of each gate: those of even and of odd columns, so that four gates are eight independent sums.</summary>
    public const int SumsPerGate = 2;

    /// <summary>Columns taken at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Unroll<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.ColumnsPerLoad == 4 ? 4 : SumsPerGate;

    /// <param name="weights">Panels of four gates with unit vectors b_i, b_f, b_g, b_o and, with peepholes, p_i, p_f,
    /// p_o.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="columns">x and h [columnCount], see <see cref="ColumnLayout"/>.</param>
    /// <param name="columnCount">A multiple of <see cref="Unroll{TSimd, TVector}"/>.</param>
    /// <param name="c">Cell state, whole vectors; replaced by c'.</param>
    /// <param name="next">Receives h', whole vectors; not the h in the columns: later panels still read it.</param>
    /// <param name="y">Receives h' too, whole vectors; null: nothing.</param>
    /// <param name="hasPeepholes">Whether the panels hold peepholes.</param>
    public static void Step<TSimd, TVector, TWeights, TOrder>(
        float* weights, nint groups, float* columns, nint columnCount, float* c, float* next, float* y, bool hasPeepholes)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
        where TOrder : struct, IGroupOrder
    {
        nint lanes = TSimd.Lanes;
        nint pair = TWeights.PairLength(Gates);
        int unroll = Unroll<TSimd, TVector>();
        nint panel = ((hasPeepholes ? Gates + 3 : Gates) * lanes) + (columnCount / 2 * pair);
        nint units = TOrder.IsBackward ? -lanes : lanes;
        if (TOrder.IsBackward)
        {
            nint last = groups - 1;
            weights += last * panel;
            c += last * lanes;
            next += last * lanes;
            y = y == null ? null : y + (last * lanes);
        }

        for (nint group = 0; group < groups; group++)
        {
            float* w = weights;
            float* peepholes = w + (Gates * lanes);
            TVector i0 = TSimd.Load(w);
            TVector f0 = TSimd.Load(w + lanes);
            TVector g0 = TSimd.Load(w + (2 * lanes));
            TVector o0 = TSimd.Load(w + (3 * lanes));
            TVector i1 = TSimd.Zero, f1 = TSimd.Zero, g1 = TSimd.Zero, o1 = TSimd.Zero;
            w = hasPeepholes ? peepholes + (3 * lanes) : peepholes;

            for (float* z = columns; z < columns + columnCount; z += unroll)
            {
                i0 = TSimd.MultiplyAddColumn(TWeights.Even(w), z, 0, i0);
                f0 = TSimd.MultiplyAddColumn(TWeights.Even(w + lanes), z, 0, f0);
                g0 = TSimd.MultiplyAddColumn(TWeights.Even(w + (2 * lanes)), z, 0, g0);
                o0 = TSimd.MultiplyAddColumn(TWeights.Even(w + (3 * lanes)), z, 0, o0);
                i1 = TSimd.MultiplyAddColumn(TWeights.Odd(w, Gates), z, 1, i1);
                f1 = TSimd.MultiplyAddColumn(TWeights.Odd(w + lanes, Gates), z, 1, f1);
                g1 = TSimd.MultiplyAddColumn(TWeights.Odd(w + (2 * lanes), Gates), z, 1, g1);
                o1 = TSimd.MultiplyAddColumn(TWeights.Odd(w + (3 * lanes), Gates), z, 1, o1);
                w += pair;
                if (unroll == 4)
                {
                    i0 = TSimd.MultiplyAddColumn(TWeights.Even(w), z, 2, i0);
                    f0 = TSimd.MultiplyAddColumn(TWeights.Even(w + lanes), z, 2, f0);
                    g0 = TSimd.MultiplyAddColumn(TWeights.Even(w + (2 * lanes)), z, 2, g0);
                    o0 = TSimd.MultiplyAddColumn(TWeights.Even(w + (3 * lanes)), z, 2, o0);
                    i1 = TSimd.MultiplyAddColumn(TWeights.Odd(w, Gates), z, 3, i1);
                    f1 = TSimd.MultiplyAddColumn(TWeights.Odd(w + lanes, Gates), z, 3, f1);
                    g1 = TSimd.MultiplyAddColumn(TWeights.Odd(w + (2 * lanes), Gates), z, 3, g1);
                    o1 = TSimd.MultiplyAddColumn(TWeights.Odd(w + (3 * lanes), Gates), z, 3, o1);
                    w += pair;
                }
            }

            Advance<TSimd, TVector>(
                TSimd.Add(i0, i1),
                TSimd.Add(f0, f1),
                TSimd.Add(g0, g1),
                TSimd.Add(o0, o1),
                hasPeepholes ? peepholes : null,
                c,
                next,
                y);
            if (y != null)
            {
                y += units;
            }

            c += units;
            next += units;
            weights = TOrder.IsBackward ? weights - panel : w;
        }
    }

    /// <summary>The same step for a tile of streams and one group of units.</summary>
    /// <param name="panel">The group's panel.</param>
    /// <param name="columns">x and h of the first stream.</param>
    /// <param name="stride">Floats from stream to stream.</param>
    /// <param name="columnCount">Columns of each stream.</param>
    /// <param name="c">Cell state of the first stream's group; replaced by c'.</param>
    /// <param name="cellStride">Floats from a stream's cell state to the next one's.</param>
    /// <param name="next">Receives h' of the first stream's group.</param>
    /// <param name="hasPeepholes">Whether the panel holds peepholes.</param>
    [SkipLocalsInit]
    public static void StepTile<TSimd, TVector, TWeights>(
        float* panel, float* columns, nint stride, nint columnCount, float* c, nint cellStride, float* next, bool hasPeepholes)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector>
    {
        nint lanes = TSimd.Lanes;
        nint passLength = Gates * lanes;
        float* peepholes = hasPeepholes ? panel + passLength : null;
        float* weights = panel + ((hasPeepholes ? Gates + 3 : Gates) * lanes);
        float* sums = stackalloc float[StreamTile.ScratchLength];
        StreamTile.Sum<TSimd, TVector, TWeights>(
            panel, weights, Gates, SumsPerGate, columnCount, 0, isLastApart: false, columns, stride, sums);
        for (int stream = 0; stream < TSimd.TileStreams; stream++)
        {
            Advance<TSimd, TVector>(
                StreamTile.Total<TSimd, TVector>(sums, SumsPerGate, passLength),
                StreamTile.Total<TSimd, TVector>(sums + lanes, SumsPerGate, passLength),
                StreamTile.Total<TSimd, TVector>(sums + (2 * lanes), SumsPerGate, passLength),
                StreamTile.Total<TSimd, TVector>(sums + (3 * lanes), SumsPerGate, passLength),
                peepholes,
                c,
                next,
                y: null);
            sums += SumsPerGate * passLength;
            c += cellStride;
            next += stride;
        }
    }

    /// <summary>The same step with 8-bit weights.</summary>
    /// <param name="weights">Panels of four gates with the unit vectors of the other form, see <see cref="Int8Panels"/>.</param>
    /// <param name="groups">Number of panels.</param>
    /// <param name="values">x and h, quantised.</param>
    /// <param name="c">Cell state, whole vectors; replaced by c'.</param>
    /// <param name="next">Receives h', whole vectors.</param>
    /// <param name="y">Receives h' too, whole vectors; null: nothing.</param>
    /// <param name="hasPeepholes">Whether the panels hold peepholes.</param>
    [SkipLocalsInit]
    public static void StepInt8<TSimd, TVector, TDot, TWord, TBytes, TSum>(
        float* weights, nint groups, in Int8Operands values, float* c, float* next, float* y, bool hasPeepholes)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        nint lanes = TSimd.Lanes;
        nint panel = Int8Gates.PanelLength<TSimd, TVector, LstmGates>(in values, otherVectors: hasPeepholes ? 3 : 0);
        float* sums = stackalloc float[Int8Gates.ScratchLength];
        for (float* end = weights + (groups * panel); weights < end; weights += Int8Gates.GroupsAtOnce * panel)
        {
            float* sum = sums;
            float* last = weights + (Int8Gates.GroupsAtOnce * panel);
            last = last < end ? last : end;
            for (float* w = weights; w < last; w += panel)
            {
                Int8Gates.Sum<TSimd, TVector, TDot, TWord, TBytes, TSum, LstmGates>(
                    w, in values, otherVectors: hasPeepholes ? 3 : 0, sum);
                sum += Gates * lanes;
            }

            sum = sums;
            for (float* w = weights; w < last; w += panel)
            {
                float* peepholes = hasPeepholes ? w + (Gates * lanes) : null;
                Advance<TSimd, TVector>(
                    TSimd.Load(sum),
                    TSimd.Load(sum + lanes),
                    TSimd.Load(sum + (2 * lanes)),
                    TSimd.Load(sum + (3 * lanes)),
                    peepholes,
                    c,
                    next,
                    y);
                if (y != null)
                {
                    y += lanes;
                }

                sum += Gates * lanes;
                c += lanes;
                next += lanes;
            }
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
    /// <param name="y">Receives h' of the group too; null: nothing.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Advance<TSimd, TVector>(
        TVector i, TVector f, TVector g, TVector o, float* peepholes, float* c, float* next, float* y)
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
        TVector h = VectorMath.SigmoidTimesTanh<TSimd, TVector>(o, cell);
        TSimd.Store(h, next);
        if (y != null)
        {
            TSimd.Store(h, y);
        }
    }

    // i, f, g, o.
    private readonly struct LstmGates : IInt8Gates
    {
        public static int Gates => 4;

        public static bool IsLastApart => false;

        public static bool HasBytes => true;
    }
}
