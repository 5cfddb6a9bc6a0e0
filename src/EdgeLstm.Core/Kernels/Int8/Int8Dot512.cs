// Integer products by multiply-add of adjacent 16-bit pairs: AVX-512.
//
//   word:  columns 0 2 1 3        even bytes · (0, 2)  +  odd bytes · (1, 3)  =  one 32-bit sum for each unit

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>A word's even and odd columns, each pair in every lane.</summary>
internal struct Int8Word512
{
    public Vector512<short> Even;
    public Vector512<short> Odd;
}

/// <summary>Weights widened to 16 bits by shifts, which stay within their lane, then multiplied and added in pairs.</summary>
/// <remarks>Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, PMADDWD.</remarks>
internal readonly unsafe struct Int8Dot512 : IInt8Dot<Vector512<float>, Int8Word512, Vector512<int>>
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
}
