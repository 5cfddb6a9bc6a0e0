// One recording of one's own:  time,value[,value…]  with its labels in a file beside it or in a column anomaly.

using EdgeLstm.Worker.Evaluation.Scoring;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Reads a recording and its labels; see <see cref="WindowLabels"/> for their format.</summary>
internal static class CsvCorpus
{
    /// <summary>Reads a recording; its probation is that of NAB: 15 % of its rows, at most 750.</summary>
    /// <param name="path">The recording.</param>
    /// <param name="labels">Its labels; null where a column of the recording holds them.</param>
    /// <exception cref="CorpusException">A file cannot be read, or there are no labels.</exception>
    public static IReadOnlyList<SuiteFile> Read(string path, string? labels)
    {
        Recording recording = Recording.Read(path);
        int anomaly = LabelColumns.AnomalyColumn(recording);
        int changePoint = LabelColumns.ChangePointColumn(recording);
        if (labels is null && anomaly < 0)
        {
            throw new CorpusException(
                $"{path}: has no labels; name a file of them with --labels, or add a column 'anomaly' of 0 and 1");
        }

        Window[] windows = labels is null
            ? LabelColumns.Windows(recording, anomaly)
            : WindowLabels.Place(path, WindowLabels.Read(labels, path), recording.UnixSeconds);
        Recording values = recording.Without(anomaly, changePoint);
        if (values.Columns.Length == 0)
        {
            throw new CorpusException($"{path}: has no column of values beside its labels");
        }

        int probation = NabScorer.ProbationOf(values.Rows.Length);
        return
        [
            new SuiteFile(
                Path.GetFileNameWithoutExtension(path), "", values.UnixSeconds, values.Columns, values.Rows, windows, probation)
            {
                ChangePoints = LabelColumns.Marks(recording, changePoint),
                RowPeriodSeconds = values.PeriodSeconds(probation),
            },
        ];
    }
}
