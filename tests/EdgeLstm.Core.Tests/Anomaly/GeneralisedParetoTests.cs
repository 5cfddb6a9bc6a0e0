// The generalised Pareto tail: its formulas, and fits to samples whose tail is known.

using EdgeLstm.Core.Anomaly;

namespace EdgeLstm.Core.Tests.Anomaly;

public class GeneralisedParetoTests
{
    [Theory]
    [InlineData(-0.3)]
    [InlineData(0)]
    [InlineData(1e-9)]
    [InlineData(0.4)]
    public void Quantile_and_exceedance_are_inverse(double shape)
    {
        GeneralisedPareto tail = new(shape, 2.5);
        foreach (double probability in new[] { 1, 0.5, 1e-2, 1e-4 })
        {
            Assert.Equal(1, tail.Exceedance(tail.Quantile(probability)) / probability, 6);
        }
    }

    [Fact]
    public void Known_tails_have_their_textbook_values()
    {
        Assert.Equal(Math.Exp(-2), new GeneralisedPareto(0, 1).Exceedance(2), 12);
        Assert.Equal(1.0 / 9, new GeneralisedPareto(0.5, 1).Exceedance(4), 12);    // (1 + 4/2)^-2
        Assert.Equal(0.25, new GeneralisedPareto(-0.5, 1).Exceedance(1), 12);      // (1 − 1/2)^2
        Assert.Equal(0, new GeneralisedPareto(-0.5, 1).Exceedance(2.5));           // beyond its end at 2
        Assert.Equal(1, new GeneralisedPareto(0.5, 1).Exceedance(-1));
    }

    [Theory]
    [InlineData(-0.3)]
    [InlineData(0)]
    [InlineData(0.3)]
    public void A_fit_finds_the_tail_that_the_sample_came_from(double shape)
    {
        GeneralisedPareto truth = new(shape, 3);
        GeneralisedPareto fitted = GeneralisedPareto.Fit(Sample(truth, 10_000));
        Assert.Equal(shape, fitted.Shape, 0.04);
        Assert.Equal(3, fitted.Scale, 0.1);
    }

    [Fact]
    public void A_hundred_excesses_give_the_level_of_one_in_a_thousand_within_a_third()
    {
        GeneralisedPareto truth = new(0.1, 1);
        GeneralisedPareto fitted = GeneralisedPareto.Fit(Sample(truth, 100));
        Assert.InRange(fitted.Quantile(1e-3) / truth.Quantile(1e-3), 0.75, 1.33);
    }

    [Fact]
    public void Few_excesses_take_the_prior_shape_and_the_likeliest_scale()
    {
        GeneralisedPareto one = GeneralisedPareto.Fit([2.0]);
        Assert.Equal(GeneralisedPareto.PriorShape, one.Shape);
        Assert.Equal(2, one.Scale, 6);   // (1 + ξ)·x / (σ + ξ·x) = 1 at σ = x
    }

    [Fact]
    public void Excesses_of_any_size_and_spread_give_a_finite_tail()
    {
        double[][] samples =
        [
            [1, 1, 1, 1, 1, 1, 1, 1, 1],
            [1e-19, 1e-19, 1e-19, 1e-19, 1, 1, 1e3, 1e6, 1e9],
            [1e-300, 2e-300, 3e-300, 4e-300, 5e-300, 6e-300, 7e-300, 8e-300, 9e-300],
            [1e12, 2e12, 3e12, 4e12, 5e12, 6e12, 7e12, 8e12],
        ];
        foreach (double[] sample in samples)
        {
            GeneralisedPareto tail = GeneralisedPareto.Fit(sample);
            Assert.InRange(tail.Shape, -0.5, 1);
            Assert.True(double.IsFinite(tail.Scale) && tail.Scale > 0, $"scale {tail.Scale}");
            Assert.True(double.IsFinite(tail.Quantile(1e-6)));
        }
    }

    // Rising quantiles at evenly spread probabilities: a sample without chance.
    private static double[] Sample(GeneralisedPareto tail, int count)
    {
        double[] sample = new double[count];
        for (int i = 0; i < count; i++)
        {
            sample[i] = tail.Quantile(1 - ((i + 0.5) / count));
        }

        return sample;
    }
}
