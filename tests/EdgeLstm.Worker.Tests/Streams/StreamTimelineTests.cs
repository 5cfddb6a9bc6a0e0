// Wall time of steady time: a recording's own, or the system clock's as it is set.

using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public class StreamTimelineTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void The_time_of_a_recording_is_wall_time_already()
    {
        StreamTimeline timeline = new(isRecorded: true, new SetClock());
        Assert.Equal(1_386_018_900_000, timeline.UnixMsAt(1_386_018_900 * Second));
        Assert.Equal(42, timeline.UnixNsAt(42));
        Assert.Equal(42, timeline.SteadyNsAt(42));
    }

    [Fact]
    public void Steady_time_becomes_wall_time_by_the_offset_between_the_clocks()
    {
        SetClock wall = new();
        StreamTimeline timeline = new(isRecorded: false, wall);
        long before = ByteSource.MonotonicNs();
        long unixNs = timeline.UnixNsAt(before);
        long after = ByteSource.MonotonicNs();

        // The clock stands still, so the offset is its time less the moment at which it was read.
        Assert.InRange(unixNs, wall.UnixNs - (after - before), wall.UnixNs);
        Assert.Equal(unixNs + Second, timeline.UnixNsAt(before + Second - (Second / 2)) + (Second / 2));
    }

    [Fact]
    public void SteadyNsAt_is_the_inverse()
    {
        StreamTimeline timeline = new(isRecorded: false, new SetClock());
        long now = ByteSource.MonotonicNs();
        long unixNs = timeline.UnixNsAt(now);
        Assert.Equal(now, timeline.SteadyNsAt(unixNs));
    }

    [Fact]
    public void A_step_of_the_system_clock_is_followed_within_a_second_or_so_and_not_before()
    {
        SetClock wall = new();
        StreamTimeline timeline = new(isRecorded: false, wall);
        long now = ByteSource.MonotonicNs();
        long unixNs = timeline.UnixNsAt(now);
        wall.UnixNs += 3600 * Second;
        Assert.Equal(unixNs, timeline.UnixNsAt(now));

        long later = timeline.UnixNsAt(now + (60 * Second));
        Assert.InRange(later - unixNs, (3600 + 60 - 30) * Second, (3600 + 60) * Second);
    }

    private sealed class SetClock : TimeProvider
    {
        public long UnixNs { get; set; } = 1_700_000_000 * Second;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(UnixNs / TimeSpan.NanosecondsPerTick);
    }
}
