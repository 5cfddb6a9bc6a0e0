// Dense layer; the weighted sums and activations are DenseKernel.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates dense layers.</summary>
public static class DenseLayer
{
    /// <summary>A layer without state: y = activation(W·x + b).</summary>
    /// <param name="weights">Weights.</param>
    /// <param name="width">The widest vectors to use; layers of few units use narrower ones.</param>
    /// <exception cref="ArgumentException">A size, an array or the activation does not fit, or the width is missing.</exception>
    public static Layer Create(DenseWeights weights, VectorWidth width)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        return LayerWidths.Create(new Source(weights), weights.OutputSize, width);
    }

    private readonly struct Source(DenseWeights weights) : ILayerSource
    {
        public Layer Create<TSimd, TVector, TDot, TWord, TBytes, TSum>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
            where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
            where TWord : struct
            where TBytes : struct
            where TSum : struct =>
            new DenseLayer<TSimd, TVector>(weights);
    }
}

/// <summary>A dense layer of one vector width.</summary>
internal sealed unsafe class DenseLayer<TSimd, TVector> : Layer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly ColumnLayout _columns;
    private readonly Panels _panels;
    private readonly AlignedBuffer _input;
    private readonly AlignedBuffer _output;
    private readonly ActivationFunction _activation;

    public DenseLayer(DenseWeights weights)
        : base(
            weights.Name,
            weights.InputSize,
            weights.OutputSize,
            stateSize: 0,
            weights.Weights.LongLength + weights.Bias.Length,
            streamCount: 1)
    {
        _activation = weights.Activation;
        _columns = ColumnLayout.Joint(weights.InputSize, 0, WeightedSum.Unroll, TSimd.Lanes);
        _panels = new Panels(
            _columns, TSimd.Lanes, isBFloat16: false, weights.OutputSize, weights.Bias, weights.Weights, []);
        _input = new AlignedBuffer(_columns.Length);
        _output = new AlignedBuffer(_panels.GroupCount * TSimd.Lanes);
    }

    private DenseLayer(DenseLayer<TSimd, TVector> other, int streamCount)
        : base(other.Name, other.InputSize, other.OutputSize, other.StateSize, other.ParameterCount, streamCount)
    {
        _activation = other._activation;
        _columns = other._columns;
        _panels = other._panels;
        _input = new AlignedBuffer(_columns.Length);
        _output = new AlignedBuffer(_panels.GroupCount * TSimd.Lanes);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    /// <inheritdoc/>
    public override Layer ForStreams(int count) => new DenseLayer<TSimd, TVector>(this, count);

    internal override void Advance(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            x.Slice(stream * InputSize, InputSize).CopyTo(_input.Span[_columns.InputStart..]);
            DenseKernel.Step<TSimd, TVector>(
                _panels.Pointer, _panels.GroupCount, _input.Pointer + _columns.First, _columns.Columns, _output.Pointer);
            LayerActivation.Apply<TSimd, TVector>(_activation, _output, OutputSize);
            _output.Span[..OutputSize].CopyTo(y[(stream * OutputSize)..]);
        }
    }
}
