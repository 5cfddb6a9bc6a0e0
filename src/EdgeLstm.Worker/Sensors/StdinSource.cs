// Standard input as a source: `cat records | edgelstm run`, or the output of any program that reads a sensor.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads standard input until it ends.</summary>
public sealed class StdinSource : ByteSource
{
    private const long NsPerMs = 1_000_000;

    private readonly int _fd;
    private readonly WakeSignal _wake = new();
    private string? _problem;
    private bool _ended;

    /// <summary>Reads descriptor 0.</summary>
    public StdinSource()
        : this(0)
    {
    }

    /// <param name="fd">The descriptor to read instead of 0; it is not closed.</param>
    internal StdinSource(int fd) => _fd = fd;

    /// <inheritdoc/>
    public override string Description => "standard input";

    /// <inheritdoc/>
    public override bool StartsAtFrameStart => true;

    /// <inheritdoc/>
    public override bool CanWait => true;

    /// <inheritdoc/>
    public override string? Problem => _problem;

    /// <inheritdoc/>
    public override SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs)
    {
        count = 0;
        SourceRead result = _ended ? SourceRead.End : Receive(buffer, timeoutMs * NsPerMs, out count);
        BytesRead += count;
        timeNs = MonotonicNs();
        return result;
    }

    /// <inheritdoc/>
    public override void Wake() => _wake.Set();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _wake.Dispose();

    private SourceRead Receive(Span<byte> buffer, long timeoutNs, out int count)
    {
        count = 0;
        bool woken = Descriptor.Wait(_fd, _wake.Fd, timeoutNs, out short events);
        if (events == 0)
        {
            _ = woken && _wake.Clear();
            return SourceRead.Idle;
        }

        int read = Descriptor.Read(_fd, buffer);
        if (read > 0)
        {
            count = read;
            return SourceRead.Data;
        }

        int errno = read < 0 ? LinuxException.LastErrno : 0;
        if (errno == LibC.EAGAIN)
        {
            return SourceRead.Idle;
        }

        _problem = errno == 0 ? null : $"standard input: {LinuxException.Text(errno)}";
        _ended = true;
        return SourceRead.End;
    }
}
