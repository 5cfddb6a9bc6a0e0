// The members of the health message: memory, versions, and the counters of every stream.

using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Service;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Health;

/// <summary>Writes what the process knows about itself. Counters are read while their threads run: each is right on its
/// own.</summary>
/// <param name="streams">The streams.</param>
internal sealed class HealthReport(RunningStreams streams)
{
    // Of the first hour no rate for a day can be told; it is given as if it had been an hour.
    private const double LeastDays = 1.0 / 24;

    private readonly long _startedTicks = Stopwatch.GetTimestamp();

    /// <summary>The program's version, as in every health message.</summary>
    public static string Version { get; } =
        typeof(HealthReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split(
            '+')[0] ?? "unknown";

    /// <summary>Streams that are made as devices speak; null for none.</summary>
    public DeviceStreams? Devices { get; set; }

    /// <summary>Takes configurations anew while the streams run; null for none.</summary>
    public ConfigurationReload? Reload { get; set; }

    /// <summary>Writes the states of streams; null for none.</summary>
    public StateSaver? Saver { get; set; }

    /// <summary>What is known of the system's clock; null for nothing.</summary>
    public TimeReport? Time { get; set; }

    /// <summary>Holds back log lines beyond the limit; null for none.</summary>
    public RateLimitedLogger? Log { get; set; }

    /// <summary>Holds the records on their way to the broker; null for none.</summary>
    public RecordOutbox? Records { get; set; }

    /// <summary>What the outbox on disk counted; null for none.</summary>
    public OutboxCounters? Outbox { get; set; }

    /// <summary>Writes the members into an object that is already begun.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("version", Version);
        writer.WriteString("instructionSet", InstructionSet.Name);
        writer.WriteNumber("uptimeSeconds", Math.Round(Stopwatch.GetElapsedTime(_startedTicks).TotalSeconds, 1));
        writer.WriteNumber("residentBytes", Environment.WorkingSet);
        writer.WriteNumber("allocatedBytes", GC.GetTotalAllocatedBytes());
        writer.WriteNumber("collections", GC.CollectionCount(0));
        writer.WriteNumber("reloads", Reload?.Done ?? 0);
        writer.WriteNumber("reloadsRefused", Reload?.Refused ?? 0);
        writer.WriteNumber("statesSaved", Saver?.Saved ?? 0);
        writer.WriteNumber("statesFailed", Saver?.Failed ?? 0);
        writer.WriteNumber("stateBytesWritten", Saver?.SavedBytes ?? 0);
        Time?.Write(writer);
        writer.WriteNumber("logLinesHeldBack", Log?.HeldBack ?? 0);
        if (Outbox is not null)
        {
            WriteOutbox(writer, Outbox);
        }

        writer.WriteStartObject("streams");
        foreach (StreamWorker worker in streams.All)
        {
            WriteStream(writer, worker);
        }

        writer.WriteEndObject();
        if (Devices is not null)
        {
            writer.WriteStartObject("devices");
            foreach (DeviceTable table in Devices.Tables)
            {
                WriteDevices(writer, table);
            }

            writer.WriteEndObject();
        }
    }

    private static void WriteDevices(Utf8JsonWriter writer, DeviceTable table)
    {
        writer.WriteStartObject(table.Stream.Settings.Name);
        writer.WriteString("topic", table.Stream.Settings.Source.Topic);
        writer.WriteString("problem", table.Problem);
        writer.WriteNumber("streams", table.Devices);
        writer.WriteNumber("limit", table.Stream.Settings.Source.MaxDevices);
        writer.WriteNumber("refused", table.Refused);
        writer.WriteStartArray("refusedNames");
        foreach (string name in table.RefusedNames)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
        writer.WriteNumber("dropped", table.Dropped);
        writer.WriteNumber("unreadable", table.Unreadable);
        writer.WriteEndObject();
    }

