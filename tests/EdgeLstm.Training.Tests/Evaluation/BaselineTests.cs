// Baselines on series where they are exact.

using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Training.Tests.Evaluation;

public class BaselineTests
{
    private static readonly RowRange Training = new(0, 300);
    private static readonly RowRange Measured = new(300, 400);

    [Fact]
    public void Persistence_is_exact_on_steps_and_off_by_the_horizon_on_a_ramp()
    {
        SeriesTable ramp = MadeSeries.Table(400, row => row);
        IReadOnlyList<OutputGroup> groups = MadeSeries.Groups(1, 7);

        ForecastScores[] scores = Scores(ramp, groups, new Persistence(ramp, groups, Training, true));

        Assert.Equal([1, 7], scores.Select(score => score.Mae));
        Assert.Equal([1, 7], scores.Select(score => score.Mase));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(40)]
    public void The_seasonal_naive_forecast_is_exact_on_a_season(int horizon)
    {
        SeriesTable table = MadeSeries.Table(400, row => (row * row) % 13);
        IReadOnlyList<OutputGroup> groups = MadeSeries.Groups(horizon);

        Assert.Equal(0, Scores(table, groups, new SeasonalNaive(table, groups, Training, true, [13]))[0].Mae);
    }

    [Fact]
    public void A_linear_autoregression_is_exact_where_the_future_is_linear_in_the_past()
    {
        // Two sines and a level: five values determine all that follow.
        SeriesTable table = MadeSeries.Table(400, row => 5 + Math.Sin(0.3 * row) + (0.5 * Math.Cos(1.1 * row)));
        IReadOnlyList<OutputGroup> groups = MadeSeries.Groups(1, 10);
        LinearAutoregression linear = new(table, groups, Training, true, lags: 8);
        Persistence persistence = new(table, groups, Training, true);

        ForecastScores[] scores = Scores(table, groups, linear);
        ForecastScores[] repeated = Scores(table, groups, persistence);

        for (int g = 0; g < groups.Count; g++)
        {
            Assert.InRange(scores[g].Mae, 0, 2e-3 * repeated[g].Mae);
        }
    }

    [Fact]
    public void A_linear_autoregression_finds_the_coefficient_of_an_autoregressive_process()
    {
        double[] noise = MadeSeries.Noise(20_000, 3);
        double level = 0;
        SeriesTable table = MadeSeries.Table(20_000, row => level = (0.8 * level) + noise[row]);
        IReadOnlyList<OutputGroup> groups = MadeSeries.Groups(1);
        LinearAutoregression linear = new(table, groups, new RowRange(0, 15_000), true);

        ForecastSeries made = linear.Forecast(new RowRange(15_000, 20_000), 1);
        int[] rows = ScoredRows.Of(table, groups[0], made.Origins, true, made);
        double error = ForecastScoring.Score(table, groups[0], made, rows, 1).Rmse;

        // The best that can be done is the noise's deviation, 1.
        Assert.InRange(error, 0.97, 1.03);
        double products = rows.Sum(row => (double)made[row, 0] * table[row, 0]);
        Assert.InRange(products / rows.Sum(row => (double)table[row, 0] * table[row, 0]), 0.78, 0.82);
    }

    [Fact]
    public void A_linear_autoregression_of_a_constant_and_of_too_few_rows_repeats_the_value()
    {
        SeriesTable constant = MadeSeries.Table(400, _ => 7);
        SeriesTable sine = MadeSeries.Table(400, row => Math.Sin(row));
        IReadOnlyList<OutputGroup> groups = MadeSeries.Groups(1);

        Assert.Equal(0, Scores(constant, groups, new LinearAutoregression(constant, groups, Training, true))[0].Mae);
        ForecastSeries few = new LinearAutoregression(sine, groups, new RowRange(0, 100), true).Forecast(Measured, 1);
        Assert.Equal(sine[350, 0], few[350, 0]);
    }

