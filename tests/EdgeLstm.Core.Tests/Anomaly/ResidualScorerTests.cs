// The scorer: one channel and several, channels without value or forecast, samples not to be trusted, carrying over.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;
using EdgeLstm.Core.Tests.Forecasting;

namespace EdgeLstm.Core.Tests.Anomaly;

public class ResidualScorerTests
{
    // |r| of 1, 2, 3 are exceeded with probability 0.1, 0.01, 0.001: the score is |r| itself.
    private static readonly ResidualManifest Decades = new(1000, 0, 1, [0.1, 0.01, 0.001], [1, 2, 3]);

    [Fact]
    public void The_score_of_one_channel_is_that_of_its_residual()
    {
        float[] residuals = new float[1];
        Assert.Equal(2.5, One().Score([12.5f], [10], residuals, trusted: true), 6);
        Assert.Equal([2.5f], residuals);
        Assert.Equal(1.5, One().Score([8.5f], [10], residuals, trusted: true), 6);
        Assert.Equal([-1.5f], residuals);
    }

    [Fact]
    public void The_most_improbable_channel_decides_less_the_number_of_channels_looked_at()
    {
        Assert.Equal(2.5 - Math.Log10(3), Three().Score([0.5f, 2.5f, 1], [0, 0, 0], new float[3], trusted: true), 6);
        Assert.Equal(2.5 - Math.Log10(3), Three().Score([0.5f, 1, -2.5f], [0, 0, 0], new float[3], trusted: true), 6);
    }

    [Fact]
    public void A_channel_without_a_value_or_a_forecast_is_not_counted()
    {
        float[] residuals = new float[3];
        Assert.Equal(2.5 - Math.Log10(2), Three().Score([float.NaN, 2.5f, 1], [0, 0, 0], residuals, trusted: true), 6);
        Assert.Equal([float.NaN, 2.5f, 1], residuals);
        Assert.Equal(1, Three().Score([float.NaN, 2.5f, 1], [0, float.NaN, 0], residuals, trusted: true), 6);
        Assert.Equal([float.NaN, float.NaN, 1], residuals);
    }

    [Fact]
    public void A_sample_in_which_no_channel_can_be_scored_has_no_score()
    {
        Assert.Equal(double.NaN, One().Score([float.NaN], [10], new float[1], trusted: true));
        Assert.Equal(double.NaN, One().Score([10], [float.NaN], new float[1], trusted: true));
    }

    [Fact]
    public void A_channel_that_no_output_forecasts_has_no_residual()
    {
        ResidualScorer scorer = new(Manifest(1), [-1, 0]);
        float[] residuals = new float[2];
        Assert.Equal(2, scorer.Score([99, 2], [0], residuals, trusted: true), 6);
        Assert.Equal([float.NaN, 2], residuals);
    }

    [Fact]
    public void No_score_is_below_0()
    {
        Assert.Equal(0, Three().Score([0, 0, 0], [0, 0, 0], new float[3], trusted: true));
    }

    [Fact]
    public void Three_channels_of_noise_exceed_a_score_no_more_often_than_one()
    {
        Random random = new(7);
        ResidualScorer one = One();
        ResidualScorer three = Three();
        int oneAlarms = 0;
        int threeAlarms = 0;
        float[] due = new float[3];
        float[] residuals = new float[3];
        for (int i = 0; i < 200_000; i++)
        {
            float[] noise = [Tail(), Tail(), Tail()];
            oneAlarms += one.Score(noise.AsSpan(0, 1), due.AsSpan(0, 1), residuals.AsSpan(0, 1), trusted: true) >= 2 ? 1 : 0;
            threeAlarms += three.Score(noise, due, residuals, trusted: true) >= 2 ? 1 : 0;
        }

        // P(score ≥ 2) = 0.01 in both; the standard deviation of 2000 such events is about 45.
        Assert.InRange(oneAlarms, 1800, 2200);
        Assert.InRange(threeAlarms, 1800, 2200);

        float Tail() => (float)-Math.Log10(1 - random.NextDouble());
    }

    [Fact]
    public void A_sample_that_is_not_trusted_is_neither_scored_nor_learned_from()
    {
        ResidualScorer scorer = Learning();
        float[] residuals = new float[1];
        for (int i = 0; i < 5 * LearnedTail.WarmUpSamples; i++)
        {
            Assert.Equal(double.NaN, scorer.Score([i], [0], residuals, trusted: false));
            Assert.Equal(i, residuals[0]);
        }

        Assert.Equal(double.NaN, scorer.Score([1], [0], residuals, trusted: true));   // still its first
    }

    [Fact]
    public void A_model_without_calibration_learns_as_it_runs()
    {
        ResidualScorer scorer = Learning();
        Random random = new(3);
        float[] residuals = new float[1];
        for (int i = 0; i < 1000; i++)
        {
            double score = scorer.Score([random.NextSingle()], [0], residuals, trusted: true);
            Assert.Equal(i < LearnedTail.WarmUpSamples, double.IsNaN(score));
        }

        Assert.True(scorer.Score([50], [0], residuals, trusted: true) > 10);
    }

    [Fact]
    public void What_was_learned_carries_over_bit_for_bit()
    {
        ResidualScorer first = Learning();
        for (int i = 0; i < 300; i++)
        {
            first.Score([MathF.Sin(i)], [0], new float[1], trusted: true);
        }

        StateWriter writer = new();
        first.Save(writer);
        ResidualScorer second = Learning();
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        for (int i = 300; i < 400; i++)
        {
            float value = MathF.Sin(i) * 2;
            double expected = first.Score([value], [0], new float[1], trusted: true);
            Assert.False(double.IsNaN(expected));
            Assert.Equal(expected, second.Score([value], [0], new float[1], trusted: true));
        }
    }

    [Fact]
    public void Scoring_allocates_nothing()
    {
        ResidualScorer scorer = Three();
        float[] values = [1, float.NaN, 3];
        float[] due = [0, 0, 0];
        float[] residuals = new float[3];
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                scorer.Score(values, due, residuals, trusted: true);
            }
        });
    }

    private static ResidualScorer One() => new(Manifest(1), [0]);

    private static ResidualScorer Three() => new(Manifest(3), [0, 1, 2]);

    private static ResidualScorer Learning() => new(TinyModel.Manifest([TinyModel.Plain("c0")], [TinyModel.Plain("c0", 1)]), [0]);

    private static ModelManifest Manifest(int channels) => TinyModel.Manifest(
        [.. Enumerable.Range(0, channels).Select(i => TinyModel.Plain($"c{i}"))],
        [.. Enumerable.Range(0, channels).Select(i => TinyModel.Plain($"c{i}", 1, Decades))]);
}
