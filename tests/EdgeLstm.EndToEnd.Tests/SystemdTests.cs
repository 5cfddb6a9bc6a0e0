// What the service tells systemd, read from the other end of its notification socket.

using System.Net.Sockets;
using System.Text;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class SystemdTests
{
    private const int LimitMs = 10_000;

    [SkippableFact]
    public void Systemd_hears_ready_then_signs_of_life_and_at_last_stopping()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        string path = Path.Combine(device.Folder, "notify");
        using Socket notify = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = LimitMs };
        notify.Bind(new UnixDomainSocketEndPoint(path));
        using EdgeProcess edge = device.Start(
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = path, ["WATCHDOG_USEC"] = "2000000" });

        Assert.Equal("READY=1", Receive(notify));
        long ready = Environment.TickCount64;
        const int signs = 6;
        for (int k = 0; k < signs; k++)
        {
            Assert.Equal("WATCHDOG=1", Receive(notify));
        }

        // Twice as often as systemd asks for, at least, and not in one burst.
        Assert.InRange(Environment.TickCount64 - ready, signs * 100, signs * 1000);
        edge.Terminate();
        string last = Receive(notify);
        while (last == "WATCHDOG=1")
        {
            last = Receive(notify);
        }

        Assert.Equal("STOPPING=1", last);
        Assert.Equal(0, edge.WaitForExit());
    }

    private static string Receive(Socket socket)
    {
        byte[] buffer = new byte[1024];
        int count = socket.Receive(buffer);
        return Encoding.UTF8.GetString(buffer, 0, count);
    }
}
