// The scorer of a model's residuals: one channel and several, horizons, what is missing or new, carrying over.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;
using EdgeLstm.Core.Tests.Forecasting;

namespace EdgeLstm.Core.Tests.Anomaly;

public class ResidualScorerTests
{
    private const int Rows = 2000;
    private readonly Noise _noise = new(3);

    [Fact]
    public void Ordinary_residuals_score_low_and_one_far_larger_scores_high()
    {
        ResidualScorer scorer = Create(1);
        double mean = Run(scorer, 1, Rows) / Rows;
        Assert.InRange(mean, 0, 1);
        Assert.True(scorer.Score([0.9f], [-20]) > 5);
    }

    [Fact]
    public void The_first_residuals_have_no_score()
    {
        ResidualScorer scorer = Create(1);
        int first = 0;
        while (double.IsNaN(scorer.Score([(float)_noise.Normal()], [0])))
        {
            first++;
        }

        Assert.InRange(first, 2, 20);
    }

    [Fact]
    public void The_channel_that_is_off_contributes_most()
    {
        ResidualScorer scorer = Create(3);
        Run(scorer, 3, Rows);
        Assert.True(scorer.Score([0, 0.5f, 0], [0, 15, 0]) > 4);
        Assert.True(scorer.Contributions[1] > 0.8);
        Assert.Equal(1, scorer.Contributions[0] + scorer.Contributions[1] + scorer.Contributions[2], 9);
    }

    [Fact]
    public void A_value_outside_everything_seen_scores_even_where_it_was_foretold()
    {
        ResidualScorer one = Create(1);
        Run(one, 1, Rows);
        Assert.True(one.Score([40], [40]) > 8);

        // Of two channels both count in full, one by half.
        ResidualScorer two = Create(2);
        Run(two, 2, Rows);
        double half = two.Score([0, 40], [0, 40]);
        Assert.True(half > 4);
        Assert.Equal([0, 1], two.Contributions.ToArray());
        Assert.True(two.Score([80, 80], [80, 80]) > 8);
        Assert.True(two.Contributions[0] > two.Contributions[1] && two.Contributions[1] > 0.1);
    }

    [Fact]
    public void A_sample_without_a_forecast_or_value_has_no_score_and_teaches_only_what_was_seen()
    {
        ResidualScorer scorer = Create(1);
        Run(scorer, 1, Rows);
        Assert.Equal(double.NaN, scorer.Score([float.NaN], [10]));
        Assert.Equal(double.NaN, scorer.Score([500], [float.NaN]));
        Assert.Equal([0], scorer.Contributions.ToArray());
        double again = scorer.Score([500], [500]);
        Assert.InRange(again, 0, 1);   // no longer new, and foretold
    }

    [Fact]
    public void A_missing_channel_leaves_the_others_scored()
    {
        ResidualScorer scorer = Create(3);
        Run(scorer, 3, Rows);
        Assert.True(scorer.Score([float.NaN, 0, 0.5f], [0, 0, 15]) > 4);
        Assert.Equal(0, scorer.Contributions[0]);
        Assert.Equal(1, scorer.Contributions[1] + scorer.Contributions[2], 9);
    }

    [Fact]
    public void The_score_is_the_mean_over_the_horizons_that_have_one()
    {
        ResidualScorer two = Of(TinyModel.Manifest(
            [TinyModel.Plain("c0")], [TinyModel.Plain("c0", 1), TinyModel.Plain("c0", 6)]));
        ResidualScorer near = Create(1);
        ResidualScorer far = Create(1);
        double difference = 0;
        for (int i = 0; i < Rows; i++)
        {
            float value = (float)_noise.Normal();
            float due = (float)_noise.Normal();
            double mean = (near.Score([value], [0]) + far.Score([value], [due])) / 2;
            double score = two.Score([value], [0, due]);
            if (near.Contributions[0] == 1 && score < 4 && mean < 4)
            {
                difference = Math.Max(difference, Math.Abs(score - mean));   // novelty is not averaged
            }
        }

        Assert.InRange(difference, 0, 2);
        Assert.Equal(near.Score([0.1f], [0]), two.Score([0.1f], [0, float.NaN]), 9);
    }

    [Fact]
    public void Quantiles_and_models_that_do_not_forecast_have_no_score()
    {
        ModelManifest quantile = TinyModel.Manifest([TinyModel.Plain("c0")], [TinyModel.Plain("c0", 1) with { Quantile = 0.9 }]);
        ModelManifest regress = TinyModel.Manifest([TinyModel.Plain("c0")], [TinyModel.Plain("c0", 0)]) with
        {
            Task = ModelTask.Regress,
        };
        foreach (ModelManifest manifest in new[] { quantile, regress })
        {
            ResidualScorer scorer = Of(manifest);
            for (int i = 0; i < 50; i++)
            {
                Assert.Equal(double.NaN, scorer.Score([i], [0]));
            }
        }
    }

    [Fact]
    public void Infinite_residuals_do_no_lasting_harm()
    {
        ResidualScorer scorer = Create(2);
        Run(scorer, 2, Rows);
        for (int i = 0; i < 20; i++)
        {
            scorer.Score([float.MaxValue, float.PositiveInfinity], [-float.MaxValue, 0]);
        }

        Run(scorer, 2, Rows);
        Assert.InRange(scorer.Score([0.1f, 0.1f], [0, 0]), 0, 3);
    }

    [Fact]
    public void What_was_learned_carries_over_bit_for_bit()
    {
        ResidualScorer first = Create(2);
        Run(first, 2, 300);
        StateWriter writer = new();
        first.Save(writer);
        ResidualScorer second = Create(2);
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        for (int i = 0; i < 300; i++)
        {
            float[] values = [2 * MathF.Sin(i), MathF.Cos(i * 0.3f)];
            double expected = first.Score(values, [0, 0]);
            Assert.False(double.IsNaN(expected));
            Assert.Equal(expected, second.Score(values, [0, 0]));
            Assert.Equal(first.Contributions.ToArray(), second.Contributions.ToArray());
        }
    }

    [Fact]
    public void Scoring_allocates_nothing()
    {
        ResidualScorer scorer = Create(3);
        float[] values = [1, float.NaN, 3];
        float[] due = [0, 0, 0];
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                values[0] = i % 7;
                scorer.Score(values, due);
            }
        });
    }

    private static ResidualScorer Create(int channels) => Of(TinyModel.Manifest(
        [.. Enumerable.Range(0, channels).Select(i => TinyModel.Plain($"c{i}"))],
        [.. Enumerable.Range(0, channels).Select(i => TinyModel.Plain($"c{i}", 1))]));

    private static ResidualScorer Of(ModelManifest manifest) => new(manifest, DetectorSettings.Default);

    // Feeds noise that nothing foretells; gives the sum of the scores.
    private double Run(ResidualScorer scorer, int channels, int rows)
    {
        float[] values = new float[channels];
        float[] due = new float[channels];
        double sum = 0;
        for (int row = 0; row < rows; row++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                values[channel] = (float)_noise.Normal();
            }

            double score = scorer.Score(values, due);
            sum += double.IsNaN(score) ? 0 : score;
        }

        return sum;
    }
}
