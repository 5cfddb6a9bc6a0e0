// Operating limits: the band's own quantiles by hand, the running maximum, the expected time, and what cannot be said.

using EdgeLstm.Core.Forecasting;

namespace EdgeLstm.Core.Tests.Forecasting;

public class LimitCrossingTests
{
    [Theory]
    [InlineData(14, 0.05)]
    [InlineData(10, 0.5)]
    [InlineData(9, 0.95)]
    [InlineData(1e6, 0)]
    public void A_limit_at_an_edge_of_the_band_is_crossed_with_the_probability_of_that_edge(double high, double expected)
    {
        LimitOutlook outlook = new LimitCrossing(null, high, [12], 1).Estimate(5, [10], [9], [14]);
        Assert.Equal(expected, outlook.AboveHigh, 1e-9);
        Assert.Equal(0, outlook.BelowLow);
        Assert.Equal(outlook.AboveHigh, outlook.Probability);
    }

    [Theory]
    [InlineData(-14, 0.05)]
    [InlineData(-10, 0.5)]
    [InlineData(-9, 0.95)]
    public void The_low_limit_is_the_mirror_of_the_high_one(double low, double expected)
    {
        LimitOutlook outlook = new LimitCrossing(low, null, [12], 1).Estimate(-5, [-10], [-14], [-9]);
        Assert.Equal(expected, outlook.BelowLow, 1e-9);
        Assert.Equal(0, outlook.AboveHigh);
    }

    [Theory]
    [InlineData(0.5, 0.25)]
    [InlineData(0.98, 0.01)]
    public void The_edges_stand_for_the_coverage_that_was_given(double coverage, double expected) =>
        Assert.Equal(
            expected, new LimitCrossing(null, 14, [1], 1, coverage).Estimate(10, [10], [9], [14]).Probability, 1e-9);

    [Fact]
    public void Probabilities_of_the_two_limits_add_up_to_1_at_most()
    {
        LimitOutlook either = new LimitCrossing(8, 12, [6], 1).Estimate(10, [10], [8], [12]);
        Assert.Equal(0.05, either.BelowLow, 1e-9);
        Assert.Equal(0.05, either.AboveHigh, 1e-9);
        Assert.Equal(0.1, either.Probability, 1e-9);

        // Rises beyond one limit, then falls beyond the other.
        LimitOutlook both = new LimitCrossing(8, 12, [6, 12], 1).Estimate(10, [14, 6], [13.9f, 5.9f], [14.1f, 6.1f]);
        Assert.Equal(1, both.Probability, 1e-9);
    }

    [Theory]
    [InlineData(7.9, 1, 0)]
    [InlineData(12.1, 0, 1)]
    public void A_value_beyond_a_limit_has_crossed_it_now(double current, double below, double above) =>
        Assert.Equal(
            new LimitOutlook(1, below, above, 0), new LimitCrossing(8, 12, [6], 1).Estimate(current, [10], [9], [11]));

    [Fact]
    public void A_value_on_its_limit_has_not_crossed_it() =>
        Assert.Equal(0, new LimitCrossing(8, 12, [6], 1).Estimate(12, [12], [12], [12]).Probability);

    [Fact]
    public void A_forecast_that_passes_a_limit_and_comes_back_has_crossed_it()
    {
        LimitOutlook outlook = new LimitCrossing(null, 12, [4, 8], 1).Estimate(10, [14, 10], [13, 9], [15, 11]);
        Assert.InRange(outlook.Probability, 0.99, 1);
        Assert.InRange(outlook.TimeSeconds, 1, 4);
    }

    [Theory]
    [InlineData(1, 2.5)]
    [InlineData(5, 12.5)]
    [InlineData(9, 22.5)]
    [InlineData(15, 40)]
    public void A_sure_ramp_crosses_where_the_line_between_horizons_does(double limit, double expectedSeconds)
    {
        // 0 → 10 in 10 samples of 2.5 s, then → 20 in another 12.
        LimitOutlook outlook = new LimitCrossing(null, limit, [10, 22], 2.5)
            .Estimate(0, [10, 20], [9.99f, 19.99f], [10.01f, 20.01f]);
        Assert.Equal(1, outlook.Probability, 1e-9);
        Assert.Equal(expectedSeconds, outlook.TimeSeconds, 2.0);   // half a step of interpolation is 1.6 or 1.9 s
    }

