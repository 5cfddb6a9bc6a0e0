// A corpus in the layout of the Numenta Anomaly Benchmark:  DIR/<category>/<file>.csv  and  DIR/combined_windows.json.

using EdgeLstm.Worker.Evaluation.Scoring;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Reads such a folder; also NAB's own, with data/ and labels/.</summary>
internal static class NabCorpus
{
    private const string LabelFile = "combined_windows.json";

    /// <summary>Reads every file that the labels name, in the order of their names.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="CorpusException">A file is missing or cannot be read.</exception>
    public static IReadOnlyList<SuiteFile> Read(string folder)
    {
        string labels = Path.Combine(folder, LabelFile);
        string data = folder;
        if (!File.Exists(labels) && Directory.Exists(Path.Combine(folder, "data")))
        {
            labels = Path.Combine(folder, "labels", LabelFile);
            data = Path.Combine(folder, "data");
        }

        if (!File.Exists(labels))
        {
            throw new CorpusException($"{labels}: is not there; expected NAB's layout: a folder per category beside {LabelFile}");
        }

        Dictionary<string, LabelledTime[]> windows = WindowLabels.ReadCombined(labels);
        List<SuiteFile> files = [];
        foreach (string name in windows.Keys.Order(StringComparer.Ordinal))
        {
            files.Add(ReadFile(Path.Combine(data, name), name, windows[name]));
        }

        return files.Count > 0 ? files : throw new CorpusException($"{labels}: names no file");
    }

    private static SuiteFile ReadFile(string path, string name, LabelledTime[] labels)
    {
        Recording recording = Recording.Read(path);
        int probation = NabScorer.ProbationOf(recording.Rows.Length);
        return new SuiteFile(
            Path.GetFileNameWithoutExtension(name), (Path.GetDirectoryName(name) ?? "").Replace('\\', '/'),
            recording.UnixSeconds, recording.Columns, recording.Rows,
            WindowLabels.Place(path, labels, recording.UnixSeconds), probation)
        {
            RowPeriodSeconds = recording.PeriodSeconds(probation),
        };
    }
}
