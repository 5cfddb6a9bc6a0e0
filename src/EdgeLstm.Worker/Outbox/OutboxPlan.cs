// Where the outbox lies, how much it keeps, and how soon it writes.

namespace EdgeLstm.Worker.Outbox;

/// <summary>The outbox as configured.</summary>
/// <param name="Path">The file.</param>
/// <param name="Limits">What it keeps at most.</param>
/// <param name="FlushInterval">What is older than this and not acknowledged is on the disk.</param>
/// <param name="IsStrict">Whether a record is published only once it is on the disk.</param>
internal sealed record OutboxPlan(string Path, OutboxLimits Limits, TimeSpan FlushInterval, bool IsStrict)
{
    private const int TicksPerInterval = 4;

    /// <summary>How often the disk thread looks: a record waits that long at most beyond its due time.</summary>
    public TimeSpan Tick => FlushInterval / TicksPerInterval;

    /// <summary>The age at which a message without PUBACK is due.</summary>
    public TimeSpan Due => FlushInterval - Tick;

    /// <summary>How long records may wait in their rings for a connection that was just lost.</summary>
    public TimeSpan Grace => FlushInterval / 2;
}
