// Recordings played line by line: formats, times, pacing, and a file larger than the buffer.

using System.Diagnostics;
using System.Text;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors;

public sealed class ReplaySourceTests : IDisposable
{
    private const long BaseNs = 946_684_800_000_000_000;

    private readonly string _file = Path.GetTempFileName();
    private readonly byte[] _buffer = new byte[4096];

    public void Dispose() => File.Delete(_file);

    private ReplaySource Open(string content, double speed = 0, double samplePeriodMs = 100, bool keepTimestampColumn = false)
    {
        File.WriteAllText(_file, content);
        return new ReplaySource(_file, speed, samplePeriodMs, keepTimestampColumn);
    }

    private List<(string Line, long TimeNs)> ReadAll(ReplaySource source)
    {
        List<(string, long)> lines = [];
        while (source.Read(_buffer, 60_000, out int count, out long timeNs) == SourceRead.Data)
        {
            lines.Add((Encoding.UTF8.GetString(_buffer, 0, count), timeNs));
        }

        return lines;
    }

    [Fact]
    public void Header_and_records_come_one_by_one_at_their_recorded_time()
    {
        using ReplaySource source = Open("timestamp,value\r\n2013-12-02 21:15:00,73.9\n\n2013-12-02 21:20:00,74.9");
        Assert.Equal(
            [("value\n", 0), ("73.9\n", 1386018900_000_000_000), ("74.9\n", 1386019200_000_000_000)], ReadAll(source));
        Assert.Equal(SourceRead.End, source.Read(_buffer, 0, out _, out _));
        Assert.True(source.HasRecordedTime);
        Assert.True(source.HasTimestamps);
        Assert.Equal(16, source.BytesRead);
    }

    [Fact]
    public void The_timestamp_column_is_kept_when_asked()
    {
        using ReplaySource source = Open("time;a;b\n1386018900.5;1;2\n", keepTimestampColumn: true);
        Assert.Equal([("time;a;b\n", 0), ("1386018900.5;1;2\n", 1386018900_500_000_000)], ReadAll(source));
    }

    [Theory]
    [InlineData("0.5,0\n0.6,0\n")]
    [InlineData("17\n18\n")]
    [InlineData("{\"t\": 1}\n{\"t\": 2}\n")]
    [InlineData("a:1 b:2\na:3 b:4\n")]
    [InlineData("0.25\t2\n0.5\t3\n")]
    public void Lines_without_a_time_are_one_period_apart_from_the_year_2000(string content)
    {
        using ReplaySource source = Open(content, samplePeriodMs: 4);
        string[] lines = content.Split('\n');
        Assert.Equal([(lines[0] + "\n", BaseNs), (lines[1] + "\n", BaseNs + 4_000_000)], ReadAll(source));
        Assert.False(source.HasTimestamps);
    }

    [Fact]
    public void A_bad_timestamp_is_counted_and_replaced_by_one_period_more()
    {
        using ReplaySource source =
            Open("timestamp,v\n2013-12-02 21:15:00,1\n??,2\n2013-12-02 21:15:01,3\n", samplePeriodMs: 250);
        Assert.Equal(
            [1386018900_000_000_000, 1386018900_250_000_000, 1386018901_000_000_000],
                ReadAll(source).Skip(1).Select(line => line.TimeNs));
        Assert.Equal(1, source.BadTimestamps);
    }

    [Fact]
    public void A_line_longer_than_the_readers_buffer_comes_in_parts()
    {
        using ReplaySource source = Open("1,2,3,4,5\n");
        byte[] small = new byte[4];
        StringBuilder text = new();
        while (source.Read(small, 0, out int count, out _) == SourceRead.Data)
        {
            text.Append(Encoding.UTF8.GetString(small, 0, count));
        }

        Assert.Equal("1,2,3,4,5\n", text.ToString());
    }

    [Fact]
    public void Real_time_waits_as_long_as_the_recording_did_and_speed_divides_it()
    {
        using ReplaySource source = Open("v\n1\n2\n3\n", speed: 10, samplePeriodMs: 1000);
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(4, ReadAll(source).Count);
        double elapsedMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Assert.InRange(elapsedMs, 199, 2000);
    }

    [Fact]
    public void A_line_that_is_not_due_is_idle_and_Wake_ends_the_wait()
    {
        using ReplaySource source = Open("1\n2\n", speed: 1, samplePeriodMs: 600_000);
        Assert.Equal(SourceRead.Data, source.Read(_buffer, 0, out _, out _));
        Assert.Equal(SourceRead.Idle, source.Read(_buffer, 1, out _, out _));
        Thread waker = new(source.Wake);
        waker.Start();
        long start = Stopwatch.GetTimestamp();
        Assert.Equal(SourceRead.Idle, source.Read(_buffer, 60_000, out int count, out _));
        Assert.True(Stopwatch.GetElapsedTime(start).TotalMilliseconds < 30_000);
        Assert.Equal(0, count);
        waker.Join();
    }

    [Fact]
    public void A_file_of_many_buffers_is_read_whole_and_allocates_nothing()
    {
        const int Count = 50_000;
        using ReplaySource source = Open("\uFEFFtimestamp,value\n" + string.Concat(
            Enumerable.Range(0, Count).Select(i => $"{1386018900 + i},{i}\n")));
        Assert.Equal(SourceRead.Data, source.Read(_buffer, 0, out _, out _));
        long last = 0;
        int lines = 0;
        long allocated = Allocation.LeastOf(4, () =>
        {
            for (int i = 0; i < Count / 5; i++)
            {
                lines += source.Read(_buffer, 0, out _, out last) == SourceRead.Data ? 1 : 0;
            }
        });
        Assert.Equal(0, allocated);
        Assert.Equal(Count, lines);
        Assert.Equal((1386018900 + Count - 1) * 1_000_000_000L, last);
        Assert.Equal(SourceRead.End, source.Read(_buffer, 0, out _, out _));
    }

    [Fact]
    public void A_line_beyond_the_limit_is_skipped()
    {
        using ReplaySource source = Open("1\n" + new string('x', 200_000) + "\n2\n");
        Assert.Equal(["1\n", "2\n"], ReadAll(source).Select(line => line.Line));
    }

    [Fact]
    public void An_empty_recording_ends_at_once()
    {
        using ReplaySource source = Open("");
        Assert.Equal(SourceRead.End, source.Read(_buffer, 0, out _, out _));
    }

    [Fact]
    public void A_missing_recording_is_refused_when_it_is_opened() =>
        Assert.Throws<FileNotFoundException>(() => new ReplaySource(_file + ".none", 0, 1));
}
