// A layer that scales and shifts each value: a batch normalisation with its trained statistics.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates scaling layers.</summary>
public static class ScaleLayer
{
    /// <summary>A layer without state: y = x ⊙ weight + bias.</summary>
    /// <param name="weights">Weights.</param>
    /// <param name="width">The widest vectors to use; layers of few units use narrower ones.</param>
    /// <exception cref="ArgumentException">The size or an array does not fit, or the width is missing.</exception>
    public static Layer Create(ScaleWeights weights, VectorWidth width)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        return LayerWidths.Create(new Source(weights), weights.Size, width);
    }

    private readonly struct Source(ScaleWeights weights) : ILayerSource
    {
        public Layer Create<TSimd, TVector, TDot, TWord, TBytes, TSum>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
            where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
            where TWord : struct
            where TBytes : struct
            where TSum : struct =>
            new ScaleLayer<TSimd, TVector>(weights);
    }
}

/// <summary>A scaling layer of one vector width.</summary>
internal sealed unsafe class ScaleLayer<TSimd, TVector> : InPlaceLayer<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly AlignedBuffer _weight;
    private readonly AlignedBuffer _bias;

    public ScaleLayer(ScaleWeights weights)
        : base(weights.Name, weights.Size, 2L * weights.Size, streamCount: 1)
    {
        _weight = Pack(weights.Weight);
        _bias = Pack(weights.Bias);
    }

    private ScaleLayer(ScaleLayer<TSimd, TVector> other, int streamCount)
        : base(other.Name, other.InputSize, other.ParameterCount, streamCount)
    {
        _weight = other._weight;
        _bias = other._bias;
    }

    /// <inheritdoc/>
    public override long WeightBytes => (_weight.Length + _bias.Length) * (long)sizeof(float);

    /// <inheritdoc/>
    public override Layer ForStreams(int count) => new ScaleLayer<TSimd, TVector>(this, count);

    private protected override void Transform() =>
        NormalizationKernel.Scale<TSimd, TVector>(Values.Pointer, _weight.Pointer, _bias.Pointer, Values.Length);
}
