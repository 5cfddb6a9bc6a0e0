// Integer products by widening multiply-add: NEON without the dot product instructions.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Running sums: the four columns of each of four units.</summary>
internal struct Int8SumsNeon
{
    public Vector128<int> First;
    public Vector128<int> Second;
    public Vector128<int> Third;
    public Vector128<int> Fourth;
}

/// <summary>Weights widened to 16 bits, then multiplied into 32.</summary>
/// <remarks>Source: Arm Architecture Reference Manual for A-profile, SMLAL.</remarks>
internal readonly unsafe struct Int8DotNeon : IInt8Dot<Vector128<float>, Vector128<short>, Int8SumsNeon>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreWords(Vector128<short> values, byte* words) => Vector128.Store(values, (short*)words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> LoadWord(byte* word) => Vector128.Create(*(long*)word).AsInt16();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Int8SumsNeon Add(Int8SumsNeon sum, sbyte* block, Vector128<short> word)
    {
        Vector128<sbyte> weights = Vector128.Load(block);
        Vector128<short> first = AdvSimd.SignExtendWideningLower(weights.GetLower());
        Vector128<short> second = AdvSimd.SignExtendWideningUpper(weights);
        sum.First = AdvSimd.MultiplyWideningLowerAndAdd(sum.First, first.GetLower(), word.GetLower());
        sum.Second = AdvSimd.MultiplyWideningUpperAndAdd(sum.Second, first, word);
        sum.Third = AdvSimd.MultiplyWideningLowerAndAdd(sum.Third, second.GetLower(), word.GetLower());
        sum.Fourth = AdvSimd.MultiplyWideningUpperAndAdd(sum.Fourth, second, word);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToFloat(Int8SumsNeon sum) =>
        Vector128.ConvertToSingle(AdvSimd.Arm64.AddPairwise(
            AdvSimd.Arm64.AddPairwise(sum.First, sum.Second), AdvSimd.Arm64.AddPairwise(sum.Third, sum.Fourth)));
}
