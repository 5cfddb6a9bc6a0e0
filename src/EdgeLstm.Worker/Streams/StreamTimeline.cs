// Translates the steady time of a source into wall time:  unix = steady + offset,  the offset renewed as the system clock is set.

using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Streams;

/// <summary>The relation between a stream's steady nanoseconds and the time of day.</summary>
/// <remarks>
/// Samples are spaced by steady time, so a step of the system clock neither makes a gap nor closes one; only what is published
/// carries wall time. A recording's time is wall time already.
/// </remarks>
/// <param name="isRecorded">True when the source's time counts from 1970 UTC.</param>
/// <param name="wall">The system's clock.</param>
public sealed class StreamTimeline(bool isRecorded, TimeProvider wall)
{
    private const long RenewalNs = 1_000_000_000;
    private const long NsPerMs = 1_000_000;

    private long _offsetNs;
    private long _renewAtNs = long.MinValue;

    /// <summary>Wall time of a steady time, in milliseconds since 1970 UTC.</summary>
    public long UnixMsAt(long steadyNs) => UnixNsAt(steadyNs) / NsPerMs;

    /// <summary>Wall time of a steady time, in nanoseconds since 1970 UTC.</summary>
    public long UnixNsAt(long steadyNs)
    {
        if (isRecorded)
        {
            return steadyNs;
        }

        Renew(steadyNs);
        return steadyNs + _offsetNs;
    }

    /// <summary>Steady time of a wall time: the inverse of <see cref="UnixNsAt"/>.</summary>
    public long SteadyNsAt(long unixNs)
    {
        if (isRecorded)
        {
            return unixNs;
        }

        Renew(ByteSource.MonotonicNs());
        return unixNs - _offsetNs;
    }

    private void Renew(long steadyNs)
    {
        if (steadyNs < _renewAtNs)
        {
            return;
        }

        long nowNs = ByteSource.MonotonicNs();
        long unixNs = (wall.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        _offsetNs = unixNs - nowNs;
        _renewAtNs = nowNs + RenewalNs;
    }
}
