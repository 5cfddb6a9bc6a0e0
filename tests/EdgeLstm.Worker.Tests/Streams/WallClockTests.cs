// The time of day for all streams: followed once it is known, held and marked before, with the correction for what was stamped.

using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public sealed class WallClockTests
{
    private const long Second = 1_000_000_000;
    private const string Boot = "1a2b3c4d";

    private readonly SetClock _clock = new();
    private readonly UnsyncedStretches _stretches = new(null, Boot, Guid.NewGuid());
    private bool _isSynchronised;
    private int _asked;

    [Fact]
    public void A_clock_that_is_not_asked_is_followed_and_never_marked()
    {
        WallClock wall = new(_clock, null, TimeSpan.Zero, _stretches);
        Assert.Null(wall.IsSynced);
        _clock.UnixNs += 3600 * Second;
        Assert.Equal(new WallOffset(_clock.UnixNs - _clock.SteadyNs, IsMarked: false), wall.Read());
        Assert.Empty(_stretches.All);
    }

    [Fact]
    public void A_clock_that_is_synchronised_is_followed_and_asked_once()
    {
        _isSynchronised = true;
        WallClock wall = Create();
        _clock.UnixNs -= 3600 * Second;
        _clock.Pass(10);
        Assert.Equal(new WallOffset(_clock.UnixNs - _clock.SteadyNs, IsMarked: false), wall.Read());
        Assert.True(wall.IsSynced);
        Assert.Equal(1, _asked);
        Assert.Empty(_stretches.All);
    }

    [Fact]
    public void Until_it_is_synchronised_the_offset_is_held_and_marked_however_the_clock_is_set()
    {
        WallClock wall = Create();
        WallOffset first = wall.Read();
        Assert.True(first.IsMarked);
        _clock.UnixNs += 3600 * Second;
        _clock.Pass(60);
        Assert.Equal(first, wall.Read());
        Assert.False(wall.IsSynced);
        UnsyncedStretch stretch = Assert.Single(_stretches.All);
        Assert.Equal((Boot, first.OffsetNs, null), (stretch.Boot, stretch.HeldOffsetNs, stretch.CorrectionMs));
    }

    [Theory]
    [InlineData(8_123_456)]
    [InlineData(-3_600_000)]
    [InlineData(0)]
    public void Once_synchronised_the_correction_makes_earlier_times_right(long offByMs)
    {
        WallClock wall = Create();
        long stampedAtNs = _clock.SteadyNs;
        long stampedMs = (stampedAtNs + wall.Read().OffsetNs) / 1_000_000;
        _clock.Pass(30);
        _clock.UnixNs += offByMs * 1_000_000;
        _isSynchronised = true;
        _clock.Pass(1);
        WallOffset after = wall.Read();

        Assert.False(after.IsMarked);
        Assert.True(wall.IsSynced);
        long? correctionMs = Assert.Single(_stretches.All).CorrectionMs;
        Assert.Equal((stampedAtNs + after.OffsetNs) / 1_000_000, stampedMs + correctionMs);
    }

    [Fact]
    public void A_clock_that_is_never_synchronised_is_taken_as_it_is_after_the_wait()
    {
        WallClock wall = Create();
        _clock.UnixNs += 3600 * Second;
        _clock.Pass(119);
        Assert.True(wall.Read().IsMarked);
        _clock.Pass(1);
        Assert.Equal(new WallOffset(_clock.UnixNs - _clock.SteadyNs, IsMarked: false), wall.Read());
        Assert.False(wall.IsSynced);
    }

    [Fact]
    public void What_was_marked_is_corrected_even_after_the_wait()
    {
        WallClock wall = Create();
        _clock.Pass(500);
        Assert.False(wall.Read().IsMarked);
        _clock.UnixNs += 7 * Second;
        _isSynchronised = true;
        _clock.Pass(1);
        Assert.True(wall.IsSynced);
        Assert.Equal(7000, Assert.Single(_stretches.All).CorrectionMs);
    }

    [Fact]
    public void It_is_asked_once_a_second_at_most()
    {
        WallClock wall = Create();
        for (int i = 0; i < 100; i++)
        {
            _clock.Pass(0.1);
            wall.Read();
        }

        Assert.InRange(_asked, 10, 11);
    }

    [Fact]
    public void A_synchronisation_that_is_lost_later_does_not_count()
    {
        _isSynchronised = true;
        WallClock wall = Create();
        _isSynchronised = false;
        _clock.Pass(100_000);
        Assert.True(wall.IsSynced);
        Assert.False(wall.Read().IsMarked);
    }

    [Fact]
    public void A_moment_says_whether_its_time_is_known()
    {
        WallClock wall = Create();
        Assert.Equal(
            new StateMoment(_clock.UnixNs / 1_000_000, _clock.SteadyNs, KernelBoot.Id, IsTimeKnown: false), wall.Moment());
        _clock.Pass(500);
        Assert.False(wall.Moment().IsTimeKnown);
        _isSynchronised = true;
        _clock.Pass(1);
        Assert.True(wall.Moment().IsTimeKnown);
        Assert.True(WallClock.Unasked.Moment().IsTimeKnown);
    }

    [Fact]
    public void The_system_s_clock_is_read_to_a_millisecond()
    {
        long before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        long unixMs = (Worker.Sensors.ByteSource.MonotonicNs() + WallClock.Unasked.Read().OffsetNs) / 1_000_000;
        long after = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.InRange(unixMs, before - 1, after + 1);
    }

    [Fact]
    public void Reading_the_clock_allocates_nothing()
    {
        WallClock held = new(TimeProvider.System, ClockSync.IsSynchronised, TimeSpan.FromDays(1));
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                held.Read();
                WallClock.Unasked.Read();
                ClockSync.IsSynchronised();
            }
        });
    }

    private WallClock Create() => new(_clock, () => { _asked++; return _isSynchronised; }, TimeSpan.FromSeconds(120), _stretches);
}
