// NAB's scoring, exact:  S(x) = 2 / (1 + e^(5x)) − 1, and −1 for x > 3;  one threshold per profile for the whole corpus.

using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Evaluation.Scoring;

/// <summary>Scores a detector as the Numenta Anomaly Benchmark does.</summary>
/// <remarks>
/// <code>
/// a row inside a window [L, R], W = R − L + 1:   x = −(R − i + 1) / W,         value  A_TP · S(x) / S(−1)
/// a row behind a window:                         x = (i − R_prev) / (W_prev − 1), value  A_FP · S(x)
/// a row before the first window:                                                value −A_FP
/// raw = Σ over windows of the best detected value, −A_FN if missed,  + Σ over detected rows outside windows of their value
/// </code>
/// Rows of the probation do not count, nor do windows that lie wholly in it. Thresholds are tried from above every score
/// downward, after each group of equal scores; the first best one is kept. Source: Lavin and Ahmad (2015), "Evaluating
/// Real-time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark"; rules as in numenta/NAB 1.1, nab/sweeper.py.
/// A NaN score is never a detection; an infinite one counts as the largest finite number. O(rows · log rows).
/// </remarks>
internal static class NabScorer
{
    /// <summary>The value of a relative position x: −1 at a window's first row, 0 just behind it, 1 its length behind.</summary>
    public static double Sigmoid(double x) => x > 3 ? -1 : (2 / (1 + Math.Exp(5 * x))) - 1;

    /// <summary>The rows of a file of <paramref name="rows"/> rows that do not count: 15 %, at most 750.</summary>
    public static int ProbationOf(int rows) => (int)Math.Min(Math.Floor(0.15 * rows), 750);

    /// <summary>Scores a corpus at the threshold best for each profile, as NAB's own tables do.</summary>
    /// <param name="files">Per file its windows, a score for every row, and the rows at its start that do not count.</param>
    /// <exception cref="ArgumentException">A window does not lie within its file.</exception>
    public static NabScores Score(IReadOnlyList<(IReadOnlyList<Window> Windows, double[] Scores, int Probation)> files)
    {
        NabFile[] placed = files.ToArray(file => new NabFile(file.Windows, file.Scores, file.Probation));
        double[] thresholds = BestThresholds(placed);
        return new NabScores([.. NabProfile.All.Select((profile, k) => At(thresholds[k], profile, placed))]);
    }

    /// <summary>Scores a corpus at thresholds chosen elsewhere, on other files.</summary>
    /// <param name="files">As above.</param>
    /// <param name="chosen">Scores whose thresholds are applied.</param>
    /// <exception cref="ArgumentException">A window does not lie within its file.</exception>
    public static NabScores ScoreAt(
        IReadOnlyList<(IReadOnlyList<Window> Windows, double[] Scores, int Probation)> files, NabScores chosen)
    {
        NabFile[] placed = files.ToArray(file => new NabFile(file.Windows, file.Scores, file.Probation));
        return new NabScores([.. chosen.Profiles.Select(profile => At(profile.Threshold, profile.Profile, placed))]);
    }

    // Walks down all scores of the corpus once (NaN sorts below them): the sums are the same for every profile, their weights
    // are not.
    private static double[] BestThresholds(NabFile[] files)
    {
        (double[] scores, CorpusRow[] rows) = SortedRows(files);
        double[] best = new double[files.Sum(file => file.WindowCount)];
        double positives = 0;
        double negatives = 0;
        int missed = files.Sum(file => file.Windows);
        double[] thresholds = NabProfile.All.ToArray(_ => double.PositiveInfinity);
        double[] bestRaw = NabProfile.All.ToArray(profile => profile.Raw(0, missed, 0));
        for (int i = rows.Length - 1; i >= 0 && !double.IsNaN(scores[i]); i--)
        {
            CorpusRow row = rows[i];
            if (row.Window < 0)
            {
                negatives += row.Value;
            }
            else if (row.Value > best[row.Window])
            {
                missed -= best[row.Window] == 0 ? 1 : 0;
                positives += row.Value - best[row.Window];
                best[row.Window] = row.Value;
            }

            if (i > 0 && scores[i - 1] == scores[i])
            {
                continue;
            }

            for (int k = 0; k < thresholds.Length; k++)
            {
                double raw = NabProfile.All[k].Raw(positives, missed, negatives);
                if (raw > bestRaw[k])
                {
                    bestRaw[k] = raw;
                    thresholds[k] = scores[i];
                }
            }
        }

        return thresholds;
    }

    private static (double[] Scores, CorpusRow[] Rows) SortedRows(NabFile[] files)
    {
        int count = files.Sum(file => file.Scores.Length - file.Probation);
        double[] scores = new double[count];
        CorpusRow[] rows = new CorpusRow[count];
        int next = 0;
        int firstWindow = 0;
        foreach (NabFile file in files)
        {
            for (int i = file.Probation; i < file.Scores.Length; i++)
            {
                int window = file.WindowOf[i];
                scores[next] = NabFile.Finite(file.Scores[i]);
                rows[next++] = new CorpusRow(window < 0 ? -1 : firstWindow + window, file.Values[i]);
            }

            firstWindow += file.WindowCount;
        }

        Array.Sort(scores, rows);
        return (scores, rows);
    }

    private static NabProfileScore At(double threshold, NabProfile profile, NabFile[] files)
    {
        NabFileScore[] scores = files.ToArray(file => file.At(threshold, profile));
        return new NabProfileScore(profile, profile.Final(scores), threshold, scores);
    }

    private readonly record struct CorpusRow(int Window, double Value);
}
