// A stream that fails is lost, put together anew and back; its numbers and counters go on, and its thread never falls silent.

using System.Diagnostics;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeLstm.Worker.Tests.Streams;

public sealed class StreamRestartTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TestStream _first;
    private readonly FakeSource _failing = new() { IsRecorded = false };
    private readonly FakeSource _opened = new() { IsRecorded = false };
    private readonly StreamWorker _worker;
    private TestStream? _second;
    private int _rebuilds;
    private int _failRebuilds;

    public StreamRestartTests()
    {
        _first = new TestStream(source: _failing);
        _worker = new StreamWorker(_first.Plan, _failing, _first.Pipeline, null, WallClock.Unasked, NullLogger.Instance)
        {
            Rebuild = Rebuild,
        };
    }

    public void Dispose()
    {
        _worker.Stop(Limit);
        _worker.Dispose();
        _failing.Dispose();
        _opened.Dispose();
    }

    [Fact]
    public void It_says_that_it_is_lost_at_once_and_back_with_its_next_sample()
    {
        _failing.Give("85\n");
        _failing.Then(() => throw new InvalidOperationException("made for a test"));
        _opened.Give("86\n87\n");
        _worker.Start();

        Waiting.Until(() => _second?.Records.Count == 1, "the loss is told");
        Assert.Contains("InvalidOperationException: made for a test", _worker.Problem, StringComparison.Ordinal);
        Assert.False(_worker.Ended);
        long before = _worker.Progress;
        Waiting.Until(() => _second!.Records.Count == 3, "the stream is back");

        Assert.True(_worker.Progress > before);   // while it rested too: nothing ends the process
        Assert.Null(_worker.Failure);
        Assert.Equal("StreamLost StreamBack", _second!.Events);
        Assert.Equal([1L], _first.Records.Select(record => record.Sequence));
        Assert.Equal([2L, 3L, 4L], _second.Records.Select(record => record.Sequence));
        Assert.Equal((3, 1, 1), (_worker.Pipeline.Counters.Steps, _worker.Pipeline.Counters.Restarts, _rebuilds));
        Assert.Same(_opened, _worker.Source);
    }

    [Fact]
    public void It_rests_before_it_is_tried_again_and_stops_at_once_meanwhile()
    {
        _failing.Then(() => throw new InvalidOperationException("made for a test"));
        _opened.Then(() => throw new InvalidOperationException("again"));
        _worker.Start();
        Waiting.Until(() => _worker.Pipeline.Counters.Restarts == 2, "it has failed twice");
        long started = Stopwatch.GetTimestamp();
        _worker.Stop(Limit);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(0.9), "it is not waited for");
        Assert.True(_worker.Ended);
        Assert.NotNull(_worker.Failure);
    }

    [Fact]
    public void What_cannot_be_put_together_is_tried_again_too()
    {
        _failRebuilds = 1;
        _failing.Then(() => throw new InvalidOperationException("made for a test"));
        _opened.Give("86\n");
        _worker.Start();
        Waiting.Until(() => _second?.Records.Count == 2, "the stream is back");
        Assert.Equal((2, 2), (_rebuilds, _worker.Pipeline.Counters.Restarts));
    }

    [Fact]
    public void A_stream_that_was_lost_already_is_not_lost_twice()
    {
        _failing.Then(() => throw new InvalidOperationException("made for a test"));
        _opened.Then(() => throw new InvalidOperationException("again"));
        _worker.Start();
        Waiting.Until(
            () => _worker.Pipeline.Counters.Restarts == 2 && Volatile.Read(ref _rebuilds) == 2, "it was put together twice");
        _opened.Give("86\n");
        Waiting.Until(() => _second!.Records.Count == 1, "the stream is back");
        Assert.Equal("StreamBack", _second!.Events);
        Assert.Equal(2, _second.Last.Sequence);
    }

    private (ByteSource Source, StreamPipeline Pipeline) Rebuild(Worker.Configuration.StreamPlan plan, ByteSource failed)
    {
        int number = _rebuilds + 1;
        TestStream built = new(source: _opened);
        _second = number <= _failRebuilds ? _second : built;
        Volatile.Write(ref _rebuilds, number);   // last: who has seen it looks at the stream of this number
        return number <= _failRebuilds
            ? throw new InvalidOperationException("cannot be built")
            : (_opened, built.Pipeline);
    }
}