    [Fact]
    public void Probability_and_time_are_those_of_paths_that_keep_to_their_quantile()
    {
        // Paths y(t) = forecast(t) + reach(t)·u/ln 19 with u logistic; high reach 3, 6, 8 and low reach 1, 2, 3.
        double[] forecast = [10, 11, 14, 13];
        double[] low = [10, 10, 12, 10];
        double[] high = [10, 14, 20, 21];
        int[] at = [0, 4, 10, 20];
        Random random = new(1);
        (int crossed, double seconds) = (0, 0);
        const int Paths = 20_000;
        const int Fine = 200;
        for (int path = 0; path < Paths; path++)
        {
            double p = random.NextDouble();
            double part = Math.Log(p / (1 - p)) / Math.Log(19);
            for (int i = 1; i <= Fine; i++)
            {
                double t = 20.0 * i / Fine;
                int to = t <= 4 ? 1 : t <= 10 ? 2 : 3;
                double share = (t - at[to - 1]) / (at[to] - at[to - 1]);
                double Between(double[] row) => row[to - 1] + (share * (row[to] - row[to - 1]));
                double reach = part < 0 ? Between(forecast) - Between(low) : Between(high) - Between(forecast);
                if (Between(forecast) + (part * reach) > 16)
                {
                    crossed++;
                    seconds += t - (20.0 / Fine / 2);
                    break;
                }
            }
        }

        LimitOutlook outlook = new LimitCrossing(null, 16, [4, 10, 20], 1)
            .Estimate(10, [11, 14, 13], [10, 12, 10], [14, 20, 21]);
        Assert.Equal((double)crossed / Paths, outlook.Probability, 0.015);
        Assert.Equal(seconds / crossed, outlook.TimeSeconds, 0.3);
    }

    [Fact]
    public void An_improbable_crossing_has_no_time()
    {
        LimitOutlook outlook = new LimitCrossing(null, 100, [6], 1).Estimate(10, [10], [9], [11]);
        Assert.InRange(outlook.Probability, 0, 1e-9);
        Assert.Equal(double.NaN, outlook.TimeSeconds);
    }

    [Fact]
    public void A_forecast_outside_its_band_is_replaced_by_the_middle_of_the_band()
    {
        LimitCrossing crossing = new(null, 12, [6], 1);
        Assert.Equal(crossing.Estimate(10, [10], [8], [12]), crossing.Estimate(10, [25], [8], [12]));
    }

    [Fact]
    public void A_horizon_without_forecast_or_band_is_passed_over()
    {
        LimitOutlook expected = new LimitCrossing(8, 12, [2, 6], 1).Estimate(10, [10, 11], [9.5f, 9], [10.5f, 13]);
        (float Forecast, float Low, float High)[] without =
            [(float.NaN, 9, 12), (10, float.NaN, 12), (10, 9, float.PositiveInfinity), (10, 12, 9)];
        foreach ((float forecast, float low, float high) in without)
        {
            Assert.Equal(expected, new LimitCrossing(8, 12, [2, 4, 6], 1)
                .Estimate(10, [10, forecast, 11], [9.5f, low, 9], [10.5f, high, 13]));
        }
    }

    [Theory]
    [InlineData(double.NaN, 10, 9, 11)]
    [InlineData(double.PositiveInfinity, 10, 9, 11)]
    [InlineData(10, float.NaN, 9, 11)]
    [InlineData(10, 10, float.NaN, 11)]
    [InlineData(10, 10, 9, float.PositiveInfinity)]
    [InlineData(10, 10, 11, 9)]
    public void Without_the_value_now_or_the_longest_horizon_nothing_is_said(
        double current, float forecast, float low, float high) =>
        Assert.Equal(
            LimitOutlook.Unknown,
            new LimitCrossing(8, 12, [2, 6], 1).Estimate(current, [10, forecast], [9, low], [11, high]));

    [Fact]
    public void The_largest_floats_give_probabilities()
    {
        LimitOutlook outlook = new LimitCrossing(-1e300, 1e300, [1, 2], 1)
            .Estimate(0, [float.MaxValue, float.MinValue], [-1, float.MinValue], [float.MaxValue, float.MaxValue]);
        Assert.InRange(outlook.Probability, 0, 1);
        outlook = new LimitCrossing(-1, 1, [1, 2], 1)
            .Estimate(0, [float.MaxValue, float.MinValue], [-1, float.MinValue], [float.MaxValue, float.MaxValue]);
        Assert.Equal(1, outlook.Probability, 1e-6);
    }

    [Fact]
    public void Limits_horizons_periods_and_coverage_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new LimitCrossing(5, 5, [1], 1));
        Assert.Throws<ArgumentException>(() => new LimitCrossing(null, double.NaN, [1], 1));
        Assert.Throws<ArgumentException>(() => new LimitCrossing(double.NegativeInfinity, 1, [1], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LimitCrossing(null, 5, [], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LimitCrossing(null, 5, [0], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LimitCrossing(null, 5, [2, 2], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LimitCrossing(null, 5, [1], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LimitCrossing(null, 5, [1], 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LimitCrossing(null, 5, [1], 1).Estimate(1, [1, 2], [1], [1]));
    }

    [Fact]
    public void Estimate_allocates_nothing()
    {
        LimitCrossing crossing = new(8, 12, [1, 6, 12], 1);
        float[] forecasts = [10, 11, 12];
        float[] lows = [9, 9, 9];
        float[] highs = [11, 13, 15];
        double sum = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                sum += crossing.Estimate(10 + (i % 2), forecasts, lows, highs).TimeSeconds;
            }
        });
    }
}
