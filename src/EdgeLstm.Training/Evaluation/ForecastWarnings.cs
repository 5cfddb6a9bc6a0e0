// Finds forecasts that say nothing:
//
//   collapsed to the mean         σ(forecast) < 0.1 · σ(value)
//   collapsed to persistence      rms(forecast − current) < 0.1 · rms(value − current)
//   no better than a baseline     MAE of the model ≥ MAE of the baseline

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>Makes warnings of figures.</summary>
public static class ForecastWarnings
{
    /// <summary>Least deviation of forecasts as part of that of the values: one so flat takes less than 20 % off the mean's
    /// squared error, as 1 − (1 − 0.1)² at best.</summary>
    public const double LeastSpread = 0.1;

    /// <summary>Least change that is foretold, as part of the change that comes, both as root mean square: the same of
    /// persistence.</summary>
    public const double LeastChange = 0.1;

    /// <summary>Fewer forecasts are not judged.</summary>
    public const int FewestForecasts = 30;

    /// <summary>Whether the point forecasts of a group have collapsed; nothing is said of a target that did not move.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="group">The target and its horizon.</param>
    /// <param name="forecasts">What was forecast.</param>
    /// <param name="origins">Rows whose forecasts are there, from <see cref="ScoredRows"/>.</param>
    public static IReadOnlyList<EvaluationWarning> Collapses(
        SeriesTable table, OutputGroup group, ForecastSeries forecasts, int[] origins)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(forecasts);
        ArgumentNullException.ThrowIfNull(origins);
        List<EvaluationWarning> warnings = [];
        if (origins.Length < FewestForecasts)
        {
            return warnings;
        }

        double spread = Deviation(origins, row => forecasts[row, group.Point]) /
            Deviation(origins, row => table[row + group.Horizon, group.Channel]);
        if (spread < LeastSpread)
        {
            warnings.Add(new EvaluationWarning(
                WarningKind.CollapsedToMean, group.Target, group.Horizon, spread, LeastSpread,
                FormattableString.Invariant($"{Name(group)}: the forecast has collapsed to the mean: it varies {spread:P1} as ")
                + FormattableString.Invariant($"much as the values do (limit {LeastSpread:P0})")));
        }

        double change = RootMeanSquare(origins, row => (double)forecasts[row, group.Point] - table[row, group.Channel]) /
            RootMeanSquare(origins, row => (double)table[row + group.Horizon, group.Channel] - table[row, group.Channel]);
        if (change < LeastChange)
        {
            warnings.Add(new EvaluationWarning(
                WarningKind.CollapsedToPersistence, group.Target, group.Horizon, change, LeastChange,
                FormattableString.Invariant($"{Name(group)}: the forecast has collapsed to persistence: the changes it ")
                + FormattableString.Invariant($"foretells are {change:P1} of those that come (limit {LeastChange:P0})")));
        }

        return warnings;
    }

    /// <summary>Whether a model does not beat a baseline at a horizon, measured at the same rows.</summary>
    /// <param name="group">The target and its horizon.</param>
    /// <param name="model">The model's scores.</param>
    /// <param name="baselineName">Name of the baseline.</param>
    /// <param name="baseline">Its scores.</param>
    /// <returns>The warning; null where the model is better in MAE and in RMSE, or one of the two made no forecast.</returns>
    public static EvaluationWarning? Loss(
        OutputGroup group, ForecastScores model, string baselineName, ForecastScores baseline)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(baseline);
        bool losesInMae = model.Mae >= baseline.Mae;
        if (!losesInMae && !(model.Rmse >= baseline.Rmse))
        {
            return null;
        }

        (double value, double limit) = losesInMae ? (model.Mae, baseline.Mae) : (model.Rmse, baseline.Rmse);
        string measure = losesInMae ? "" : " in RMSE";
        return new EvaluationWarning(
            WarningKind.LosesToBaseline, group.Target, group.Horizon, value, limit,
            $"{Name(group)}: the model does not beat {baselineName}{measure}: "
            + FormattableString.Invariant($"MAE {model.Mae:G4} against ")
            + FormattableString.Invariant($"{baseline.Mae:G4}, RMSE {model.Rmse:G4} against {baseline.Rmse:G4} ")
            + group.Unit);
    }

    /// <summary>Whether an input has moved.</summary>
    /// <returns>The warning; null where it has not, or cannot be said.</returns>
    public static EvaluationWarning? Shift(InputShift shift)
    {
        ArgumentNullException.ThrowIfNull(shift);
        return !(shift.Index > PopulationStability.ShiftLimit)
            ? null
            : new EvaluationWarning(
                WarningKind.DistributionShift, shift.Input, 0, shift.Index, PopulationStability.ShiftLimit,
                FormattableString.Invariant($"{shift.Input}: its values in the {shift.Part} rows are not distributed as in the ")
                + FormattableString.Invariant($"training rows: population stability index {shift.Index:F2} ")
                + FormattableString.Invariant($"(limit {PopulationStability.ShiftLimit})"));
    }

    private static string Name(OutputGroup group) => FormattableString.Invariant($"{group.Target}, {group.Horizon} ahead");

    private static double Deviation(int[] rows, Func<int, double> value)
    {
        double mean = 0;
        foreach (int row in rows)
        {
            mean += value(row) / rows.Length;
        }

        return RootMeanSquare(rows, row => value(row) - mean);
    }

    private static double RootMeanSquare(int[] rows, Func<int, double> value)
    {
        double squares = 0;
        foreach (int row in rows)
        {
            squares += value(row) * value(row);
        }

        return Math.Sqrt(squares / rows.Length);
    }
}
