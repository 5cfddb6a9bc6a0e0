// A stream without a model through the whole pipeline: warming, forecasts with bands, an alarm, a gap, carrying over.

using System.Globalization;
using EdgeLstm.Core.State;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public class OnlineStreamTests
{
    private const int WarmUp = 120;
    private const int Bucket = 2;

    private readonly Random _random = new(11);
    private int _row;

    [Fact]
    public void It_warms_and_then_forecasts_every_channel_with_bands_that_hold()
    {
        TestStream stream = new(Plan());
        Feed(stream, WarmUp + 3000);
        Assert.Equal(new string('W', WarmUp) + new string('L', 3000), stream.Statuses);
        Assert.Equal(2, stream.Last.Values.Length);
        Assert.Equal(6, stream.Last.Outputs.Length);
        int inside = 0;
        for (int i = stream.Records.Count - 1000; i < stream.Records.Count; i++)
        {
            StreamRecord made = stream.Records[i - Bucket];
            float value = stream.Records[i].Values[0];
            inside += value >= made.Low[0] && value <= made.High[0] ? 1 : 0;
            Assert.Equal(value - made.Outputs[0], stream.Records[i].Residuals[0]);
        }

        Assert.InRange(inside, 850, 950);
        Assert.InRange(stream.Pipeline.Bands.CoverageOf(0)!.Achieved, 0.85, 0.95);
    }

    [Fact]
    public void What_never_was_raises_one_alarm_that_names_its_channel_and_is_cleared()
    {
        TestStream stream = new(Plan());
        Feed(stream, WarmUp + 4000);
        string before = stream.Events;
        int at = stream.Records.Count;
        for (int i = 0; i < 5; i++)
        {
            stream.FeedText("1000,50");
        }

        Feed(stream, 2000);
        StreamRecord raised = stream.Records.Skip(at).First(r => r.Event == StreamEvent.AlarmRaised);
        StreamRecord cleared = stream.Records.Skip(at).First(r => r.Event == StreamEvent.AlarmCleared);
        Assert.Equal(stream.Records[at].TimestampUnixMs, raised.TimestampUnixMs);
        Assert.Equal(raised.TimestampUnixMs, raised.Incident.OnsetUnixMs);
        Assert.True(raised.Score >= raised.Threshold, $"{raised.Score} of {raised.Threshold}, before: {before}");
        Assert.Equal([1, 0], raised.Contributions.ToArray());
        Assert.Equal(AlarmState.Raised, raised.Alarm);
        Assert.True(cleared.Incident.EndUnixMs >= cleared.Incident.PeakUnixMs);
        Assert.True(cleared.Incident.PeakUnixMs >= cleared.Incident.OnsetUnixMs);
        Assert.Equal(raised.Incident.OnsetUnixMs, cleared.Incident.OnsetUnixMs);
        Assert.True(cleared.Incident.PeakScore >= raised.Score);
    }

    [Fact]
    public void A_channel_with_limits_says_how_likely_it_leaves_them_and_when()
    {
        StreamPlan plan = Plan();
        ChannelProfile[] channels = [plan.Profile.Channels[0] with { Low = 10, High = 40 }, plan.Profile.Channels[1]];
        TestStream stream = new(plan with { Profile = plan.Profile with { Channels = channels } });
        Feed(stream, WarmUp + 1000);
        Assert.InRange(stream.Last.LimitProbabilities[0], 0, 0.01f);
        Assert.Equal(float.NaN, stream.Last.LimitSeconds[0]);
        for (int i = 0; i < 400; i++)
        {
            stream.FeedText(string.Create(CultureInfo.InvariantCulture, $"{21 + (i * 0.047):F3},50"));   // 39.8 at the end
        }

        Assert.InRange(stream.Last.LimitProbabilities[0], 0.5f, 1);
        Assert.InRange(stream.Last.LimitSeconds[0], 0, 24);
        stream.FeedText("41,50");
        Assert.Equal((1, 0), (stream.Last.LimitProbabilities[0], stream.Last.LimitSeconds[0]));
        stream.FeedText("nan,50");
        Assert.Equal(float.NaN, stream.Last.LimitProbabilities[0]);
    }

    [Fact]
    public void A_gap_is_waited_out_and_what_was_learned_remains()
    {
        TestStream stream = new(Plan());
        Feed(stream, WarmUp + 500);
        int before = stream.Records.Count;
        stream.Pass(1000);
        stream.Advance();
        Feed(stream, 100);
        string settling = new('W', 8 * Bucket);
        Assert.Equal(new string('F', TestStream.FillSamples) + "S" + settling, stream.Statuses[before..][..(5 + (8 * Bucket))]);
        Assert.EndsWith("LLL", stream.Statuses, StringComparison.Ordinal);
        Assert.Equal(
            ["StreamLost", "StreamBack"], stream.Events.Split(' ').Where(e => e.StartsWith("Stream", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(50)]
    [InlineData(WarmUp + 2001)]
    public void A_restored_stream_gives_the_same_records_bit_for_bit(int cut)
    {
        TestStream whole = new(Plan());
        Feed(whole, cut);
        StateWriter writer = new();
        whole.Pipeline.Save(writer);
        TestStream second = new(Plan());
        StateReader reader = new(writer.Written);
        second.Pipeline.Restore(ref reader);
        second.ContinueFrom(whole);
        whole.Records.Clear();
        foreach (string line in Lines(1500))
        {
            whole.FeedText(line);
            second.FeedText(line);
        }

        Assert.Equal(whole.Records.Select(TestStream.Bits), second.Records.Select(TestStream.Bits));
    }

    [Fact]
    public void Of_a_state_that_is_too_old_what_was_learned_remains()
    {
        TestStream first = new(Plan());
        Feed(first, WarmUp + 2000);
        StateWriter writer = new();
        first.Pipeline.Save(writer);
        TestStream second = new(Plan());
        StateReader reader = new(writer.Written);
        second.Pipeline.Restore(ref reader, goesOn: false);
        second.ContinueFrom(first);
        second.Pass(100_000);
        Feed(second, 100);
        Assert.Equal(new string('W', 8 * Bucket) + new string('L', 100 - (8 * Bucket)), second.Statuses);   // no gap, no loss
        Assert.InRange(second.Records[0].Threshold, 0.99f * first.Last.Threshold, 1.01f * first.Last.Threshold);
        Assert.True(double.IsFinite(second.Last.Score));
        Assert.True(float.IsFinite(second.Records[0].Low[0]), "its band is known at once");
    }

    [Fact]
    public void A_state_of_another_warm_up_or_of_a_model_is_refused_before_it_is_read()
    {
        StreamPlan plan = Plan();
        StreamPlan longer = plan with { Settings = plan.Settings with { WarmUpSamples = 240 } };
        StreamPlan withModel = plan with { Model = TestStream.Model };
        Assert.NotEqual(StreamBuilder.Identity(plan), StreamBuilder.Identity(longer));
        Assert.NotEqual(StreamBuilder.Identity(plan), StreamBuilder.Identity(withModel));
        Assert.Equal(StreamBuilder.Identity(plan), StreamBuilder.Identity(Plan()));
    }

    [Fact]
    public void Samples_allocate_nothing()
    {
        StreamPipeline pipeline = StreamBuilder.CreatePipeline(Plan(), new FakeSource(), WallClock.Unasked, _ => { });
        byte[][] lines = ["1,2\n"u8.ToArray(), "2,nan\n"u8.ToArray(), "nan,nan\n"u8.ToArray(), "5,1\n"u8.ToArray()];
        long tick = 0;
        Feed(2000);
        Allocation.AssertNone(() => Feed(20_000));

        void Feed(int count)
        {
            for (int i = 0; i < count; i++)
            {
                pipeline.Process(lines[i % lines.Length], ++tick * 1_000_000_000);
            }
        }
    }

    private static StreamPlan Plan() => new(
        new StreamSettings("new", new SourceSettings("stdin", "p.json"), SamplePeriodMs: 1000,
            Clock: new ClockSettings(Resample: "each", FillSamples: TestStream.FillSamples), WarmUpSamples: WarmUp),
        new SensorProfile(
            "p",
            [new ChannelProfile("t", new FieldPath("0"), "°C"), new ChannelProfile("h", new FieldPath("1"), "%")],
            new FramingProfile("csv")),
        Model: null);

    private void Feed(TestStream stream, int rows)
    {
        foreach (string line in Lines(rows))
        {
            stream.FeedText(line);
        }
    }

    private List<string> Lines(int rows)
    {
        List<string> lines = [];
        for (int i = 0; i < rows; i++)
        {
            double noise = _random.NextDouble() + _random.NextDouble() - 1;
            double t = 20 + Math.Sin(_row * 0.02) + (0.2 * noise);
            double h = 50 + _random.NextDouble();
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{t:F3},{h:F3}"));
            _row++;
        }

        return lines;
    }
}
