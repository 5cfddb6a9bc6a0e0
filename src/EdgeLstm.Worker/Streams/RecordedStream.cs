// A stream and a CSV recording that stands for its source: the same pipeline as the service's, as fast as it goes.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Streams;

/// <summary>A stream whose bytes come from a recording.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="File">The recording.</param>
internal sealed record RecordedStream(StreamPlan Stream, string File)
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Runs the whole recording through a pipeline of its own, as fast as it goes.</summary>
    /// <param name="take">Takes each record that the stream publishes.</param>
    /// <returns>Null, or why the recording is refused.</returns>
    public string? Play(Action<StreamRecord> take)
    {
        using ByteSource source = new ReplaySource(File, 0, Stream.SamplePeriodMs);
        StreamPipeline pipeline = StreamBuilder.CreatePipeline(Stream, source, WallClock.Unasked, take);
        byte[] buffer = new byte[BufferBytes];
        SourceRead found;
        while ((found = source.Read(buffer, 1000, out int count, out long timeNs)) != SourceRead.End)
        {
            if (found == SourceRead.Data)
            {
                pipeline.Process(buffer.AsSpan(0, count), timeNs);
            }
            else if (found == SourceRead.Lost)
            {
                return $"{File}: {source.Problem}";
            }
        }

        return pipeline.Counters.Steps > 0
            ? null
            : $"{File}: none of its {pipeline.Frames.Frames} lines is a record of profile '{Stream.Profile.Name}' "
                + $"({pipeline.Profile.Rejected} rejected, {pipeline.Counters.Unusable} unusable); "
                + "check the profile's framing and fields";
    }
}