    [Fact]
    public void Behind_a_gap_baselines_repeat_the_value_until_they_have_their_own()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(row => (double)(row % 10))];
        SeriesTable table = MadeSeries.Table(values, null, new RowRange(0, 355), new RowRange(355, 400));
        IReadOnlyList<OutputGroup> groups = MadeSeries.Groups(1);

        ForecastSeries seasonal = new SeasonalNaive(table, groups, Training, true, [10]).Forecast(Measured, 1);

        Assert.Equal(table[360, 0], seasonal[360, 0]);
        Assert.Equal(table[371, 0], seasonal[370, 0]);
    }

    [Fact]
    public void Bands_of_baselines_are_quantiles_of_their_errors_in_training()
    {
        SeriesTable walk = MadeSeries.Table(MadeSeries.RandomWalk(20_000, 9));
        IReadOnlyList<OutputGroup> groups = MadeSeries.Band(1, 0.05, 0.5, 0.95);
        Persistence persistence = new(walk, groups, new RowRange(0, 15_000), true);
        ForecastSeries made = persistence.Forecast(new RowRange(15_000, 20_000), 3);
        int[] rows = ScoredRows.Of(walk, groups[0], made.Origins, true, made);

        ForecastScores scores = ForecastScoring.Score(walk, groups[0], made, rows, 1);

        Assert.InRange(scores.Band!.Achieved, 0.88, 0.92);
        Assert.Equal(walk[16_000, 0], made[16_000, 1]);
        Assert.InRange(scores.Band.MeanWidth, 3.1, 3.5);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(109)]
    public void A_season_is_found_below_noise_trend_and_missing_values(int season)
    {
        double[] noise = MadeSeries.Noise(2000, season);
        SeriesTable table = MadeSeries.Table(
            2000, row => row % 97 == 0 ? double.NaN : (0.01 * row) + (0.4 * noise[row]) + Math.Sin(2 * Math.PI * row / season));

        Assert.InRange(Seasonality.Find(table, 0, new RowRange(0, 1500)) ?? 0, season - 1, season + 1);
    }

    [Fact]
    public void No_season_is_found_in_noise_a_walk_a_ramp_or_a_constant()
    {
        Assert.Null(Seasonality.Find(MadeSeries.Table(MadeSeries.Noise(2000, 1)), 0, new RowRange(0, 2000)));
        Assert.Null(Seasonality.Find(MadeSeries.Table(2000, row => 3 + (0.1 * row)), 0, new RowRange(0, 2000)));
        Assert.Null(Seasonality.Find(MadeSeries.Table(2000, _ => 3.3), 0, new RowRange(0, 2000)));
        int found = Enumerable.Range(0, 20).Count(seed =>
            Seasonality.Find(MadeSeries.Table(MadeSeries.RandomWalk(2000, seed)), 0, new RowRange(0, 2000)) is not null);
        Assert.InRange(found, 0, 3);
    }

    [Fact]
    public void The_transform_agrees_with_its_definition()
    {
        double[] values = MadeSeries.Noise(16, 4);
        (double[] real, double[] imaginary) = ([.. values], new double[16]);

        FourierTransform.Run(real, imaginary);

        for (int f = 0; f < 16; f++)
        {
            double re = Enumerable.Range(0, 16).Sum(t => values[t] * Math.Cos(2 * Math.PI * f * t / 16));
            double im = Enumerable.Range(0, 16).Sum(t => -values[t] * Math.Sin(2 * Math.PI * f * t / 16));
            Assert.Equal(re, real[f], 10);
            Assert.Equal(im, imaginary[f], 10);
        }
    }

    [Fact]
    public void Equations_are_solved_and_singular_ones_refused()
    {
        // Symmetric 3 × 3, solution 1, −2, 3.
        double[] right = [(4 * 1) + (2 * -2) + (1 * 3), (2 * 1) + (5 * -2) + (3 * 3), (1 * 1) + (3 * -2) + (6 * 3)];

        Assert.True(Cholesky.TrySolve([4, 0, 0, 2, 5, 0, 1, 3, 6], right));
        Assert.Equal([1, -2, 3], right.Select(value => Math.Round(value, 12)));
        Assert.False(Cholesky.TrySolve([1, 0, 1, 1], [1, 1]));
    }

    private static ForecastScores[] Scores(SeriesTable table, IReadOnlyList<OutputGroup> groups, Baseline baseline)
    {
        ForecastSeries made = baseline.Forecast(Measured, groups.Count);
        double naive = ForecastScoring.NaiveError(table, 0, Training);
        return [.. groups.Select(group => ForecastScoring.Score(
            table, group, made, ScoredRows.Of(table, group, Measured, true), naive))];
    }
}
