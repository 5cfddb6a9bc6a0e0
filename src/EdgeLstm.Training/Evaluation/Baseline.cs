// A forecast anyone can make:  point from the channel's own past;  quantile q = point + quantile q of its errors in training.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>What a model has to beat. It knows the training rows, and at each row the channel's values up to that row.</summary>
/// <remarks>Where a baseline has not the values it needs (after a gap) it repeats the current one, so that all forecasters are
/// measured at the same rows.</remarks>
public abstract class Baseline
{
    private readonly RowRange _training;
    private readonly bool _skipsLabelled;
    private readonly int[] _stretchBegins;
    private double[][]? _offsets;

    /// <param name="name">What to call it.</param>
    /// <param name="table">The recording.</param>
    /// <param name="groups">What is to be forecast.</param>
    /// <param name="training">The rows it may learn from.</param>
    /// <param name="skipsLabelled">Whether it learns nothing from labelled rows.</param>
    protected Baseline(
        string name, SeriesTable table, IReadOnlyList<OutputGroup> groups, RowRange training, bool skipsLabelled)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(groups);
        (Name, Table, Groups, _training, _skipsLabelled) = (name, table, groups, training, skipsLabelled);
        _stretchBegins = new int[table.Rows];
        _stretchBegins.AsSpan().Fill(int.MaxValue);
        foreach (RowRange stretch in table.Stretches)
        {
            _stretchBegins.AsSpan(stretch.Begin, stretch.Count).Fill(stretch.Begin);
        }
    }

    /// <summary>What to call it.</summary>
    public string Name { get; }

    /// <summary>The recording.</summary>
    protected SeriesTable Table { get; }

    /// <summary>What is forecast.</summary>
    protected IReadOnlyList<OutputGroup> Groups { get; }

    /// <summary>Its forecasts.</summary>
    /// <param name="origins">Rows at which forecasts are made.</param>
    /// <param name="outputCount">Outputs of the model, in whose order they stand.</param>
    public ForecastSeries Forecast(RowRange origins, int outputCount)
    {
        _offsets ??= FitOffsets();
        ForecastSeries made = ForecastSeries.Missing(origins, outputCount);
        for (int row = origins.Begin; row < origins.End; row++)
        {
            Span<float> outputs = made.Row(row);
            for (int group = 0; group < Groups.Count; group++)
            {
                double point = ForecastAt(row, group);
                for (int k = 0; k < Groups[group].QuantileOutputs.Count; k++)
                {
                    outputs[Groups[group].QuantileOutputs[k]] = (float)(point + _offsets[group][k]);
                }

                outputs[Groups[group].Point] = (float)point;
            }
        }

        return made;
    }

    /// <summary>The point forecast of a group at a row whose current value is measured; NaN where it makes none at all.</summary>
    /// <param name="row">The row at which it is made.</param>
    /// <param name="group">Index of the group.</param>
    protected abstract double PointAt(int row, int group);

    /// <summary>A value up to a row, or NaN where it is missing or behind a gap.</summary>
    /// <param name="row">The row at which a forecast is made.</param>
    /// <param name="past">The row of the value, not after it.</param>
    /// <param name="channel">Index of the channel.</param>
    protected double ValueAt(int row, int past, int channel) =>
        past >= 0 && past >= _stretchBegins[row] ? Table[past, channel] : double.NaN;

    private double ForecastAt(int row, int group)
    {
        double current = ValueAt(row, row, Groups[group].Channel);
        return double.IsFinite(current) ? PointAt(row, group) : double.NaN;
    }

    // Quantiles of the errors in the training rows; 0 where there are none.
    private double[][] FitOffsets()
    {
        double[][] offsets = new double[Groups.Count][];
        for (int g = 0; g < offsets.Length; g++)
        {
            OutputGroup group = Groups[g];
            offsets[g] = new double[group.Quantiles.Count];
            double[] errors = group.Quantiles.Count > 0 ? ErrorsIn(g) : [];
            Array.Sort(errors);
            for (int k = 0; k < offsets[g].Length && errors.Length > 0; k++)
            {
                offsets[g][k] = SortedQuantile.Of(errors, group.Quantiles[k]);
            }
        }

        return offsets;
    }

    private double[] ErrorsIn(int group)
    {
        List<double> errors = [];
        foreach (int row in ScoredRows.Of(Table, Groups[group], _training, _skipsLabelled))
        {
            double error = Table[row + Groups[group].Horizon, Groups[group].Channel] - ForecastAt(row, group);
            if (double.IsFinite(error))
            {
                errors.Add(error);
            }
        }

        return [.. errors];
    }
}
