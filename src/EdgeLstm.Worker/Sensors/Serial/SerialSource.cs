// A serial line as a source: poll, read into the caller's span, notice unplugging at once, find the port again.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads a serial port that may be absent, vanish and come back.</summary>
/// <remarks>An unplugged port is readable and read returns 0 (EIO on a pty).</remarks>
public sealed class SerialSource : ByteSource
{
    private const long NsPerMs = 1_000_000;

    private readonly PluggablePort _port;
    private readonly WakeSignal _wake = new();
    private bool _lost;   // Lost has been reported, Back has not

    /// <summary>A port with no parity and one stop bit.</summary>
    /// <param name="port">Path of the port, best the stable one under /dev/serial/by-id/. It need not exist yet.</param>
    /// <param name="baud">Bits per second; any rate the adapter can make.</param>
    public SerialSource(string port, int baud)
        : this(port, new SerialSettings(baud))
    {
    }

    /// <param name="port">Path of the port.</param>
    /// <param name="settings">Rate and format.</param>
    public SerialSource(string port, SerialSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Baud, 1);
        _port = new PluggablePort(port, settings);
    }

    /// <inheritdoc/>
    public override string Description => $"{_port.Path} at {_port.Settings}"
        + (_port.Line is { LacksRs485: true } ? " (no TIOCSRS485 here: the adapter must turn its direction by itself)" : "");

    /// <inheritdoc/>
    public override string? Problem => _port.Problem;

    /// <summary>The rate that the driver reports, in bits per second; 0 while the port is closed.</summary>
    public int ActualBaud => _port.Line?.Baud ?? 0;

    /// <inheritdoc/>
    public override SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs)
    {
        long deadlineNs = MonotonicNs() + (timeoutMs * NsPerMs);
        SourceRead? found = _port.Line is null ? Find(deadlineNs) : null;
        count = 0;
        SourceRead result = found ?? Receive(buffer, deadlineNs, out count);
        BytesRead += count;
        timeNs = MonotonicNs();
        return result;
    }

    /// <inheritdoc/>
    public override void Wake() => _wake.Set();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _port.Dispose();
        _wake.Dispose();
    }

    private SourceRead Receive(Span<byte> buffer, long deadlineNs, out int count)
    {
        count = 0;
        int fd = _port.Line!.Fd;
        bool woken = Descriptor.Wait(fd, _wake.Fd, deadlineNs - MonotonicNs(), out short events);
        if (events == 0)
        {
            _ = woken && _wake.Clear();
            return SourceRead.Idle;
        }

        int read = Descriptor.Read(fd, buffer);
        if (read > 0)
        {
            count = read;
            return SourceRead.Data;
        }

        if (read < 0 && LinuxException.LastErrno == LibC.EAGAIN && (events & ~LibC.POLLIN) == 0)
        {
            return SourceRead.Idle;
        }

        _port.Lose();
        _lost = true;
        return SourceRead.Lost;
    }

    // Null when the port has just been opened for the first time: then there is nothing to report before its bytes.
    private SourceRead? Find(long deadlineNs)
    {
        while (true)
        {
            switch (_port.Find(deadlineNs, _wake))
            {
                case PortSearch.Open:
                    return ReportOpen();
                case PortSearch.Failed when !_lost:
                    _lost = true;
                    return SourceRead.Lost;
                case PortSearch.Waiting:
                    _wake.Clear();
                    return SourceRead.Idle;
                default:
                    break;
            }
        }
    }

    private SourceRead? ReportOpen()
    {
        if (!_lost)
        {
            return null;
        }

        _lost = false;
        Reopened++;
        return SourceRead.Back;
    }
}
