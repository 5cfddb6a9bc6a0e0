// Integer products by the dot product instructions of ARMv8.2: SDOT.
//
//   16-bit values:  value = 256 · high + low,  low −128 … 127        sum of products = 256 · Σ w · high + Σ w · low

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Running sums of the products with the high and the low bytes; of 8-bit values, the low ones alone.</summary>
internal struct Int8SumsSdot
{
    public Vector128<int> High;
    public Vector128<int> Low;
}

/// <summary>Four products and their sum in one instruction, twice: the 16-bit values are taken apart into two bytes.</summary>
/// <remarks>Source: Arm Architecture Reference Manual for A-profile, SDOT (FEAT_DotProd).</remarks>
internal readonly unsafe struct Int8DotSdot : IInt8Dot<Vector128<float>, Vector128<sbyte>, Vector128<sbyte>, Int8SumsSdot>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(Vector128<short> values, byte* words)
    {
        // A low byte from 128 on counts as negative: the high byte makes up for it.
        Vector128<short> high = (values + Vector128.Create((short)128)) >> 8;
        Vector64<sbyte> highs = Vector64.Narrow(high.GetLower(), high.GetUpper());
        Vector64<sbyte> lows = Vector64.Narrow(values.GetLower(), values.GetUpper());
        Vector64.Store(AdvSimd.Arm64.ZipLow(highs.AsInt32(), lows.AsInt32()), (int*)words);
        Vector64.Store(AdvSimd.Arm64.ZipHigh(highs.AsInt32(), lows.AsInt32()), (int*)(words + 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> LoadWord(byte* word) => Vector128.CreateScalarUnsafe(*(double*)word).AsSByte();

    // The high bytes are the first four of the word, the low ones the next.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8SumsSdot Add(Int8SumsSdot sum, sbyte* block, Vector128<sbyte> word)
    {
        Vector128<sbyte> weights = Vector128.Load(block);
        sum.High = Dp.DotProductBySelectedQuadruplet(sum.High, weights, word, 0);
        sum.Low = Dp.DotProductBySelectedQuadruplet(sum.Low, weights, word, 1);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToFloat(Int8SumsSdot sum) => Vector128.ConvertToSingle((sum.High << 8) + sum.Low);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<short> values, byte* words)
    {
        Vector64<int> bytes = Vector64.Narrow(values.GetLower(), values.GetUpper()).AsInt32();
        Vector64.Store(AdvSimd.Arm64.ZipLow(bytes, bytes), (int*)words);
        Vector64.Store(AdvSimd.Arm64.ZipHigh(bytes, bytes), (int*)(words + 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> LoadBytes(byte* word) => LoadWord(word);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8SumsSdot BeginBytes(int negatives) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8SumsSdot AddBytes(Int8SumsSdot sum, sbyte* block, Vector128<sbyte> word)
    {
        sum.Low = Dp.DotProductBySelectedQuadruplet(sum.Low, Vector128.Load(block), word, 0);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> BytesToFloat(Int8SumsSdot sum) => Vector128.ConvertToSingle(sum.Low);
}
