// Persistence:  ŷ(t + h) = y(t).

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>Repeats the current value.</summary>
/// <inheritdoc/>
public sealed class Persistence(SeriesTable table, IReadOnlyList<OutputGroup> groups, RowRange training, bool skipsLabelled)
    : Baseline(BaselineName, table, groups, training, skipsLabelled)
{
    /// <summary>What it is called.</summary>
    public const string BaselineName = "persistence";

    /// <inheritdoc/>
    protected override double PointAt(int row, int group) => ValueAt(row, row, Groups[group].Channel);
}
