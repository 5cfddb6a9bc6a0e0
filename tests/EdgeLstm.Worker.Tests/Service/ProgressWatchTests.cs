// The watch over the streams against a real datagram socket in systemd's place.

using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Service;
using EdgeLstm.Worker.Streams;
using EdgeLstm.Worker.Tests.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeLstm.Worker.Tests.Service;

public sealed class ProgressWatchTests : IDisposable
{
    private const string WatchdogUsec = "100000";   // a look every 50 ms

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-watch-").FullName;
    private readonly Socket _systemd =
        new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 20_000 };

    private volatile bool _delivered = true;

    public ProgressWatchTests() => _systemd.Bind(new UnixDomainSocketEndPoint(SocketPath));

    private string SocketPath => Path.Combine(_folder, "notify");

    public void Dispose()
    {
        _systemd.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Systemd_hears_ready_then_signs_of_life_while_streams_move_then_stopping()
    {
        using FakeSource source = new() { IsRecorded = false };
        using StreamWorker worker = Worker(source);
        using ProgressWatch watch = Watch(() => { }, worker);
        worker.Start();
        watch.Start();
        Assert.Equal("READY=1", Receive());
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("WATCHDOG=1", Receive());
        }

        worker.Stop(TimeSpan.FromSeconds(20));
        watch.Stop();
        Waiting.Until(() => Receive() == "STOPPING=1", "the service says that it stops");
    }

    [Fact]
    public void A_stream_that_stands_still_ends_the_signs_of_life_though_others_move()
    {
        using FakeSource moving = new() { IsRecorded = false };
        using FakeSource stuck = new() { IsRecorded = false };
        using ManualResetEventSlim release = new();
        using StreamWorker one = Worker(moving);
        using StreamWorker other = Worker(stuck);
        stuck.Then(() =>
        {
            release.Wait();
            return (SourceRead.End, []);
        });
        using ProgressWatch watch = Watch(() => { }, one, other);
        one.Start();
        other.Start();
        watch.Start();
        Assert.Equal("READY=1", Receive());
        AssertFallsSilent();
        Assert.False(other.Ended);
        release.Set();   // it ends well, and so counts as moving again
        Assert.Equal("WATCHDOG=1", Receive());
        one.Stop(TimeSpan.FromSeconds(20));
        other.Stop(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void A_stream_that_failed_ends_the_signs_of_life_and_is_not_taken_for_ended()
    {
        int ended = 0;
        using FakeSource source = new() { IsRecorded = false };
        using StreamWorker worker = Worker(source);
        source.Then(() => throw new InvalidOperationException("made for a test"));
        using ProgressWatch watch = Watch(() => Interlocked.Increment(ref ended), worker);
        worker.Start();
        watch.Start();
        Assert.Equal("READY=1", Receive());
        AssertFallsSilent();
        Assert.NotNull(worker.Failure);
        Assert.Equal(0, ended);
    }

    [Fact]
    public void A_stream_that_rests_after_a_failure_does_not_end_the_signs_of_life()
    {
        using FakeSource source = new() { IsRecorded = false };
        TestStream stream = new(source: source);
        using StreamWorker worker = new(stream.Plan, source, stream.Pipeline, null, WallClock.Unasked, NullLogger.Instance)
        {
            Rebuild = (_, _) => throw new InvalidOperationException("as broken as before"),
        };
        source.Then(() => throw new InvalidOperationException("made for a test"));
        using ProgressWatch watch = Watch(() => { }, worker);
        worker.Start();
        watch.Start();
        Assert.Equal("READY=1", Receive());
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(4))
        {
            Assert.Equal("WATCHDOG=1", Receive());
        }

        Assert.NotNull(worker.Failure);
        Assert.True(worker.Stop(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void A_stream_that_is_taken_away_is_watched_no_more()
    {
        RunningStreams streams = new(mayGrow: true);
        using FakeSource stuck = new() { IsRecorded = false };
        using FakeSource moving = new() { IsRecorded = false };
        using ManualResetEventSlim release = new();
        stuck.Then(() =>
        {
            release.Wait();
            return (SourceRead.End, []);
        });
        using StreamWorker one = Worker(stuck);
        using StreamWorker other = Worker(moving);
        streams.Add(one);
        streams.Add(other);
        one.Start();
        other.Start();
        using ProgressWatch watch = Watch(() => { }, streams);
        watch.Start();
        Assert.Equal("READY=1", Receive());
        AssertFallsSilent();
        streams.Remove(one);
        Assert.Equal("WATCHDOG=1", Receive());
        release.Set();
        one.Stop(TimeSpan.FromSeconds(20));
        other.Stop(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void The_end_of_all_streams_is_told_once_and_life_goes_on()
    {
        int ended = 0;
        using FakeSource source = new();
        using StreamWorker worker = Worker(source);
        source.Then(SourceRead.End);
        using ProgressWatch watch = Watch(() => Interlocked.Increment(ref ended), worker);
        worker.Start();
        watch.Start();
        Waiting.Until(() => Volatile.Read(ref ended) == 1, "the end is told");
        Assert.Equal("READY=1", Receive());
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("WATCHDOG=1", Receive());
        }

        Assert.Equal(1, ended);
    }

    // Signs of life come for two seconds after the last progress and then no more for half a second, ten looks long.
    private void AssertFallsSilent()
    {
        long started = Stopwatch.GetTimestamp();
        while (_systemd.Poll(TimeSpan.FromSeconds(0.5), SelectMode.SelectRead))
        {
            Assert.Equal("WATCHDOG=1", Receive());
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20), "the signs of life go on");
        }
    }

    [Fact]
    public void The_end_is_told_only_when_the_last_records_are_delivered()
    {
        _delivered = false;
        using FakeSource source = new();
        source.Then(SourceRead.End);
        using StreamWorker worker = Worker(source);
        int ended = 0;
        using ManualResetEventSlim told = new();
        using ProgressWatch watch = Watch(() => { Interlocked.Increment(ref ended); told.Set(); }, worker);
        worker.Start();
        watch.Start();
        Assert.False(told.Wait(TimeSpan.FromSeconds(1.2)));
        _delivered = true;
        Assert.True(told.Wait(TimeSpan.FromSeconds(10)));
        Assert.Equal(1, ended);
    }

    [Fact]
    public void A_stream_that_is_added_later_is_watched_too()
    {
        RunningStreams streams = new(mayGrow: true);
        using FakeSource stuck = new() { IsRecorded = false };
        using ManualResetEventSlim release = new();
        stuck.Then(() =>
        {
            release.Wait();
            return (SourceRead.End, []);
        });
        using StreamWorker worker = Worker(stuck);
        using ProgressWatch watch = Watch(() => { }, streams);
        watch.Start();
        Assert.Equal("READY=1", Receive());
        Assert.Equal("WATCHDOG=1", Receive());
        worker.Start();
        streams.Add(worker);
        AssertFallsSilent();
        release.Set();
        Assert.Equal("WATCHDOG=1", Receive());
        worker.Stop(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void While_devices_may_come_the_end_of_the_streams_so_far_is_no_end()
    {
        int ended = 0;
        RunningStreams streams = new(mayGrow: true);
        using FakeSource source = new();
        source.Then(SourceRead.End);
        using StreamWorker worker = Worker(source);
        streams.Add(worker);
        using ProgressWatch watch = Watch(() => Interlocked.Increment(ref ended), streams);
        worker.Start();
        Waiting.Until(() => worker.Ended, "the stream has ended");
        watch.Start();
        Assert.Equal("READY=1", Receive());
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("WATCHDOG=1", Receive());
        }

        Assert.Equal(0, ended);
    }

    private ProgressWatch Watch(Action allEnded, params StreamWorker[] workers)
    {
        RunningStreams streams = new(mayGrow: false);
        Array.ForEach(workers, streams.Add);
        return Watch(allEnded, streams);
    }

    private ProgressWatch Watch(Action allEnded, RunningStreams streams) =>
        new(streams, () => _delivered, allEnded, new SystemdNotifier(SocketPath, WatchdogUsec, null));

    private static StreamWorker Worker(FakeSource source)
    {
        TestStream stream = new(source: source);
        return new StreamWorker(stream.Plan, source, stream.Pipeline, null, WallClock.Unasked, NullLogger.Instance);
    }

    private string Receive()
    {
        byte[] buffer = new byte[256];
        return Encoding.UTF8.GetString(buffer, 0, _systemd.Receive(buffer));
    }
}
