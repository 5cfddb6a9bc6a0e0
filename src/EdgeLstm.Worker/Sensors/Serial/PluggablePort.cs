// A serial port that may be absent, vanish and come back: opened, closed at once when it is gone, looked for and opened again.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>What looking for a port came to.</summary>
internal enum PortSearch
{
    /// <summary>The port is open.</summary>
    Open,

    /// <summary>It has just been tried and could not be opened.</summary>
    Failed,

    /// <summary>The time is up or the wait was ended; it is not yet time for the next try.</summary>
    Waiting,
}

/// <summary>One port and the search for it. For one thread; <see cref="Problem"/> may be read by others.</summary>
/// <remarks>
/// An adapter that comes back while the old node is held gets another name, so a lost port is closed at once. It is then looked
/// for whenever its directory changes, and after 0.25 s growing to 5 s.
/// </remarks>
/// <param name="path">The port, best the stable name under /dev/serial/by-id/. It need not exist yet.</param>
/// <param name="settings">Rate and format.</param>
internal sealed class PluggablePort(string path, SerialSettings settings) : IDisposable
{
    // a receiver samples mid-bit: 5 % over 10 bits loses the last one, both ends share that
    private const double RateTolerance = 0.03;

    private readonly PathWatch _watch = new(path);
    private readonly RetryWait _retry = new();
    private long _nextTryNs = long.MinValue;
    private int _problemErrno;
    private volatile string? _problem;

    /// <summary>Path of the port.</summary>
    public string Path => path;

    /// <summary>Rate and format.</summary>
    public SerialSettings Settings => settings;

    /// <summary>The open line; null while there is none.</summary>
    public SerialLine? Line { get; private set; }

    /// <summary>Why the port is not open and what to do; null while it is.</summary>
    public string? Problem => _problem;

    /// <summary>Closes a port that went away. The first try to reopen is not at once: a port that opens and fails at each read
    /// must not spin a core.</summary>
    public void Lose()
    {
        Line?.Dispose();
        Line = null;
        _problemErrno = 0;
        _problem = SerialPortAdvice.Unplugged(path);
        _retry.Reset();
        _nextTryNs = ByteSource.MonotonicNs() + RetryWait.FirstNs;
        _watch.Rearm();
    }

    /// <summary>Looks for the port until it is open, a try has failed, the time is up or <paramref name="wake"/> is
    /// set.</summary>
    /// <param name="deadlineNs">Until when, in monotonic nanoseconds.</param>
    /// <param name="wake">Ends the wait; left set.</param>
    public PortSearch Find(long deadlineNs, WakeSignal wake)
    {
        bool changed = false;   // the port's directory did: look now, and do not count it against the backoff
        while (true)
        {
            long nowNs = ByteSource.MonotonicNs();
            if (changed || nowNs >= _nextTryNs)
            {
                if (TryOpen())
                {
                    _problem = null;
                    _problemErrno = 0;
                    _retry.Reset();
                    return PortSearch.Open;
                }

                _nextTryNs = nowNs + _retry.Ns;
                if (!changed)
                {
                    _retry.Grow();
                }

                return PortSearch.Failed;
            }

            bool woken = Descriptor.Wait(_watch.Fd, wake.Fd, Math.Min(deadlineNs, _nextTryNs) - nowNs, out short events);
            if (woken || ByteSource.MonotonicNs() >= deadlineNs)
            {
                return PortSearch.Waiting;
            }

            changed = events != 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Line?.Dispose();
        Line = null;
        _watch.Dispose();
    }

    private bool TryOpen()
    {
        _watch.Rearm();
        Line = SerialLine.TryOpen(path, settings, out string call, out int errno);
        if (Line is null)
        {
            // Worded once for each cause: finding out who holds the port looks through all processes.
            _problem = errno == _problemErrno ? _problem : SerialPortAdvice.Explain(path, call, errno);
            _problemErrno = errno;
            return false;
        }

        if (Math.Abs(Line.Baud - settings.Baud) > RateTolerance * settings.Baud)
        {
            _problem = $"{path} cannot run at {settings.Baud} baud: its driver set {Line.Baud}; choose a rate it can make on "
                + "both ends";
            Line.Dispose();
            Line = null;
            return false;
        }

        return true;
    }
}
