// Integer products by multiply-add of adjacent pairs: SSSE3, plain integers elsewhere.
//
//   16-bit values:  even bytes · (0, 2)  +  odd bytes · (1, 3)  =  one 32-bit sum for each unit
//   8-bit values:   |h| · w where h ≥ 0, |h| · ~w = h · w − |h| where h < 0; in pairs to 16 bits and again to 32

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>A word's even and odd 16-bit columns, each pair in every lane.</summary>
internal struct Int8Word128
{
    public Vector128<short> Even;
    public Vector128<short> Odd;
}

/// <summary>The magnitudes of a word's 8-bit columns in every lane, and which of them are negative.</summary>
internal struct Int8Bytes128
{
    public Vector128<byte> Magnitudes;
    public Vector128<sbyte> Signs;
}

/// <summary>Products of 16 weights at a time.</summary>
/// <remarks>See <see cref="Int8Dot256"/>.</remarks>
internal readonly unsafe struct Int8Dot128 : IInt8Dot<Vector128<float>, Int8Word128, Int8Bytes128, Vector128<int>>
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
    public static void StoreBytes(Vector128<short> values, byte* words) => Int8Word.StoreMagnitudesThenSigns(values, words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8Bytes128 LoadBytes(byte* word) => new()
    {
        Magnitudes = Vector128.Create(*(int*)word).AsByte(),
        Signs = Vector128.Create(*(int*)(word + 4)).AsSByte(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> BeginBytes(int negatives) => Vector128.Create(negatives);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddBytes(Vector128<int> sum, sbyte* block, Int8Bytes128 word)
    {
        Vector128<sbyte> weights = word.Signs ^ Vector128.Load(block);
        if (Ssse3.IsSupported)
        {
            return sum + MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(word.Magnitudes, weights), Vector128.Create((short)1));
        }

        // A product of two bytes fits into 16 bits; each unit's four are added in 32.
        Vector128<short> magnitudes = Vector128.WidenLower(word.Magnitudes).AsInt16();
        Vector128<short> first = Vector128.WidenLower(weights) * magnitudes;
        Vector128<short> second = Vector128.WidenUpper(weights) * magnitudes;
        return sum + Vector128.Create(
            first[0] + first[1] + first[2] + first[3],
            first[4] + first[5] + first[6] + first[7],
            second[0] + second[1] + second[2] + second[3],
            second[4] + second[5] + second[6] + second[7]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> BytesToFloat(Vector128<int> sum) => Vector128.ConvertToSingle(sum);

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
