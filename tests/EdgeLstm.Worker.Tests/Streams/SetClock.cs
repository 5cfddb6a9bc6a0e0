// The system's clocks as a test sets them.

namespace EdgeLstm.Worker.Tests.Streams;

/// <summary>Stands still until it is set; the steady clock with it.</summary>
internal sealed class SetClock : TimeProvider
{
    private const long Second = 1_000_000_000;

    /// <summary>The wall clock, in nanoseconds since 1970.</summary>
    public long UnixNs { get; set; } = 1_700_000_000 * Second;

    /// <summary>The monotonic clock, in nanoseconds.</summary>
    public long SteadyNs { get; set; } = 1000 * Second;

    public override long TimestampFrequency => Second;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(UnixNs / TimeSpan.NanosecondsPerTick);

    public override long GetTimestamp() => SteadyNs;

    /// <summary>Lets both run.</summary>
    public void Pass(double seconds)
    {
        UnixNs += (long)(seconds * Second);
        SteadyNs += (long)(seconds * Second);
    }
}
