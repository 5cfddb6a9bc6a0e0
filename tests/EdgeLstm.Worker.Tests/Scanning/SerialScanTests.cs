// Listening to ports that are pseudo-terminals, and finding ports below a folder that stands for /.

using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Scanning;

namespace EdgeLstm.Worker.Tests.Scanning;

public sealed class SerialScanTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("edgelstm-scan-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("csv")]
    [InlineData("cobs-crc16")]
    [InlineData("json-lines")]
    public void What_a_port_sends_is_recognised_with_its_rate(string kind)
    {
        byte[] stream = kind switch
        {
            "csv" => SensorTraffic.Csv(),
            "json-lines" => SensorTraffic.Json(),
            _ => SensorTraffic.CobsCrc(),
        };
        using Pty pty = new();
        using SteadySender sender = new(pty, stream, kind == "cobs-crc16" ? (byte)0 : (byte)'\n', periodMs: 20);

        SerialFind find = SerialScan.Listen(pty.SlavePath, 5);

        Assert.Null(find.Problem);
        Assert.Equal(kind, find.Guess.Kind);
        Assert.InRange(find.Guess.Confidence, 95, 100);
        Assert.InRange(find.RateHz, 25, 55);   // 50, on a machine that may be busy
        Assert.Equal(0, find.Baud);
    }

    [Fact]
    public void A_silent_port_is_left_after_the_time_given()
    {
        using Pty pty = new();
        long started = Environment.TickCount64;

        SerialFind find = SerialScan.Listen(pty.SlavePath, 0.5);

        Assert.InRange(Environment.TickCount64 - started, 400, 5000);
        Assert.Equal("nothing arrived", find.Guess.Evidence);
        Assert.False(find.Guess.IsRecognised);
        Assert.Null(find.Problem);
    }

    [Fact]
    public void Nothing_is_written_to_a_port()
    {
        using Pty pty = new();
        using SteadySender sender = new(pty, SensorTraffic.Csv(), (byte)'\n', periodMs: 10);

        SerialScan.Listen(pty.SlavePath, 0.6);

        Assert.Equal(0, pty.Read(new byte[16], 100));
    }

    [Fact]
    public void A_port_that_is_unplugged_ends_the_listening()
    {
        Pty pty = new();
        using Timer unplug = new(_ => pty.Dispose(), null, 200, Timeout.Infinite);

        SerialFind find = SerialScan.Listen(pty.SlavePath, 30);

        Assert.Contains("was unplugged", find.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_another_reader_has_is_left_alone()
    {
        using Pty pty = new();
        using SerialLine? reader = SerialLine.TryOpen(pty.SlavePath, new SerialSettings(115200), out _, out _);

        SerialFind find = SerialScan.Listen(pty.SlavePath, 30);

        Assert.Contains("is held by", find.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_ports_are_listened_to_at_the_same_time()
    {
        using Pty first = new();
        using Pty second = new();
        using SteadySender one = new(first, SensorTraffic.Csv(), (byte)'\n', periodMs: 10);
        using SteadySender other = new(second, SensorTraffic.Plotter(), (byte)'\n', periodMs: 10);

        SerialFind[] finds = SerialScan.ListenAll(
            ["/dev/none", first.SlavePath, second.SlavePath], ["is not there", null, null], 3);

        Assert.Equal(["", "csv", "plotter"], finds.Select(find => find.Guess.Kind));
        Assert.Equal("is not there", finds[0].Problem);
    }

    [Fact]
    public void A_port_with_several_names_is_found_once_by_its_most_stable_one()
    {
        string byId = Path.Combine(_root, "dev/serial/by-id");
        Directory.CreateDirectory(byId);
        File.WriteAllText(Path.Combine(_root, "dev/ttyUSB0"), "");
        File.WriteAllText(Path.Combine(_root, "dev/ttyAMA0"), "");
        File.WriteAllText(Path.Combine(_root, "dev/tty1"), "");
        File.CreateSymbolicLink(Path.Combine(byId, "usb-sensor"), "../../ttyUSB0");
        File.CreateSymbolicLink(Path.Combine(_root, "dev/serial0"), "ttyAMA0");

        Assert.Equal([Path.Combine(byId, "usb-sensor"), Path.Combine(_root, "dev/serial0")], SerialPorts.Find(_root));
        Assert.Empty(SerialPorts.Find(Path.Combine(_root, "none")));
    }

    [Fact]
    public void The_console_is_left_alone()
    {
        using Pty pty = new();
        Directory.CreateDirectory(Path.Combine(_root, "proc"));
        File.WriteAllText(
            Path.Combine(_root, "proc/consoles"),
            $"tty0  -WU (EC p a)  4:1\n{Path.GetFileName(pty.SlavePath)}  -W- (EC p a)  204:64\n");

        Assert.Contains("is the system's console", SerialPorts.FindProblem(pty.SlavePath, _root), StringComparison.Ordinal);
        Assert.Null(SerialPorts.FindProblem(pty.SlavePath, "/"));
    }
}
