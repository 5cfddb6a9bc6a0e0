// What training and evaluation both read from a recording:  whether it has times, labelled rows, stretches without gaps, values.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Rows without a gap between them, and why they end where they do.</summary>
/// <param name="Ranges">The stretches, in order.</param>
/// <param name="Gaps">Steps of time beyond <see cref="RecordingRows.GapPeriods"/> periods.</param>
/// <param name="Stands">Rows at the time of the row before.</param>
/// <param name="StepsBack">Rows at a time before that of the row before.</param>
internal sealed record RowStretches(RowRange[] Ranges, int Gaps, int Stands, int StepsBack);

/// <summary>Makes the parts of a table of a recording.</summary>
internal static class RecordingRows
{
    /// <summary>Rows further apart than this many periods have a gap between them.</summary>
    public const double GapPeriods = 1.5;

    /// <summary>A column that the recording does not have.</summary>
    public const int NoColumn = -1;

    /// <summary>Whether the recording says when its rows were measured: one without times counts them from 0.</summary>
    public static bool HasTimes(Recording recording)
    {
        for (int row = 0; row < recording.UnixSeconds.Length; row++)
        {
            if (recording.UnixSeconds[row] != row)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Which rows belong to a labelled anomaly.</summary>
    /// <param name="recording">The recording, with its columns of labels.</param>
    /// <param name="labels">Labelled times; null: those of a column anomaly.</param>
    /// <returns>By row; null where there are no labels.</returns>
    /// <exception cref="CorpusException">Labelled times are not those of the recording.</exception>
    public static bool[]? Labelled(Recording recording, LabelledTime[]? labels)
    {
        int column = LabelColumns.AnomalyColumn(recording);
        if (labels is null && column < 0)
        {
            return null;
        }

        bool[] labelled = new bool[recording.Rows.Length];
        Window[] windows = labels is null
            ? LabelColumns.Windows(recording, column)
            : WindowLabels.Place(recording.Path, labels, recording.UnixSeconds);
        foreach (Window window in windows)
        {
            labelled.AsSpan(window.First, window.Last - window.First + 1).Fill(true);
        }

        return labelled;
    }

    /// <summary>The recording without its columns of labels.</summary>
    public static Recording WithoutLabels(Recording recording) =>
        recording.Without(LabelColumns.AnomalyColumn(recording), LabelColumns.ChangePointColumn(recording));

    /// <summary>Cuts rows at gaps of time, and where a clock stands or steps back; those without times are one stretch.</summary>
    public static RowStretches Stretches(Recording recording, double periodMs)
    {
        (double[] times, bool hasTimes) = (recording.UnixSeconds, HasTimes(recording));
        List<RowRange> ranges = [];
        (int begin, int gaps, int stands, int back) = (0, 0, 0, 0);
        for (int row = 1; row < times.Length && hasTimes; row++)
        {
            double step = times[row] - times[row - 1];
            gaps += step * 1000 > GapPeriods * periodMs ? 1 : 0;
            stands += step == 0 ? 1 : 0;
            back += step < 0 ? 1 : 0;
            if (step <= 0 || step * 1000 > GapPeriods * periodMs)
            {
                ranges.Add(new RowRange(begin, row));
                begin = row;
            }
        }

        ranges.Add(new RowRange(begin, times.Length));
        return new RowStretches([.. ranges], gaps, stands, back);
    }

    /// <summary>The values of some columns; NaN where one is missing, and in <see cref="NoColumn"/> [rows, columns].</summary>
    public static float[] Values(Recording recording, int[] columns)
    {
        float[] values = new float[recording.Rows.Length * columns.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int column = columns[i % columns.Length];
            float value = column == NoColumn ? float.NaN : recording.Rows[i / columns.Length][column];
            values[i] = float.IsFinite(value) ? value : float.NaN;
        }

        return values;
    }
}
