// Listening to a serial port at one rate after the other until what it sends makes sense. Nothing is written to it.

using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Scanning;

/// <summary>What one port gave.</summary>
/// <param name="Port">Its path.</param>
/// <param name="Problem">Why it was not listened to; null when it was.</param>
/// <param name="Baud">The rate of the best guess, in bits per second; 0 where the port has none.</param>
/// <param name="Guess">The best guess.</param>
/// <param name="RateHz">Records per second; 0 when too few came.</param>
/// <param name="Tried">Rates listened at.</param>
internal sealed record SerialFind(
    string Port, string? Problem, int Baud, FramingGuess Guess, double RateHz, IReadOnlyList<int> Tried);

/// <summary>Listens to ports.</summary>
/// <remarks>
/// Silence is not the rate's fault: a receiver at any rate sees that a line is used. So a rate is left only when bytes came and
/// made no sense; a sensor that sends once a second needs as many seconds as rates are tried before its own.
/// </remarks>
internal sealed class SerialScan
{
    /// <summary>Rates in the order they are tried: the usual ones first.</summary>
    public static IReadOnlyList<int> Bauds { get; } =
        [115200, 9600, 57600, 38400, 19200, 230400, 250000, 460800, 921600, 4800, 2400, 1000000];

    private const double LeastDwellSeconds = 0.3;
    private const double RateSeconds = 1;        // listened at least, so that the rate of records is known
    private const double RateTolerance = 0.03;
    private const int SureConfidence = 95;
    private const int PoorConfidence = 50;
    private const int LeastBytes = 32;
    private const long NsPerSecond = 1_000_000_000;
    private const long LookNs = 100_000_000;
    private const int BufferBytes = 4096;
    private const int QueuedReads = 16;

    private readonly string _port;
    private readonly long _deadlineNs;
    private readonly double _dwellSeconds;
    private readonly IReadOnlyList<int> _bauds;
    private readonly ReceivedBytes _received = new();
    private readonly List<int> _tried = [];
    private readonly byte[] _buffer = new byte[BufferBytes];
    private FramingGuess _best = new("", 0, "nothing arrived");
    private int _bestBaud;
    private double _bestRateHz;
    private string? _problem;

    private SerialScan(string port, double seconds)
    {
        _port = port;
        _bauds = SerialPorts.IgnoresBaud(port) ? [Bauds[0]] : Bauds;
        _deadlineNs = ByteSource.MonotonicNs() + (long)(seconds * NsPerSecond);
        _dwellSeconds = Math.Max(LeastDwellSeconds, seconds / Bauds.Count);
    }

    /// <summary>Listens to one port.</summary>
    /// <param name="port">Its path.</param>
    /// <param name="seconds">How long at most, at all rates together.</param>
    public static SerialFind Listen(string port, double seconds) => new SerialScan(port, seconds).Run();

    /// <summary>Listens to several ports at the same time.</summary>
    /// <param name="ports">Ports; those with a problem are left alone.</param>
    /// <param name="problems">Their problems [ports].</param>
    /// <param name="seconds">How long at most.</param>
    public static SerialFind[] ListenAll(IReadOnlyList<string> ports, IReadOnlyList<string?> problems, double seconds)
    {
        SerialFind[] finds = new SerialFind[ports.Count];
        Thread[] threads = new Thread[ports.Count];
        for (int i = 0; i < ports.Count; i++)
        {
            int place = i;
            threads[i] = new Thread(() => finds[place] = problems[place] is { } problem
                ? new SerialFind(ports[place], problem, 0, new FramingGuess("", 0, "not listened to"), 0, [])
                : Listen(ports[place], seconds))
            { IsBackground = true, Name = ports[i] };
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return finds;
    }

    private SerialFind Run()
    {
        using SerialLine? line = SerialLine.TryOpen(_port, new SerialSettings(_bauds[0]), out string call, out int errno);
        if (line is null)
        {
            _problem = SerialPortAdvice.Explain(_port, call, errno);
        }

        for (int i = 0; line is not null && i < _bauds.Count; i++)
        {
            if (TrySet(line, _bauds[i]) && !ListenAt(line, _bauds[i], isLast: i == _bauds.Count - 1))
            {
                break;
            }
        }

        bool hasRate = _bauds.Count > 1;
        return new SerialFind(_port, _problem, hasRate ? _bestBaud : 0, _best, _bestRateHz, hasRate ? _tried : []);
    }

    private bool TrySet(SerialLine line, int baud)
    {
        bool isSet = SerialLine.SetRaw(line.Fd, new SerialSettings(baud), out int set) == 0
            && Math.Abs(set - baud) <= RateTolerance * baud;
        for (int i = 0; isSet && i < QueuedReads && Descriptor.Read(line.Fd, _buffer) > 0; i++)
        {
            // what came at the rate before, or had queued until the port was opened
        }

        return isSet;
    }

    // True when the next rate is to be tried.
    private bool ListenAt(SerialLine line, int baud, bool isLast)
    {
        _tried.Add(baud);
        _received.Clear();
        long lookNs = 0;
        while (true)
        {
            Receive(line, Math.Min(_deadlineNs - ByteSource.MonotonicNs(), LookNs));
            long nowNs = ByteSource.MonotonicNs();
            bool isOver = nowNs >= _deadlineNs || _problem is not null;
            double seconds = _received.Count == 0 ? 0 : (nowNs - _received.FirstNs) / (double)NsPerSecond;
            if (!isOver && !_received.IsFull && (seconds < _dwellSeconds || nowNs < lookNs))
            {
                continue;
            }

            lookNs = nowNs + LookNs;
            int confidence = Judge(baud);
            if (isOver || (confidence >= SureConfidence && (seconds >= RateSeconds || _received.IsFull)))
            {
                return false;
            }

            // Text that ends in the middle of a line may be right; noise is not text.
            bool isNoise = _received.Count >= LeastBytes && !FramingGuess.IsText(_received.Span);
            if ((isNoise && confidence < PoorConfidence && !isLast) || _received.IsFull)
            {
                return !isLast && confidence < PoorConfidence;
            }
        }
    }

    private void Receive(SerialLine line, long timeoutNs)
    {
        Descriptor.Wait(line.Fd, -1, timeoutNs, out short events);
        int read = events == 0 ? 0 : Descriptor.Read(line.Fd, _buffer);
        if (read > 0)
        {
            _received.Add(_buffer.AsSpan(0, read), ByteSource.MonotonicNs());
        }
        else if (events != 0 && !(read < 0 && LinuxException.LastErrno == LibC.EAGAIN && (events & ~LibC.POLLIN) == 0))
        {
            _problem = $"{_port} was unplugged, or the program behind it closed it";
        }
    }

    private int Judge(int baud)
    {
        FramingGuess guess = FramingGuess.Of(_received.Span);
        if (guess.Confidence >= _best.Confidence && _received.Count > 0)
        {
            (_best, _bestBaud, _bestRateHz) = (guess, baud, _received.RateHz(guess));
        }

        return guess.Confidence;
    }
}
