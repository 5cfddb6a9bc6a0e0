// The alarm latch: thresholds from the acceptable rate, raising, holding, clearing, and samples without a score.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Anomaly;

public class AlarmLatchTests
{
    private static AlarmLatch Latch(int raise = 1, int clear = 1) => new(864, 100, raise, clear);   // one in a thousand: score 3

    [Fact]
    public void The_threshold_is_the_tail_probability_that_gives_the_rate_asked_for()
    {
        Assert.Equal(3, Latch().RaiseThreshold, 9);
        Assert.Equal(2, Latch().ClearThreshold, 9);
        Assert.Equal(Math.Log10(288 / 0.1), new AlarmLatch(0.1, 300_000, 1, 1).RaiseThreshold, 9);
    }

    [Fact]
    public void A_rate_above_every_tenth_sample_is_held_at_that()
    {
        Assert.Equal(AlarmLatch.LowestThreshold, new AlarmLatch(1000, 3_600_000, 1, 1).RaiseThreshold);
    }

    [Fact]
    public void It_raises_at_the_threshold_holds_above_the_clearing_threshold_and_clears_below()
    {
        AlarmLatch latch = Latch();
        Assert.Equal(AlarmChange.None, latch.Update(2.99));
        Assert.Equal(AlarmChange.Raised, latch.Update(3.01));
        Assert.Equal(AlarmChange.None, latch.Update(2.5));
        Assert.True(latch.IsRaised);
        Assert.Equal(AlarmChange.Cleared, latch.Update(1.9));
        Assert.False(latch.IsRaised);
    }

    [Fact]
    public void Samples_in_a_row_count_and_one_that_differs_starts_anew()
    {
        AlarmLatch latch = Latch(raise: 3, clear: 2);
        Assert.Equal("....R.....C", Changes(latch, 5, 5, 1, 5, 5, 5, 0, 2.5, 0, 3.5, 0, 0)[1..]);
    }

    [Fact]
    public void A_sample_without_a_score_changes_nothing()
    {
        AlarmLatch latch = Latch(raise: 2);
        Assert.Equal("..R.", Changes(latch, 5, double.NaN, 5, double.NaN));
    }

    [Fact]
    public void State_carries_over()
    {
        AlarmLatch first = Latch(raise: 2, clear: 2);
        Changes(first, 5, 5, 0);
        StateWriter writer = new();
        first.Save(writer);
        AlarmLatch second = Latch(raise: 2, clear: 2);
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(second.IsRaised);
        Assert.Equal(AlarmChange.Cleared, second.Update(0));
    }

    private static string Changes(AlarmLatch latch, params double[] scores) =>
        string.Concat(scores.Select(score => latch.Update(score) switch
    {
        AlarmChange.Raised => 'R',
        AlarmChange.Cleared => 'C',
        _ => '.',
    }));
}
