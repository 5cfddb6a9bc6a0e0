// One forecaster's forecasts and scores, and all of them side by side:  the model, then every baseline, at the same rows.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>How baselines are made.</summary>
/// <param name="Season">Rows of a season for every target; null: found in the training rows.</param>
/// <param name="Lags">Values that the linear autoregression looks back at.</param>
/// <param name="SkipsLabelled">Whether forecasts that touch a labelled anomaly are neither learned from nor measured.</param>
public sealed record BaselineOptions(
    int? Season = null, int Lags = LinearAutoregression.DefaultLags, bool SkipsLabelled = true);

/// <summary>What one forecaster did.</summary>
/// <param name="Name">The model, or the name of a baseline.</param>
/// <param name="Forecasts">Its forecasts.</param>
/// <param name="Scores">Scores of each group.</param>
public sealed record ForecasterResult(string Name, ForecastSeries Forecasts, IReadOnlyList<ForecastScores> Scores)
{
    /// <summary>What the model is called.</summary>
    public const string ModelName = "model";

    /// <summary>Measures a model and all baselines at the rows for which the model made forecasts.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="groups">What is forecast.</param>
    /// <param name="forecasts">The model's forecasts.</param>
    /// <param name="training">Rows the baselines are fitted on.</param>
    /// <param name="measured">Rows that are measured.</param>
    /// <param name="options">How baselines are made.</param>
    /// <returns>The model, persistence, the seasonal naive forecast where there is a season, the linear autoregression.</returns>
    public static IReadOnlyList<ForecasterResult> Compare(
        SeriesTable table,
        IReadOnlyList<OutputGroup> groups,
        ForecastSeries forecasts,
        RowRange training,
        RowRange measured,
        BaselineOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(forecasts);
        ArgumentNullException.ThrowIfNull(options);
        int[][] origins = new int[groups.Count][];
        for (int g = 0; g < origins.Length; g++)
        {
            origins[g] = ScoredRows.Of(table, groups[g], measured, options.SkipsLabelled, forecasts);
        }

        List<ForecasterResult> results = [Measure(ModelName, table, groups, forecasts, origins, training)];
        foreach (Baseline baseline in Baselines(table, groups, training, options))
        {
            ForecastSeries made = baseline.Forecast(measured, forecasts.OutputCount);
            results.Add(Measure(baseline.Name, table, groups, made, origins, training));
        }

        return results;
    }

    /// <summary>Rows of a season for each group: those asked for, else those found in the training rows, else 0.</summary>
    internal static int[] Seasons(
        SeriesTable table, IReadOnlyList<OutputGroup> groups, RowRange training, BaselineOptions options)
    {
        int[] seasons = new int[groups.Count];
        for (int g = 0; g < seasons.Length; g++)
        {
            bool isKnown = g > 0 && groups[g].Channel == groups[g - 1].Channel;
            seasons[g] = isKnown
                ? seasons[g - 1]
                : options.Season ?? Seasonality.Find(table, groups[g].Channel, training) ?? 0;
        }

        return seasons;
    }

    private static List<Baseline> Baselines(
        SeriesTable table, IReadOnlyList<OutputGroup> groups, RowRange training, BaselineOptions options)
    {
        List<Baseline> baselines = [new Persistence(table, groups, training, options.SkipsLabelled)];
        int[] seasons = Seasons(table, groups, training, options);
        if (Array.Exists(seasons, season => season > 0))
        {
            baselines.Add(new SeasonalNaive(table, groups, training, options.SkipsLabelled, seasons));
        }

        baselines.Add(new LinearAutoregression(table, groups, training, options.SkipsLabelled, options.Lags));
        return baselines;
    }

    private static ForecasterResult Measure(
        string name, SeriesTable table, IReadOnlyList<OutputGroup> groups, ForecastSeries forecasts, int[][] origins,
        RowRange training)
    {
        ForecastScores[] scores = new ForecastScores[groups.Count];
        for (int g = 0; g < scores.Length; g++)
        {
            double naive = ForecastScoring.NaiveError(table, groups[g].Channel, training);
            scores[g] = ForecastScoring.Score(table, groups[g], forecasts, origins[g], naive);
        }

        return new ForecasterResult(name, forecasts, scores);
    }
}
