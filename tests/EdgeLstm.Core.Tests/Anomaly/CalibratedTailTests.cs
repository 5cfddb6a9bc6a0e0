// The calibrated tail: its table against a known distribution.

using EdgeLstm.Core.Anomaly;

namespace EdgeLstm.Core.Tests.Anomaly;

public class CalibratedTailTests
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
        Assert.Equal(CalibratedTail.ScoreLimit, new CalibratedTail(Probabilities, Residuals).Score(1e12));
    }
}
