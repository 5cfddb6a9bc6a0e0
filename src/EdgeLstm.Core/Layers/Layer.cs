// What every layer of a network offers: one step, and the state it carries from step to step.

namespace EdgeLstm.Core.Layers;

/// <summary>A layer that maps one sample to one output and may carry state between samples.</summary>
/// <remarks>Made once, then stepped by one thread at a time; a step allocates nothing.</remarks>
public abstract class Layer
{
    /// <summary>Greatest number of inputs or outputs of a layer; larger ones are refused when the layer is created.</summary>
    public const int MaxSize = 4096;

    private protected Layer(string name, int inputSize, int outputSize, int stateSize, long parameterCount)
    {
        Name = name;
        InputSize = inputSize;
        OutputSize = outputSize;
        StateSize = stateSize;
        ParameterCount = parameterCount;
    }

    /// <summary>Name within its network.</summary>
    public string Name { get; }

    /// <summary>Values of one sample x.</summary>
    public int InputSize { get; }

    /// <summary>Values of one output y.</summary>
    public int OutputSize { get; }

    /// <summary>Values carried from step to step: [h], for LSTM [h, c]; 0 for a dense layer.</summary>
    public int StateSize { get; }

    /// <summary>Trained values.</summary>
    public long ParameterCount { get; }

    /// <summary>Bytes of weights that one step reads, padding included.</summary>
    public abstract long WeightBytes { get; }

    /// <summary>One time step: reads <paramref name="x"/>, advances the state, writes <paramref name="y"/>.</summary>
    /// <param name="x">Input [InputSize].</param>
    /// <param name="y">Output [OutputSize]; may overlap <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">A length is wrong; the state has not advanced.</exception>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        CheckLength(x.Length, InputSize, nameof(x));
        CheckLength(y.Length, OutputSize, nameof(y));
        Advance(x, y);
    }

    /// <summary>Sets the state to zero.</summary>
    public virtual void ResetState()
    {
    }

    /// <summary>Copies the state into <paramref name="destination"/> [StateSize].</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="StateSize"/>.</exception>
    public virtual void ReadState(Span<float> destination) => CheckLength(destination.Length, StateSize, nameof(destination));

    /// <summary>Replaces the state by <paramref name="source"/> [StateSize].</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="StateSize"/>.</exception>
    public virtual void WriteState(ReadOnlySpan<float> source) => CheckLength(source.Length, StateSize, nameof(source));

    /// <summary>The step itself; both lengths are right.</summary>
    private protected abstract void Advance(ReadOnlySpan<float> x, Span<float> y);

    private void CheckLength(int found, int expected, string parameter)
    {
        if (found != expected)
        {
            throw new ArgumentException($"layer '{Name}': {parameter} has {found} values; expected {expected}.", parameter);
        }
    }
}
