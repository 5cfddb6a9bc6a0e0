// A serial line as a source.

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads a serial port, notices at once when it vanishes and finds it again.</summary>
public sealed class SerialSource : ByteSource
{
    private readonly string _port;
    private readonly int _baud;

    /// <param name="port">Path of the port, best the stable one under /dev/serial/by-id/. It need not exist yet.</param>
    /// <param name="baud">Bits per second; any rate the adapter can make.</param>
    public SerialSource(string port, int baud)
    {
        _port = port;
        _baud = baud;
    }

    /// <inheritdoc/>
    public override string Description => $"{_port} at {_baud} baud";

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
