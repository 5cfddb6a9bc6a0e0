// Translates the steady time of a source into wall time:  unix = steady + offset,  the offset renewed as the system clock is set.

namespace EdgeLstm.Worker.Streams;

/// <summary>The relation between a stream's steady nanoseconds and the time of day.</summary>
/// <remarks>
/// Samples are spaced by steady time, so a step of the system clock neither makes a gap nor closes one; only what is published
/// carries wall time. A recording's time is wall time already.
/// </remarks>
/// <param name="isRecorded">True when the source's time counts from 1970 UTC.</param>
/// <param name="wall">The time of day.</param>
public sealed class StreamTimeline(bool isRecorded, WallClock wall)
{
    private const long RenewalNs = 1_000_000_000;
    private const long NsPerMs = 1_000_000;

    // A time server that corrects by less than this slews the clock, by half a millisecond a second at most.
    private const long StepNs = 400_000_000;

    private WallOffset _offset;
    private long _renewAtNs = long.MinValue;
    private long _stepNs;

    /// <summary>Whether what was stamped last says <c>timeSynced: false</c>.</summary>
    public bool IsMarked => _offset.IsMarked;

    /// <summary>Wall time of a steady time, in milliseconds since 1970 UTC.</summary>
    public long UnixMsAt(long steadyNs) => UnixNsAt(steadyNs) / NsPerMs;

    /// <summary>Wall time of a steady time, in nanoseconds since 1970 UTC.</summary>
    public long UnixNsAt(long steadyNs)
    {
        if (isRecorded)
        {
            return steadyNs;
        }

        if (steadyNs >= _renewAtNs)
        {
            Renew(steadyNs);
        }

        return steadyNs + _offset.OffsetNs;
    }

    /// <summary>By how much the clock was set since this was asked last, in nanoseconds; 0 for not at all.</summary>
    public long TakeStep()
    {
        long stepNs = _stepNs;
        _stepNs = 0;
        return stepNs;
    }

    private void Renew(long steadyNs)
    {
        WallOffset renewed = wall.Read();
        long changeNs = renewed.OffsetNs - _offset.OffsetNs;
        if (_renewAtNs != long.MinValue && (changeNs is >= StepNs or <= -StepNs))
        {
            _stepNs += changeNs;
        }

        _offset = renewed;
        _renewAtNs = steadyNs + RenewalNs;
    }
}
