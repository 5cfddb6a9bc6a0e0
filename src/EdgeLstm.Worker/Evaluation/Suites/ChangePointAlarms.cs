// Change points from alarms:  predicted where an alarm begins and behind where it ends;  an alarm of one row predicts one.

using EdgeLstm.Worker.Evaluation.Scoring;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Scores a detector as SKAB does, at the one threshold for all files that is best for the standard profile.</summary>
/// <remarks>
/// A detector that says so once, when something changes, and one that stays alarmed while something is different predict alike.
/// At most <see cref="Thresholds"/> thresholds are tried, at ranks of the pooled scores that grow by a fixed factor from the
/// highest.
/// </remarks>
internal static class ChangePointAlarms
{
    /// <summary>Thresholds tried, at most.</summary>
    public const int Thresholds = 200;

    /// <summary>The best threshold and its scores; +∞ and silence where nothing is better.</summary>
    /// <param name="runs">One run per file.</param>
    /// <param name="mergeGapRows">Quiet rows within an alarm, at most.</param>
    public static (double Threshold, SkabScores Scores) Best(IReadOnlyList<FileRun> runs, int mergeGapRows)
    {
        double best = double.PositiveInfinity;
        SkabScores bestScores = At(runs, best, mergeGapRows);
        foreach (double threshold in Candidates(runs))
        {
            SkabScores scores = At(runs, threshold, mergeGapRows);
            if (scores.Standard > bestScores.Standard)
            {
                (best, bestScores) = (threshold, scores);
            }
        }

        return (best, bestScores);
    }

    /// <summary>The scores at a threshold.</summary>
    public static SkabScores At(IReadOnlyList<FileRun> runs, double threshold, int mergeGapRows) =>
        SkabScorer.Score([.. runs.Select(run => new SkabRun(
            run.File.UnixSeconds, run.File.ChangePoints, Predict(run, threshold, mergeGapRows), run.File.Probation))]);

    /// <summary>Which rows are predicted to be change points.</summary>
    public static bool[] Predict(FileRun run, double threshold, int mergeGapRows)
    {
        bool[] predicted = new bool[run.News.Length];
        foreach (Window alarm in EventScores.Alarms(run.News, threshold, mergeGapRows, run.File.Probation))
        {
            predicted[alarm.First] = true;
            if (alarm.Length > 1 && alarm.Last + 1 < predicted.Length)
            {
                predicted[alarm.Last + 1] = true;
            }
        }

        return predicted;
    }

    private static IEnumerable<double> Candidates(IReadOnlyList<FileRun> runs)
    {
        List<double> scores = FiniteScores(runs);
        scores.Sort();
        double factor = Math.Pow(Math.Max(scores.Count, 2), 1.0 / Thresholds);
        double last = double.PositiveInfinity;
        for (double rank = 1; rank <= scores.Count; rank = Math.Max(rank + 1, rank * factor))
        {
            double threshold = scores[^(int)rank];
            if (threshold < last)
            {
                yield return threshold;
                last = threshold;
            }
        }
    }

    private static List<double> FiniteScores(IReadOnlyList<FileRun> runs)
    {
        List<double> scores = [];
        foreach (FileRun run in runs)
        {
            for (int i = run.File.Probation; i < run.News.Length; i++)
            {
                if (double.IsFinite(run.News[i]))
                {
                    scores.Add(run.News[i]);
                }
            }
        }

        return scores;
    }
}
