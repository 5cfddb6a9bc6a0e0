// Integer products by multiply-add of adjacent pairs: AVX2.
//
//   16-bit values:  even bytes · (0, 2)  +  odd bytes · (1, 3)  =  one 32-bit sum for each unit
//   8-bit values:   |h| · w where h ≥ 0, |h| · ~w = h · w − |h| where h < 0; in pairs to 16 bits and again to 32

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>A word's even and odd 16-bit columns, each pair in every lane.</summary>
internal struct Int8Word256
{
    public Vector256<short> Even;
    public Vector256<short> Odd;
}

/// <summary>The magnitudes of a word's 8-bit columns in every lane, and which of them are negative.</summary>
internal struct Int8Bytes256
{
    public Vector256<byte> Magnitudes;
    public Vector256<sbyte> Signs;
}

/// <summary>Products of 32 weights at a time.</summary>
/// <remarks>
/// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, PMADDWD, PMADDUBSW. The latter multiplies
/// unsigned by signed bytes: where a value is negative, the weight's complement stands for its negative, and the difference of
/// |h| is the same for all units and added once. A pair of products is at most 2 · 127 · 128 = 32,512 and never saturates.
/// </remarks>
internal readonly unsafe struct Int8Dot256 : IInt8Dot<Vector256<float>, Int8Word256, Int8Bytes256, Vector256<int>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(Vector128<short> values, byte* words) => Int8Word.StoreEvenThenOdd(values, words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Word256 LoadWord(byte* word) => new()
    {
        Even = Vector256.Create(*(int*)word).AsInt16(),
        Odd = Vector256.Create(*(int*)(word + 4)).AsInt16(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Add(Vector256<int> sum, sbyte* block, Int8Word256 word)
    {
        // Bytes times 1 and 0 in turn leave the even ones as 16-bit values, in one instruction instead of two shifts.
        Vector256<sbyte> weights = Vector256.Load(block);
        Vector256<short> even = Avx2.MultiplyAddAdjacent(Vector256.Create((short)1).AsByte(), weights);
        Vector256<int> evenSum = Avx2.MultiplyAddAdjacent(even, word.Even);
        return sum + (evenSum + Avx2.MultiplyAddAdjacent(weights.AsInt16() >> 8, word.Odd));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToFloat(Vector256<int> sum) => Vector256.ConvertToSingle(sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<short> values, byte* words) => Int8Word.StoreMagnitudesThenSigns(values, words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Bytes256 LoadBytes(byte* word) => new()
    {
        Magnitudes = Vector256.Create(*(int*)word).AsByte(),
        Signs = Vector256.Create(*(int*)(word + 4)).AsSByte(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> BeginBytes(int negatives) => Vector256.Create(negatives);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> AddBytes(Vector256<int> sum, sbyte* block, Int8Bytes256 word)
    {
        Vector256<short> pairs = Avx2.MultiplyAddAdjacent(word.Magnitudes, word.Signs ^ Vector256.Load(block));
        return sum + Avx2.MultiplyAddAdjacent(pairs, Vector256.Create((short)1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> BytesToFloat(Vector256<int> sum) => Vector256.ConvertToSingle(sum);
}
