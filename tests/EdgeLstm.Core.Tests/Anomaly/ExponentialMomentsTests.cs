// Mean and variance that forget: against the definition, from the first value on, clipped, and after anything that may come in.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Anomaly;

public class ExponentialMomentsTests
{
    [Theory]
    [InlineData(1.5)]
    [InlineData(20)]
    [InlineData(1000)]
    [InlineData(double.PositiveInfinity)]
    public void Mean_and_variance_are_those_of_the_weighted_values(double memory)
    {
        ExponentialMoments moments = new(memory);
        Random random = new(1);
        List<double> values = [];
        for (int i = 0; i < 300; i++)
        {
            values.Add(50 + random.NextDouble());
            moments.Observe(values[^1]);
            if (i is 1 or 2 or 10 or 299)
            {
                (double mean, double variance, double count) = Reference(values, 1 - (1 / memory));
                Assert.Equal(mean, moments.Mean, 10);
                Assert.Equal(variance, moments.Variance, 10);
                Assert.Equal(count, moments.EffectiveCount, 8);
            }
        }
    }

    [Fact]
    public void There_is_no_z_before_two_values_and_none_of_a_missing_one()
    {
        ExponentialMoments moments = new(10);
        Assert.Equal(0, moments.EffectiveCount);
        Assert.True(double.IsNaN(moments.Z(1)));
        moments.Observe(1);
        Assert.True(double.IsNaN(moments.Z(1)));
        moments.Observe(3);
        Assert.True(double.IsNaN(moments.Z(double.NaN)));
        Assert.True(double.IsNaN(moments.Z(double.NegativeInfinity)));
        Assert.Equal((5 - moments.Mean) / Math.Sqrt(moments.Variance), moments.Z(5), 12);
    }

    [Fact]
    public void A_series_that_never_moved_gives_0_for_its_value_and_the_limit_for_others()
    {
        ExponentialMoments moments = new(10);
        for (int i = 0; i < 1000; i++)
        {
            moments.Observe(0.1, 4);
        }

        Assert.Equal(0, moments.Z(0.1));
        Assert.Equal(ExponentialMoments.ZLimit, moments.Z(0.2));
        Assert.Equal(-ExponentialMoments.ZLimit, moments.Z(0));
        moments.Observe(0.2, 4);
        Assert.InRange(moments.Z(0.2), 0.5, 10);
    }

    [Fact]
    public void A_clipped_outlier_hardly_teaches_and_a_lasting_change_is_learned()
    {
        ExponentialMoments clipped = Settled(out Random random);
        double deviation = Math.Sqrt(clipped.Variance);
        clipped.Observe(1e6, 4);
        Assert.InRange(Math.Sqrt(clipped.Variance), deviation, 1.1 * deviation);
        Assert.True(clipped.Z(1e4) > 100);
        for (int i = 0; i < 1000; i++)
        {
            clipped.Observe(1e4 + random.NextDouble(), 4);
        }

        Assert.Equal(1e4, clipped.Mean, 10.0);
    }

    [Fact]
    public void Nothing_that_comes_in_spoils_it_for_ever()
    {
        ExponentialMoments moments = Settled(out Random random);
        (double mean, double variance) = (moments.Mean, moments.Variance);
        moments.Observe(double.NaN);
        moments.Observe(double.PositiveInfinity, 4);
        moments.Observe(double.MaxValue);
        Assert.Equal((mean, variance), (moments.Mean, moments.Variance));
        moments.Observe(ExponentialMoments.MagnitudeLimit);
        moments.Observe(-ExponentialMoments.MagnitudeLimit);
        Assert.True(double.IsFinite(moments.Z(1e90)));
        for (int i = 0; i < 100_000; i++)
        {
            moments.Observe(random.NextDouble());
        }

        Assert.InRange(moments.Mean, 0.3, 0.7);
        Assert.InRange(moments.Variance, 0.06, 0.11);
    }

    [Fact]
    public void State_carries_over()
    {
        ExponentialMoments first = Settled(out _);
        StateWriter writer = new();
        first.Save(writer);
        ExponentialMoments second = new(100);
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        first.Observe(3);
        second.Observe(3);
        Assert.Equal((first.Count, first.Mean, first.Variance, first.Rate, first.EffectiveCount),
            (second.Count, second.Mean, second.Variance, second.Rate, second.EffectiveCount));
    }

    [Theory]
    [InlineData(0.99)]
    [InlineData(double.NaN)]
    public void A_memory_below_one_step_is_refused(double memory) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExponentialMoments(memory));

    [Fact]
    public void Observing_and_scoring_allocates_nothing()
    {
        ExponentialMoments moments = new(100);
        double sum = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                sum += moments.Z(i % 7);
                moments.Observe(i % 7);
                moments.Observe(i % 5, 4);
            }
        });
    }

    private static ExponentialMoments Settled(out Random random)
    {
        ExponentialMoments moments = new(100);
        random = new(2);
        for (int i = 0; i < 1000; i++)
        {
            moments.Observe(random.NextDouble());
        }

        return moments;
    }

    // The definition: weights λ^age, variance over Σw·(1 − Σw²/(Σw)²).
    private static (double Mean, double Variance, double Count) Reference(List<double> values, double keep)
    {
        double[] weights = [.. values.Select((_, i) => Math.Pow(keep, values.Count - 1 - i))];
        double total = weights.Sum();
        double mean = values.Zip(weights, (x, w) => x * w).Sum() / total;
        double spread = values.Zip(weights, (x, w) => w * (x - mean) * (x - mean)).Sum() / total;
        double squaredShare = weights.Sum(w => w * w) / (total * total);
        return (mean, spread / (1 - squaredShare), 1 / squaredShare);
    }
}
