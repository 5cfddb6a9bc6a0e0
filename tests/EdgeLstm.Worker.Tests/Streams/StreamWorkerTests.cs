// The thread of a stream: progress while idle, stopping, failing, ending, and its state between runs.

using System.Diagnostics;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;
using EdgeLstm.Worker.Tests.Mqtt;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeLstm.Worker.Tests.Streams;

public sealed class StreamWorkerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-worker-").FullName;
    private readonly List<StreamWorker> _workers = [];

    public void Dispose()
    {
        foreach (StreamWorker worker in _workers)
        {
            worker.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Progress_rises_while_the_source_is_idle()
    {
        using FakeSource source = new() { IsRecorded = false };
        StreamWorker worker = Create(source, out _);
        worker.Start();
        long before = worker.Progress;
        Waiting.Until(() => worker.Progress > before + 1, "the thread passes its loop twice");
        worker.Stop(Limit);
        Assert.False(worker.Failure is not null);
        Assert.True(worker.Ended);
    }

    [Fact]
    public void Stop_ends_a_waiting_source_at_once()
    {
        using FakeSource source = new() { IsRecorded = false };
        StreamWorker worker = Create(source, out _);
        worker.Start();
        Waiting.Until(() => worker.Progress > 0, "the thread runs");
        long started = Stopwatch.GetTimestamp();
        worker.Stop(Limit);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
        Assert.True(worker.Ended);
    }

    [Fact]
    public void Bytes_become_records()
    {
        using FakeSource source = new();
        StreamWorker worker = Create(source, out TestStream stream);
        source.Give("80\n8");
        source.Give("1.5\n");
        source.Then(SourceRead.End);
        worker.Start();
        Waiting.Until(() => worker.Ended, "the source has ended");
        Assert.Equal([80, 81.5f], stream.Records.Select(r => r.Values[0]));
        Assert.Null(worker.Failure);
        worker.Stop(Limit);
    }

    [Fact]
    public void After_the_source_was_lost_the_rest_of_a_line_is_dropped()
    {
        using FakeSource source = new();
        StreamWorker worker = Create(source, out TestStream stream);
        source.Give("80\n8");
        source.Then(SourceRead.Lost);
        source.Then(SourceRead.Back);
        source.Give("1.5\n82\n");
        source.Then(SourceRead.End);
        worker.Start();
        Waiting.Until(() => worker.Ended, "the source has ended");
        Assert.Equal([80, 82], stream.Records.Select(r => r.Values[0]));
        worker.Stop(Limit);
    }

    [Fact]
    public void A_source_that_throws_is_a_failure_of_this_stream_alone()
    {
        using FakeSource source = new();
        StateFile file = StateOf(TestStream.MachineTemperature());
        StreamWorker worker = Create(source, out _, file);
        InvalidOperationException fault = new("made for a test");
        source.Then(() => throw fault);
        worker.Start();
        Waiting.Until(() => worker.Ended, "the thread has ended");
        Assert.Same(fault, worker.Failure);
        worker.Stop(Limit);
        Assert.False(File.Exists(file.Path));   // what a fault left behind is not kept
    }

    [Fact]
    public void A_thread_that_hangs_is_not_waited_for_longer_than_told()
    {
        using FakeSource source = new();
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim release = new();
        StreamWorker worker = Create(source, out _);
        source.Then(() =>
        {
            entered.Set();
            release.Wait();
            return (SourceRead.End, []);
        });
        worker.Start();
        Assert.True(entered.Wait(Limit));
        worker.Stop(TimeSpan.FromMilliseconds(20));
        Assert.False(worker.Ended);
        release.Set();
        Waiting.Until(() => worker.Ended, "the thread has ended");
    }

    [Fact]
    public void State_is_saved_on_stop_and_taken_back_by_the_next_run()
    {
        StateFile file = StateOf(TestStream.MachineTemperature());
        using FakeSource first = new() { IsRecorded = false };
        StreamWorker worker = Create(first, out TestStream before, file);
        for (int i = 0; i < TestStream.Model.Manifest.WarmUpSamples + 5; i++)
        {
            first.Give("85\n");
        }

        worker.Start();
        Waiting.Until(() => before.Pipeline.Status == StreamStatus.Live, "the stream is live");
        worker.Stop(Limit);
        Assert.Equal([file.Path], Directory.GetFileSystemEntries(_folder));

        using FakeSource second = new() { IsRecorded = false };
        StreamWorker next = Create(second, out TestStream after, file);
        second.Give("85\n");
        next.Start();
        Waiting.Until(() => after.Pipeline.Counters.Steps > 0, "a step is made");
        next.Stop(Limit);
        Assert.Equal(StreamStatus.Live, after.Last.Status);   // warm from its first sample
        Assert.True(float.IsFinite(after.Last.Residuals[0]));
    }

    [Fact]
    public void A_damaged_state_is_not_used_and_no_fault()
    {
        StateFile file = StateOf(TestStream.MachineTemperature());
        File.WriteAllBytes(file.Path, new byte[500]);
        AssertStartsFromZero(file);
    }

    [Fact]
    public void A_whole_state_of_another_shape_is_not_used_and_no_fault()
    {
        StateFile file = StateOf(TestStream.MachineTemperature());
        file.Save(new byte[500], WallClock.Unasked.Moment());
        AssertStartsFromZero(file);
    }

    [SkippableTheory]
    [InlineData(400, true)]
    [InlineData(-400, false)]
    public void A_state_goes_on_within_a_boot_of_the_machine_however_the_clock_was_set_meanwhile(int days, bool isSynchronised)
    {
        Skip.If(KernelBoot.Id == Guid.Empty, "the kernel does not say which boot it is");
        StateFile file = StateOf(TestStream.MachineTemperature());
        ShiftedClock time = new();
        string log = RunOnce(file, new WallClock(time, () => false, TimeSpan.Zero));
        Assert.Empty(log);
        time.Shift = TimeSpan.FromDays(days);
        log = RunOnce(file, new WallClock(time, () => isSynchronised, TimeSpan.Zero));
        Assert.Contains("it goes on", log, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_state_from_before_a_boot_with_the_clock_not_synchronised_what_was_learned_is_kept()
    {
        StateFile file = StateOf(TestStream.MachineTemperature());
        Assert.Empty(RunOnce(file, WallClock.Unasked));
        file.Load(WallClock.Unasked.Moment(), 1e9, out byte[] state, out _);
        file.Save(state, WallClock.Unasked.Moment() with { KernelBoot = Guid.NewGuid() });
        string log = RunOnce(file, new WallClock(TimeProvider.System, () => false, TimeSpan.FromHours(1)));
        Assert.Contains("its age cannot be told, the clock not being synchronised: what was learned is kept", log,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_state_of_a_recording_is_not_kept()
    {
        StateFile file = StateOf(TestStream.MachineTemperature());
        using FakeSource source = new();
        StreamWorker worker = Create(source, out _, file);
        source.Give("85\n");
        source.Then(SourceRead.End);
        worker.Start();
        Waiting.Until(() => worker.Ended, "the source has ended");
        worker.Stop(Limit);
        Assert.False(File.Exists(file.Path));
    }

    [Fact]
    public void A_state_folder_that_is_gone_is_no_fault()
    {
        StateFile file = new(Path.Combine(_folder, "gone", "oven.state"), new byte[32]);
        using FakeSource source = new() { IsRecorded = false };
        StreamWorker worker = Create(source, out _, file);
        worker.Start();
        worker.Stop(Limit);
        Assert.Null(worker.Failure);
    }

    // What it says of the state it finds.
    private static string RunOnce(StateFile file, WallClock wall)
    {
        LineLogger log = new();
        using FakeSource source = new() { IsRecorded = false };
        TestStream stream = new(source: source);
        using StreamWorker worker = new(stream.Plan, source, stream.Pipeline, file, wall, log);
        worker.Start();
        Assert.True(worker.Stop(Limit));
        return string.Concat(log.Lines.Where(line => line.Contains("state", StringComparison.Ordinal)));
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }

    private void AssertStartsFromZero(StateFile file)
    {
        using FakeSource source = new() { IsRecorded = false };
        StreamWorker worker = Create(source, out TestStream stream, file);
        source.Give("85\n");
        worker.Start();
        Waiting.Until(() => stream.Pipeline.Counters.Steps > 0, "a step is made");
        worker.Stop(Limit);
        Assert.Null(worker.Failure);
        TestStream fresh = new();
        fresh.FeedText("85");
        Assert.Equal(fresh.Records[0].Outputs.ToArray(), stream.Records[0].Outputs.ToArray());
        Assert.Equal(StreamStatus.Warming, stream.Records[0].Status);
    }

    private StateFile StateOf(StreamPlan plan) =>
        new(Path.Combine(_folder, "oven.state"), StreamBuilder.Identity(plan));

    private StreamWorker Create(FakeSource source, out TestStream stream, StateFile? file = null)
    {
        stream = new TestStream(source: source);
        StreamWorker worker = new(stream.Plan, source, stream.Pipeline, file, WallClock.Unasked, NullLogger.Instance);
        _workers.Add(worker);
        return worker;
    }
}
