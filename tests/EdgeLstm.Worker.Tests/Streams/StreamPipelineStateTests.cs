// What a pipeline carries over a restart, and over a clock that is set.

using EdgeLstm.Core.State;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public class StreamPipelineStateTests
{
    private const int Fill = TestStream.FillSamples;

    // At most so many residuals are seen before one is scored, and so many samples before a threshold is stated.
    private const int FirstResiduals = 20;
    private const int FirstScores = 250;

    [Theory]
    [InlineData(30)]
    [InlineData(200)]
    public void A_restored_stream_gives_the_same_records_bit_for_bit(int cut)
    {
        TestStream whole = new();
        whole.Feed(cut);
        TestStream first = new();
        first.Feed(cut);
        TestStream second = Restored(first);
        whole.Records.Clear();
        foreach (TestStream stream in new[] { whole, second })
        {
            stream.Feed(50);
            stream.FeedText("nan");
            stream.FeedText("140");
            stream.Pass(2);
            stream.Feed(100);
        }

        Assert.Equal(whole.Records.Select(TestStream.Bits), second.Records.Select(TestStream.Bits));
        Assert.Equal(whole.Pipeline.Counters.Total, second.Pipeline.Counters.Total);
        Assert.Equal(first.Pipeline.Counters.Steps, second.Pipeline.Counters.Earlier.Steps);
    }

    [Fact]
    public void A_stream_that_is_built_anew_in_one_process_counts_nothing_twice()
    {
        TestStream first = new();
        first.Feed(200);
        TestStream second = new();
        second.Pipeline.Succeed(first.Pipeline);
        StateWriter writer = new();
        first.Pipeline.Save(writer);
        StateReader reader = new(writer.Written);
        second.Pipeline.Restore(ref reader);
        Assert.Equal(first.Pipeline.Counters.Steps, second.Pipeline.Counters.Total.Steps);
    }

    [Theory]
    [InlineData(null, "bfloat16")]
    [InlineData("int8", null)]
    public void A_state_saved_at_one_precision_of_the_weights_is_continued_at_another(string? before, string? after)
    {
        TestStream first = new(WithPrecision(before));
        TestStream whole = new(WithPrecision(after));
        first.Feed(200);
        whole.Feed(200);
        TestStream second = Restored(first, WithPrecision(after));
        whole.Records.Clear();
        second.Feed(100);
        whole.Feed(100);
        Assert.All(second.Records, record => Assert.Equal(StreamStatus.Live, record.Status));
        Assert.Equal(whole.Last.Outputs[0], second.Last.Outputs[0], 0.01f);
        Assert.NotEqual(whole.Records[0].Outputs[0], second.Records[0].Outputs[0]);
    }

    [Fact]
    public void A_stream_restored_with_its_alarm_raised_keeps_it_and_clears_it_alike()
    {
        TestStream first = Warm();
        first.FeedText("140");
        first.FeedText("60");
        Assert.Equal(AlarmState.Raised, first.Last.Alarm);
        TestStream second = Restored(first);
        Assert.True(second.Pipeline.AlarmRaised);
        first.Records.Clear();
        first.Feed(100);
        second.Feed(100);
        Assert.StartsWith("AlarmCleared", second.Events, StringComparison.Ordinal);
        Assert.Equal(first.Records.Select(TestStream.Bits), second.Records.Select(TestStream.Bits));
    }

    [Fact]
    public void What_is_due_after_a_restart_is_counted_from_when_the_state_was_saved()
    {
        const int Later = 7;
        long periodNs = (long)(TestStream.MachineTemperature().SamplePeriodMs * 1e6);
        TestStream first = Warm();
        StateWriter writer = new();
        first.Pipeline.Save(writer, nowNs: 1000);
        TestStream second = new();
        StateReader reader = new(writer.Written);
        second.Pipeline.Restore(ref reader, goesOn: true, savedNs: 1000 + (Later * periodNs));
        second.ContinueFrom(first);
        second.Pass(Later);
        first.FeedText("87");
        second.FeedText("87");
        Assert.Equal(first.Last.Outputs.ToArray(), second.Last.Outputs.ToArray());
        Assert.Equal(StreamStatus.Live, second.Last.Status);
        Assert.Equal(0, second.Pipeline.Counters.Filled + second.Pipeline.Counters.TimesStale);
    }

    [Theory]
    [InlineData(7200)]
    [InlineData(-7200)]
    public void A_clock_that_is_set_when_it_is_synchronised_neither_reorders_nor_repeats_nor_stalls(int stepSeconds)
    {
        SetClock clock = new();
        bool isSynchronised = false;
        WallClock wall = new(clock, () => isSynchronised, TimeSpan.FromHours(1));
        using FakeSource source = new() { IsRecorded = false };
        TestStream stream = new(source: source, wall: wall);
        stream.Feed(WarmUp + FirstScores);
        stream.FeedText("140");
        stream.FeedText("60");
        Assert.Equal(AlarmState.Raised, stream.Last.Alarm);
        AlarmIncident raised = stream.Last.Incident;
        Assert.All(stream.Records, record => Assert.True(record.IsUnsynced));
        int marked = stream.Records.Count;

        isSynchronised = true;
        clock.UnixNs += stepSeconds * 1_000_000_000L;
        clock.Pass(1);
        stream.Feed(100);
        StreamRecord[] after = [.. stream.Records.Skip(marked)];
        Assert.All(after, record => Assert.False(record.IsUnsynced));
        Assert.Equal(Enumerable.Range(1, stream.Records.Count).Select(i => (long)i), stream.Records.Select(r => r.Sequence));
        Assert.DoesNotContain(after, record => record.Status != StreamStatus.Live);
        double periodMs = stream.Plan.SamplePeriodMs;
        long lastMarkedMs = stream.Records[marked - 1].TimestampUnixMs;
        Assert.Equal((stepSeconds * 1000L) + periodMs, after[0].TimestampUnixMs - lastMarkedMs, 1.0);
        Assert.All(after.Zip(after.Skip(1)), pair =>
            Assert.Equal(periodMs, pair.Second.TimestampUnixMs - pair.First.TimestampUnixMs, 1.0));

        // What an event tells of its own past is in the time of the event.
        StreamRecord cleared = after.First(record => record.Event == StreamEvent.AlarmCleared);
        Assert.Equal(raised.OnsetUnixMs + (stepSeconds * 1000L), cleared.Incident.OnsetUnixMs);
        Assert.Equal(raised.PeakUnixMs + (stepSeconds * 1000L), cleared.Incident.PeakUnixMs);
    }

    [Fact]
    public void State_that_is_too_short_or_too_long_is_refused()
    {
        StateWriter writer = new();
        Warm().Pipeline.Save(writer);
        byte[] state = writer.Written.ToArray();
        foreach (byte[] wrong in new[] { state[..^8], [.. state, 0], state[..100], [] })
        {
            Assert.Throws<FormatException>(() =>
            {
                StateReader reader = new(wrong);
                new TestStream().Pipeline.Restore(ref reader);
            });
        }
    }

    private static int WarmUp => TestStream.Model.Manifest.WarmUpSamples;

    private static TestStream Warm()
    {
        TestStream stream = new();
        stream.Feed(WarmUp + FirstScores);
        return stream;
    }

    private static StreamPlan WithPrecision(string? precision)
    {
        StreamPlan plan = TestStream.MachineTemperature();
        return plan with { Settings = plan.Settings with { Precision = precision } };
    }

    private static TestStream Restored(TestStream first, StreamPlan? plan = null)
    {
        StateWriter writer = new();
        first.Pipeline.Save(writer);
        TestStream second = new(plan);
        StateReader reader = new(writer.Written);
        second.Pipeline.Restore(ref reader);
        second.ContinueFrom(first);
        return second;
    }
}
