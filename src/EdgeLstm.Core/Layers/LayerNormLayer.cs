// A layer that normalises the values of each sample to mean 0 and variance 1, then scales and shifts them.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates normalising layers.</summary>
public static class LayerNormLayer
{
    /// <summary>A layer without state: y = (x − mean(x)) / √(var(x) + epsilon) ⊙ weight + bias.</summary>
    /// <remarks>Ba, Kiros, Hinton (2016), as computed by torch.nn.LayerNorm over the values of one sample.</remarks>
    /// <param name="weights">Weights.</param>
    /// <param name="width">The widest vectors to use; layers of few units use narrower ones.</param>
    /// <exception cref="ArgumentException">A size, an array or epsilon does not fit, or the width is missing.</exception>
    public static Layer Create(LayerNormWeights weights, VectorWidth width)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        return LayerWidths.Create(new Source(weights), weights.Size, width);
    }

    private readonly struct Source(LayerNormWeights weights) : ILayerSource
    {
        public Layer Create<TSimd, TVector, TDot, TWord, TBytes, TSum>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
            where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
            where TWord : struct
            where TBytes : struct
            where TSum : struct =>
            new LayerNormLayer<TSimd, TVector>(weights);
    }
}

/// <summary>A normalising layer of one vector width.</summary>
internal sealed unsafe class LayerNormLayer<TSimd, TVector> : InPlaceLayer<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly AlignedBuffer _weight;
    private readonly AlignedBuffer _bias;
    private readonly float _epsilon;

    public LayerNormLayer(LayerNormWeights weights)
        : base(weights.Name, weights.Size, 2L * weights.Size, streamCount: 1)
    {
        _weight = Pack(weights.Weight);
        _bias = Pack(weights.Bias);
        _epsilon = weights.Epsilon;
    }

    private LayerNormLayer(LayerNormLayer<TSimd, TVector> other, int streamCount)
        : base(other.Name, other.InputSize, other.ParameterCount, streamCount)
    {
        _weight = other._weight;
        _bias = other._bias;
        _epsilon = other._epsilon;
    }

    /// <inheritdoc/>
    public override long WeightBytes => (_weight.Length + _bias.Length) * (long)sizeof(float);

    /// <inheritdoc/>
    public override Layer ForStreams(int count) => new LayerNormLayer<TSimd, TVector>(this, count);

    private protected override void Transform()
    {
        NormalizationKernel.Normalize<TSimd, TVector>(Values.Pointer, InputSize, _epsilon);
        NormalizationKernel.Scale<TSimd, TVector>(Values.Pointer, _weight.Pointer, _bias.Pointer, Values.Length);
    }
}
