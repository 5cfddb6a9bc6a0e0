// Scores against values computed by hand.

using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Training.Tests.Evaluation;

public class ForecastScoringTests
{
    [Fact]
    public void Point_scores_are_those_computed_by_hand()
    {
        // Values 1 2 4 4 2; forecasts made at rows 0 to 3 for the next: 2 3 5 3. Errors 0, 1, −1, −1.
        SeriesTable table = MadeSeries.Table(1, 2, 4, 4, 2);
        ForecastSeries forecasts = MadeSeries.Forecasts(5, 1, (row, _) => ((double[])[2, 3, 5, 3, 0])[row]);
        OutputGroup group = MadeSeries.Groups(1)[0];
        double naive = ForecastScoring.NaiveError(table, 0, new RowRange(0, 3));

        ForecastScores scores = ForecastScoring.Score(
            table, group, forecasts, ScoredRows.Of(table, group, new RowRange(0, 5), true), naive);

        Assert.Equal(1.5, naive);
        Assert.Equal(4, scores.Count);
        Assert.Equal(0.75, scores.Mae, 12);
        Assert.Equal(Math.Sqrt(0.75), scores.Rmse, 12);
        Assert.Equal(0.5, scores.Mase, 12);
        Assert.Equal(-0.25, scores.Bias, 12);
        Assert.Equal((0 + (200.0 / 7) + (200.0 / 9) + (200.0 / 5)) / 4, scores.Smape, 12);
        // Rises at rows 0 and 1 foretold; row 2 does not move; the fall at row 3 foretold.
        Assert.Equal(1, scores.DirectionAccuracy);
        Assert.Empty(scores.Quantiles);
        Assert.Null(scores.Band);
    }

    [Fact]
    public void Quantile_scores_and_the_band_are_those_computed_by_hand()
    {
        // Values that come: 0, 10, 20. Band 5 to 15, median 10.
        SeriesTable table = MadeSeries.Table(3, 0, 10, 20);
        OutputGroup group = MadeSeries.Band(1, 0.1, 0.5, 0.9)[0];
        ForecastSeries forecasts = MadeSeries.Forecasts(4, 3, (_, output) => ((double[])[5, 10, 15])[output]);

        ForecastScores scores = ForecastScoring.Score(table, group, forecasts, [0, 1, 2], 1);

        // Errors against 5: −5, 5, 15; q 0.1: 4.5, 0.5, 1.5. Against 15: −15, −5, 5; q 0.9: 1.5, 0.5, 4.5.
        Assert.Equal(6.5 / 3, scores.Quantiles[0].Pinball, 12);
        Assert.Equal((5.0 + 0 + 5) / 3, scores.Quantiles[1].Pinball, 12);
        Assert.Equal(6.5 / 3, scores.Quantiles[2].Pinball, 12);
        Assert.Equal([1.0 / 3, 2.0 / 3, 2.0 / 3], scores.Quantiles.Select(quantile => quantile.ShareBelow));
        Assert.Equal(new BandScore(0.8, 1.0 / 3, 10), scores.Band! with { Nominal = Math.Round(scores.Band.Nominal, 12) });
        Assert.Equal((6.5 + 10 + 6.5) / 9, scores.MeanPinball, 12);
        Assert.Equal(20.0 / 3, scores.Mae, 12);
    }

    [Fact]
    public void No_change_foretold_counts_half_a_direction()
    {
        SeriesTable table = MadeSeries.Table(1, 2, 3, 4);
        OutputGroup group = MadeSeries.Groups(1)[0];
        ForecastSeries forecasts = MadeSeries.Forecasts(4, 1, (row, _) => table[row, 0]);

        Assert.Equal(0.5, ForecastScoring.Score(table, group, forecasts, [0, 1, 2], 1).DirectionAccuracy);
        Assert.True(double.IsNaN(ForecastScoring.Score(
            MadeSeries.Table(5, 5, 5, 5), group, forecasts, [0, 1, 2], 1).DirectionAccuracy));
    }

    [Fact]
    public void Zeros_do_not_break_the_symmetric_error_and_nothing_to_measure_gives_no_figure()
    {
        OutputGroup group = MadeSeries.Groups(1)[0];
        SeriesTable table = MadeSeries.Table(0, 0, 0);
        ForecastSeries zeros = MadeSeries.Forecasts(3, 1, (_, _) => 0);

        ForecastScores all = ForecastScoring.Score(table, group, zeros, [0, 1], 0);
        ForecastScores none = ForecastScoring.Score(table, group, zeros, [], 1);

        Assert.Equal(0, all.Smape);
        Assert.True(double.IsNaN(all.Mase));
        Assert.Equal(0, none.Count);
        Assert.True(double.IsNaN(none.Mae) && double.IsNaN(none.Rmse) && double.IsNaN(none.Smape));
    }

    [Fact]
    public void Forecasts_across_a_gap_a_label_a_missing_value_or_the_end_do_not_count()
    {
        bool[] labelled = [.. Enumerable.Range(0, 20).Select(row => row == 15)];
        double[] values = [.. Enumerable.Range(0, 20).Select(row => row == 3 ? double.NaN : row)];
        SeriesTable table = MadeSeries.Table(values, labelled, new RowRange(0, 8), new RowRange(8, 20));
        OutputGroup group = MadeSeries.Groups(2)[0];

        int[] skipping = ScoredRows.Of(table, group, new RowRange(0, 19), skipsLabelled: true);
        int[] all = ScoredRows.Of(table, group, new RowRange(0, 19), skipsLabelled: false);

        Assert.Equal([0, 2, 4, 5, 8, 9, 10, 11, 12, 16], skipping);
        Assert.Equal([0, 2, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16], all);
    }

    [Fact]
    public void Outputs_are_grouped_by_target_and_horizon_and_quantiles_are_put_in_order()
    {
        OutputManifest[] outputs =
        [
            new("b", "V", 2, 0, 1, 0.9), new("a", "K", 1, 0, 1), new("b", "V", 2, 0, 1, 0.1), new("b", "V", 2, 0, 1, 0.45),
            new("a", "K", 3, 0, 1),
        ];

        IReadOnlyList<OutputGroup> groups = OutputGroup.Of(outputs, ["a", "b"]);

        Assert.Equal(["b2", "a1", "a3"], groups.Select(group => $"{group.Target}{group.Horizon}"));
        Assert.Equal([2, 3, 0], groups[0].QuantileOutputs);
        Assert.Equal([0.1, 0.45, 0.9], groups[0].Quantiles);
        Assert.Equal((3, 1), (groups[0].Point, groups[0].Channel));
        Assert.Equal((1, 0, false), (groups[1].Point, groups[1].Channel, groups[1].HasBand));
        Assert.Throws<ArgumentException>(() => OutputGroup.Of(outputs, ["a"]));
    }
}
