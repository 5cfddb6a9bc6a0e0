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
    private AlignedBuffer _current;
    private AlignedBuffer _next;

    private protected RecurrentLayer(string name, ColumnLayout columns, int stateSize, long parameterCount, int streamCount)
        : base(name, columns.InputSize, columns.HiddenSize, stateSize, parameterCount, streamCount)
    {
        Columns = columns;
        _stride = columns.Length;
        _current = new AlignedBuffer(streamCount * _stride);
        _next = new AlignedBuffer(streamCount * _stride);
    }

    /// <summary>Order of the values a step reads.</summary>
    protected ColumnLayout Columns { get; }

    /// <inheritdoc/>
    private protected sealed override void Advance(ReadOnlySpan<float> x, Span<float> y)
    {
        int input = InputSize;
        int output = OutputSize;
        Span<float> current = _current.Span[Columns.InputStart..];
        for (int stream = 0; stream < StreamCount; stream++)
        {
            x.Slice(stream * input, input).CopyTo(current[(stream * _stride)..]);
        }

        StepHidden(_current.Pointer, _next.Pointer, _stride);
        (_current, _next) = (_next, _current);
        current = _current.Span[Columns.HiddenStart..];
        for (int stream = 0; stream < StreamCount; stream++)
        {
            current.Slice(stream * _stride, output).CopyTo(y[(stream * output)..]);
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
}
