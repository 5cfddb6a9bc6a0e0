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
    private AlignedBuffer _current;
    private AlignedBuffer _next;

    private protected RecurrentLayer(string name, ColumnLayout columns, int stateSize, long parameterCount, int streamCount)
        : base(name, columns.InputSize, columns.HiddenSize, stateSize, parameterCount, streamCount)
    {
        Columns = columns;
        _stride = columns.Length;
        _inputStart = columns.InputStart;
        _hiddenStart = columns.HiddenStart;
        _current = new AlignedBuffer(streamCount * _stride);
        _next = new AlignedBuffer(streamCount * _stride);
    }

    /// <summary>Order of the values a step reads.</summary>
    protected ColumnLayout Columns { get; }

    /// <inheritdoc/>
    private protected sealed override void Advance(ReadOnlySpan<float> x, Span<float> y)
    {
        float* input = _current.Pointer + _inputStart;
        for (int first = 0; first < x.Length; first += InputSize)
        {
            Copy(x.Slice(first, InputSize), input);
            input += _stride;
        }

        StepHidden(_current.Pointer, _next.Pointer, _stride);
        (_current, _next) = (_next, _current);
        float* output = _current.Pointer + _hiddenStart;
        for (int first = 0; first < y.Length; first += OutputSize)
        {
            new ReadOnlySpan<float>(output, OutputSize).CopyTo(y[first..]);
            output += _stride;
        }
    }

    private protected override void ClearState(int stream)
    {
        // Whole buffers: an infinite input may have left NaN in the lanes beyond the last unit.
        _current.Span.Slice(stream * _stride, _stride).Clear();
        _next.Span.Slice(stream * _stride, _stride).Clear();
    }

    private protected override void CopyStateTo(Span<float> destination, int stream) =>
        _current.Span.Slice((stream * _stride) + Columns.HiddenStart, OutputSize).CopyTo(destination);

    private protected override void CopyStateFrom(ReadOnlySpan<float> source, int stream) =>
        source[..OutputSize].CopyTo(_current.Span[((stream * _stride) + Columns.HiddenStart)..]);

    /// <summary>Computes h' of all streams; x already stands in its columns.</summary>
    /// <param name="current">x and h of the streams, see <see cref="ColumnLayout"/>, <paramref name="stride"/> apart.</param>
    /// <param name="next">Where h' goes: the same places as h.</param>
    /// <param name="stride">Floats from stream to stream.</param>
    private protected abstract void StepHidden(float* current, float* next, int stride);

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
