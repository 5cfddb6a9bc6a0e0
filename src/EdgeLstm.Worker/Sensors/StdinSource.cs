// Standard input as a source.

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads standard input until it ends.</summary>
public sealed class StdinSource : ByteSource
{
    /// <inheritdoc/>
    public override string Description => "standard input";

    /// <inheritdoc/>
    public override bool StartsAtFrameStart => true;

    /// <inheritdoc/>
    public override SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public override void Wake() => throw new NotImplementedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
