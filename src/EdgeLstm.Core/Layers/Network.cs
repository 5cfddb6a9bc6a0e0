// A stack of layers that carries its state: one step feeds each layer with the output of the one before.

namespace EdgeLstm.Core.Layers;

/// <summary>A stack of layers, stepped one sample at a time, for one stream or for several together.</summary>
/// <remarks>Stepped by one thread at a time; a step allocates nothing.</remarks>
public sealed class Network : ISequenceModel
{
    private readonly Layer[] _layers;
    private readonly float[][] _outputs;
    private readonly int _inputLength;
    private readonly int _outputLength;

    /// <param name="layers">
    /// At least one, first to last; each layer once, as wide as the one before it and for as many streams.
    /// </param>
    /// <exception cref="ArgumentException">No layer, one given twice, or sizes or streams that do not chain.</exception>
    public Network(IReadOnlyList<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        _layers = [.. layers];
        CheckChain();
        _outputs = [.. _layers[..^1].Select(layer => new float[layer.StreamCount * layer.OutputSize])];
        _inputLength = StreamCount * InputSize;
        _outputLength = StreamCount * OutputSize;
        Layers = Array.AsReadOnly(_layers);
        StateSize = _layers.Sum(layer => layer.StateSize);
        ParameterCount = _layers.Sum(layer => layer.ParameterCount);
        WeightBytes = _layers.Sum(layer => layer.WeightBytes);
    }

    /// <summary>The layers, first to last.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>Values of one sample.</summary>
    public int InputSize => _layers[0].InputSize;

    /// <summary>Values of one output.</summary>
    public int OutputSize => _layers[^1].OutputSize;

    /// <summary>Streams stepped together, each with its own state.</summary>
    public int StreamCount => _layers[0].StreamCount;

    /// <summary>Values one stream carries from step to step: the states of the layers, first to last.</summary>
    public int StateSize { get; }

    /// <summary>Trained values.</summary>
    public long ParameterCount { get; }

    /// <summary>Bytes of weights that one step reads.</summary>
    public long WeightBytes { get; }

    /// <summary>What the last layer read in the latest step [StreamCount, its InputSize]; empty where it is the only
    /// one.</summary>
    public ReadOnlySpan<float> HeadInput => _outputs.Length == 0 ? [] : _outputs[^1];

    /// <summary>A network over the same weights in memory, for that many streams, each with its own state, zero at
    /// first.</summary>
    /// <remarks>
    /// Streams that are stepped together read the weights once for all of them, and none of their results depends, in any bit, on
    /// the others. With a count of 1: a network of its own for another thread that shares the memory of the weights.
    /// </remarks>
    /// <param name="count">Streams, 1 to <see cref="Layer.MaxStreamCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count lies outside.</exception>
    public Network ForStreams(int count) => new([.. _layers.Select(layer => layer.ForStreams(count))]);

    /// <summary>One time step of every stream through all layers.</summary>
    /// <param name="x">Samples [StreamCount, InputSize].</param>
    /// <param name="y">Outputs [StreamCount, OutputSize].</param>
    /// <exception cref="ArgumentException">A length is wrong; no state has advanced.</exception>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        if (x.Length != _inputLength || y.Length != _outputLength)
        {
            CheckLength(x.Length, _inputLength, nameof(x));
            CheckLength(y.Length, _outputLength, nameof(y));
        }

        for (int i = 0; i < _outputs.Length; i++)
        {
            _layers[i].Advance(x, _outputs[i]);
            x = _outputs[i];
        }

        _layers[^1].Advance(x, y);

        // Kernels work on addresses of memory that the layers alone keep alive.
        GC.KeepAlive(this);
    }

    /// <summary>Sets the state of every stream to zero.</summary>
    public void ResetState()
    {
        foreach (Layer layer in _layers)
        {
            layer.ResetState();
        }
    }

    /// <summary>Sets the state of one stream to zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stream.</exception>
    public void ResetState(int stream)
    {
        foreach (Layer layer in _layers)
        {
            layer.ResetState(stream);
        }
    }

    /// <summary>Copies the state of a stream into <paramref name="destination"/> [StateSize].</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="StateSize"/>, or there is no such stream.</exception>
    public void ReadState(Span<float> destination, int stream = 0)
    {
        CheckLength(destination.Length, StateSize, nameof(destination));
        foreach (Layer layer in _layers)
        {
            layer.ReadState(destination[..layer.StateSize], stream);
            destination = destination[layer.StateSize..];
        }
    }

    /// <summary>Replaces the state of a stream by <paramref name="source"/> [StateSize], read from a network of the same
    /// layers.</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="StateSize"/>, or there is no such stream.</exception>
    public void WriteState(ReadOnlySpan<float> source, int stream = 0)
    {
        CheckLength(source.Length, StateSize, nameof(source));
        foreach (Layer layer in _layers)
        {
            layer.WriteState(source[..layer.StateSize], stream);
            source = source[layer.StateSize..];
        }
    }

    void ISequenceModel.ReadState(Span<float> destination) => ReadState(destination);

    void ISequenceModel.WriteState(ReadOnlySpan<float> source) => WriteState(source);

    private void CheckChain()
    {
        if (_layers.Length == 0)
        {
            throw new ArgumentException("a network needs at least one layer; got none.");
        }

        for (int i = 1; i < _layers.Length; i++)
        {
            Layer before = _layers[i - 1];
            Layer layer = _layers[i];
            if (before.OutputSize != layer.InputSize)
            {
                throw new ArgumentException(
                    $"layer '{before.Name}' has {before.OutputSize} outputs; "
                    + $"layer '{layer.Name}' expects {layer.InputSize} inputs.");
            }

            if (before.StreamCount != layer.StreamCount)
            {
                throw new ArgumentException(
                    $"layer '{before.Name}' serves {before.StreamCount} streams; "
                    + $"layer '{layer.Name}' serves {layer.StreamCount}.");
            }

            // A layer carries its own state: at two places of a stack it would overwrite its own.
            if (Array.IndexOf(_layers, layer, 0, i) >= 0)
            {
                throw new ArgumentException($"layer '{layer.Name}' stands in the network twice.");
            }
        }
    }

    private static void CheckLength(int found, int expected, string parameter)
    {
        if (found != expected)
        {
            throw new ArgumentException($"network: {parameter} has {found} values; expected {expected}.", parameter);
        }
    }
}
