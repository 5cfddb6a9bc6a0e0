// Integer products by widening multiplication: NEON without the dot product instructions.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Running sums: of 16-bit values the four columns of each unit; of 8-bit ones two pairs each of units 0, 1 and 2,
/// 3.</summary>
internal struct Int8SumsNeon
{
    public Vector128<int> First;
    public Vector128<int> Second;
    public Vector128<int> Third;
    public Vector128<int> Fourth;
}

/// <summary>Weights widened to 16 bits and multiplied into 32, or multiplied into 16 bits and added in pairs.</summary>
/// <remarks>Source: Arm Architecture Reference Manual for A-profile, SMLAL, SMULL, SADALP.</remarks>
internal readonly unsafe struct Int8DotNeon : IInt8Dot<Vector128<float>, Vector128<short>, Vector128<sbyte>, Int8SumsNeon>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(Vector128<short> values, byte* words) => Vector128.Store(values, (short*)words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> LoadWord(byte* word) => Vector128.Create(*(long*)word).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8SumsNeon Add(Int8SumsNeon sum, sbyte* block, Vector128<short> word)
    {
        // Upper halves first: the lower half of a vector that is needed no more takes no copy.
        Vector128<sbyte> weights = Vector128.Load(block);
        Vector128<short> second = AdvSimd.SignExtendWideningUpper(weights);
        Vector128<short> first = AdvSimd.SignExtendWideningLower(weights.GetLower());
        sum.Second = AdvSimd.MultiplyWideningUpperAndAdd(sum.Second, first, word);
        sum.First = AdvSimd.MultiplyWideningLowerAndAdd(sum.First, first.GetLower(), word.GetLower());
        sum.Fourth = AdvSimd.MultiplyWideningUpperAndAdd(sum.Fourth, second, word);
        sum.Third = AdvSimd.MultiplyWideningLowerAndAdd(sum.Third, second.GetLower(), word.GetLower());
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToFloat(Int8SumsNeon sum) =>
        Vector128.ConvertToSingle(AdvSimd.Arm64.AddPairwise(
            AdvSimd.Arm64.AddPairwise(sum.First, sum.Second), AdvSimd.Arm64.AddPairwise(sum.Third, sum.Fourth)));

    // The four bytes of a word twice, so that one load brings them to two units.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<short> values, byte* words)
    {
        Vector64<int> bytes = Vector64.Narrow(values.GetLower(), values.GetUpper()).AsInt32();
        Vector64.Store(AdvSimd.Arm64.ZipLow(bytes, bytes), (int*)words);
        Vector64.Store(AdvSimd.Arm64.ZipHigh(bytes, bytes), (int*)(words + 8));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> LoadBytes(byte* word) => Vector128.Create(*(long*)word).AsSByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8SumsNeon BeginBytes(int negatives) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8SumsNeon AddBytes(Int8SumsNeon sum, sbyte* block, Vector128<sbyte> word)
    {
        Vector128<sbyte> weights = Vector128.Load(block);
        Vector128<short> upper = AdvSimd.MultiplyWideningUpper(weights, word);
        Vector128<short> lower = AdvSimd.MultiplyWideningLower(weights.GetLower(), word.GetLower());
        sum.Second = AdvSimd.AddPairwiseWideningAndAdd(sum.Second, upper);
        sum.First = AdvSimd.AddPairwiseWideningAndAdd(sum.First, lower);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> BytesToFloat(Int8SumsNeon sum) =>
        Vector128.ConvertToSingle(AdvSimd.Arm64.AddPairwise(sum.First, sum.Second));
}
