// What recurrent layers share: the values a step reads, and the hidden state among them, twice.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>A layer whose output is its hidden state h.</summary>
/// <remarks>
/// Every group of units reads the whole old h, so the new one is written into a second buffer; then the two change places.
/// </remarks>
internal abstract unsafe class RecurrentLayer : Layer
{
    // The first-level data cache of a Cortex-A72 and of most x64 processors; a greater one only makes turning useless, not slow.
    private protected const int NearestCacheBytes = 32 * 1024;

    private readonly int _stride;
    private readonly int _inputStart;
    private readonly int _hiddenStart;
    private readonly bool _writesOutput;
    private readonly AlignedBuffer _buffers;
    private float[]? _initialState;
    private float* _current;
    private float* _next;
    private bool _isBackward;

    private protected RecurrentLayer(
        string name, ColumnLayout columns, int stateSize, long parameterCount, int streamCount, int tileStreams)
        : base(name, columns.InputSize, columns.HiddenSize, stateSize, parameterCount, streamCount)
    {
        Columns = columns;
        _stride = columns.Length;
        _inputStart = columns.InputStart;
        _hiddenStart = columns.HiddenStart;

        // Read back from the buffer right after the step, h' would have to wait for its stores: 20 ns of a 1 × 32 LSTM's 150.
        _writesOutput = streamCount == 1 && columns.HasWholeVectors;
        PaddedStreamCount = streamCount == 1 ? 1 : ColumnLayout.RoundUp(streamCount, tileStreams);
        _buffers = new AlignedBuffer(2 * PaddedStreamCount * _stride);
        _current = _buffers.Pointer;
        _next = _current + ((nint)PaddedStreamCount * _stride);
    }

    /// <summary>Streams with those that fill the last tile; these begin at zero, see zeros and are never read.</summary>
    protected int PaddedStreamCount { get; }

    /// <summary>Order of the values a step reads.</summary>
    protected ColumnLayout Columns { get; }

    /// <inheritdoc/>
    public sealed override Layer ForStreams(int count) => Begin(CreateForStreams(count), _initialState);

    /// <summary>Sets where every state of a new recurrent layer begins, and begins there.</summary>
    /// <param name="layer">A recurrent layer.</param>
    /// <param name="initialState">[StateSize], shared, not to be changed; null: zero.</param>
    internal static Layer Begin(Layer layer, float[]? initialState)
    {
        if (initialState is not null)
        {
            ((RecurrentLayer)layer)._initialState = initialState;
            layer.ResetState();
        }

        return layer;
    }

    /// <inheritdoc/>
    internal sealed override void Advance(ReadOnlySpan<float> x, Span<float> y)
    {
        if (StreamCount == 1)
        {
            AdvanceOne(x, y);
        }
        else
        {
            AdvanceAll(x, y);
        }
    }

    // Few instructions: while a small step waits for its activations, the processor can begin the next one's sums only as far as
    // what stands between them leaves room.
    private void AdvanceOne(ReadOnlySpan<float> x, Span<float> y)
    {
        Copy(x, _current + _inputStart);
        fixed (float* output = y)
        {
            StepHidden(_current, _next, _stride, _writesOutput ? output : null);
        }

        float* next = _next;
        _next = _current;
        _current = next;
        if (!_writesOutput)
        {
            HiddenOf(0).CopyTo(y);
        }
    }

    private void AdvanceAll(ReadOnlySpan<float> x, Span<float> y)
    {
        for (int stream = 0; stream < StreamCount; stream++)
        {
            Copy(x.Slice(stream * InputSize, InputSize), _current + ((nint)stream * _stride) + _inputStart);
        }

        StepHidden(_current, _next, _stride, y: null);
        float* next = _next;
        _next = _current;
        _current = next;
        for (int stream = 0; stream < StreamCount; stream++)
        {
            HiddenOf(stream).CopyTo(y[(stream * OutputSize)..]);
        }
    }

    /// <summary>A layer over the same weights for that many streams, its states zero.</summary>
    private protected abstract RecurrentLayer CreateForStreams(int count);

    private protected sealed override void ClearState(int stream)
    {
        ZeroState(stream);
        if (_initialState is not null)
        {
            CopyStateFrom(_initialState, stream);
        }
    }

    /// <summary>Sets everything a stream has left to zero.</summary>
    private protected virtual void ZeroState(int stream)
    {
        // Whole buffers: an infinite input may have left NaN in the lanes beyond the last unit.
        new Span<float>(_current + ((nint)stream * _stride), _stride).Clear();
        new Span<float>(_next + ((nint)stream * _stride), _stride).Clear();
    }

    private protected override void CopyStateTo(Span<float> destination, int stream) => HiddenOf(stream).CopyTo(destination);

    private protected override void CopyStateFrom(ReadOnlySpan<float> source, int stream) =>
        source[..OutputSize].CopyTo(HiddenOf(stream));

    /// <summary>Computes h' of all streams; x already stands in its columns.</summary>
    /// <param name="current">x and h of the streams, see <see cref="ColumnLayout"/>, <paramref name="stride"/> apart.</param>
    /// <param name="next">Where h' goes: the same places as h.</param>
    /// <param name="stride">Floats from stream to stream.</param>
    /// <param name="y">Where h' goes too; null: nowhere.</param>
    private protected abstract void StepHidden(float* current, float* next, int stride, float* y);

    /// <summary>Whether this step takes the groups of units backward: every second one of weights beyond the nearest
    /// cache.</summary>
    /// <remarks>
    /// Weights that do not fit into a cache leave their end in it. A step that begins there finds it, where one that began at the
    /// start would have pushed it out before it was reached: an LSTM of 5 × 64 takes 0.56 µs instead of 0.64. Each group is
    /// computed from the old h alone, so their order does not show in the result.
    /// </remarks>
    private protected bool TakeTurn()
    {
        _isBackward = !_isBackward;
        return _isBackward;
    }

    private Span<float> HiddenOf(int stream) => new(_current + ((nint)stream * _stride) + _hiddenStart, OutputSize);

    // A sample is a few values as a rule: copied here before the library's copy would have been called.
    private static void Copy(ReadOnlySpan<float> values, float* destination)
    {
        if (values.Length > 8)
        {
            values.CopyTo(new Span<float>(destination, values.Length));
            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            destination[i] = values[i];
        }
    }
}
