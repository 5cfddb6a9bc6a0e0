// Gate sums of one panel with 8-bit weights.
//
//   sum = b + (scale_W · inputStep) ⊙ Σ W q_x + (scale_R · hiddenStep) ⊙ Σ R q_h

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>The sums of up to four gates for the units of one panel, before their activations.</summary>
internal static unsafe class Int8Gates
{
    /// <summary>
    /// Groups whose sums are computed before their activations: the activations of one group are a long chain of dependent
    /// operations, those of several overlap.
    /// </summary>
    public const int GroupsAtOnce = 8;

    /// <summary>Vectors of sums a group leaves, at most.</summary>
    public const int SumVectors = 4;

    /// <summary>Floats of room for the sums of <see cref="GroupsAtOnce"/> groups of the widest vectors.</summary>
    public const int ScratchLength = GroupsAtOnce * SumVectors * 16;

    /// <summary>Floats of a panel.</summary>
    /// <param name="values">Operands, whose words are counted.</param>
    /// <param name="gates">Gates.</param>
    /// <param name="otherVectors">Unit vectors beyond the biases.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint PanelLength<TSimd, TVector>(in Int8Operands values, int gates, int otherVectors)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        ((3 * gates) + otherVectors + ((values.InputWords + values.HiddenWords) * gates)) * TSimd.Lanes;

    /// <summary>Computes the sums of one panel.</summary>
    /// <param name="panel">Unit vectors (biases first), scales and blocks, see <see cref="Int8Panels"/>.</param>
    /// <param name="values">x and h, quantised.</param>
    /// <param name="gates">Gates, 1 to 4; a constant where it is called.</param>
    /// <param name="otherVectors">Unit vectors beyond the biases; a constant where it is called.</param>
    /// <param name="isLastApart">
    /// Whether the last gate's sum over h starts from the unit vector after the biases and goes behind the other sums, instead of
    /// being added to its sum over x.
    /// </param>
    /// <param name="sums">Receives a vector for each gate, and one more where the last is apart.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum<TSimd, TVector, TDot, TWord, TSum>(
        float* panel, in Int8Operands values, int gates, int otherVectors, bool isLastApart, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TSum>
        where TWord : struct
        where TSum : struct
    {
        nint lanes = TSimd.Lanes;
        float* scales = panel + ((gates + otherVectors) * lanes);
        float* last = sums + ((gates - 1) * lanes);
        sbyte* blocks = AddProducts<TSimd, TVector, TDot, TWord, TSum>(
            (sbyte*)(scales + (2 * gates * lanes)),
            values.Input,
            values.InputWords,
            gates,
            scales,
            values.InputStep,
            panel,
            panel + ((gates - 1) * lanes),
            sums,
            last);
        _ = AddProducts<TSimd, TVector, TDot, TWord, TSum>(
            blocks,
            values.Hidden,
            values.HiddenWords,
            gates,
            scales + (gates * lanes),
            values.HiddenStep,
            sums,
            isLastApart ? panel + (gates * lanes) : last,
            sums,
            isLastApart ? last + lanes : last);
    }

    // to = from + (scale · step) ⊙ Σ w · q for each gate; the last gate has addresses of its own. Returns where the blocks end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static sbyte* AddProducts<TSimd, TVector, TDot, TWord, TSum>(
        sbyte* blocks,
        byte* words,
        nint count,
        int gates,
        float* scales,
        float step,
        float* from,
        float* lastFrom,
        float* to,
        float* lastTo)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TSum>
        where TWord : struct
        where TSum : struct
    {
        nint lanes = TSimd.Lanes;
        nint block = Int8Panels.WordColumns * lanes;
        TSum s0 = default, s1 = default, s2 = default, s3 = default;
        for (byte* end = words + (count * Int8Values.WordBytes); words < end; words += Int8Values.WordBytes)
        {
            TWord word = TDot.LoadWord(words);
            s0 = TDot.Add(s0, blocks, word);
            if (gates > 1)
            {
                s1 = TDot.Add(s1, blocks + block, word);
            }

            if (gates > 2)
            {
                s2 = TDot.Add(s2, blocks + (2 * block), word);
            }

            if (gates > 3)
            {
                s3 = TDot.Add(s3, blocks + (3 * block), word);
            }

            blocks += gates * block;
        }

        TVector factor = TSimd.Broadcast(step);
        Scale<TSimd, TVector>(TDot.ToFloat(s0), scales, factor, gates == 1 ? lastFrom : from, gates == 1 ? lastTo : to);
        if (gates > 1)
        {
            Scale<TSimd, TVector>(
                TDot.ToFloat(s1), scales + lanes, factor, gates == 2 ? lastFrom : from + lanes, gates == 2 ? lastTo : to + lanes);
        }

        if (gates > 2)
        {
            Scale<TSimd, TVector>(
                TDot.ToFloat(s2),
                scales + (2 * lanes),
                factor,
                gates == 3 ? lastFrom : from + (2 * lanes),
                gates == 3 ? lastTo : to + (2 * lanes));
        }

        if (gates > 3)
        {
            Scale<TSimd, TVector>(TDot.ToFloat(s3), scales + (3 * lanes), factor, lastFrom, lastTo);
        }

        return blocks;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale<TSimd, TVector>(TVector products, float* scale, TVector step, float* from, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.Store(TSimd.MultiplyAdd(products, TSimd.Multiply(TSimd.Load(scale), step), TSimd.Load(from)), to);
}
