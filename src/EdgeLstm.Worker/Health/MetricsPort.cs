// GET /metrics on 127.0.0.1 and ::1: the metrics as Prometheus text, one request at a time, on a thread of its own.

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeLstm.Worker.Linux;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Health;

/// <summary>Answers on the loopback interface alone; everything but GET /metrics is refused, every connection closed after its
/// answer.</summary>
/// <remarks>
/// Bounds: a head of <see cref="HeadLimitBytes"/>, <see cref="RequestLimitMs"/> for request and answer together, and
/// <see cref="WaitingConnections"/> that wait for their turn; the kernel turns further ones away. A port that is taken is tried
/// again every minute. The framework's own HttpListener would make the program 3.4 MB larger, this 0.1 MB.
/// </remarks>
internal sealed class MetricsPort : IDisposable
{
    /// <summary>Bytes of a request's head at most.</summary>
    public const int HeadLimitBytes = 8192;

    /// <summary>How long one client may keep the others waiting.</summary>
    public const int RequestLimitMs = 2000;

    /// <summary>Connections that wait for their turn at most.</summary>
    public const int WaitingConnections = 16;

    private const int RetryMs = 60_000;
    private const int Niceness = 10;

    private readonly int _port;
    private readonly Func<byte[]> _write;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly WakeSignal _wake = new();
    private readonly List<Socket> _listeners = [];
    private readonly byte[] _head = new byte[HeadLimitBytes];
    private volatile bool _stopping;
    private long _answered;
    private long _refused;

    /// <param name="port">TCP port.</param>
    /// <param name="write">Writes the metrics; called on the port's thread.</param>
    /// <param name="logger">Gets a line when the port opens, or cannot be.</param>
    public MetricsPort(int port, Func<byte[]> write, ILogger logger)
    {
        (_port, _write, _logger) = (port, write, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "metrics" };
    }

    /// <summary>Requests answered with the metrics.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Connections that asked for anything else, for too much, or for nothing in time.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Starts the thread, which opens the port.</summary>
    public void Start() => _thread.Start();

