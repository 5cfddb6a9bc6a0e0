// Integer products by the dot product instructions of ARMv8.2: SDOT.
//
//   value = 256 · high + low,  low −128 … 127        sum of products = 256 · Σ w · high + Σ w · low

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Running sums of the products with the high and the low bytes.</summary>
internal struct Int8SumsSdot
{
    public Vector128<int> High;
    public Vector128<int> Low;
}

/// <summary>A word as its high and its low bytes, each in every lane.</summary>
internal struct Int8WordSdot
{
    public Vector128<sbyte> High;
    public Vector128<sbyte> Low;
}

/// <summary>Four products and their sum in one instruction, twice: the 16-bit values are taken apart into two bytes.</summary>
/// <remarks>Source: Arm Architecture Reference Manual for A-profile, SDOT (FEAT_DotProd).</remarks>
internal readonly unsafe struct Int8DotSdot : IInt8Dot<Vector128<float>, Int8WordSdot, Int8SumsSdot>
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
    public static Int8WordSdot LoadWord(byte* word) => new()
    {
        High = AdvSimd.LoadAndReplicateToVector128((int*)word).AsSByte(),
        Low = AdvSimd.LoadAndReplicateToVector128((int*)(word + 4)).AsSByte(),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8SumsSdot Add(Int8SumsSdot sum, sbyte* block, Int8WordSdot word)
    {
        Vector128<sbyte> weights = Vector128.Load(block);
        sum.High = Dp.DotProduct(sum.High, weights, word.High);
        sum.Low = Dp.DotProduct(sum.Low, weights, word.Low);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToFloat(Int8SumsSdot sum) => Vector128.ConvertToSingle((sum.High << 8) + sum.Low);
}
