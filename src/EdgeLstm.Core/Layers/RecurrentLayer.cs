// What recurrent layers share: the values a step reads, and the hidden state among them, twice.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>A layer whose output is its hidden state h.</summary>
/// <remarks>
/// Every group of units reads the whole old h, so the new one is written into a second buffer; then the two change places.
/// </remarks>
internal abstract class RecurrentLayer : Layer
{
    private AlignedBuffer _current;
    private AlignedBuffer _next;

    private protected RecurrentLayer(string name, ColumnLayout columns, int stateSize, long parameterCount)
        : base(name, columns.InputSize, columns.HiddenSize, stateSize, parameterCount)
    {
        Columns = columns;
        _current = new AlignedBuffer(columns.Length);
        _next = new AlignedBuffer(columns.Length);
    }

    /// <summary>Order of the values a step reads.</summary>
    protected ColumnLayout Columns { get; }

    /// <summary>First of the columns x, h of this step.</summary>
    protected ref float FirstColumn => ref _current.At(Columns.First);

    /// <summary>h of the step before, whole vectors.</summary>
    protected ref float Hidden => ref _current.At(Columns.HiddenStart);

    /// <summary>Where this step writes h', whole vectors.</summary>
    protected ref float NextHidden => ref _next.At(Columns.HiddenStart);

    private protected sealed override void Advance(ReadOnlySpan<float> x, Span<float> y)
    {
        x.CopyTo(_current.Span[Columns.InputStart..]);
        StepHidden(x);
        (_current, _next) = (_next, _current);
        _current.Span.Slice(Columns.HiddenStart, OutputSize).CopyTo(y);
    }

    /// <inheritdoc/>
    public override void ResetState()
    {
        // Whole buffers: an infinite input may have left NaN in the lanes beyond the last unit.
        _current.Span.Clear();
        _next.Span.Clear();
    }

    /// <inheritdoc/>
    public override void ReadState(Span<float> destination)
    {
        base.ReadState(destination);
        _current.Span.Slice(Columns.HiddenStart, OutputSize).CopyTo(destination);
    }

    /// <inheritdoc/>
    public override void WriteState(ReadOnlySpan<float> source)
    {
        base.WriteState(source);
        source[..OutputSize].CopyTo(_current.Span[Columns.HiddenStart..]);
    }

    /// <summary>Computes h' into <see cref="NextHidden"/>; x already stands in its columns.</summary>
    private protected abstract void StepHidden(ReadOnlySpan<float> x);
}
