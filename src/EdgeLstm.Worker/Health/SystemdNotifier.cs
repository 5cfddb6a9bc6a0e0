// Tells systemd that the service is ready, alive and stopping: one datagram of KEY=VALUE lines to the socket it names.

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeLstm.Worker.Health;

/// <summary>The sd_notify protocol. Does nothing where systemd did not start the program.</summary>
/// <remarks>
/// <code>
/// NOTIFY_SOCKET   path, or @name in the abstract namespace    absent: not under systemd
/// WATCHDOG_USEC   microseconds between two signs of life      absent: no watchdog
/// WATCHDOG_PID    the process that must give them             absent: whoever reads it
/// </code>
/// Source: sd_notify(3), sd_watchdog_enabled(3). Sending never throws: a datagram that systemd does not take is counted in
/// <see cref="Failed"/>. Any thread may call; no call allocates but <see cref="Status"/>.
/// </remarks>
public sealed class SystemdNotifier : IDisposable
{
    /// <summary>Longest status text in bytes of UTF-8; the rest is cut off.</summary>
    public const int StatusLimitBytes = 256;

    // A full queue at the service manager must not hold up the caller for longer than this.
    private const int SendTimeoutMs = 500;

    private readonly Socket? _socket;
    private readonly SocketAddress? _address;
    private long _failed;

    /// <param name="notifySocket">Value of NOTIFY_SOCKET; null or empty when there is none.</param>
    /// <param name="watchdogUsec">Value of WATCHDOG_USEC.</param>
    /// <param name="watchdogPid">Value of WATCHDOG_PID.</param>
    public SystemdNotifier(string? notifySocket, string? watchdogUsec, string? watchdogPid)
    {
        if (FindAddress(notifySocket) is { } address)
        {
            _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = SendTimeoutMs };
            _address = address;
            WatchdogTimeout = FindWatchdogTimeout(watchdogUsec, watchdogPid);
        }
    }

    /// <summary>Whether systemd started the program and listens.</summary>
    public bool IsActive => _socket is not null;

    /// <summary>Time after which systemd ends a service that was silent; null without a watchdog. Call <see cref="Watchdog"/> at
    /// least twice as often.</summary>
    public TimeSpan? WatchdogTimeout { get; }

    /// <summary>Datagrams that systemd did not take.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Reads what systemd left in the environment of this process.</summary>
    public static SystemdNotifier FromEnvironment() => new(
        Environment.GetEnvironmentVariable("NOTIFY_SOCKET"),
        Environment.GetEnvironmentVariable("WATCHDOG_USEC"),
        Environment.GetEnvironmentVariable("WATCHDOG_PID"));

    /// <summary>The service works; units that wait for it may start.</summary>
    public void Ready() => Send("READY=1"u8);

    /// <summary>A sign of life; only call it when every stream has made progress.</summary>
    public void Watchdog() => Send("WATCHDOG=1"u8);

    /// <summary>The service has begun to stop.</summary>
    public void Stopping() => Send("STOPPING=1"u8);

    /// <summary>One line for `systemctl status`. Line breaks become spaces. Limit: <see cref="StatusLimitBytes"/>.</summary>
    public void Status(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Span<byte> message = stackalloc byte[7 + StatusLimitBytes];
        "STATUS="u8.CopyTo(message);

        // A character that no longer fits is left out whole.
        Encoding.UTF8.GetEncoder().Convert(text, message[7..], flush: true, out _, out int used, out _);
        message[7..].Replace((byte)'\n', (byte)' ');
        Send(message[..(7 + used)]);
    }

    /// <summary>Closes the socket; later calls do nothing but count.</summary>
    public void Dispose() => _socket?.Dispose();

    private static SocketAddress? FindAddress(string? notifySocket)
    {
        // Other kinds of address (vsock of a virtual machine) are not for services on this machine.
        if (string.IsNullOrEmpty(notifySocket) || notifySocket[0] is not ('/' or '@'))
        {
            return null;
        }

        try
        {
            string path = notifySocket[0] == '@' ? string.Concat("\0", notifySocket.AsSpan(1)) : notifySocket;
            return new UnixDomainSocketEndPoint(path).Serialize();
        }
        catch (ArgumentOutOfRangeException)
        {
            // Longer than the 108 bytes of sun_path: nobody can listen there.
            return null;
        }
    }

    private static TimeSpan? FindWatchdogTimeout(string? usec, string? pid)
    {
        bool forUs = string.IsNullOrEmpty(pid) || pid == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return forUs && long.TryParse(usec, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value > 0
            ? TimeSpan.FromMicroseconds(value)
            : null;
    }

    private void Send(ReadOnlySpan<byte> message)
    {
        if (_socket is null)
        {
            return;
        }

        try
        {
            // To the address each time rather than connected: systemd may have been restarted in between.
            _socket.SendTo(message, SocketFlags.None, _address!);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Interlocked.Increment(ref _failed);
        }
    }
}
