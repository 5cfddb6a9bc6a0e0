// Puts a stream together from its settings, profile and model: every `new` of a pipeline, in the order of the sample's way.

using System.Security.Cryptography;
using System.Text;
using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Streams;

/// <summary>Builds sources and pipelines.</summary>
public static class StreamBuilder
{
    // The I/O thread takes records within milliseconds; two seconds' worth outlast a broker that pauses.
    private const int LeastLiveRecords = 1024;
    private const int MostLiveRecords = 32 * 1024;
    private const double LiveMs = 2000;

    /// <summary>The part of values that is to fall inside the bands.</summary>
    public const double BandCoverage = 0.9;

    // A lower threshold would be reached by every tenth sample, whatever was asked.
    private const double LowestThreshold = 1;
    private const int QuietScores = 2;
    private const double MsPerDay = 24 * 3600 * 1000;

    /// <summary>Rates within this part of each other count as the same.</summary>
    private const double SameRate = 0.05;

    /// <summary>Records that may wait for the I/O thread, connected or not; beyond it the oldest are dropped and
    /// counted.</summary>
    public static int LiveRecords(StreamPlan stream) =>
        (int)Math.Clamp(LiveMs / PublishPeriodMs(stream), LeastLiveRecords, MostLiveRecords);

    /// <summary>The longest time that the publishing policy leaves between two samples, in milliseconds.</summary>
    public static double PublishPeriodMs(StreamPlan stream)
    {
        PublishSettings policy = stream.Settings.Publish ?? new PublishSettings();
        return Math.Max(policy.EverySamples * stream.SamplePeriodMs, policy.AtMostEverySeconds * 1000);
    }

    /// <summary>Builds the pipeline of one stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="source">Where its bytes come from.</param>
    /// <param name="wall">The time of day.</param>
    /// <param name="publish">Takes the records to publish.</param>
    public static StreamPipeline CreatePipeline(StreamPlan stream, ByteSource source, WallClock wall,
        Action<StreamRecord> publish)
    {
        ModelManifest manifest = stream.Manifest;
        ClockSettings clock = stream.Settings.Clock ?? new ClockSettings();
        AlarmSettings alarm = stream.Settings.Alarm ?? new AlarmSettings();
        PublishSettings policy = stream.Settings.Publish ?? new PublishSettings();
        ProfileReader profile = new(stream.ProfileOf(source), stream.ProfileChannels);
        IStreamForecaster forecaster = CreateForecaster(stream, manifest);
        int quietSamples = QuietSamplesOf(stream);
        StreamParts parts = new(
            profile.CreateFrameDecoder(source.StartsAtFrameStart),
            profile,
            new SampleClock(manifest.Inputs.Count, PeriodNs(stream), ResamplingOf(stream), clock.FillSamples, clock.HoldPeriods),
            new ClockInputs(stream),
            forecaster,
            new AdaptiveBands(manifest, BandCoverage),
            new LimitOutlooks(stream, BandCoverage),
            CreateThreshold(stream),
            new AlarmEvents(manifest.Inputs.Count, alarm.RaiseSamples, quietSamples),
            new PublishPolicy(policy.EverySamples, (long)(policy.AtMostEverySeconds * 1000)),
            new StreamTimeline(source.HasRecordedTime, wall));
        return new StreamPipeline(parts, clock.FillSamples, publish);
    }

    /// <summary>The parts for another model of a stream that runs.</summary>
    /// <param name="stream">The stream with that model.</param>
    public static ModelParts CreateModelParts(StreamPlan stream) => new(
        CreateForecaster(stream, stream.Manifest),
        new AdaptiveBands(stream.Manifest, BandCoverage),
        new LimitOutlooks(stream, BandCoverage),
        CreateThreshold(stream));

    // The linear head of a stream without a model, else its network, whose head may go on learning.
    private static IStreamForecaster CreateForecaster(StreamPlan stream, ModelManifest manifest) => stream.Model is { } model
        ? new ModelForecaster(
            model.Manifest, model.CreateNetwork(VectorWidths.Best, stream.Precision), DetectorSettings.Default, manifest,
            stream.Settings.AdaptSamples is int memory ? new AdaptiveHead(model.Manifest, memory) : null)
        : new OnlineForecaster(manifest, DetectorSettings.Default);

    /// <summary>The threshold of a stream's alarms, that has learned nothing yet.</summary>
    public static PeaksOverThreshold CreateThreshold(StreamPlan stream) => new(
        (stream.Settings.Alarm ?? new AlarmSettings()).FalseAlarmsPerDay, SamplesPerDay(stream), LowestThreshold,
        QuietSamplesOf(stream));

    /// <summary>False alarms a day that the stream's scores can be steered to: beyond it there are fewer than asked
    /// for.</summary>
    public static double MostAlarmsPerDay(StreamPlan stream) =>
        SamplesPerDay(stream) / (PeaksOverThreshold.ScoresPerEvent * stream.SamplesPerScore);

    private static double SamplesPerDay(StreamPlan stream) => MsPerDay / stream.SamplePeriodMs;

    // Scores that are held for several samples are quiet only when a few of them were.
    private static int QuietSamplesOf(StreamPlan stream) => stream.Settings.Alarm?.ClearSamples
        ?? Math.Max(AlarmEvents.QuietRowsFor(SamplesPerDay(stream)), QuietScores * stream.SamplesPerScore);

    /// <summary>How the stream's readings become samples: as configured, else by the rate of its readings.</summary>
    public static Resampling ResamplingOf(StreamPlan stream) => stream.Settings.Clock?.Resample switch
    {
        "each" => Resampling.Each,
        "hold" => Resampling.Hold,
        "mean" => Resampling.Mean,
        _ => Math.Abs((stream.ReadingsHz * stream.SamplePeriodMs / 1000) - 1) <= SameRate ? Resampling.Each : Resampling.Hold,
    };

    /// <summary>32 bytes that differ whenever a saved state of the stream would not fit: another model file, warm-up, roll-out,
    /// memory of an adapting head, period, clock or channel map.</summary>
    /// <remarks>
    /// Not the precision of the weights: the states of one model at two precisions are nearly the same, and within a few
    /// samples the network forgets the difference. A file written by `edgelstm quantize` is another file and warms up anew.
    /// </remarks>
    public static byte[] Identity(StreamPlan stream)
    {
        ClockSettings clock = stream.Settings.Clock ?? new ClockSettings();
        string text = string.Join('\n', "state 3", stream.Model?.Sha256 ?? OnlineManifest.Name,
            stream.Manifest.WarmUpSamples, string.Join(',', stream.Settings.RollOut ?? []),
            PeriodNs(stream), ResamplingOf(stream),
            clock.FillSamples, clock.HoldPeriods, string.Join(',', stream.ProfileChannels));
        if (stream.Settings.AdaptSamples is int memory)
        {
            text += $"\nadapt {memory}";   // without one it is what it was before there were such heads
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    private static long PeriodNs(StreamPlan stream) => (long)Math.Round(stream.SamplePeriodMs * 1e6);
}
