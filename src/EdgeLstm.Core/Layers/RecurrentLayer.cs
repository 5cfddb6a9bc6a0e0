// What recurrent layers share: the values a step reads, and the hidden state among them, twice.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>A layer whose output is its hidden state h.</summary>
/// <remarks>
/// Every group of units reads the whole old h, so the new one is written into a second buffer; then the two change places.
/// </remarks>
internal abstract unsafe class RecurrentLayer : Layer
{
    private readonly int _stride;
    private readonly int _inputStart;
    private readonly int _hiddenStart;
    private readonly AlignedBuffer _buffers;
    private float* _current;
    private float* _next;

    private protected RecurrentLayer(string name, ColumnLayout columns, int stateSize, long parameterCount, int streamCount, int tileStreams)
        : base(name, columns.InputSize, columns.HiddenSize, stateSize, parameterCount, streamCount)
    {
        Columns = columns;
        _stride = columns.Length;
        _inputStart = columns.InputStart;
        _hiddenStart = columns.HiddenStart;
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
    private protected sealed override void Advance(ReadOnlySpan<float> x, Span<float> y)
    {
        float* input = _current + _inputStart;
        for (int first = 0; first < x.Length; first += InputSize)
        {
            Copy(x.Slice(first, InputSize), input);
            input += _stride;
        }

        StepHidden(_current, _next, _stride);
        float* output = _next + _hiddenStart;
        _next = _current;
        _current = output - _hiddenStart;
        for (int first = 0; first < y.Length; first += OutputSize)
        {
            new ReadOnlySpan<float>(output, OutputSize).CopyTo(y[first..]);
            output += _stride;
        }
    }

    private protected override void ClearState(int stream)
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
    private protected abstract void StepHidden(float* current, float* next, int stride);

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
