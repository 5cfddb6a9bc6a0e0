// Folds behind the first training part; what lies behind a row never changes what was scored before it.

using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Training.Tests.Evaluation;

public class WalkForwardTests
{
    private const int Rows = 900;
    private static readonly RowRange First = new(0, 500);
    private static readonly IReadOnlyList<OutputGroup> Groups = MadeSeries.Band(3, 0.1, 0.5, 0.9);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Folds_follow_each_other_and_learn_only_from_rows_before_them(bool refits)
    {
        List<(RowRange Training, RowRange Measured)> asked = [];
        SeriesTable table = MadeSeries.Table(MadeSeries.RandomWalk(Rows, 2));

        IReadOnlyList<FoldResult> folds = WalkForward.Evaluate(
            table, Groups, First, 3, refits, (training, measured) =>
            {
                asked.Add((training, measured));
                return Repeated(table, measured);
            }, new BaselineOptions());

        Assert.Equal([500, 633, 766], folds.Select(fold => fold.Measured.Begin));
        Assert.Equal([633, 766, 900], folds.Select(fold => fold.Measured.End));
        Assert.Equal(refits ? [500, 633, 766] : [500, 500, 500], folds.Select(fold => fold.Training.End));
        Assert.Equal(folds.Select(fold => (fold.Training, fold.Measured)), asked);
        // The model is persistence without its band: the same point error.
        Assert.All(folds, fold => Assert.Equal(fold.Forecasters[1].Scores[0].Mae, fold.Forecasters[0].Scores[0].Mae));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Values_behind_a_fold_change_no_score_before_them(bool refits)
    {
        double[] values = MadeSeries.RandomWalk(Rows, 6);
        double[] changed = [.. values.Select((value, row) => row >= 766 ? (1000 * value) - row : value)];

        IReadOnlyList<FoldResult> one = Evaluate(MadeSeries.Table(values), refits);
        IReadOnlyList<FoldResult> other = Evaluate(MadeSeries.Table(changed), refits);

        for (int fold = 0; fold < 2; fold++)
        {
            for (int forecaster = 0; forecaster < one[fold].Forecasters.Count; forecaster++)
            {
                ForecastScores before = one[fold].Forecasters[forecaster].Scores[0];
                ForecastScores after = other[fold].Forecasters[forecaster].Scores[0];
                Assert.Equal(one[fold].Forecasters[forecaster].Name, other[fold].Forecasters[forecaster].Name);
                Assert.Equal((before.Count, before.Mae, before.Rmse), (after.Count, after.Mae, after.Rmse));
                Assert.Equal((before.Mase, before.Smape, before.Bias), (after.Mase, after.Smape, after.Bias));
                Assert.Equal(before.Band, after.Band);
                Assert.Equal(before.Quantiles, after.Quantiles);
            }
        }

        Assert.NotEqual(one[2].Forecasters[1].Scores[0].Mae, other[2].Forecasters[1].Scores[0].Mae);
    }

    [Fact]
    public void A_forecast_of_a_baseline_depends_on_nothing_behind_its_row()
    {
        double[] values = [.. MadeSeries.RandomWalk(Rows, 6).Select((value, row) => value + Math.Sin(row / 4.0))];
        double[] changed = [.. values.Select((value, row) => row > 700 ? double.NaN : value)];
        foreach (Func<SeriesTable, Baseline> make in (Func<SeriesTable, Baseline>[])
            [
                table => new Persistence(table, Groups, First, true),
                table => new SeasonalNaive(table, Groups, First, true, [25]),
                table => new LinearAutoregression(table, Groups, First, true),
            ])
        {
            ForecastSeries one = make(MadeSeries.Table(values)).Forecast(new RowRange(500, Rows), 3);
            ForecastSeries other = make(MadeSeries.Table(changed)).Forecast(new RowRange(500, Rows), 3);

            Assert.Equal(one.Values[..(201 * 3)], other.Values[..(201 * 3)]);
            Assert.True(float.IsNaN(other[750, 0]));
        }
    }

    [Fact]
    public void Folds_that_do_not_fit_are_refused()
    {
        SeriesTable table = MadeSeries.Table(MadeSeries.RandomWalk(Rows, 2));

        Assert.Throws<ArgumentException>(() => WalkForward.Evaluate(
            table, Groups, new RowRange(0, Rows - 2), 3, false, (_, rows) => Repeated(table, rows), new BaselineOptions()));
    }

    private static IReadOnlyList<FoldResult> Evaluate(SeriesTable table, bool refits) => WalkForward.Evaluate(
        table, Groups, First, 3, refits, (_, measured) => Repeated(table, measured), new BaselineOptions());

    private static ForecastSeries Repeated(SeriesTable table, RowRange rows)
    {
        ForecastSeries made = ForecastSeries.Missing(rows, 3);
        for (int i = 0; i < made.Values.Length; i++)
        {
            made.Values[i] = table[rows.Begin + (i / 3), 0] + ((i % 3) - 1);
        }

        return made;
    }
}
