// What a task and a table must be before anything is computed.

using EdgeLstm.Core.Json;

namespace EdgeLstm.Training.Data;

/// <summary>Refuses tasks that cannot be trained, each with what was found and what was expected.</summary>
internal static class TaskRules
{
    /// <exception cref="ArgumentException">A rule is broken; the message says which.</exception>
    public static void Require(SeriesTable table, ForecastTask task, ChronologicalSplit split)
    {
        RequireTable(table, task);
        if (split.Test.End != table.Rows)
        {
            throw new ArgumentException($"the split has {split.Test.End} rows, the table {table.Rows}");
        }

        RequireNames(task.Inputs, table.Channels, "input", "the recording's channels");
        RequireNames(task.Targets, task.Inputs, "target", "the inputs");
        RequireHorizons(task.Horizons, split);
        RequireQuantiles(task.Quantiles);
    }

    /// <summary>Index of a name, −1 without one.</summary>
    public static int IndexOf(IReadOnlyList<string> names, string name)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return i;
            }
        }

        return -1;
    }

    private static void RequireTable(SeriesTable table, ForecastTask task)
    {
        int rows = table.Rows;
        bool isWhole = table.Channels.Count > 0 && table.Units.Count == table.Channels.Count
            && table.Values.Length == rows * table.Channels.Count && (table.UnixSeconds?.Length ?? rows) == rows
            && (table.Labelled?.Length ?? rows) == rows;
        if (!isWhole)
        {
            throw new ArgumentException("the table's units, values, times and labels do not fit its channels and rows");
        }

        int end = 0;
        foreach (RowRange stretch in table.Stretches)
        {
            if (stretch.Begin < end || stretch.Count < 1 || stretch.End > rows)
            {
                throw new ArgumentException(
                    $"the stretch of rows {stretch.Begin} to {stretch.End} is not behind row {end} and within {rows} rows");
            }

            end = stretch.End;
        }

        if (task.TimeFeatures != TimeFeatures.None && table.UnixSeconds is null)
        {
            throw new ArgumentException("features of time need a recording with times; this one has none");
        }
    }

    private static void RequireNames(IReadOnlyList<string> names, IReadOnlyList<string> known, string kind, string where)
    {
        if (names.Count == 0)
        {
            throw new ArgumentException($"there is no {kind}; name at least one of {string.Join(", ", known)}");
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (IndexOf(known, name) < 0)
            {
                throw new ArgumentException($"{kind} '{name}' is not among {where}{NearestName.DidYouMean(name, known)}");
            }

            if (!seen.Add(name))
            {
                throw new ArgumentException($"{kind} '{name}' is named twice");
            }
        }
    }

    private static void RequireHorizons(IReadOnlyList<int> horizons, ChronologicalSplit split)
    {
        int shortest = Math.Min(split.Training.Count, Math.Min(split.Validation.Count, split.Test.Count));
        int before = 0;
        foreach (int horizon in horizons)
        {
            if (horizon <= before)
            {
                throw new ArgumentException($"horizons must be at least 1 and ascend; got {string.Join(", ", horizons)}");
            }

            if (horizon >= shortest)
            {
                throw new ArgumentException($"horizon {horizon} is longer than a part of the recording: training has "
                    + $"{split.Training.Count} rows, validation {split.Validation.Count}, test {split.Test.Count}");
            }

            before = horizon;
        }

        if (horizons.Count == 0)
        {
            throw new ArgumentException("there is no horizon; expected at least one number of sample periods");
        }
    }

    private static void RequireQuantiles(IReadOnlyList<double> quantiles)
    {
        double before = 0;
        foreach (double quantile in quantiles)
        {
            if (!(quantile > before && quantile < 1))
            {
                throw new ArgumentException(
                    FormattableString.Invariant($"quantiles must lie between 0 and 1 and ascend; got {quantile} after {before}"));
            }

            before = quantile;
        }
    }
}
