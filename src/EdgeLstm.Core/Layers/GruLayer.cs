// Gated recurrent unit layers in both forms; the steps themselves are GruResetAfterKernel and GruResetBeforeKernel.

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates gated recurrent unit layers.</summary>
public static class GruLayer
{
    /// <summary>A layer for one stream with state [h] = HiddenSize, zero at first.</summary>
    /// <exception cref="ArgumentException">A size or an array does not fit, or the width is not available.</exception>
    public static Layer Create(GruWeights weights, VectorWidth width, WeightPrecision precision = WeightPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        return width switch
        {
            VectorWidth.Bits128 when Dp.IsSupported =>
                Create<Simd128, Vector128<float>, Int8DotSdot, Int8WordSdot, Int8SumsSdot>(weights, precision),
            VectorWidth.Bits128 when AdvSimd.Arm64.IsSupported =>
                Create<Simd128, Vector128<float>, Int8DotNeon, Vector128<short>, Int8SumsNeon>(weights, precision),
            VectorWidth.Bits128 =>
                Create<Simd128, Vector128<float>, Int8Dot128, Int8Word128, Vector128<int>>(weights, precision),
            VectorWidth.Bits256 when VectorWidths.IsSupported(width) =>
                Create<Simd256, Vector256<float>, Int8Dot256, Int8Word256, Vector256<int>>(weights, precision),
            VectorWidth.Bits512 when VectorWidths.IsSupported(width) =>
                Create<Simd512, Vector512<float>, Int8Dot512, Int8Word512, Vector512<int>>(weights, precision),
            _ => throw VectorWidths.Unsupported(width),
        };
    }

    /// <summary>Trained values of a layer.</summary>
    internal static long CountParameters(GruWeights weights) =>
        weights.InputWeights.LongLength + weights.RecurrentWeights.Length
        + weights.Bias.Length + (weights.RecurrentBias?.Length ?? 0);

    private static RecurrentLayer Create<TSimd, TVector, TDot, TWord, TSum>(GruWeights weights, WeightPrecision precision)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TDot : struct, IInt8Dot<TVector, TWord, TSum>
        where TWord : struct
        where TSum : struct =>
        precision switch
        {
            WeightPrecision.Float32 => Create<TSimd, TVector, Float32Weights<TSimd, TVector>>(weights),
            WeightPrecision.BFloat16 => Create<TSimd, TVector, BFloat16Weights<TSimd, TVector>>(weights),
            WeightPrecision.Int8 when weights.Reset == GruReset.After => new GruResetAfterInt8Layer<TSimd, TVector, TDot, TWord, TSum>(weights),
            WeightPrecision.Int8 => new GruResetBeforeInt8Layer<TSimd, TVector, TDot, TWord, TSum>(weights),
            _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "unknown weight precision."),
        };

    private static RecurrentLayer Create<TSimd, TVector, TWeights>(GruWeights weights)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector> =>
        weights.Reset == GruReset.After
            ? new GruResetAfterLayer<TSimd, TVector, TWeights>(weights)
            : new GruResetBeforeLayer<TSimd, TVector, TWeights>(weights);
}
