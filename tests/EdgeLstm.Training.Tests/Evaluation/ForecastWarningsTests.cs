// Each warning by a planted case, and none in a good one.

using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Training.Tests.Evaluation;

public class ForecastWarningsTests
{
    private const int Rows = 1000;
    private static readonly RowRange Training = new(0, 700);
    private static readonly RowRange Measured = new(700, Rows);

    private static readonly double[] Noise = MadeSeries.Noise(Rows, 5);

    // A season of 40 rows below noise that nothing foretells.
    private static readonly SeriesTable Wave =
        MadeSeries.Table(Rows, row => Math.Sin(2 * Math.PI * row / 40) + (0.3 * Noise[row]));

    [Fact]
    public void A_good_forecast_brings_no_warning()
    {
        EvaluationReport report = Evaluate(Wave, (row, horizon) => Math.Sin(2 * Math.PI * (row + horizon) / 40));

        Assert.Empty(report.Warnings);
        Assert.Equal(
            ["model", "persistence", "seasonal naive", "linear autoregression"], report.Forecasters.Select(one => one.Name));
        Assert.All(report.Seasons, season => Assert.Equal(40, season));
    }

    [Fact]
    public void A_forecast_that_collapsed_to_the_mean_is_found()
    {
        EvaluationReport report = Evaluate(Wave, (row, _) => 0.02 * Math.Sin(2 * Math.PI * row / 40));

        Assert.Equal([1, 10], Horizons(report, WarningKind.CollapsedToMean));
        Assert.Empty(Horizons(report, WarningKind.CollapsedToPersistence));
    }

    [Fact]
    public void A_forecast_that_collapsed_to_persistence_is_found()
    {
        EvaluationReport report = Evaluate(Wave, (row, _) => (0.98 * Wave[row, 0]) + 0.001);

        Assert.Equal([1, 10], Horizons(report, WarningKind.CollapsedToPersistence));
        Assert.Empty(Horizons(report, WarningKind.CollapsedToMean));
    }

    [Fact]
    public void A_model_that_loses_to_a_baseline_at_one_horizon_is_named_with_the_horizon_and_the_baseline()
    {
        EvaluationReport report = Evaluate(
            Wave, (row, horizon) => horizon == 1 ? Math.Sin(2 * Math.PI * (row + 1) / 40) : Wave[row, 0] + 0.5);

        Assert.Equal([10], Horizons(report, WarningKind.LosesToBaseline).Distinct());
        Assert.Contains(report.Warnings, warning => warning.Text.Contains("does not beat persistence", StringComparison.Ordinal));
    }

    [Fact]
    public void A_model_that_wins_in_absolute_but_not_in_squared_error_is_named_too()
    {
        EvaluationReport report = Evaluate(Wave, (row, horizon) => Wave[row + horizon, 0] + (row % 50 == 0 ? 3 : 0));

        EvaluationWarning warning = Assert.Single(report.Warnings, warning => warning.Horizon == 1);
        Assert.Contains("does not beat linear autoregression in RMSE: ", warning.Text, StringComparison.Ordinal);
        Assert.True(warning.Value > warning.Limit);
    }

    [Fact]
    public void An_input_that_has_moved_is_found_and_the_part_is_named()
    {
        SeriesTable moved = MadeSeries.Table(Rows, row => Wave[row, 0] + (row >= 700 ? 1.5 : 0));

        EvaluationReport report = Evaluate(moved, (row, horizon) => moved[row + horizon, 0] + 0.01);

        EvaluationWarning warning = Assert.Single(report.Warnings);
        Assert.Equal((WarningKind.DistributionShift, "y"), (warning.Kind, warning.Subject));
        Assert.Contains("measured rows", warning.Text, StringComparison.Ordinal);
        Assert.True(warning.Value > PopulationStability.ShiftLimit);
    }

    [Fact]
    public void A_target_that_does_not_move_and_a_few_forecasts_are_not_judged()
    {
        OutputGroup group = MadeSeries.Groups(1)[0];
        SeriesTable still = MadeSeries.Table(100, _ => 4);
        ForecastSeries forecasts = MadeSeries.Forecasts(100, 1, (_, _) => 4);

        Assert.Empty(ForecastWarnings.Collapses(still, group, forecasts, [.. Enumerable.Range(0, 99)]));
        int[] few = [.. Enumerable.Range(0, ForecastWarnings.FewestForecasts - 1)];
        Assert.Empty(ForecastWarnings.Collapses(Wave, group, MadeSeries.Forecasts(Rows, 1, (_, _) => 0), few));
    }

    [Fact]
    public void The_stability_index_is_that_computed_by_hand_and_finds_what_deciles_hide()
    {
        double[] training = [.. Enumerable.Range(0, 100).Select(i => (double)i)];

        Assert.Equal(0, PopulationStability.Measure(training, training), 12);
        // All later values in the first of ten bins.
        double byHand = ((0.1 - 1) * Math.Log(0.1 / 1)) + (9 * (0.1 - 1e-4) * Math.Log(0.1 / 1e-4));
        Assert.Equal(byHand, PopulationStability.Measure(training, [1, 2, 3]), 9);
        // A constant that changes, to either side.
        Assert.Equal(0, PopulationStability.Measure([5, 5, 5], [5, 5]), 12);
        Assert.True(PopulationStability.Measure([5, 5, 5], [4, 4]) > 1);
        Assert.True(PopulationStability.Measure([5, 5, 5], [6, 6]) > 1);
        Assert.True(double.IsNaN(PopulationStability.Measure([], [1])));
        double[] normal = MadeSeries.Noise(5000, 8);
        Assert.InRange(PopulationStability.Measure(normal, MadeSeries.Noise(5000, 9)), 0, 0.02);
    }

    [Fact]
    public void Nothing_to_measure_and_rows_that_do_not_fit_are_refused_by_name()
    {
        ForecastSeries none = ForecastSeries.Missing(new RowRange(0, Rows), 2);
        EvaluationRequest request = Request(Wave, none);

        Assert.Contains("could be measured",
            Assert.Throws<ArgumentException>(() => ModelEvaluation.Evaluate(request)).Message, StringComparison.Ordinal);
        Assert.Contains("rows 600 to 1000",
            Assert.Throws<ArgumentException>(() => ModelEvaluation.Evaluate(request with { Measured = new RowRange(600, Rows) }))
                .Message, StringComparison.Ordinal);
        Assert.Contains("expected 2", Assert.Throws<ArgumentException>(() => ModelEvaluation.Evaluate(request with
        {
            Forecasts = ForecastSeries.Missing(new RowRange(0, Rows), 1),
        })).Message, StringComparison.Ordinal);
    }

    private static int[] Horizons(EvaluationReport report, WarningKind kind) =>
        [.. report.Warnings.Where(warning => warning.Kind == kind).Select(warning => warning.Horizon)];

    private static EvaluationReport Evaluate(SeriesTable table, Func<int, int, double> forecast)
    {
        int[] horizons = [1, 10];
        return ModelEvaluation.Evaluate(Request(table, MadeSeries.Forecasts(
            Rows, 2, (row, output) => row + horizons[output] < Rows ? forecast(row, horizons[output]) : double.NaN)));
    }

    private static EvaluationRequest Request(SeriesTable table, ForecastSeries forecasts) => new(
        "wave", "wave.csv", table, ["y"], [new OutputManifest("y", "K", 1, 0, 1), new OutputManifest("y", "K", 10, 0, 1)],
        Training, Measured, forecasts);
}
