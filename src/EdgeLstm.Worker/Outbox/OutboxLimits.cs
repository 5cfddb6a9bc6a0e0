// How much the outbox keeps on disk, and what it had to let go.

namespace EdgeLstm.Worker.Outbox;

/// <summary>The bounds of the outbox.</summary>
/// <remarks>
/// An eighth of the bytes, 4 MB at most, is the log's; the rest is the table's, and a sixteenth of that stays free for what a
/// transaction appends before <see cref="OutboxStore.Trim"/>. A transaction larger than that passes the limit until the next.
/// </remarks>
/// <param name="MaxBytes">Bytes of the file and its log; at least 256 KiB.</param>
/// <param name="MaxAge">How long a record is worth sending; above zero.</param>
internal readonly record struct OutboxLimits(long MaxBytes, TimeSpan MaxAge)
{
    /// <summary>The smallest <see cref="MaxBytes"/>.</summary>
    public const long LeastBytes = 256 << 10;

    private const int MostLogFrames = 1000;

    /// <summary>Frames the log may hold before it is copied into the file; one commit can add to them.</summary>
    public int LogFrames => (int)Math.Min(MostLogFrames, MaxBytes / 8 / OutboxFile.FrameBytes);

    /// <summary>Pages that the file may have.</summary>
    public long FilePages => (MaxBytes - (LogFrames * (long)OutboxFile.FrameBytes)) / OutboxFile.PageBytes;

    /// <summary>Pages that rows may use.</summary>
    public long RowPages => FilePages - (FilePages / 16);

    /// <summary>Bytes of the disk to leave free, three times the log.</summary>
    public long SpareBytes => 3L * LogFrames * OutboxFile.FrameBytes;

    /// <exception cref="ArgumentOutOfRangeException">A bound is below its least.</exception>
    public void Require()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBytes, LeastBytes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxAge, TimeSpan.Zero);
    }
}

/// <summary>What was dropped to keep the limits.</summary>
/// <param name="Samples">Samples dropped.</param>
/// <param name="Events">Events dropped.</param>
internal readonly record struct OutboxTrim(long Samples, long Events)
{
    /// <summary>One record.</summary>
    public static OutboxTrim One(OutboxKind kind) => kind == OutboxKind.Event ? new(0, 1) : new(1, 0);

    /// <summary>The sum of two.</summary>
    public static OutboxTrim operator +(OutboxTrim one, OutboxTrim other) =>
        new(one.Samples + other.Samples, one.Events + other.Events);
}

/// <summary>A row that was dropped to keep the limits.</summary>
internal readonly record struct DroppedRow(long Id, string Stream, OutboxKind Kind);

/// <summary>What became of a damaged outbox.</summary>
/// <param name="Saved">Rows that could be read and are kept.</param>
/// <param name="Lost">Rows that are gone.</param>
/// <param name="IsLostExact">True when <paramref name="Lost"/> comes from the tally that each transaction writes; false when no
/// tally could be found and gaps in the ids had to stand in: rows before the first and behind the last saved one are then
/// unknown.</param>
/// <param name="File">Where the damaged file, or its log alone, lies now.</param>
/// <param name="Reason">What was found.</param>
internal sealed record OutboxSalvage(long Saved, long Lost, bool IsLostExact, string File, string Reason);
