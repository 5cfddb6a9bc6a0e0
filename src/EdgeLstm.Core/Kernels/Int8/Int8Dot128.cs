// Integer products by multiply-add of adjacent 16-bit pairs: SSE2, plain vectors elsewhere.
//
//   word:  columns 0 2 1 3        even bytes · (0, 2)  +  odd bytes · (1, 3)  =  one 32-bit sum for each unit

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>A word's even and odd columns, each pair in every lane.</summary>
internal struct Int8Word128
{
    public Vector128<short> Even;
    public Vector128<short> Odd;
}

/// <summary>Weights widened to 16 bits by shifts, which stay within their lane, then multiplied and added in pairs.</summary>
/// <remarks>Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, PMADDWD.</remarks>
internal readonly unsafe struct Int8Dot128 : IInt8Dot<Vector128<float>, Int8Word128, Vector128<int>>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(Vector128<short> values, byte* words) => Int8Word.StoreEvenThenOdd(values, words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Word128 LoadWord(byte* word) => new()
    {
        Even = Vector128.Create(*(int*)word).AsInt16(),
        Odd = Vector128.Create(*(int*)(word + 4)).AsInt16(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> sum, sbyte* block, Int8Word128 word)
    {
        Vector128<short> weights = Vector128.Load((short*)block);
        Vector128<int> even = MultiplyAddAdjacent((weights << 8) >> 8, word.Even);
        return sum + (even + MultiplyAddAdjacent(weights >> 8, word.Odd));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToFloat(Vector128<int> sum) => Vector128.ConvertToSingle(sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> MultiplyAddAdjacent(Vector128<short> left, Vector128<short> right)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(left, right);
        }

        Vector128<int> l = left.AsInt32();
        Vector128<int> r = right.AsInt32();
        return (((l << 16) >> 16) * ((r << 16) >> 16)) + ((l >> 16) * (r >> 16));
    }
}
