// One detector's alarms of one file, as spans of columns that a narrow plot can hold.

using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>What a plot shows of one detector.</summary>
/// <param name="Label">The detector's name, told from others of the same name by its warm-up.</param>
/// <param name="Threshold">News at or above this is a detection; +∞ where nothing is detected.</param>
/// <param name="Run">Its run over the file.</param>
/// <param name="Outcome">What its alarms came to.</param>
internal sealed record PlotLane(string Label, double Threshold, FileRun Run, AlarmOutcome Outcome)
{
    /// <summary>The lanes of a file: those of all detectors that ran over it, in their order.</summary>
    /// <param name="report">The evaluation.</param>
    /// <param name="fileIndex">Index of the file in <see cref="SuiteReport.Files"/>.</param>
    public static List<PlotLane> Of(SuiteReport report, int fileIndex)
    {
        List<PlotLane> lanes = [];
        foreach (DetectorReport detector in report.Detectors)
        {
            if (RunOf(detector, report.Files[fileIndex], fileIndex) is FileRun run)
            {
                lanes.Add(new PlotLane(LabelOf(report, detector), detector.Threshold, run, AlarmOutcome.Of(run)));
            }
        }

        return lanes;
    }

    /// <summary>A detector's name, with what it was told of a file where another one has the same name.</summary>
    public static string LabelOf(SuiteReport report, DetectorReport detector) =>
        report.Detectors.Count(other => other.Name == detector.Name) > 1 ? $"{detector.Name}, {detector.WarmUp}" : detector.Name;

    /// <summary>Stretches of rows as spans of columns; those that would touch each other become one.</summary>
    /// <param name="axis">Where rows stand.</param>
    /// <param name="stretches">Stretches of rows, in order.</param>
    /// <param name="leastWidth">Columns that a span takes at least, so that it is seen.</param>
    /// <returns>At most as many spans as the axis has columns over <paramref name="leastWidth"/> + 1.</returns>
    public static List<(int First, int Last)> Spans(TimeAxis axis, IEnumerable<Window> stretches, int leastWidth)
    {
        List<(int First, int Last)> spans = [];
        foreach (Window stretch in stretches)
        {
            if (axis.RowCount == 0 || stretch.Last < 0 || stretch.First >= axis.RowCount)
            {
                continue;
            }

            int first = axis.ColumnOf(Math.Max(stretch.First, 0));
            int last = Math.Max(axis.ColumnOf(Math.Min(stretch.Last, axis.RowCount - 1)), first + leastWidth);
            if (spans.Count > 0 && first <= spans[^1].Last + 1)
            {
                spans[^1] = (spans[^1].First, Math.Max(last, spans[^1].Last));
            }
            else
            {
                spans.Add((first, last));
            }
        }

        return spans;
    }

    /// <summary>The alarms of one kind, in order.</summary>
    public IEnumerable<Window> AlarmsOf(AlarmKind kind)
    {
        for (int i = 0; i < Outcome.Kinds.Count; i++)
        {
            if (Outcome.Kinds[i] == kind)
            {
                yield return Run.Alarms[i];
            }
        }
    }

    private static FileRun? RunOf(DetectorReport detector, SuiteFile file, int fileIndex) =>
        fileIndex < detector.Runs.Count && detector.Runs[fileIndex].File.Id == file.Id
            ? detector.Runs[fileIndex]
            : detector.Runs.FirstOrDefault(run => run.File.Id == file.Id);
}
