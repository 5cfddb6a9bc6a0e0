// SystemdNotifier against a real datagram socket, by path and in the abstract namespace.

using System.Net.Sockets;
using System.Text;
using EdgeLstm.Worker.Health;

namespace EdgeLstm.Worker.Tests.Health;

public sealed class SystemdNotifierTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-notify-").FullName;

    private string SocketPath => Path.Combine(_folder, "notify");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Ready_watchdog_and_stopping_arrive_one_datagram_each()
    {
        using Socket systemd = Listen(SocketPath);
        using SystemdNotifier notifier = new(SocketPath, null, null);

        notifier.Ready();
        notifier.Watchdog();
        notifier.Stopping();

        Assert.True(notifier.IsActive);
        Assert.Equal("READY=1", Receive(systemd));
        Assert.Equal("WATCHDOG=1", Receive(systemd));
        Assert.Equal("STOPPING=1", Receive(systemd));
        Assert.Equal(0, notifier.Failed);
    }

    [Fact]
    public void Abstract_names_begin_with_an_at_sign()
    {
        string name = $"edgelstm-test-{Guid.NewGuid():N}";
        using Socket systemd = Listen("\0" + name);
        using SystemdNotifier notifier = new("@" + name, null, null);

        notifier.Ready();

        Assert.Equal("READY=1", Receive(systemd));
    }

    [Fact]
    public void Status_stays_one_line()
    {
        using Socket systemd = Listen(SocketPath);
        using SystemdNotifier notifier = new(SocketPath, null, null);

        notifier.Status("2 streams live\nREADY=1");

        Assert.Equal("STATUS=2 streams live READY=1", Receive(systemd));
    }

    [Fact]
    public void Status_beyond_its_limit_is_cut_between_characters()
    {
        using Socket systemd = Listen(SocketPath);
        using SystemdNotifier notifier = new(SocketPath, null, null);

        notifier.Status("x" + new string('°', 200));

        // One byte of x, then two a character: 127 of them fit into the 255 bytes left.
        Assert.Equal("STATUS=x" + new string('°', 127), Receive(systemd));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vsock:2:1234")]
    public void Without_a_socket_to_write_to_it_does_nothing(string? notifySocket)
    {
        using SystemdNotifier notifier = new(notifySocket, "30000000", null);

        notifier.Ready();
        notifier.Watchdog();
        notifier.Status("nobody reads this");
        notifier.Stopping();

        Assert.False(notifier.IsActive);
        Assert.Null(notifier.WatchdogTimeout);
        Assert.Equal(0, notifier.Failed);
    }

    [Fact]
    public void A_path_too_long_for_a_socket_is_no_socket()
    {
        using SystemdNotifier notifier = new("/" + new string('x', 200), null, null);

        Assert.False(notifier.IsActive);
    }

    [Fact]
    public void A_datagram_that_nobody_takes_is_counted_and_a_listener_that_returns_is_found_again()
    {
        using SystemdNotifier notifier = new(SocketPath, null, null);
        using (Listen(SocketPath))
        {
            notifier.Ready();
        }

        notifier.Watchdog();
        Assert.Equal(1, notifier.Failed);

        File.Delete(SocketPath);
        using Socket systemd = Listen(SocketPath);
        notifier.Watchdog();

        Assert.Equal("WATCHDOG=1", Receive(systemd));
        Assert.Equal(1, notifier.Failed);
    }

    [Theory]
    [InlineData("30000000", null, 30.0)]
    [InlineData("1500000", "", 1.5)]
    [InlineData("30000000", "1", null)]
    [InlineData("0", null, null)]
    [InlineData("-5", null, null)]
    [InlineData("soon", null, null)]
    [InlineData(null, null, null)]
    public void Watchdog_timeout_is_what_systemd_says_to_this_process(string? usec, string? pid, double? expectedSeconds)
    {
        using SystemdNotifier notifier = new(SocketPath, usec, pid);

        Assert.Equal(expectedSeconds, notifier.WatchdogTimeout?.TotalSeconds);
    }

    [Fact]
    public void Watchdog_timeout_counts_for_the_process_it_names()
    {
        using SystemdNotifier notifier = new(SocketPath, "2000000", Environment.ProcessId.ToString());

        Assert.Equal(TimeSpan.FromSeconds(2), notifier.WatchdogTimeout);
    }

    [Fact]
    public void Watchdog_allocates_nothing()
    {
        using Socket systemd = Listen(SocketPath);
        using SystemdNotifier notifier = new(SocketPath, null, null);
        byte[] buffer = new byte[64];
        Allocation.AssertNone(() => SendAndReceive(100));

        void SendAndReceive(int count)
        {
            for (int i = 0; i < count; i++)
            {
                notifier.Watchdog();
                systemd.Receive(buffer);
            }
        }
    }

    private static Socket Listen(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static string Receive(Socket socket)
    {
        byte[] buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
