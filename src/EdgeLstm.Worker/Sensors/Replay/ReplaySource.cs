// A CSV recording as a source.

namespace EdgeLstm.Worker.Sensors;

/// <summary>Plays a recording line by line, paced by its own time.</summary>
public sealed class ReplaySource : ByteSource
{
    private readonly string _file;

    /// <param name="file">The recording. An IOException is thrown when it cannot be opened.</param>
    /// <param name="speed">1 plays in real time, N plays N times faster, 0 as fast as it is read.</param>
    /// <param name="samplePeriodMs">Milliseconds between lines where the recording has no timestamps, or a bad one.</param>
    /// <param name="keepTimestampColumn">False drops the timestamp column from the lines: it becomes the time of each read.</param>
    public ReplaySource(string file, double speed, double samplePeriodMs, bool keepTimestampColumn = false)
    {
        _file = file;
        _ = (speed, samplePeriodMs, keepTimestampColumn);
    }

    /// <inheritdoc/>
    public override string Description => $"recording {_file}";

    /// <inheritdoc/>
    public override bool HasRecordedTime => true;

    /// <inheritdoc/>
    public override bool StartsAtFrameStart => true;

    /// <summary>Timestamps that could not be read; the previous one plus the sample period was used.</summary>
    public long BadTimestamps { get; private set; }

    /// <inheritdoc/>
    public override SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public override void Wake() => throw new NotImplementedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
