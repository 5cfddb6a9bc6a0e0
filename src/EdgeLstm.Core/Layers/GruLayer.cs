// Gated recurrent unit layers in both forms; the steps themselves are GruResetAfterKernel and GruResetBeforeKernel.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates gated recurrent unit layers.</summary>
public static class GruLayer
{
    /// <summary>A layer for one stream with state [h] = HiddenSize; it begins at zero or at the initial state.</summary>
    /// <param name="weights">Weights.</param>
    /// <param name="width">The widest vectors to use; layers of few units use narrower ones.</param>
    /// <param name="precision">How the weights of x and h are held.</param>
    /// <exception cref="ArgumentException">A size, an array or the variant does not fit, a variant is to be held narrow, or the
    /// width is not available.</exception>
    public static Layer Create(GruWeights weights, VectorWidth width, WeightPrecision precision = WeightPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        if (weights.Variant is not null)
        {
            VariantRules.RequireFloat32(weights.Name, precision);
        }

        Layer layer = LayerWidths.Create(new Source(weights, precision), weights.HiddenSize, width);
        return RecurrentLayer.Begin(layer, weights.InitialState);
    }

    /// <summary>Trained values of a layer.</summary>
    internal static long CountParameters(GruWeights weights) =>
        weights.InputWeights.LongLength + weights.RecurrentWeights.Length
        + weights.Bias.Length + (weights.RecurrentBias?.Length ?? 0) + (weights.InitialState?.Length ?? 0);

    private readonly struct Source(GruWeights weights, WeightPrecision precision) : ILayerSource
    {
        public Layer Create<TSimd, TVector, TDot, TWord, TBytes, TSum>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
            where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
            where TWord : struct
            where TBytes : struct
            where TSum : struct =>
            precision switch
            {
                WeightPrecision.Float32 when weights.Variant is not null => new GruVariantLayer<TSimd, TVector>(weights),
                WeightPrecision.Float32 => Create<TSimd, TVector, Float32Weights<TSimd, TVector>>(weights),
                WeightPrecision.BFloat16 => Create<TSimd, TVector, BFloat16Weights<TSimd, TVector>>(weights),
                WeightPrecision.Int8 when weights.Reset == GruReset.After =>
                    new GruResetAfterInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum>(weights),
                WeightPrecision.Int8 => new GruResetBeforeInt8Layer<TSimd, TVector, TDot, TWord, TBytes, TSum>(weights),
                _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "unknown weight precision."),
            };
    }

    private static RecurrentLayer Create<TSimd, TVector, TWeights>(GruWeights weights)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
        where TWeights : struct, IWeightFormat<TVector> =>
        weights.Reset == GruReset.After
            ? new GruResetAfterLayer<TSimd, TVector, TWeights>(weights)
            : new GruResetBeforeLayer<TSimd, TVector, TWeights>(weights);
}
