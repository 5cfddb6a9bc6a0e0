// Integer products by multiply-add of adjacent 16-bit pairs: AVX2.
//
//   word:  columns 0 2 1 3        even bytes · (0, 2)  +  odd bytes · (1, 3)  =  one 32-bit sum for each unit

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>A word's even and odd columns, each pair in every lane.</summary>
internal struct Int8Word256
{
    public Vector256<short> Even;
    public Vector256<short> Odd;
}

/// <summary>Weights widened to 16 bits by shifts, which stay within their lane, then multiplied and added in pairs.</summary>
/// <remarks>Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, PMADDWD.</remarks>
internal readonly unsafe struct Int8Dot256 : IInt8Dot<Vector256<float>, Int8Word256, Vector256<int>>
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
}
