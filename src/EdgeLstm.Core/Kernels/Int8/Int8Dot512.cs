// Integer products by multiply-add of adjacent pairs: AVX-512.
//
//   16-bit values:  even bytes · (0, 2)  +  odd bytes · (1, 3)  =  one 32-bit sum for each unit
//   8-bit values:   |h| · w where h ≥ 0, |h| · ~w = h · w − |h| where h < 0; in pairs to 16 bits and again to 32

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>A word's even and odd 16-bit columns, each pair in every lane.</summary>
internal struct Int8Word512
{
    public Vector512<short> Even;
    public Vector512<short> Odd;
}

/// <summary>The magnitudes of a word's 8-bit columns in every lane, and which of them are negative.</summary>
internal struct Int8Bytes512
{
    public Vector512<byte> Magnitudes;
    public Vector512<sbyte> Signs;
}

/// <summary>Products of 64 weights at a time.</summary>
/// <remarks>
/// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, PMADDWD, PMADDUBSW. The latter multiplies
/// unsigned by signed bytes: where a value is negative, the weight's complement stands for its negative, and the difference of
/// |h| is the same for all units and added once. A pair of products is at most 2 · 127 · 128 = 32,512 and never saturates.
/// </remarks>
internal readonly unsafe struct Int8Dot512 : IInt8Dot<Vector512<float>, Int8Word512, Int8Bytes512, Vector512<int>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(Vector128<short> values, byte* words) => Int8Word.StoreEvenThenOdd(values, words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Word512 LoadWord(byte* word) => new()
    {
        Even = Vector512.Create(*(int*)word).AsInt16(),
        Odd = Vector512.Create(*(int*)(word + 4)).AsInt16(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Add(Vector512<int> sum, sbyte* block, Int8Word512 word)
    {
        // Bytes times 1 and 0 in turn leave the even ones as 16-bit values, in one instruction instead of two shifts.
        Vector512<sbyte> weights = Vector512.Load(block);
        Vector512<short> even = Avx512BW.MultiplyAddAdjacent(Vector512.Create((short)1).AsByte(), weights);
        Vector512<int> evenSum = Avx512BW.MultiplyAddAdjacent(even, word.Even);
        return sum + (evenSum + Avx512BW.MultiplyAddAdjacent(weights.AsInt16() >> 8, word.Odd));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToFloat(Vector512<int> sum) => Vector512.ConvertToSingle(sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<short> values, byte* words) => Int8Word.StoreMagnitudesThenSigns(values, words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Bytes512 LoadBytes(byte* word) => new()
    {
        Magnitudes = Vector512.Create(*(int*)word).AsByte(),
        Signs = Vector512.Create(*(int*)(word + 4)).AsSByte(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> BeginBytes(int negatives) => Vector512.Create(negatives);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> AddBytes(Vector512<int> sum, sbyte* block, Int8Bytes512 word)
    {
        Vector512<short> pairs = Avx512BW.MultiplyAddAdjacent(word.Magnitudes, word.Signs ^ Vector512.Load(block));
        return sum + Avx512BW.MultiplyAddAdjacent(pairs, Vector512.Create((short)1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> BytesToFloat(Vector512<int> sum) => Vector512.ConvertToSingle(sum);
}
