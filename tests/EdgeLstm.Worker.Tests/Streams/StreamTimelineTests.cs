// Wall time of steady time: a recording's own, or the system clock's as it is set.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public class StreamTimelineTests
{
    private const long Second = 1_000_000_000;

    private readonly SetClock _clock = new();

    [Fact]
    public void The_time_of_a_recording_is_wall_time_already()
    {
        StreamTimeline timeline = new(isRecorded: true, Unasked());
        Assert.Equal(1_386_018_900_000, timeline.UnixMsAt(1_386_018_900 * Second));
        Assert.Equal(42, timeline.UnixNsAt(42));
        Assert.False(timeline.IsMarked);
    }

    [Fact]
    public void The_time_of_a_recording_is_right_whatever_the_clock_says()
    {
        StreamTimeline timeline = new(isRecorded: true, new WallClock(_clock, () => false, TimeSpan.FromHours(1)));
        Assert.Equal(42, timeline.UnixNsAt(42));
        Assert.False(timeline.IsMarked);
    }

    [Fact]
    public void Steady_time_becomes_wall_time_by_the_offset_between_the_clocks()
    {
        StreamTimeline timeline = new(isRecorded: false, Unasked());
        Assert.Equal(_clock.UnixNs, timeline.UnixNsAt(_clock.SteadyNs));
        Assert.Equal(_clock.UnixNs + (Second / 2), timeline.UnixNsAt(_clock.SteadyNs + (Second / 2)));
        Assert.Equal(_clock.UnixNs - Second, timeline.UnixNsAt(_clock.SteadyNs - Second));
    }

    [Fact]
    public void A_step_of_the_system_clock_is_followed_within_a_second_and_not_before()
    {
        StreamTimeline timeline = new(isRecorded: false, Unasked());
        long before = timeline.UnixNsAt(_clock.SteadyNs);
        _clock.UnixNs += 3600 * Second;
        _clock.Pass(0.5);
        Assert.Equal(before + (Second / 2), timeline.UnixNsAt(_clock.SteadyNs));
        _clock.Pass(0.5);
        Assert.Equal(_clock.UnixNs, timeline.UnixNsAt(_clock.SteadyNs));
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    [InlineData(0.4)]
    public void A_step_of_the_system_clock_is_told_once(double seconds)
    {
        StreamTimeline timeline = new(isRecorded: false, Unasked());
        timeline.UnixNsAt(_clock.SteadyNs);
        Assert.Equal(0, timeline.TakeStep());

        long stepNs = (long)(seconds * Second);
        _clock.UnixNs += stepNs;
        _clock.Pass(1);
        timeline.UnixNsAt(_clock.SteadyNs);
        Assert.Equal(stepNs, timeline.TakeStep());
        Assert.Equal(0, timeline.TakeStep());
    }

    [Fact]
    public void A_clock_that_is_slewed_is_followed_without_a_step()
    {
        StreamTimeline timeline = new(isRecorded: false, Unasked());
        timeline.UnixNsAt(_clock.SteadyNs);
        _clock.UnixNs -= Second / 4;
        _clock.Pass(1);
        Assert.Equal(_clock.UnixNs, timeline.UnixNsAt(_clock.SteadyNs));
        Assert.Equal(0, timeline.TakeStep());
    }

    [Fact]
    public void Until_the_clock_is_synchronised_times_are_marked_and_keep_their_distances()
    {
        bool isSynchronised = false;
        StreamTimeline timeline =
            new(isRecorded: false, new WallClock(_clock, () => isSynchronised, TimeSpan.FromHours(1)));
        long before = timeline.UnixNsAt(_clock.SteadyNs);
        Assert.True(timeline.IsMarked);

        _clock.UnixNs += 3600 * Second;
        _clock.Pass(60);
        Assert.Equal(before + (60 * Second), timeline.UnixNsAt(_clock.SteadyNs));
        Assert.True(timeline.IsMarked);
        Assert.Equal(0, timeline.TakeStep());

        isSynchronised = true;
        _clock.Pass(1);
        Assert.Equal(_clock.UnixNs, timeline.UnixNsAt(_clock.SteadyNs));
        Assert.False(timeline.IsMarked);
        Assert.Equal(3600 * Second, timeline.TakeStep());
    }

    [Fact]
    public void Looking_up_times_allocates_nothing()
    {
        StreamTimeline timeline = new(isRecorded: false, new WallClock(_clock, () => false, TimeSpan.FromDays(1)));
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                _clock.Pass(1);
                timeline.UnixMsAt(_clock.SteadyNs);
            }
        });
    }

    private WallClock Unasked() => new(_clock, null, TimeSpan.Zero);
}
