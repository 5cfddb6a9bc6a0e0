// A stream of a shipped model behind a CSV profile, and what it publishes, for the tests of its parts.

using System.Globalization;
using System.Text;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

/// <summary>A pipeline fed by hand; one reading a tick of recorded time.</summary>
internal sealed class TestStream
{
    public const int FillSamples = 4;

    private readonly long _periodNs;
    private long _tick = 1_000_000;

    public TestStream(StreamPlan? plan = null, FakeSource? source = null, WallClock? wall = null)
    {
        Plan = plan ?? MachineTemperature();
        _periodNs = (long)(Plan.SamplePeriodMs * 1e6);
        Pipeline = StreamBuilder.CreatePipeline(Plan, source ?? new FakeSource(), wall ?? WallClock.Unasked, record =>
        {
            (int channels, int outputs) = (Plan.Manifest.Inputs.Count, Plan.Manifest.Outputs.Count);
            StreamRecord copy = new(channels, outputs);
            RecordRing ring = new(1, channels, outputs);
            ring.Append(record);
            Assert.True(ring.TryTake(copy, out _));
            Records.Add(copy);
        });
    }

    public static Model Model { get; } =
        ModelFile.Load(Path.Combine(RepositoryRoot.Path, "models", "machine-temperature-gru.safetensors"));

    public StreamPlan Plan { get; }
    public StreamPipeline Pipeline { get; }
    public List<StreamRecord> Records { get; } = [];
    public StreamRecord Last => Records[^1];
    public string Events => string.Join(' ', Records.Where(r => r.Event != StreamEvent.None).Select(r => r.Event));
    public string Statuses => string.Concat(Records.Select(r => r.Status.ToString()[0]));

    public static StreamPlan MachineTemperature(ClockSettings? clock = null, AlarmSettings? alarm = null,
        double? periodMs = null) => new(
        new StreamSettings("oven", new SourceSettings("stdin", "oven.json"), "m", SamplePeriodMs: periodMs,
            Clock: clock ?? new ClockSettings(Resample: "each", FillSamples: FillSamples), Alarm: alarm),
        new SensorProfile("oven", [new ChannelProfile("temperature", new FieldPath("0"))], new FramingProfile("csv")),
        Model);

    /// <summary>The same, its model run on to further samples.</summary>
    public static StreamPlan RunOn(params int[] horizons)
    {
        StreamPlan plan = MachineTemperature();
        return plan with { Settings = plan.Settings with { RollOut = horizons } };
    }

    /// <summary>The same, its model's head going on learning.</summary>
    public static StreamPlan Adapting(int memorySamples)
    {
        StreamPlan plan = MachineTemperature();
        return plan with { Settings = plan.Settings with { AdaptSamples = memorySamples } };
    }

    /// <summary>A temperature that swings about the model's mean.</summary>
    public static float Temperature(long tick) => 87 + (3 * MathF.Sin(tick * 0.1f));

    /// <summary>Feeds readings of the ticks that follow.</summary>
    public void Feed(int count)
    {
        for (int i = 0; i < count; i++)
        {
            FeedText(Temperature(_tick).ToString("F3", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Feeds one line as the reading of the next tick.</summary>
    public void FeedText(string line)
    {
        Pipeline.Process(Encoding.ASCII.GetBytes(line + "\n"), _tick * _periodNs);
        _tick++;
    }

    /// <summary>Lets ticks pass without a reading.</summary>
    public void Pass(int ticks) => _tick += ticks;

    /// <summary>Says that it is as late as the ticks that passed.</summary>
    public void Advance() => Pipeline.Advance((_tick * _periodNs) + (_periodNs * 9 / 10));

    /// <summary>Continues at the tick of another stream.</summary>
    public void ContinueFrom(TestStream other) => _tick = other._tick;

    /// <summary>Everything of a record but its sequence number, figures as bits.</summary>
    public static string Bits(StreamRecord r)
    {
        StringBuilder text = new($"{r.TimestampUnixMs} {r.Status} {r.Alarm} {r.Event} {r.Incident}");
        float[] figures = [r.Score, r.Threshold, .. r.Values, .. r.Residuals, .. r.Outputs, .. r.Low, .. r.High,
            .. r.Contributions, .. r.LimitProbabilities, .. r.LimitSeconds];
        return text.AppendJoin(' ', figures.Select(BitConverter.SingleToInt32Bits)).ToString();
    }
}