    /// <summary>Closes the port.</summary>
    /// <param name="limit">How long to wait for a request under way.</param>
    public void Stop(TimeSpan limit)
    {
        _stopping = true;
        _wake.Set();
        if (_thread.IsAlive)
        {
            _thread.Join(limit);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop(TimeSpan.FromMilliseconds(RequestLimitMs));
        if (!_thread.IsAlive)
        {
            _wake.Dispose();
        }
    }

    private void Run()
    {
        // Streams go first. Where the system does not allow it, as under the unit's sandbox, the kernel's fairness has to do.
        _ = LibC.SetPriority(LibC.PRIO_PROCESS, 0, Niceness);
        while (!_stopping)
        {
            if (_listeners.Count == 0)
            {
                Listen();
            }

            Wait();
        }

        _listeners.ForEach(listener => listener.Dispose());
    }

    private void Listen()
    {
        string? problem = TryListen(IPAddress.Loopback);
        if (problem is not null)
        {
            WorkerLog.MetricsNotServed(_logger, _port, problem);
            return;
        }

        // A machine without IPv6 has no ::1, and needs none.
        _ = TryListen(IPAddress.IPv6Loopback);
        WorkerLog.MetricsServed(_logger, _port);
    }

    private string? TryListen(IPAddress address)
    {
        Socket? listener = null;
        try
        {
            listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            listener.Bind(new IPEndPoint(address, _port));
            listener.Listen(WaitingConnections);
            _listeners.Add(listener);
            return null;
        }
        catch (SocketException failure)
        {
            listener?.Dispose();
            return failure.Message;
        }
    }

    private void Wait()
    {
        int timeoutMs = _listeners.Count == 0 ? RetryMs : Timeout.Infinite;
        Span<LibC.PollFd> polled = stackalloc LibC.PollFd[1 + _listeners.Count];
        polled[0] = new LibC.PollFd { Fd = _wake.Fd, Events = LibC.POLLIN };
        for (int i = 0; i < _listeners.Count; i++)
        {
            polled[i + 1] = new LibC.PollFd { Fd = (int)_listeners[i].Handle, Events = LibC.POLLIN };
        }

        Poll(polled, timeoutMs);
        for (int i = 0; i < _listeners.Count && !_stopping; i++)
        {
            if (polled[i + 1].Revents != 0)
            {
                Accept(_listeners[i]);
            }
        }
    }

    private void Accept(Socket listener)
    {
        try
        {
            using Socket client = listener.Accept();
            client.Blocking = false;
            Serve(client);
        }
        catch (SocketException)
        {
            Interlocked.Increment(ref _refused);   // gone before its turn came, or in the middle of it
        }
        // A fault of the metrics must not take the streams down.
        catch (Exception failure)
        {
            Interlocked.Increment(ref _refused);
            WorkerLog.MetricsFailed(_logger, failure);
        }
    }

    private void Serve(Socket client)
    {
        long untilMs = Environment.TickCount64 + RequestLimitMs;
        string? status = ReadRequest(client, untilMs);
        bool isSent = status is not null && Send(client, status == MetricsRequest.Ok ? Metrics() : Refusal(status), untilMs);
        client.Shutdown(SocketShutdown.Send);
        if (status == MetricsRequest.TooLong)
        {
            Drain(client, untilMs);
        }

        Interlocked.Increment(ref isSent && status == MetricsRequest.Ok ? ref _answered : ref _refused);
    }

    // Null where no whole head has come in time.
    private string? ReadRequest(Socket client, long untilMs)
    {
        int length = 0;
        while (length < _head.Length)
        {
            int count = Receive(client, _head.AsSpan(length), untilMs);
            if (count <= 0)
            {
                return null;
            }

            length += count;
            if (MetricsRequest.IsWhole(_head.AsSpan(0, length)))
            {
                return MetricsRequest.StatusOf(_head.AsSpan(0, length));
            }
        }

        return MetricsRequest.TooLong;
    }

    private byte[] Metrics()
    {
        byte[] text = _write();
        return [.. Head(MetricsRequest.Ok, MetricsText.ContentType, text.Length), .. text];
    }

    private static byte[] Refusal(string status) =>
        [.. Head(status, "text/plain; charset=utf-8", status.Length + 1), .. Encoding.ASCII.GetBytes(status), (byte)'\n'];

    private static byte[] Head(string status, string contentType, int length) => Encoding.ASCII.GetBytes(
        string.Create(CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status}\r\nContent-Type: {contentType}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"));

    private bool Send(Socket client, ReadOnlySpan<byte> answer, long untilMs)
    {
        while (answer.Length > 0)
        {
            if (!IsReady(client, LibC.POLLOUT, untilMs))
            {
                return false;
            }

            int sent = client.Send(answer, SocketFlags.None, out SocketError error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
            {
                return false;
            }

            answer = answer[Math.Max(0, sent)..];
        }

        return true;
    }

    // What a client still sends would make the kernel take the answer back when the connection is closed.
    private void Drain(Socket client, long untilMs)
    {
        while (Receive(client, _head, untilMs) > 0)
        {
        }
    }

    // 0 at the end, when the time is up, or when the client is gone.
    private int Receive(Socket client, Span<byte> buffer, long untilMs)
    {
        SocketError error = SocketError.WouldBlock;
        int count = 0;
        while (error == SocketError.WouldBlock && IsReady(client, LibC.POLLIN, untilMs))
        {
            count = client.Receive(buffer, SocketFlags.None, out error);
        }

        return error == SocketError.Success ? count : 0;
    }

    private bool IsReady(Socket client, short events, long untilMs)
    {
        Span<LibC.PollFd> polled =
        [
            new LibC.PollFd { Fd = _wake.Fd, Events = LibC.POLLIN },
            new LibC.PollFd { Fd = (int)client.Handle, Events = events },
        ];
        int leftMs = (int)(untilMs - Environment.TickCount64);
        return leftMs > 0 && !_stopping && Poll(polled, leftMs) > 0 && polled[1].Revents != 0;
    }

    private static unsafe int Poll(Span<LibC.PollFd> polled, int timeoutMs)
    {
        fixed (LibC.PollFd* fds = polled)
        {
            return LibC.Poll(fds, (nuint)polled.Length, timeoutMs);
        }
    }
}
