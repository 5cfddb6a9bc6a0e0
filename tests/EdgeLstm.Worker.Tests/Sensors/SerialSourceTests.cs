// A serial source on real pseudo-terminals: rates, exclusive use, unplugging, re-plugging, nothing allocated.

using System.Diagnostics;
using System.Text;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors;

public sealed class SerialSourceTests : IDisposable
{
    private const int PatienceMs = 10_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-serial-").FullName;
    private readonly byte[] _buffer = new byte[4096];

    private string LinkPath => Path.Combine(_folder, "by-id", "sensor");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Links the stable name to a pty as udev does: the new link is moved over the old one.
    private void Link(Pty pty)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(LinkPath)!);
        File.CreateSymbolicLink(LinkPath + ".new", pty.SlavePath);
        File.Move(LinkPath + ".new", LinkPath, overwrite: true);
    }

    private SourceRead Read(SerialSource source, out string text, int timeoutMs = PatienceMs)
    {
        SourceRead result = source.Read(_buffer, timeoutMs, out int count, out _);
        text = Encoding.UTF8.GetString(_buffer, 0, count);
        return result;
    }

    [Theory]
    [InlineData(9600)]
    [InlineData(111_865)]
    [InlineData(250_000)]
    [InlineData(3_000_000)]
    public void Any_rate_is_accepted_and_read_back(int baud)
    {
        using Pty pty = new();
        using SerialSource source = new(pty.SlavePath, baud);
        pty.Write("1,2\n");
        Assert.Equal(SourceRead.Data, Read(source, out string text));
        Assert.Equal("1,2\n", text);
        Assert.Equal(baud, source.ActualBaud);
        Assert.Equal(4, source.BytesRead);
        Assert.Equal($"{pty.SlavePath} at {baud} baud", source.Description);
        Assert.Null(source.Problem);
    }

    [Fact]
    public void A_format_other_than_8N1_and_a_missing_RS485_switch_are_said()
    {
        using Pty pty = new();
        using SerialSource source = new(pty.SlavePath, new SerialSettings(9600, Parity.Even, Rs485: true));
        pty.Write("1\n");
        Assert.Equal(SourceRead.Data, Read(source, out _));
        Assert.Equal(
            $"{pty.SlavePath} at 9600 baud 8E1 RS-485 (no TIOCSRS485 here: the adapter must turn its direction by itself)",
            source.Description);
    }

    [Fact]
    public void Every_byte_value_passes_unchanged()
    {
        using Pty pty = new();
        using SerialSource source = new(pty.SlavePath, 115200);
        byte[] all = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];
        pty.Write(all);
        List<byte> received = [];
        while (received.Count < all.Length && source.Read(_buffer, PatienceMs, out int count, out _) == SourceRead.Data)
        {
            received.AddRange(_buffer.AsSpan(0, count));
        }

        Assert.Equal(all, received);
    }

    [Fact]
    public void A_second_reader_is_refused_and_told_why()
    {
        using Pty pty = new();
        using SerialSource first = new(pty.SlavePath, 115200);
        using SerialSource second = new(pty.SlavePath, 115200);
        Assert.Equal(SourceRead.Idle, Read(first, out _, timeoutMs: 0));
        Assert.Equal(SourceRead.Lost, Read(second, out _));
        Assert.StartsWith($"{pty.SlavePath} is held by ", second.Problem, StringComparison.Ordinal);
        first.Dispose();
        Assert.Equal(SourceRead.Back, Read(second, out _));
        Assert.Null(second.Problem);
    }

    [Fact]
    public void Unplugging_is_noticed_at_once_and_reported_once()
    {
        Pty pty = new();
        Link(pty);
        using SerialSource source = new(LinkPath, 115200);   // by a link: the number of the pty is soon another test's
        Assert.Equal(SourceRead.Idle, Read(source, out _, timeoutMs: 0));
        File.Delete(LinkPath);
        pty.Dispose();
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(SourceRead.Lost, Read(source, out _));
        Assert.True(Stopwatch.GetElapsedTime(start).TotalMilliseconds < 1000);
        Assert.Contains("unplugged", source.Problem, StringComparison.Ordinal);
        Assert.Equal(SourceRead.Idle, Read(source, out _, timeoutMs: 300));
        Assert.Contains("does not exist", source.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_replugged_port_is_found_again_through_its_link()
    {
        Pty before = new();
        Link(before);
        using SerialSource source = new(LinkPath, 115200);
        before.Write("1\n");
        Assert.Equal(SourceRead.Data, Read(source, out _));
        before.Dispose();
        File.Delete(LinkPath);
        Assert.Equal(SourceRead.Lost, Read(source, out _));
        Assert.Equal(SourceRead.Idle, Read(source, out _, timeoutMs: 0));

        using Pty after = new();
        after.Write("2\n");
        Link(after);
        Assert.Equal(SourceRead.Back, Read(source, out _));
        Assert.Equal(1, source.Reopened);
        Assert.Equal(SourceRead.Data, Read(source, out string text));
        Assert.Equal("2\n", text);
    }

    [Fact]
    public void A_port_missing_at_the_start_is_found_when_its_folder_appears()
    {
        using SerialSource source = new(LinkPath, 115200);
        Assert.Equal(SourceRead.Lost, Read(source, out _));
        Assert.Contains("does not exist", source.Problem, StringComparison.Ordinal);

        // After this read the next try of the backoff is half a second away, or more: the watch is what finds the port.
        Assert.Equal(SourceRead.Idle, Read(source, out _, timeoutMs: 300));
        using Pty pty = new();
        Link(pty);
        Assert.Equal(SourceRead.Back, Read(source, out _));
        Assert.Equal(1, source.Reopened);
    }

    [Fact]
    public void A_waiting_read_is_ended_by_Wake_from_another_thread()
    {
        using Pty pty = new();
        using SerialSource open = new(pty.SlavePath, 115200);
        using SerialSource missing = new(LinkPath, 115200);
        Assert.Equal(SourceRead.Lost, Read(missing, out _));
        foreach (SerialSource source in new[] { open, missing })
        {
            Thread waker = new(source.Wake);
            long start = Stopwatch.GetTimestamp();
            waker.Start();
            Assert.Equal(SourceRead.Idle, Read(source, out _));
            Assert.True(Stopwatch.GetElapsedTime(start).TotalMilliseconds < PatienceMs / 2);
            waker.Join();
        }
    }

    [Fact]
    public void A_file_that_is_no_terminal_is_refused_with_words()
    {
        string path = Path.Combine(_folder, "file");
        File.WriteAllText(path, "");
        using SerialSource source = new(path, 115200);
        Assert.Equal(SourceRead.Lost, Read(source, out _));
        Assert.Contains("is not a serial port", source.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_100_000_lines_loses_none_and_allocates_nothing()
    {
        const int LineCount = 100_000;
        using Pty pty = new();
        using SerialSource source = new(pty.SlavePath, 3_000_000);
        Thread writer = new(() =>
        {
            byte[] block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("12.5,13.5\n", 100)));
            for (int i = 0; i < LineCount / 100; i++)
            {
                pty.Write(block);
            }
        });
        Assert.Equal(SourceRead.Idle, Read(source, out _, timeoutMs: 0));
        writer.Start();
        int lines = 0;
        long allocated = Allocation.LeastOf(4, () =>
        {
            int until = Math.Min(LineCount, lines + (LineCount / 5));
            while (lines < until && source.Read(_buffer, PatienceMs, out int count, out _) == SourceRead.Data)
            {
                lines += _buffer.AsSpan(0, count).Count((byte)'\n');
            }
        });
        while (lines < LineCount && source.Read(_buffer, PatienceMs, out int count, out _) == SourceRead.Data)
        {
            lines += _buffer.AsSpan(0, count).Count((byte)'\n');
        }

        Assert.Equal(0, allocated);
        Assert.Equal(LineCount, lines);
        writer.Join();
    }
}
