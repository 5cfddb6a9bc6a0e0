// Rolling origin:  the rows behind the first training part are cut into K folds; each is forecast from what lies before it.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>Forecasts of one fold: with the weights there are, or with a model trained on the rows before.</summary>
/// <param name="training">Rows that may be learned from; all lie before the fold.</param>
/// <param name="measured">The fold: rows at which forecasts are to be made. A state may be carried into it.</param>
/// <returns>Forecasts that hold these rows at least; NaN where there is none.</returns>
public delegate ForecastSeries FoldForecaster(RowRange training, RowRange measured);

/// <summary>What came of one fold.</summary>
/// <param name="Training">Rows that were learned from.</param>
/// <param name="Measured">Rows that were forecast.</param>
/// <param name="Forecasters">Scores of the model, then of the baselines.</param>
public sealed record FoldResult(RowRange Training, RowRange Measured, IReadOnlyList<ForecasterResult> Forecasters);

/// <summary>Walk-forward evaluation. Source: Tashman (2000), "Out-of-sample tests of forecasting accuracy".</summary>
public static class WalkForward
{
    /// <summary>Evaluates fold after fold.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="groups">What is forecast.</param>
    /// <param name="first">The first training part; what lies behind it is cut into folds.</param>
    /// <param name="folds">Folds K, at least 1.</param>
    /// <param name="refits">Whether each fold is learned from all rows before it; otherwise from the first training part
    /// alone.</param>
    /// <param name="forecast">The model.</param>
    /// <param name="options">How baselines are made.</param>
    /// <returns>The folds, in order.</returns>
    /// <exception cref="ArgumentException">There are fewer rows than folds.</exception>
    public static IReadOnlyList<FoldResult> Evaluate(
        SeriesTable table,
        IReadOnlyList<OutputGroup> groups,
        RowRange first,
        int folds,
        bool refits,
        FoldForecaster forecast,
        BaselineOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Evaluate(table, groups, first, new RowRange(first.End, table.Rows), folds, refits, forecast, options);
    }

    /// <summary>Evaluates folds of some rows behind the first training part.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="groups">What is forecast.</param>
    /// <param name="first">The first training part.</param>
    /// <param name="measured">The rows that are cut into folds, behind it.</param>
    /// <param name="folds">Folds K, at least 1.</param>
    /// <param name="refits">Whether each fold is learned from all rows before it.</param>
    /// <param name="forecast">The model.</param>
    /// <param name="options">How baselines are made.</param>
    /// <exception cref="ArgumentException">There are fewer rows than folds, or they are not behind the training part.</exception>
    public static IReadOnlyList<FoldResult> Evaluate(
        SeriesTable table,
        IReadOnlyList<OutputGroup> groups,
        RowRange first,
        RowRange measured,
        int folds,
        bool refits,
        FoldForecaster forecast,
        BaselineOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(forecast);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 1);
        if (measured.Begin < first.End || measured.Count < folds)
        {
            throw new ArgumentException($"{folds} folds of rows {measured.Begin} to {measured.End} do not fit behind the "
                + $"training rows, which end at {first.End}", nameof(measured));
        }

        FoldResult[] results = new FoldResult[folds];
        for (int k = 0; k < folds; k++)
        {
            RowRange fold = new(Cut(measured, k, folds), Cut(measured, k + 1, folds));
            RowRange training = refits ? new RowRange(first.Begin, fold.Begin) : first;
            results[k] = new FoldResult(
                training, fold,
                ForecasterResult.Compare(table, groups, forecast(training, fold), training, fold, options));
        }

        return results;
    }

    private static int Cut(RowRange rows, int fold, int folds) => rows.Begin + (int)((long)rows.Count * fold / folds);
}
