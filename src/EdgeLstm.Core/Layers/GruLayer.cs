// Gated recurrent unit layers in both forms; the steps themselves are GruResetAfterKernel and GruResetBeforeKernel.

using System.Runtime.Intrinsics;
using EdgeLstm.Core.Kernels;

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
            VectorWidth.Bits128 => Create<Simd128, Vector128<float>>(weights, precision),
            VectorWidth.Bits256 when VectorWidths.IsSupported(width) => Create<Simd256, Vector256<float>>(weights, precision),
            VectorWidth.Bits512 when VectorWidths.IsSupported(width) => Create<Simd512, Vector512<float>>(weights, precision),
            _ => throw VectorWidths.Unsupported(width),
        };
    }

    /// <summary>Trained values of a layer.</summary>
    internal static long CountParameters(GruWeights weights) =>
        weights.InputWeights.LongLength + weights.RecurrentWeights.Length
        + weights.Bias.Length + (weights.RecurrentBias?.Length ?? 0);

    private static RecurrentLayer Create<TSimd, TVector>(GruWeights weights, WeightPrecision precision)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct =>
        precision switch
        {
            WeightPrecision.Float32 => Create<TSimd, TVector, Float32Weights<TSimd, TVector>>(weights),
            WeightPrecision.BFloat16 => Create<TSimd, TVector, BFloat16Weights<TSimd, TVector>>(weights),
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