    private void WriteStream(Utf8JsonWriter writer, StreamWorker worker)
    {
        StreamPipeline pipeline = worker.Pipeline;
        StreamCounters counters = pipeline.Counters;
        EarlierCounts total = counters.Total;
        ByteSource source = worker.Source;
        writer.WriteStartObject(worker.Stream.Settings.Name);
        writer.WriteString("status", RecordPayload.NameOf(pipeline.Status));
        writer.WriteBoolean("alarm", pipeline.AlarmRaised);
        writer.WriteBoolean("failed", worker.Failure is not null);
        writer.WriteNumber("restarts", counters.Restarts);
        writer.WriteString("problem", worker.Problem);
        writer.WriteNumber("steps", total.Steps);
        writer.WriteNumber("published", total.Published);
        WriteDropped(writer, worker);
        writer.WriteNumber("alarms", total.Alarms);
        writer.WriteNumber("filled", total.Filled);
        writer.WriteNumber("channelsFilled", total.ChannelsFilled);
        writer.WriteNumber("unusable", total.Unusable);
        writer.WriteNumber("timesStale", total.TimesStale);
        writer.WriteNumber("nonFinite", pipeline.NonFinite);
        writer.WriteNumber("extraReadings", pipeline.ExtraReadings);
        writer.WriteNumber("bytesRead", source.BytesRead);
        writer.WriteNumber("floodedBytes", counters.FloodedBytes);
        writer.WriteNumber("reopened", source.Reopened);
        writer.WriteNumber("sourceDropped", source is QueuedSource queue ? queue.Dropped : 0);
        writer.WriteNumber("sourceRejected", source.Rejected);
        writer.WriteNumber("sourceLate", source.Late);
        WriteFraming(writer, pipeline.Frames, pipeline.Profile);
        WriteCoverage(writer, worker.Stream.Manifest.Outputs, pipeline.Bands);
        WriteAdapting(writer, worker.Stream.Manifest.Outputs, pipeline.Head);
        writer.WriteNumber("statesRestored", counters.StatesRestored);
        writer.WriteNumber("statesRefused", counters.StatesRefused);
        writer.WriteNumber("stepNs", Math.Round(counters.StepNs, 1));
        writer.WriteNumber("stepP50Ns", counters.StepTimes.PercentileNs(0.5));
        writer.WriteNumber("stepP99Ns", counters.StepTimes.PercentileNs(0.99));
        writer.WriteNumber("allocatedBytes", counters.AllocatedBytes);
        writer.WriteEndObject();
    }

    // In its ring, in the outbox's memory, on the disk.
    private void WriteDropped(Utf8JsonWriter writer, StreamWorker worker)
    {
        OutboxTrim dropped = Records?.DroppedOf(worker.Stream.Settings.Name) ?? default;
        writer.WriteNumber("droppedRecords", dropped.Samples + (worker.Live?.Dropped ?? 0));
        writer.WriteNumber("droppedEvents", dropped.Events);
    }

    private void WriteOutbox(Utf8JsonWriter writer, OutboxCounters outbox)
    {
        double days = Stopwatch.GetElapsedTime(_startedTicks).TotalDays;
        writer.WriteStartObject("outbox");
        writer.WriteString("problem", outbox.Problem);
        writer.WriteNumber("records", outbox.Rows);
        writer.WriteNumber("events", outbox.Events);
        writer.WriteNumber("oldestTs", outbox.OldestUnixMs);
        writer.WriteNumber("fileBytes", outbox.FileBytes);
        writer.WriteNumber("recordsWritten", outbox.RecordsWritten);
        writer.WriteNumber("writtenBytes", outbox.WrittenBytes);
        writer.WriteNumber("writtenBytesPerDay", Math.Round(outbox.WrittenBytes / Math.Max(days, LeastDays)));
        writer.WriteNumber("faults", outbox.Faults);
        writer.WriteNumber("saved", outbox.Saved);
        writer.WriteNumber("lost", outbox.Lost);
        writer.WriteEndObject();
    }

    // What the bands were to hold and did over the last day, by forecast.
    private static void WriteCoverage(Utf8JsonWriter writer, IReadOnlyList<OutputManifest> outputs, AdaptiveBands bands)
    {
        writer.WriteStartObject("coverage");
        HashSet<string> written = [];
        for (int i = 0; i < outputs.Count; i++)
        {
            string key = ForecastLayout.KeyOf(OutletNames.Output(outputs[i]));
            if (bands.CoverageOf(i) is not { Count: > 0 } coverage || !written.Add(key))
            {
                continue;
            }

            writer.WriteStartObject(key);
            writer.WriteNumber("nominal", coverage.Nominal);
            writer.WriteNumber("achieved", Math.Round(coverage.Achieved, 4));
            writer.WriteNumber("values", coverage.Count);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    // Which head each forecast comes from, and how the two did over the latest forecasts.
    private static void WriteAdapting(Utf8JsonWriter writer, IReadOnlyList<OutputManifest> outputs, AdaptiveHead? head)
    {
        writer.WriteNumber("adaptLearned", head?.Learned ?? 0);
        writer.WriteNumber("adaptResets", head?.Resets ?? 0);
        writer.WriteStartObject("adapting");
        for (int i = 0; i < outputs.Count; i++)
        {
            if (head?.ContestOf(i) is not { } contest)
            {
                continue;
            }

            writer.WriteStartObject(ForecastLayout.KeyOf(OutletNames.Output(outputs[i])));
            writer.WriteString("head", contest.IsAdapted ? "adapted" : "shipped");
            writer.WriteNumber("compared", contest.Compared);
            writer.WriteNumber("shippedError", contest.ShippedError);
            writer.WriteNumber("adaptedError", contest.AdaptedError);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteFraming(Utf8JsonWriter writer, FrameDecoder frames, ProfileReader profile)
    {
        writer.WriteNumber("frames", frames.Frames);
        writer.WriteNumber("framesPartial", frames.Partial);
        writer.WriteNumber("framesOverLong", frames.OverLong);
        writer.WriteNumber("recordsRejected", profile.Rejected);
        writer.WriteNumber("headerLines", profile.Records.HeaderLines);
        writer.WriteNumber("badChecksums", profile.Records.BadChecksum);
        writer.WriteNumber("outOfRange", profile.OutOfRange);
    }
}
