// The age of a state, by the clock that can tell it.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public sealed class StateMomentTests
{
    private static readonly Guid Boot = Guid.NewGuid();
    private static readonly Guid OtherBoot = Guid.NewGuid();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Within_a_boot_the_monotonic_clock_tells_however_the_other_was_set(bool isTimeKnown)
    {
        StateMoment earlier = new(1_000_000, 5_000_000_000, Boot, isTimeKnown);
        StateMoment later = new(7_000, 5_250_000_000, Boot, IsTimeKnown: true);
        Assert.Equal(250, later.MsSince(earlier));
    }

    [Fact]
    public void Over_a_boot_the_system_s_clock_tells()
    {
        StateMoment earlier = new(1_000_000, 5_000_000_000, Boot);
        StateMoment later = new(1_060_000, 9_000_000, OtherBoot);
        Assert.Equal(60_000, later.MsSince(earlier));
        Assert.Equal(60_000, (later with { KernelBoot = default }).MsSince(earlier with { KernelBoot = default }));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Over_a_boot_with_a_wrong_clock_nothing_tells(bool isEarlierKnown, bool isLaterKnown)
    {
        StateMoment earlier = new(1_000_000, 0, Boot, isEarlierKnown);
        StateMoment later = new(1_060_000, 0, OtherBoot, isLaterKnown);
        Assert.Equal(double.NaN, later.MsSince(earlier));
    }
}
