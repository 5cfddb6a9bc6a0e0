// Which head is published: the better one, with hysteresis, and not for a single spike.

using EdgeLstm.Core.Forecasting;

namespace EdgeLstm.Core.Tests.Forecasting;

public class HeadContestTests
{
    private readonly HeadContest _contest = new(scale: 2);

    [Fact]
    public void The_adapted_head_is_published_once_enough_forecasts_say_it_is_better()
    {
        for (int i = 0; i < HeadContest.FewestCompared; i++)
        {
            Assert.False(_contest.IsAdapted);
            Assert.True(_contest.Compare(1, 0.9));
        }

        Assert.True(_contest.IsAdapted);
        Assert.Equal(HeadContest.FewestCompared, _contest.Compared);
        Assert.Equal(0.5, _contest.ShippedError, 12);   // in the output's unit
        Assert.Equal(0.45, _contest.AdaptedError, 12);
    }

    [Fact]
    public void A_head_that_is_hardly_better_is_not_published_and_one_hardly_worse_is_kept_in_place()
    {
        Run(1000, 1, 0.99);
        Assert.False(_contest.IsAdapted);
        Run(1000, 1, 0.9);
        Assert.True(_contest.IsAdapted);
        Run(5000, 1, 0.995);
        Assert.True(_contest.IsAdapted);
        Run(5000, 1, 1.02);
        Assert.False(_contest.IsAdapted);
    }

    [Fact]
    public void A_spike_that_both_miss_decides_nothing()
    {
        Run(1000, 1, 0.9);
        double shipped = _contest.ShippedError;
        Assert.True(_contest.Compare(1e6, 1.3e6));
        Assert.True(_contest.IsAdapted);
        Assert.InRange(_contest.ShippedError, shipped, 1.02 * shipped);
    }

    [Fact]
    public void A_head_that_has_gone_wrong_is_replaced_at_once_and_lost_soon()
    {
        Run(1000, 1, 0.9);
        int taken = 1;
        while (_contest.Compare(1, 1e30))
        {
            taken++;
        }

        Assert.False(_contest.IsAdapted);
        Assert.InRange(taken, 1, 20);
    }

    [Fact]
    public void After_a_wild_stretch_the_calm_forecasts_decide_though_their_squares_are_small()
    {
        Run(1000, 100, 80);
        Run(30, 0.1, 1);
        Assert.False(_contest.IsAdapted);
        Assert.True(_contest.AdaptedError < _contest.ShippedError);
        Run(200, 0.1, 0.09);
        Assert.True(_contest.IsAdapted);
    }

    [Fact]
    public void A_head_that_is_no_number_has_lost() => Assert.False(_contest.Compare(1, double.NaN));

    [Fact]
    public void A_model_that_is_always_right_loses_to_none()
    {
        Run(10_000, 0, 0);
        Assert.False(_contest.IsAdapted);
        Assert.True(_contest.Compare(0, 1e-9));
    }

    [Fact]
    public void Errors_that_grow_a_thousandfold_are_followed()
    {
        Run(1000, 1, 0.9);
        Run(1000, 1000, 900);
        Assert.True(_contest.IsAdapted);
        Assert.InRange(_contest.ShippedError, 350, 500);   // half of the errors, in the output's unit
    }

    private void Run(int count, double shipped, double adapted)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.True(_contest.Compare(shipped, adapted));
        }
    }
}
