// The seasonal naive forecast:  ŷ(t + h) = y(t + h − k·S)  with the smallest k that lies in the past.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>Repeats what came at the same place of the season before.</summary>
public sealed class SeasonalNaive : Baseline
{
    /// <summary>What it is called.</summary>
    public const string BaselineName = "seasonal naive";

    private readonly int[] _seasons;

    /// <param name="table">The recording.</param>
    /// <param name="groups">What is to be forecast.</param>
    /// <param name="training">The rows it may learn from.</param>
    /// <param name="skipsLabelled">Whether it learns nothing from labelled rows.</param>
    /// <param name="seasons">Rows of a season for each group; 0 where there is none, and no forecast then [groups].</param>
    public SeasonalNaive(
        SeriesTable table, IReadOnlyList<OutputGroup> groups, RowRange training, bool skipsLabelled, int[] seasons)
        : base(BaselineName, table, groups, training, skipsLabelled) => _seasons = seasons;

    /// <inheritdoc/>
    protected override double PointAt(int row, int group)
    {
        int season = _seasons[group];
        if (season == 0)
        {
            return double.NaN;
        }

        (int horizon, int channel) = (Groups[group].Horizon, Groups[group].Channel);
        int back = season * ((horizon + season - 1) / season);
        double value = ValueAt(row, row + horizon - back, channel);
        return double.IsFinite(value) ? value : ValueAt(row, row, channel);
    }
}
