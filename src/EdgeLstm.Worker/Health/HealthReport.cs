// The members of the health message: memory, versions, and the counters of every stream.

using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Health;

/// <summary>Writes what the process knows about itself. Counters are read while their threads run: each is right on its
/// own.</summary>
/// <param name="workers">The streams.</param>
internal sealed class HealthReport(IReadOnlyList<StreamWorker> workers)
{
    private readonly long _startedTicks = Stopwatch.GetTimestamp();

    /// <summary>The program's version, as in every health message.</summary>
    public static string Version { get; } =
        typeof(HealthReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split(
            '+')[0] ?? "unknown";

    /// <summary>Writes the members into an object that is already begun.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteString("version", Version);
        writer.WriteString("instructionSet", InstructionSet.Name);
        writer.WriteNumber("uptimeSeconds", Math.Round(Stopwatch.GetElapsedTime(_startedTicks).TotalSeconds, 1));
        writer.WriteNumber("residentBytes", Environment.WorkingSet);
        writer.WriteNumber("collections", GC.CollectionCount(0));
        writer.WriteStartObject("streams");
        foreach (StreamWorker worker in workers)
        {
            WriteStream(writer, worker);
        }

        writer.WriteEndObject();
    }

    private static void WriteStream(Utf8JsonWriter writer, StreamWorker worker)
    {
        StreamPipeline pipeline = worker.Pipeline;
        StreamCounters counters = pipeline.Counters;
        ByteSource source = worker.Source;
        writer.WriteStartObject(worker.Stream.Settings.Name);
        writer.WriteString("status", RecordPayload.NameOf(pipeline.Status));
        writer.WriteBoolean("alarm", pipeline.AlarmRaised);
        writer.WriteBoolean("failed", worker.Failure is not null);
        writer.WriteString("problem", source.Problem);
        writer.WriteNumber("steps", counters.Steps);
        writer.WriteNumber("published", counters.Published);
        writer.WriteNumber("alarms", counters.Alarms);
        writer.WriteNumber("filled", counters.Filled);
        writer.WriteNumber("channelsFilled", counters.ChannelsFilled);
        writer.WriteNumber("unusable", counters.Unusable);
        writer.WriteNumber("timesStale", counters.TimesStale);
        writer.WriteNumber("nonFinite", pipeline.NonFinite);
        writer.WriteNumber("extraReadings", pipeline.ExtraReadings);
        writer.WriteNumber("bytesRead", source.BytesRead);
        writer.WriteNumber("reopened", source.Reopened);
        WriteFraming(writer, pipeline.Frames, pipeline.Profile);
        writer.WriteNumber("stepNs", Math.Round(counters.StepNs, 1));
        writer.WriteNumber("allocatedBytes", counters.AllocatedBytes);
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
