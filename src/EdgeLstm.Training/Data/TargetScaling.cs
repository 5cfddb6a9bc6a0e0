// What is to be forecast, standardised:  (x[t + h] − x[t]) / σ  relative,  (x[t + h] − μ) / σ  absolute;  what may be learned.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Training.Data;

/// <summary>Targets of every row, ordered by channel, then horizon.</summary>
/// <param name="Manifests">Outputs by target, horizon, quantile.</param>
/// <param name="Channels">Column of each target channel in the table.</param>
/// <param name="Standardised">0 where the weight is [rows, targets].</param>
/// <param name="Weights">1, or 0 where nothing may be learned [rows, targets].</param>
internal sealed record TargetScaling(
    IReadOnlyList<OutputManifest> Manifests, int[] Channels, float[] Standardised, float[] Weights)
{
    /// <summary>Training rows that a standard deviation is measured on at least.</summary>
    private const int MinTrainingRows = 8;

    /// <summary>Targets of a row.</summary>
    public int Count { get; private init; }

    /// <summary>Finds what may be learned, fits scalers on the training rows and applies them to all.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="task">What is forecast.</param>
    /// <param name="split">The parts.</param>
    /// <param name="measured">Whether all inputs of a row were measured.</param>
    /// <exception cref="ArgumentException">A part has nothing to learn or to measure, or a target never changes.</exception>
    public static TargetScaling Fit(SeriesTable table, ForecastTask task, ChronologicalSplit split, bool[] measured)
    {
        int[] channels = new int[task.Targets.Count];
        int count = channels.Length * task.Horizons.Count;
        float[] targets = new float[table.Rows * count];
        float[] weights = new float[targets.Length];
        int[] labelledBefore = CountLabelled(task.LearnsLabelled ? null : table.Labelled, table.Rows);
        List<OutputManifest> manifests = [];
        for (int k = 0; k < channels.Length; k++)
        {
            channels[k] = TaskRules.IndexOf(table.Channels, task.Targets[k]);
            for (int h = 0; h < task.Horizons.Count; h++)
            {
                Column column = new(table, task.IsRelative, channels[k], task.Horizons[h], (k * task.Horizons.Count) + h, count);
                column.Weigh(split, measured, labelledBefore, weights);
                OutputManifest output = column.FitScale(split.Training, weights);
                column.Standardise(output, weights, targets);
                manifests.AddRange(WithQuantiles(output, task.Quantiles));
            }
        }

        return new TargetScaling(manifests, channels, targets, weights) { Count = count };
    }

    // [rows + 1]: how many of the rows before are labelled.
    private static int[] CountLabelled(bool[]? labelled, int rows)
    {
        int[] before = new int[rows + 1];
        for (int row = 0; row < rows; row++)
        {
            before[row + 1] = before[row] + (labelled is not null && labelled[row] ? 1 : 0);
        }

        return before;
    }

    private static IEnumerable<OutputManifest> WithQuantiles(OutputManifest output, IReadOnlyList<double> quantiles)
    {
        if (quantiles.Count == 0)
        {
            yield return output;
        }

        foreach (double quantile in quantiles)
        {
            yield return output with { Quantile = quantile };
        }
    }

    /// <summary>One target: a channel at a horizon.</summary>
    private readonly record struct Column(SeriesTable Table, bool IsRelative, int Channel, int Horizon, int Index, int Stride)
    {
        private string Name => Table.Channels[Channel];

        // 1 where row and target row are measured, in one part and one stretch, and nothing from one to the other is labelled.
        public void Weigh(ChronologicalSplit split, bool[] measured, int[] labelledBefore, float[] weights)
        {
            foreach (RowRange part in (ReadOnlySpan<RowRange>)[split.Training, split.Validation, split.Test])
            {
                int learnable = 0;
                foreach (RowRange stretch in Table.Stretches)
                {
                    RowRange rows = stretch.Intersect(part);
                    for (int row = rows.Begin; row + Horizon < rows.End; row++)
                    {
                        bool isClean = labelledBefore[row + Horizon + 1] == labelledBefore[row];
                        if (measured[row] && isClean && float.IsFinite(Table[row + Horizon, Channel]))
                        {
                            weights[(row * Stride) + Index] = 1;
                            learnable++;
                        }
                    }
                }

                int least = part == split.Training ? MinTrainingRows : 1;
                if (learnable < least)
                {
                    throw new ArgumentException($"'{Name}' {Horizon} rows ahead: rows {part.Begin} to {part.End} have "
                        + $"{learnable} pairs of a measured row and a measured target without gap or label between them; "
                        + $"expected {least} at least");
                }
            }
        }

        public OutputManifest FitScale(RowRange training, float[] weights)
        {
            Moments moments = new();
            for (int row = training.Begin; row < training.End; row++)
            {
                if (weights[(row * Stride) + Index] > 0)
                {
                    moments.Add(ValueAt(row));
                }
            }

            double scale = 1 / moments.StandardDeviation;
            return float.IsFinite((float)scale)
                ? new OutputManifest(
                    Name, Table.Units[Channel], Horizon, IsRelative ? 0 : moments.Mean, scale,
                    RelativeTo: IsRelative ? Name : null)
                : throw new ArgumentException($"'{Name}' {Horizon} rows ahead never changes in the training rows");
        }

        public void Standardise(OutputManifest output, float[] weights, float[] targets)
        {
            for (int row = 0; row < Table.Rows; row++)
            {
                int at = (row * Stride) + Index;
                if (weights[at] > 0)
                {
                    targets[at] = (float)((ValueAt(row) - output.Offset) * output.Scale);
                }
            }
        }

        private double ValueAt(int row) =>
            Table[row + Horizon, Channel] - (IsRelative ? (double)Table[row, Channel] : 0);
    }
}
