// A serial source over System.IO.Ports on real pseudo-terminals: what it promises as the default one does.

using System.Diagnostics;
using System.Text;
using EdgeLstm.Worker.FieldPackages;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.FieldPackages;

public sealed class SystemPortSourceTests : IDisposable
{
    private const int PatienceMs = 10_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-ports-").FullName;
    private readonly byte[] _buffer = new byte[4096];

    private string LinkPath => Path.Combine(_folder, "sensor");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static SystemPortSource Create(string path) => new(path, new SerialSettings(115200));

    private SourceRead Read(ByteSource source, out string text, int timeoutMs = PatienceMs)
    {
        SourceRead result = source.Read(_buffer, timeoutMs, out int count, out _);
        text = Encoding.UTF8.GetString(_buffer, 0, count);
        return result;
    }

    [Fact]
    public void Bytes_arrive_unchanged_in_their_order_and_with_the_time_of_their_arrival()
    {
        using Pty pty = new();
        using SystemPortSource source = Create(pty.SlavePath);
        Assert.Equal(SourceRead.Idle, Read(source, out _, timeoutMs: 0));
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        long before = ByteSource.MonotonicNs();
        pty.Write(all);
        List<byte> received = [];
        byte[] small = new byte[100];
        while (received.Count < all.Length && source.Read(small, PatienceMs, out int count, out long timeNs) == SourceRead.Data)
        {
            received.AddRange(small.AsSpan(0, count));
            Assert.InRange(timeNs, before, ByteSource.MonotonicNs());
        }

        Assert.Equal(all, received);
        Assert.Equal(256, source.BytesRead);
        Assert.Null(source.Problem);
        Assert.Equal($"{pty.SlavePath} at 115200 baud through System.IO.Ports", source.Description);
    }

    [Fact]
    public void An_absent_port_is_lost_once_and_told_as_the_default_one_tells_it()
    {
        using SystemPortSource source = Create(LinkPath);
        using SerialSource own = new(LinkPath, 115200);
        Assert.Equal(SourceRead.Lost, Read(source, out _));
        Assert.Equal(SourceRead.Idle, Read(source, out _, timeoutMs: 600));
        Assert.Equal(SourceRead.Lost, Read(own, out _));
        Assert.Equal(own.Problem, source.Problem);
    }

    [Fact]
    public void An_unplugged_port_is_lost_once_and_back_once()
    {
        Pty before = new();
        File.CreateSymbolicLink(LinkPath, before.SlavePath);
        using SystemPortSource source = Create(LinkPath);
        before.Write("1\n");
        Assert.Equal(SourceRead.Data, Read(source, out _));
        File.Delete(LinkPath);
        before.Dispose();
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(SourceRead.Lost, Read(source, out _));
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 0, 1000);
        Assert.Contains("unplugged", source.Problem, StringComparison.Ordinal);
        Assert.Equal(SourceRead.Idle, Read(source, out _, timeoutMs: 300));

        using Pty after = new();
        after.Write("2\n");
        File.CreateSymbolicLink(LinkPath, after.SlavePath);
        Assert.Equal(SourceRead.Back, Read(source, out _));
        Assert.Equal((1, null), (source.Reopened, source.Problem));
        Assert.Equal(SourceRead.Data, Read(source, out string text));
        Assert.Equal("2\n", text);
    }

    [Fact]
    public void A_device_that_is_gone_without_an_error_is_noticed_by_its_name()
    {
        using Pty pty = new();
        File.CreateSymbolicLink(LinkPath, pty.SlavePath);
        using SystemPortSource source = Create(LinkPath);
        Assert.Equal(SourceRead.Idle, Read(source, out _, timeoutMs: 0));
        File.Delete(LinkPath);
        Assert.Equal(SourceRead.Lost, Read(source, out _));
    }

    [Fact]
    public void A_waiting_read_and_the_next_one_are_ended_by_Wake()
    {
        using Pty pty = new();
        using SystemPortSource open = Create(pty.SlavePath);
        using SystemPortSource missing = Create(LinkPath);
        Assert.Equal(SourceRead.Lost, Read(missing, out _));
        foreach (SystemPortSource source in new[] { open, missing })
        {
            Thread waker = new(source.Wake);
            long start = Stopwatch.GetTimestamp();
            waker.Start();
            Assert.Equal(SourceRead.Idle, Read(source, out _));
            waker.Join();
            source.Wake();
            Assert.Equal(SourceRead.Idle, Read(source, out _));
            Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 0, PatienceMs / 2);
        }
    }

    [Fact]
    public void A_file_that_is_no_terminal_is_lost()
    {
        File.WriteAllText(LinkPath, "");
        using SystemPortSource source = Create(LinkPath);
        Assert.Equal(SourceRead.Lost, Read(source, out _));
        Assert.StartsWith($"{LinkPath}: ", source.Problem, StringComparison.Ordinal);
    }
}
