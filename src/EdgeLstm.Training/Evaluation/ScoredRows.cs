// Which forecasts count:  made at t for t + h, both measured, in one part, without a gap or a label between them.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>Finds the rows whose forecasts can be held against what came.</summary>
public static class ScoredRows
{
    /// <summary>The rows at which a forecast of a group counts.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="group">The target and its horizon.</param>
    /// <param name="rows">A row and the row that is forecast at it both lie in these.</param>
    /// <param name="skipsLabelled">Whether forecasts are left out that begin in, pass through or end in a labelled
    /// anomaly.</param>
    /// <param name="forecasts">Only rows for which every output of the group is there; null: all.</param>
    /// <returns>The rows, ascending.</returns>
    public static int[] Of(
        SeriesTable table, OutputGroup group, RowRange rows, bool skipsLabelled, ForecastSeries? forecasts = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(group);
        bool[]? labelled = skipsLabelled ? table.Labelled : null;
        List<int> origins = [];
        foreach (RowRange stretch in table.Stretches)
        {
            RowRange part = stretch.Intersect(rows);
            int labels = LabelsOf(labelled, part.Begin, Math.Min(part.Begin + group.Horizon, part.End));
            for (int row = part.Begin; row + group.Horizon < part.End; row++)
            {
                labels += At(labelled, row + group.Horizon);
                if (labels == 0 && IsMeasured(table, group, row) && (forecasts is null || IsThere(forecasts, group, row)))
                {
                    origins.Add(row);
                }

                labels -= At(labelled, row);
            }
        }

        return [.. origins];
    }

    private static int LabelsOf(bool[]? labelled, int begin, int end)
    {
        int labels = 0;
        for (int row = begin; row < end; row++)
        {
            labels += At(labelled, row);
        }

        return labels;
    }

    private static int At(bool[]? labelled, int row) => labelled is not null && labelled[row] ? 1 : 0;

    private static bool IsMeasured(SeriesTable table, OutputGroup group, int row) =>
        float.IsFinite(table[row, group.Channel]) && float.IsFinite(table[row + group.Horizon, group.Channel]);

    private static bool IsThere(ForecastSeries forecasts, OutputGroup group, int row)
    {
        bool isThere = float.IsFinite(forecasts[row, group.Point]);
        for (int k = 0; k < group.QuantileOutputs.Count; k++)
        {
            isThere &= float.IsFinite(forecasts[row, group.QuantileOutputs[k]]);
        }

        return isThere;
    }
}
