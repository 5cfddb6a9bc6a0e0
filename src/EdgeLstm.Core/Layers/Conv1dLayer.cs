// Causal convolution along time: a dense layer over the latest samples, oldest first; before the first sample lie zeros.
//
//   y(t) = activation(Σₖ W[·, k, ·] · x(t − (K − 1 − k) · dilation) + b),  k = 0 … K − 1

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates convolutional layers.</summary>
public static class Conv1dLayer
{
    /// <summary>A layer whose state is the past (K−1)·dilation samples, oldest first, zero at first.</summary>
    /// <remarks>As computed by torch.nn.Conv1d over a sequence with that many zeros before it; Keras: padding 'causal'.</remarks>
    /// <param name="weights">Weights.</param>
    /// <param name="width">The widest vectors to use; layers of few units use narrower ones.</param>
    /// <exception cref="ArgumentException">A size, an array or the activation does not fit, or the width is missing.</exception>
    public static Layer Create(Conv1dWeights weights, VectorWidth width)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        return LayerWidths.Create(new Source(weights), weights.OutputSize, width);
    }

    private readonly struct Source(Conv1dWeights weights) : ILayerSource
    {
        public Layer Create<TSimd, TVector, TDot, TWord, TBytes, TSum>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
            where TDot : struct, IInt8Dot<TVector, TWord, TBytes, TSum>
            where TWord : struct
            where TBytes : struct
            where TSum : struct =>
            new Conv1dLayer<TSimd, TVector>(weights);
    }
}

/// <summary>A convolutional layer of one vector width.</summary>
/// <remarks>
/// Each stream has a ring with a slot for every past sample and one for the newest. All rings stand at the same slot, whenever
/// their streams began: a stream that is reset finds zeros in its past.
/// </remarks>
internal sealed unsafe class Conv1dLayer<TSimd, TVector> : Layer
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly int _kernelSize;
    private readonly int _dilation;
    private readonly int _slots;
    private readonly ColumnLayout _columns;
    private readonly Panels _panels;
    private readonly ActivationFunction _activation;
    private readonly AlignedBuffer _input;
    private readonly AlignedBuffer _output;
    private readonly float[][] _rings;
    private int _newest;

    public Conv1dLayer(Conv1dWeights weights)
        : base(
            weights.Name,
            weights.InputSize,
            weights.OutputSize,
            (weights.KernelSize - 1) * weights.Dilation * weights.InputSize,
            weights.Weights.LongLength + weights.Bias.Length,
            streamCount: 1)
    {
        _kernelSize = weights.KernelSize;
        _dilation = weights.Dilation;
        _slots = ((_kernelSize - 1) * _dilation) + 1;
        _columns = ColumnLayout.Joint(_kernelSize * weights.InputSize, 0, WeightedSum.Unroll, TSimd.Lanes);
        _panels = new Panels(
            _columns, TSimd.Lanes, isBFloat16: false, weights.OutputSize, weights.Bias, weights.Weights, []);
        _activation = weights.Activation;
        _input = new AlignedBuffer(_columns.Length);
        _output = new AlignedBuffer(_panels.GroupCount * TSimd.Lanes);
        _rings = CreateRings();
    }

    private Conv1dLayer(Conv1dLayer<TSimd, TVector> other, int streamCount)
        : base(other.Name, other.InputSize, other.OutputSize, other.StateSize, other.ParameterCount, streamCount)
    {
        _kernelSize = other._kernelSize;
        _dilation = other._dilation;
        _slots = other._slots;
        _columns = other._columns;
        _panels = other._panels;
        _activation = other._activation;
        _input = new AlignedBuffer(_columns.Length);
        _output = new AlignedBuffer(_panels.GroupCount * TSimd.Lanes);
        _rings = CreateRings();
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    /// <inheritdoc/>
    public override Layer ForStreams(int count) => new Conv1dLayer<TSimd, TVector>(this, count);

    internal override void Advance(ReadOnlySpan<float> x, Span<float> y)
    {
        // All samples are kept before the first output is written: y may overlap x.
        _newest = Next(_newest, 1);
        for (int stream = 0; stream < StreamCount; stream++)
        {
            x.Slice(stream * InputSize, InputSize).CopyTo(_rings[stream].AsSpan(_newest * InputSize));
        }

        for (int stream = 0; stream < StreamCount; stream++)
        {
            Gather(_rings[stream], _input.Span.Slice(_columns.InputStart, _columns.InputSize));
            DenseKernel.Step<TSimd, TVector>(
                _panels.Pointer, _panels.GroupCount, _input.Pointer + _columns.First, _columns.Columns, _output.Pointer);
            LayerActivation.Apply<TSimd, TVector>(_activation, _output, OutputSize);
            _output.Span[..OutputSize].CopyTo(y[(stream * OutputSize)..]);
        }
    }

    private protected override void ClearState(int stream) => _rings[stream].AsSpan().Clear();

    private protected override void CopyStateTo(Span<float> destination, int stream)
    {
        // The next step writes over the slot after the newest; the past begins after that one.
        ReadOnlySpan<float> ring = _rings[stream];
        int oldest = Next(_newest, 2 % _slots);
        int untilEnd = Math.Min(destination.Length, ring.Length - (oldest * InputSize));
        ring.Slice(oldest * InputSize, untilEnd).CopyTo(destination);
        ring[..(destination.Length - untilEnd)].CopyTo(destination[untilEnd..]);
    }

    private protected override void CopyStateFrom(ReadOnlySpan<float> source, int stream)
    {
        Span<float> ring = _rings[stream];
        int oldest = Next(_newest, 2 % _slots);
        int untilEnd = Math.Min(source.Length, ring.Length - (oldest * InputSize));
        source[..untilEnd].CopyTo(ring[(oldest * InputSize)..]);
        source[untilEnd..].CopyTo(ring);
    }

    // The samples that the outputs see, oldest first; the oldest stands in the slot after the newest.
    private void Gather(ReadOnlySpan<float> ring, Span<float> seen)
    {
        int slot = Next(_newest, 1);
        if (_dilation == 1)
        {
            ReadOnlySpan<float> older = ring[(slot * InputSize)..];
            older.CopyTo(seen);
            ring[..(slot * InputSize)].CopyTo(seen[older.Length..]);
            return;
        }

        for (int k = 0; k < _kernelSize; k++)
        {
            ring.Slice(slot * InputSize, InputSize).CopyTo(seen[(k * InputSize)..]);
            slot = Next(slot, _dilation);
        }
    }

    private int Next(int slot, int distance)
    {
        int next = slot + distance;
        return next < _slots ? next : next - _slots;
    }

    private float[][] CreateRings()
    {
        float[][] rings = new float[StreamCount][];
        for (int stream = 0; stream < rings.Length; stream++)
        {
            rings[stream] = new float[_slots * InputSize];
        }

        return rings;
    }
}
