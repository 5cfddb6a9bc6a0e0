// What every layer of a network offers: one step, and the state it carries from step to step.

namespace EdgeLstm.Core.Layers;

/// <summary>A layer that maps one sample to one output and may carry state between samples.</summary>
/// <remarks>
/// Made once, then stepped by one thread at a time; a step allocates nothing. A layer serves one stream, or several that are
/// stepped together (<see cref="ForStreams"/>): their weights are read once and each has its own state.
/// </remarks>
public abstract class Layer
{
    /// <summary>Greatest number of inputs or outputs of a layer; larger ones are refused when the layer is created.</summary>
    public const int MaxSize = 4096;

    /// <summary>Greatest number of streams of a layer.</summary>
    public const int MaxStreamCount = 1024;

    private readonly int _inputLength;
    private readonly int _outputLength;

    private protected Layer(string name, int inputSize, int outputSize, int stateSize, long parameterCount, int streamCount)
    {
        if (streamCount is < 1 or > MaxStreamCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(streamCount), streamCount, $"layer '{name}': streams must be 1 to {MaxStreamCount}.");
        }

        Name = name;
        InputSize = inputSize;
        OutputSize = outputSize;
        StateSize = stateSize;
        ParameterCount = parameterCount;
        StreamCount = streamCount;
        _inputLength = streamCount * inputSize;
        _outputLength = streamCount * outputSize;
    }

    /// <summary>Name within its network.</summary>
    public string Name { get; }

    /// <summary>Values of one sample x.</summary>
    public int InputSize { get; }

    /// <summary>Values of one output y.</summary>
    public int OutputSize { get; }

    /// <summary>
    /// Values one stream carries from step to step: [h], for LSTM [h, c], for a convolution its past samples; 0 where there is
    /// nothing to carry.
    /// </summary>
    public int StateSize { get; }

    /// <summary>Trained values.</summary>
    public long ParameterCount { get; }

    /// <summary>Streams stepped together, each with its own state.</summary>
    public int StreamCount { get; }

    /// <summary>Bytes of weights that one step reads, padding included.</summary>
    public abstract long WeightBytes { get; }

    /// <summary>A layer over the same weights in memory, for that many streams, each with its own state, as new.</summary>
    /// <param name="count">Streams, 1 to <see cref="MaxStreamCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count lies outside.</exception>
    public abstract Layer ForStreams(int count);

    /// <summary>One time step of every stream: reads <paramref name="x"/>, advances the states, writes
    /// <paramref name="y"/>.</summary>
    /// <remarks>The result of a stream does not depend, in any bit, on how many others are stepped with it.</remarks>
    /// <param name="x">Inputs [StreamCount, InputSize].</param>
    /// <param name="y">Outputs [StreamCount, OutputSize]; may overlap <paramref name="x"/>.</param>
    /// <exception cref="ArgumentException">A length is wrong; no state has advanced.</exception>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        if (x.Length != _inputLength || y.Length != _outputLength)
        {
            CheckLength(x.Length, _inputLength, nameof(x));
            CheckLength(y.Length, _outputLength, nameof(y));
        }

        Advance(x, y);

        // Kernels work on addresses of memory that this layer alone keeps alive.
        GC.KeepAlive(this);
    }

    /// <summary>Sets the state of every stream to where it begins: zero, or a trained initial state.</summary>
    public void ResetState()
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            ClearState(stream);
        }
    }

    /// <summary>Sets the state of one stream to where it begins: zero, or a trained initial state.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stream.</exception>
    public void ResetState(int stream)
    {
        CheckStream(stream);
        ClearState(stream);
    }

    /// <summary>Copies the state of a stream into <paramref name="destination"/> [StateSize].</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="StateSize"/>, or there is no such stream.</exception>
    public void ReadState(Span<float> destination, int stream = 0)
    {
        CheckLength(destination.Length, StateSize, nameof(destination));
        CheckStream(stream);
        CopyStateTo(destination, stream);
    }

    /// <summary>Replaces the state of a stream by <paramref name="source"/> [StateSize].</summary>
    /// <exception cref="ArgumentException">The length is not <see cref="StateSize"/>, or there is no such stream.</exception>
    public void WriteState(ReadOnlySpan<float> source, int stream = 0)
    {
        CheckLength(source.Length, StateSize, nameof(source));
        CheckStream(stream);
        CopyStateFrom(source, stream);
    }

    /// <summary>The step itself; both lengths are right.</summary>
    internal abstract void Advance(ReadOnlySpan<float> x, Span<float> y);

    private protected virtual void ClearState(int stream)
    {
    }

    private protected virtual void CopyStateTo(Span<float> destination, int stream)
    {
    }

    private protected virtual void CopyStateFrom(ReadOnlySpan<float> source, int stream)
    {
    }

    private void CheckLength(int found, int expected, string parameter)
    {
        if (found != expected)
        {
            throw new ArgumentException($"layer '{Name}': {parameter} has {found} values; expected {expected}.", parameter);
        }
    }

    private void CheckStream(int stream)
    {
        if ((uint)stream >= (uint)StreamCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(stream), stream, $"layer '{Name}': stream must be 0 to {StreamCount - 1}.");
        }
    }
}
