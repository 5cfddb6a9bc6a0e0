// A serial line as a source: poll, read into the caller's span, notice unplugging at once, find the port again.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads a serial port that may be absent, vanish and come back.</summary>
/// <remarks>
/// An unplugged port is readable and read returns 0 (EIO on a pty): it is closed at once, since an adapter that comes back while
/// the old node is held gets another name. It is then looked for whenever its directory changes, and after 0.25 s growing to 5 s.
/// </remarks>
public sealed class SerialSource : ByteSource
{
    private const long NsPerMs = 1_000_000;
    private const long FirstRetryNs = 250 * NsPerMs;
    private const long LastRetryNs = 5000 * NsPerMs;
    // a receiver samples mid-bit: 5 % over 10 bits loses the last one, both ends share that
    private const double RateTolerance = 0.03;

    private readonly string _port;
    private readonly int _baud;
    private readonly WakeSignal _wake = new();
    private readonly PathWatch _watch;
    private SerialLine? _line;
    private bool _lost;                       // Lost has been reported, Back has not
    private long _retryNs = FirstRetryNs;     // wait after the next failure
    private long _nextTryNs = long.MinValue;
    private int _problemErrno;
    private volatile string? _problem;        // also read by the thread that reports health

    /// <param name="port">Path of the port, best the stable one under /dev/serial/by-id/. It need not exist yet.</param>
    /// <param name="baud">Bits per second; any rate the adapter can make.</param>
    public SerialSource(string port, int baud)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(baud, 1);
        _port = port;
        _baud = baud;
        _watch = new PathWatch(port);
    }

    /// <inheritdoc/>
    public override string Description => $"{_port} at {_baud} baud";

    /// <inheritdoc/>
    public override string? Problem => _problem;

    /// <summary>The rate that the driver reports, in bits per second; 0 while the port is closed.</summary>
    public int ActualBaud => _line?.Baud ?? 0;

    /// <inheritdoc/>
    public override SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs)
    {
        long deadlineNs = MonotonicNs() + (timeoutMs * NsPerMs);
        SourceRead? found = _line is null ? Find(deadlineNs) : null;
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
        _line?.Dispose();
        _line = null;
        _watch.Dispose();
        _wake.Dispose();
    }

    private SourceRead Receive(Span<byte> buffer, long deadlineNs, out int count)
    {
        count = 0;
        bool woken = Descriptor.Wait(_line!.Fd, _wake.Fd, deadlineNs - MonotonicNs(), out short events);
        if (events == 0)
        {
            _ = woken && _wake.Clear();
            return SourceRead.Idle;
        }

        int read = Descriptor.Read(_line.Fd, buffer);
        if (read > 0)
        {
            count = read;
            return SourceRead.Data;
        }

        bool nothingYet = read < 0 && LinuxException.LastErrno == LibC.EAGAIN && (events & ~LibC.POLLIN) == 0;
        return nothingYet ? SourceRead.Idle : Lose();
    }

    // Closes at once. The first try to reopen is not at once: a port that opens and fails at each read must not spin a core.
    private SourceRead Lose()
    {
        _line!.Dispose();
        _line = null;
        _lost = true;
        _problemErrno = 0;
        _problem = $"{_port} was unplugged, or the program behind it closed it: waiting for it to come back";
        _retryNs = FirstRetryNs;
        _nextTryNs = MonotonicNs() + FirstRetryNs;
        _watch.Rearm();
        return SourceRead.Lost;
    }

    // Null when the port has just been opened for the first time: then there is nothing to report before its bytes.
    private SourceRead? Find(long deadlineNs)
    {
        bool changed = false;   // the port's directory did: look now, and do not count it against the backoff
        while (true)
        {
            long nowNs = MonotonicNs();
            if (changed || nowNs >= _nextTryNs)
            {
                if (TryOpen())
                {
                    return ReportOpen();
                }

                _nextTryNs = nowNs + _retryNs;
                _retryNs = changed ? _retryNs : Math.Min(2 * _retryNs, LastRetryNs);
                if (!_lost)
                {
                    _lost = true;
                    return SourceRead.Lost;
                }
            }

            if (nowNs >= deadlineNs)
            {
                return SourceRead.Idle;
            }

            if (Descriptor.Wait(_watch.Fd, _wake.Fd, Math.Min(deadlineNs, _nextTryNs) - nowNs, out short events))
            {
                _wake.Clear();
                return SourceRead.Idle;
            }

            changed = events != 0;
        }
    }

    private SourceRead? ReportOpen()
    {
        _problem = null;
        _problemErrno = 0;
        _retryNs = FirstRetryNs;
        if (!_lost)
        {
            return null;
        }

        _lost = false;
        Reopened++;
        return SourceRead.Back;
    }

    private bool TryOpen()
    {
        _watch.Rearm();
        _line = SerialLine.TryOpen(_port, _baud, out string call, out int errno);
        if (_line is null)
        {
            // Worded once for each cause: finding out who holds the port looks through all processes.
            _problem = errno == _problemErrno ? _problem : SerialPortAdvice.Explain(_port, call, errno);
            _problemErrno = errno;
            return false;
        }

        if (Math.Abs(_line.Baud - _baud) > RateTolerance * _baud)
        {
            _problem = $"{_port} cannot run at {_baud} baud: its driver set {_line.Baud}; choose a rate it can make on both ends";
            _line.Dispose();
            _line = null;
            return false;
        }

        return true;
    }
}
