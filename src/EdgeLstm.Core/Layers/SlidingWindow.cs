// The output of a network over the latest T samples from a zero state, at every sample:  yₜ = f(xₜ₋ₜ₊₁ … xₜ),  without
// stepping T samples anew: T states run side by side, each begun one sample after the other, and the full one answers.

namespace EdgeLstm.Core.Layers;

/// <summary>A network that was trained on windows of T samples from a zero state, run exactly so along a stream.</summary>
/// <remarks>
/// <para>
/// All T states advance with the same sample, so that the weights are read once for all of them. With sample n (from 1) the state
/// number n mod T has seen the latest T samples: it answers and is set to zero, to begin the window of sample n + 1. While fewer
/// than T samples have come, state 0, begun with the first one, answers from all of them: the window so far.
/// </para>
/// <para>
/// The answers are those of the network stepped over each window from a zero state, bit for bit at the same vector width: of a
/// convolution too, which sees zeros before the first sample of a window. Layers without state before the first layer with one
/// see one sample, those after the last one one answer: they are computed once.
/// </para>
/// <para>Stepped by one thread at a time; a step allocates nothing.</para>
/// </remarks>
public sealed class SlidingWindow : ISequenceModel
{
    /// <summary>Shortest window; over a single sample there would be nothing to carry.</summary>
    public const int MinLength = 2;

    /// <summary>Longest window, and so the most states side by side.</summary>
    public const int MaxLength = Layer.MaxStreamCount;

    private readonly Network _network;
    private readonly Network? _before;
    private readonly Network _windows;
    private readonly Network? _after;
    private readonly float[] _x;
    private readonly float[] _h;

    // Samples seen, n, while the first window fills; from n = T on T + n mod T: the phase is all that counts.
    private int _position;

    /// <param name="network">The network, of one stream; this window's own from here on, not to be stepped elsewhere.</param>
    /// <param name="length">Samples of a window, T: <see cref="MinLength"/> to <see cref="MaxLength"/>.</param>
    /// <exception cref="ArgumentException">The length is outside its range, or the network has several streams or no
    /// state.</exception>
    public SlidingWindow(Network network, int length)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, MinLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxLength);
        if (network.StreamCount != 1)
        {
            throw new ArgumentException(
                $"a window is made of a network of one stream; this one has {network.StreamCount}.", nameof(network));
        }

        _network = network;
        Length = length;
        Layer[] layers = [.. network.Layers];
        int first = Array.FindIndex(layers, layer => layer.StateSize > 0);
        int end = Array.FindLastIndex(layers, layer => layer.StateSize > 0) + 1;
        if (first < 0)
        {
            throw new ArgumentException("a window needs a layer with state; the network has none.", nameof(network));
        }

        _before = first > 0 ? new Network(layers[..first]) : null;
        _windows = new Network(layers[first..end]).ForStreams(length);
        _after = end < layers.Length ? new Network(layers[end..]) : null;
        _x = new float[length * _windows.InputSize];
        _h = new float[length * _windows.OutputSize];
    }

    /// <summary>Samples of a window, T.</summary>
    public int Length { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Layer> Layers => _network.Layers;

    /// <inheritdoc/>
    public int InputSize => _network.InputSize;

    /// <inheritdoc/>
    public int OutputSize => _network.OutputSize;

    /// <summary>Values carried from step to step: the T states, and which of them answers next.</summary>
    public int StateSize => (Length * _windows.StateSize) + 1;

    /// <inheritdoc/>
    public long ParameterCount => _network.ParameterCount;

    /// <summary>Bytes of weights that one step reads, for all states together.</summary>
    public long WeightBytes => _network.WeightBytes;

    /// <inheritdoc/>
    public ReadOnlySpan<float> HeadInput => _after is null ? []
        : _after.Layers.Count > 1 ? _after.HeadInput
        : Oldest();

    /// <inheritdoc/>
    public void Step(ReadOnlySpan<float> x, Span<float> y)
    {
        CheckLength(x.Length, InputSize, nameof(x));
        CheckLength(y.Length, OutputSize, nameof(y));
        Repeat(x);
        _windows.Step(_x, _h);
        _position = _position + 1 < 2 * Length ? _position + 1 : Length;
        Answer(y);
        _windows.ResetState(_position % Length);
    }

    /// <inheritdoc/>
    public void ResetState()
    {
        _windows.ResetState();
        _position = 0;
    }

    /// <inheritdoc/>
    public void ReadState(Span<float> destination)
    {
        CheckLength(destination.Length, StateSize, nameof(destination));
        destination[^1] = _position;
        for (int window = 0; window < Length; window++)
        {
            _windows.ReadState(destination.Slice(window * _windows.StateSize, _windows.StateSize), window);
        }
    }

    /// <inheritdoc/>
    public void WriteState(ReadOnlySpan<float> source)
    {
        CheckLength(source.Length, StateSize, nameof(source));
        float position = source[^1];
        if (!(position >= 0 && position < 2 * Length && position == MathF.Floor(position)))
        {
            throw new ArgumentException(
                $"sliding window: the position must be a whole number below {2 * Length}; got {position}.", nameof(source));
        }

        _position = (int)position;
        for (int window = 0; window < Length; window++)
        {
            _windows.WriteState(source.Slice(window * _windows.StateSize, _windows.StateSize), window);
        }
    }

    // What the layers with state read, once for each state.
    private void Repeat(ReadOnlySpan<float> x)
    {
        int size = _windows.InputSize;
        Span<float> sample = _x.AsSpan(0, size);
        if (_before is null)
        {
            x.CopyTo(sample);
        }
        else
        {
            _before.Step(x, sample);
        }

        for (int filled = size; filled < _x.Length; filled += size)
        {
            sample.CopyTo(_x.AsSpan(filled));
        }
    }

    private void Answer(Span<float> y)
    {
        ReadOnlySpan<float> h = Oldest();
        if (_after is null)
        {
            h.CopyTo(y);
        }
        else
        {
            _after.Step(h, y);
        }
    }

    // What the state that saw the whole window gave.
    private ReadOnlySpan<float> Oldest()
    {
        int oldest = _position < Length ? 0 : _position - Length;
        return _h.AsSpan(oldest * _windows.OutputSize, _windows.OutputSize);
    }

    private static void CheckLength(int found, int expected, string parameter)
    {
        if (found != expected)
        {
            throw new ArgumentException($"sliding window: {parameter} has {found} values; expected {expected}.", parameter);
        }
    }
}
