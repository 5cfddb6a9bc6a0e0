// Residual tails: the calibrated table against a known distribution, the learned one against the normal distribution.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Anomaly;

public class ResidualTailTests
{
    // An exponential tail P(|r| > r) = e^(−r/2), for which interpolation in log P is exact.
    private static readonly double[] Probabilities = [0.5, 0.1, 0.01, 0.001];
    private static readonly double[] Residuals = [.. Probabilities.Select(p => -2 * Math.Log(p))];

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.3, 0.5)]
    [InlineData(1.0, 0.3)]
    [InlineData(5, 0.02)]
    [InlineData(13.8, 0.00101)]
    [InlineData(40, 2.1e-9)]
    public void A_calibrated_score_is_the_logarithm_of_the_tail_probability(double residual, double about)
    {
        CalibratedTail tail = new(Probabilities, Residuals);
        double expected = residual / 2 / Math.Log(10);
        Assert.Equal(expected, tail.Score(residual), 9);
        Assert.Equal(expected, tail.Score(-residual), 9);
        Assert.True(about == 0 || Math.Abs(expected + Math.Log10(about)) < 0.7);
    }

    [Theory]
    [InlineData(0.7)]
    [InlineData(0.1)]
    [InlineData(0.03)]
    [InlineData(1e-6)]
    public void The_residual_at_a_probability_is_the_inverse_of_the_score(double probability)
    {
        CalibratedTail tail = new(Probabilities, Residuals);
        Assert.Equal(-Math.Log10(probability), tail.Score(tail.ResidualAt(probability)), 9);
    }

    [Fact]
    public void A_table_with_equal_residuals_still_scores_and_rises()
    {
        CalibratedTail tail = new([0.5, 0.1, 0.01], [0, 0, 1]);
        Assert.True(tail.Score(0.5) < tail.Score(2));
        Assert.True(double.IsFinite(tail.Score(0)));
        Assert.True(double.IsFinite(new CalibratedTail([0.5, 0.1], [0, 0]).Score(1)));
    }

    [Fact]
    public void No_score_exceeds_the_limit()
    {
        Assert.Equal(ResidualTail.ScoreLimit, new CalibratedTail(Probabilities, Residuals).Score(1e12));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1.0, 0.498516)]      // −log10 of the two-sided tail: 0.317311
    [InlineData(1.959964, 1.30103)]  // 0.05
    [InlineData(5, 6.241602)]        // 5.733e-7
    [InlineData(8, 14.9051)]          // 1.244e-15
    public void The_gaussian_score_agrees_with_tables(double z, double expected)
    {
        Assert.Equal(expected, LearnedTail.GaussianScore(z), expected > 10 ? 2 : 4);
    }

    [Fact]
    public void A_learned_tail_says_nothing_until_it_has_seen_enough()
    {
        LearnedTail tail = new();
        for (int i = 0; i < LearnedTail.WarmUpSamples; i++)
        {
            Assert.True(double.IsNaN(tail.Score(1)));
            tail.Observe(i % 2 == 0 ? 1 : -1);
        }

        Assert.False(double.IsNaN(tail.Score(1)));
    }

    [Fact]
    public void A_learned_tail_finds_mean_and_spread_and_is_not_taught_by_the_anomaly()
    {
        LearnedTail tail = new();
        Random random = new(7);
        for (int i = 0; i < 5000; i++)
        {
            tail.Observe(10 + (2 * Normal(random)));
        }

        double normal = tail.Score(10 + (3 * 2));
        Assert.InRange(normal, LearnedTail.GaussianScore(2.6), LearnedTail.GaussianScore(3.4));
        for (int i = 0; i < 20; i++)
        {
            tail.Observe(1000);
        }

        Assert.True(tail.Score(1000) > 10);
    }

    [Fact]
    public void A_learned_tail_carries_over()
    {
        LearnedTail first = new();
        for (int i = 0; i < 200; i++)
        {
            first.Observe(Math.Sin(i));
        }

        StateWriter writer = new();
        first.Save(writer);
        LearnedTail second = new();
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        Assert.Equal(first.Score(0.7), second.Score(0.7));
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
