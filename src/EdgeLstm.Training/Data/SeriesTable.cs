// A recording as training sees it: channels at a fixed period, with what is missing and what is labelled.

namespace EdgeLstm.Training.Data;

/// <summary>Rows in the order of time, one sample period apart within a stretch.</summary>
/// <param name="Channels">Names.</param>
/// <param name="Units">Unit of each channel; "1" for a plain number.</param>
/// <param name="SamplePeriodMs">Time between two rows.</param>
/// <param name="Values">Physical values; NaN where one is missing [rows, channels].</param>
/// <param name="UnixSeconds">Time of each row; null where the recording has none.</param>
/// <param name="Labelled">Whether a row belongs to a labelled anomaly; null without labels.</param>
/// <param name="Stretches">Rows that follow each other without a gap, in order.</param>
public sealed record SeriesTable(
    IReadOnlyList<string> Channels,
    IReadOnlyList<string> Units,
    double SamplePeriodMs,
    float[] Values,
    double[]? UnixSeconds,
    bool[]? Labelled,
    IReadOnlyList<RowRange> Stretches)
{
    /// <summary>Number of rows.</summary>
    public int Rows => Values.Length / Channels.Count;

    /// <summary>The value of a channel in a row.</summary>
    public float this[int row, int channel] => Values[(row * Channels.Count) + channel];
}
