// A stack of layers that carries its state: one step feeds each layer with the output of the one before.

namespace EdgeLstm.Core.Layers;

/// <summary>A stack of layers, stepped one sample at a time.</summary>
/// <remarks>Stepped by one thread at a time; a step allocates nothing.</remarks>
public sealed class Network : ISequenceModel
{
    private readonly Layer[] _layers;
    private readonly float[][] _outputs;

    /// <param name="layers">At least one, first to last; each layer once, and each as wide as the one before it.</param>
    /// <exception cref="ArgumentException">No layer, one given twice, or sizes that do not chain.</exception>
    public Network(IReadOnlyList<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        _layers = [.. layers];
        CheckChain();
        _outputs = [.. _layers[..^1].Select(layer => new float[layer.OutputSize])];
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

    /// <summary>Values carried from step to step: the states of the layers, first to last.</summary>
    public int StateSize { get; }

    /// <summary>Trained values.</summary>
    public long ParameterCount { get; }

    /// <summary>Bytes of weights that one step reads.</summary>
    public long WeightBytes { get; }

    /// <summary>One time step through all layers.</summary>
    /// <param name="x">Sample [InputSize].</param>
    /// <param name="y">Output [OutputSize].</param>
    /// <exception cref="ArgumentException">A length is wrong; no state has advanced.</exception>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        CheckLength(x.Length, InputSize, nameof(x));
        CheckLength(y.Length, OutputSize, nameof(y));
        for (int i = 0; i < _outputs.Length; i++)
        {
            _layers[i].Step(x, _outputs[i]);
            x = _outputs[i];
        }

        _layers[^1].Step(x, y);
    }

    /// <summary>Sets the state of every layer to zero.</summary>
    public void ResetState()
    {
        foreach (Layer layer in _layers)
        {
            layer.ResetState();
        }
    }

    /// <summary>Copies the state into <paramref name="destination"/> [StateSize].</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="StateSize"/>.</exception>
    public void ReadState(Span<float> destination)
    {
        CheckLength(destination.Length, StateSize, nameof(destination));
        foreach (Layer layer in _layers)
        {
            layer.ReadState(destination[..layer.StateSize]);
            destination = destination[layer.StateSize..];
        }
    }

    /// <summary>Replaces the state by <paramref name="source"/> [StateSize], read from a network of the same layers.</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="StateSize"/>.</exception>
    public void WriteState(ReadOnlySpan<float> source)
    {
        CheckLength(source.Length, StateSize, nameof(source));
        foreach (Layer layer in _layers)
        {
            layer.WriteState(source[..layer.StateSize]);
            source = source[layer.StateSize..];
        }
    }

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

            // A layer carries one state: at two places of a stack it would overwrite its own.
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
