// The Skoltech Anomaly Benchmark:  DIR/<category>/<file>.csv, ';' between fields, eight sensors, anomaly and changepoint.

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Reads such a folder. Files without labels (its anomaly-free one) are left out, as its leaderboard does.</summary>
internal static class SkabCorpus
{
    /// <summary>Rows at the start of each file that a detector is given to learn from, as in SKAB's leaderboard.</summary>
    public const int Probation = 400;

    /// <summary>Reads every labelled file, by category and number.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="CorpusException">There is no such file, or one cannot be read.</exception>
    public static IReadOnlyList<SuiteFile> Read(string folder)
    {
        List<SuiteFile> files = [];
        foreach (string path in FilesIn(folder))
        {
            Recording recording = Recording.Read(path);
            int anomaly = LabelColumns.AnomalyColumn(recording);
            int changePoint = LabelColumns.ChangePointColumn(recording);
            if (anomaly >= 0 && changePoint >= 0)
            {
                files.Add(Label(recording, Path.GetRelativePath(folder, path), anomaly, changePoint));
            }
        }

        return files.Count > 0
            ? files
            : throw new CorpusException($"{folder}: has no labelled recording; expected <category>/<number>.csv with columns "
                + "anomaly and changepoint");
    }

    private static SuiteFile Label(Recording recording, string name, int anomaly, int changePoint)
    {
        Recording values = recording.Without(anomaly, changePoint);
        return new SuiteFile(
            Path.GetFileNameWithoutExtension(name), (Path.GetDirectoryName(name) ?? "").Replace('\\', '/'),
            values.UnixSeconds, values.Columns, values.Rows, LabelColumns.Windows(recording, anomaly),
            Math.Min(Probation, values.Rows.Length))
        {
            ChangePoints = LabelColumns.Marks(recording, changePoint),
            RowPeriodSeconds = values.PeriodSeconds(Probation),
        };
    }

    private static List<string> FilesIn(string folder)
    {
        try
        {
            List<string> files = [.. Directory.EnumerateFiles(folder, "*.csv", SearchOption.AllDirectories)];
            files.Sort(CompareNames);
            return files;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{folder}: cannot be read: {failure.Message}");
        }
    }

    // 2.csv before 10.csv.
    private static int CompareNames(string a, string b)
    {
        int byFolder = string.CompareOrdinal(Path.GetDirectoryName(a), Path.GetDirectoryName(b));
        string nameA = Path.GetFileName(a);
        string nameB = Path.GetFileName(b);
        int byLength = nameA.Length.CompareTo(nameB.Length);
        return byFolder != 0 ? byFolder : byLength != 0 ? byLength : string.CompareOrdinal(nameA, nameB);
    }
}
