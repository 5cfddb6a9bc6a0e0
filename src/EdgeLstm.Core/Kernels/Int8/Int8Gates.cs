// Gate sums of one panel with 8-bit weights.
//
//   sum = b + (scale_W · inputStep) ⊙ Σ W q_x + (scale_R · hiddenStep) ⊙ Σ R q_h

using System.Runtime.CompilerServices;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>What a cell's panels hold; constants, so that the sums are compiled for each.</summary>
internal interface IInt8Gates
{
    /// <summary>Gates of a panel, 1 to 4.</summary>
    static abstract int Gates { get; }

    /// <summary>
    /// Whether the last gate's sum over h starts from the unit vector after the biases and goes behind the other sums, instead of
    /// being part of the sum that starts from the gate's bias.
    /// </summary>
    static abstract bool IsLastApart { get; }

    /// <summary>Whether h is quantised to 8 bits, otherwise to 16.</summary>
    static abstract bool HasBytes { get; }
}

/// <summary>A single gate whose h lies between −1 and 1.</summary>
internal readonly struct Int8OneGate : IInt8Gates
{
    public static int Gates => 1;

    public static bool IsLastApart => false;

    public static bool HasBytes => true;
}

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
    /// <param name="otherVectors">Unit vectors beyond the biases.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint PanelLength<TSimd, TVector, TGates>(in Int8Operands values, int otherVectors)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TGates : struct, IInt8Gates =>
        ((3 * TGates.Gates) + otherVectors + ((values.InputWords + values.HiddenWords) * TGates.Gates)) * TSimd.Lanes;

    /// <summary>Computes the sums of one panel.</summary>
    /// <remarks>Not inlined: with the activations in one method it would exceed what the compiler is willing to inline.</remarks>
    /// <param name="panel">Unit vectors (biases first), scales and blocks, see <see cref="Int8Panels"/>.</param>
    /// <param name="values">x and h, quantised.</param>
    /// <param name="otherVectors">Unit vectors beyond the biases.</param>
    /// <param name="sums">Receives a vector for each gate, and one more where the last is apart.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Sum<TSimd, TVector, TDot, TWord, TBytes, TSum, TGates>(
        float* panel, in Int8Operands values, int otherVectors, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct
        where TGates : struct, IInt8Gates
    {
        nint lanes = TSimd.Lanes;
        nint length = TGates.Gates * lanes;
        nint last = length - lanes;
        float* scales = panel + length + (otherVectors * lanes);
        sbyte* blocks = (sbyte*)(scales + (2 * length));

        // h first: the scale of x is known only after its greatest value and a division.
        AddProducts<TSimd, TVector, TDot, TWord, TBytes, TSum, TGates>(
            blocks + (values.InputWords * length * Int8Panels.WordColumns),
            values.Hidden,
            values.HiddenWords,
            TGates.HasBytes,
            values.HiddenNegatives,
            scales + length,
            values.HiddenStep,
            panel,
            TGates.IsLastApart ? panel + length : panel + last,
            sums,
            TGates.IsLastApart ? sums + length : sums + last);
        AddProducts<TSimd, TVector, TDot, TWord, TBytes, TSum, TGates>(
            blocks,
            values.Input,
            values.InputWords,
            hasBytes: false,
            negatives: 0,
            scales,
            values.InputStep,
            sums,
            TGates.IsLastApart ? panel + last : sums + last,
            sums,
            sums + last);
    }

    // to = from + (scale · step) ⊙ Σ w · q for each gate; the last gate has addresses of its own.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProducts<TSimd, TVector, TDot, TWord, TBytes, TSum, TGates>(
        sbyte* blocks,
        byte* words,
        nint count,
        bool hasBytes,
        int negatives,
        float* scales,
        float step,
        float* from,
        float* lastFrom,
        float* to,
        float* lastTo)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct
        where TGates : struct, IInt8Gates
    {
        int gates = TGates.Gates;
        nint lanes = TSimd.Lanes;
        nint block = Int8Panels.WordColumns * lanes;
        TSum s0 = hasBytes ? TDot.BeginBytes(negatives) : default;
        TSum s1 = s0, s2 = s0, s3 = s0;
        for (byte* end = words + (count * Int8Values.WordBytes); words < end; words += Int8Values.WordBytes)
        {
            if (hasBytes)
            {
                TBytes bytes = TDot.LoadBytes(words);
                s0 = TDot.AddBytes(s0, blocks, bytes);
                s1 = gates > 1 ? TDot.AddBytes(s1, blocks + block, bytes) : s1;
                s2 = gates > 2 ? TDot.AddBytes(s2, blocks + (2 * block), bytes) : s2;
                s3 = gates > 3 ? TDot.AddBytes(s3, blocks + (3 * block), bytes) : s3;
            }
            else
            {
                TWord word = TDot.LoadWord(words);
                s0 = TDot.Add(s0, blocks, word);
                s1 = gates > 1 ? TDot.Add(s1, blocks + block, word) : s1;
                s2 = gates > 2 ? TDot.Add(s2, blocks + (2 * block), word) : s2;
                s3 = gates > 3 ? TDot.Add(s3, blocks + (3 * block), word) : s3;
            }

            blocks += gates * block;
        }

        TVector factor = TSimd.Broadcast(step);
        TVector p0 = hasBytes ? TDot.BytesToFloat(s0) : TDot.ToFloat(s0);
        Scale<TSimd, TVector>(p0, scales, factor, gates == 1 ? lastFrom : from, gates == 1 ? lastTo : to);
        if (gates > 1)
        {
            TVector p1 = hasBytes ? TDot.BytesToFloat(s1) : TDot.ToFloat(s1);
            nint at = lanes;
            Scale<TSimd, TVector>(p1, scales + at, factor, gates == 2 ? lastFrom : from + at, gates == 2 ? lastTo : to + at);
        }

        if (gates > 2)
        {
            TVector p2 = hasBytes ? TDot.BytesToFloat(s2) : TDot.ToFloat(s2);
            nint at = 2 * lanes;
            Scale<TSimd, TVector>(p2, scales + at, factor, gates == 3 ? lastFrom : from + at, gates == 3 ? lastTo : to + at);
        }

        if (gates > 3)
        {
            TVector p3 = hasBytes ? TDot.BytesToFloat(s3) : TDot.ToFloat(s3);
            Scale<TSimd, TVector>(p3, scales + (3 * lanes), factor, lastFrom, lastTo);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Scale<TSimd, TVector>(TVector products, float* scale, TVector step, float* from, float* to)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        TSimd.Store(TSimd.MultiplyAdd(products, TSimd.Multiply(TSimd.Load(scale), step), TSimd.Load(from)), to);
}
