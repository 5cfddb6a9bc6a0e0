// A score per row in NAB's result format:  DIR/<category>/<detector>_<file>.csv  with  timestamp,value,anomaly_score.

using System.Globalization;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Writes the runs of a report, for scorers other than this program's own.</summary>
/// <remarks>
/// anomaly_score is s / (s + 5) of the news s, within [0, 1) and in the same order; 0 where there is no score. value is the first
/// column of the recording. Written are the runs of the first seed; those that were not told the probation length under another
/// detector's name, with <see cref="FixedWarmUpEnding"/> behind it.
/// </remarks>
internal static class ResultFiles
{
    private const double HalfScore = 5;

    /// <summary>Ending of the detector's name where it was not told the probation length.</summary>
    public const string FixedWarmUpEnding = "-fixed-warm-up";

    /// <summary>Writes every file; older ones are replaced.</summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be written.</exception>
    public static void Write(string folder, SuiteReport report)
    {
        foreach (DetectorReport detector in report.Detectors)
        {
            string name = detector.Name + (detector.WarmUp == WarmUp.FixedName ? FixedWarmUpEnding : "");
            foreach (FileRun run in detector.Runs)
            {
                string category = Path.Combine(folder, run.File.Category);
                Directory.CreateDirectory(category);
                using StreamWriter output = new(Path.Combine(category, $"{name}_{run.File.Name}.csv"));
                Write(output, run);
            }
        }
    }

    /// <summary>Writes one run.</summary>
    public static void Write(TextWriter output, FileRun run)
    {
        output.Write("timestamp,value,anomaly_score\n");
        for (int i = 0; i < run.News.Length; i++)
        {
            output.Write(Timestamp.Text(run.File.UnixSeconds[i]));
            output.Write(',');
            output.Write(run.File.Rows[i][0].ToString("R", CultureInfo.InvariantCulture));
            output.Write(',');
            output.Write(Squash(run.News[i]).ToString("R", CultureInfo.InvariantCulture));
            output.Write('\n');
        }
    }

    /// <summary>A score from 0 upward as one within [0, 1]; NaN as 0.</summary>
    public static double Squash(double score) => score switch
    {
        double.PositiveInfinity => 1,
        > 0 => score / (score + HalfScore),
        _ => 0,
    };
}
