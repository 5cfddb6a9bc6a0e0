// SKAB's score of change points:  y(u) = (A_TP + A_FP)/2 · (1 − tanh(π(u − ½)) / tanh(π/2)) − A_FP,  u = 0…1 in a window.

using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Evaluation.Scoring;

/// <summary>Scores predicted change points as the leaderboard of SKAB does.</summary>
/// <remarks>
/// The rules, as in waico/SKAB since 2024 (chp_score of core/metrics.py, metric "nab", window "60s", "righter"):
/// <list type="number">
/// <item>The first 400 rows of each of the 34 files are for learning; neither they nor their change points count: 127
/// remain.</item>
/// <item>A change point at time t opens the window [t, t + 60 s], both ends inclusive. One that begins before the one before it
/// has ended begins where that ends instead, so that a row at the border lies in both.</item>
/// <item>Of a window only the first predicted row counts: y(u), u its place in the window in steps of 1/1000, from A_TP at the
/// left edge down to −A_FP at the right.</item>
/// <item>A window without a prediction counts −A_FN; every predicted row outside all windows −A_FP, however far.</item>
/// <item>Profiles as NAB's: (1, .11, 1), (1, .22, 1), (1, .11, 2). Sums over all files;
/// final = 100 · (raw − null) / (perfect − null). No threshold is searched for: what is predicted is given.</item>
/// </list>
/// The leaderboard of 2020 to 2023 had windows of 30 s and no rows set apart; its figures do not compare with these.
/// Source: Katser and Kozitsin (2020), "Skoltech Anomaly Benchmark (SKAB)".
/// </remarks>
internal static class SkabScorer
{
    /// <summary>Rows at the start of each file that the leaderboard leaves to learn from.</summary>
    public const int TrainingRows = 400;

    /// <summary>Length of the window behind a change point.</summary>
    public const double WindowSeconds = 60;

    private const int CurveSteps = 1000;

    /// <summary>Scores predictions over all files.</summary>
    /// <param name="runs">What was predicted of each file.</param>
    /// <param name="windowSeconds">Length of the window behind a change point.</param>
    /// <exception cref="ArgumentException">Arrays of a file differ in length, or a change point is outside it.</exception>
    public static SkabScores Score(IReadOnlyList<SkabRun> runs, double windowSeconds = WindowSeconds) =>
        new([.. runs.Select(run => Score(run, windowSeconds))]);

    /// <summary>The predictions that the leaderboard's notebooks make of alarms: the rows where one begins or ends.</summary>
    /// <param name="scores">A score for every row, NaN where there is none.</param>
    /// <param name="threshold">Alarmed are rows at or above it.</param>
    /// <param name="holdRows">Rows that an alarm lasts after the last row at or above the threshold.</param>
    /// <param name="testFrom">The first row that counts; an alarm that is on there is predicted to begin there.</param>
    /// <returns>Which rows are predicted to be change points [rows].</returns>
    public static bool[] AlarmEdges(double[] scores, double threshold, int holdRows = 0, int testFrom = TrainingRows)
    {
        bool[] edges = new bool[scores.Length];
        bool wasOn = false;
        int lastDetected = -1;
        for (int i = testFrom; i < scores.Length; i++)
        {
            lastDetected = scores[i] >= threshold ? i : lastDetected;
            bool isOn = lastDetected >= 0 && i - lastDetected <= holdRows;
            edges[i] = isOn != wasOn;
            wasOn = isOn;
        }

        return edges;
    }

    private static SkabFileScore Score(SkabRun run, double windowSeconds)
    {
        if (run.UnixSeconds.Length != run.Predicted.Length)
        {
            throw new ArgumentException($"{run.Predicted.Length} predictions of {run.UnixSeconds.Length} rows", nameof(run));
        }

        int[] counted = Array.FindAll([.. run.ChangePoints], row => row >= run.TestFrom);
        if (counted.Length > 0 && counted[^1] >= run.Predicted.Length)
        {
            throw new ArgumentException($"a change point at row {counted[^1]} of {run.Predicted.Length}", nameof(run));
        }

        (double Start, double End)[] windows = Windows(counted.ToArray(row => run.UnixSeconds[row]), windowSeconds);
        double[] found = windows.ToArray(window => FirstPrediction(run, window));
        int missed = found.Count(double.IsNaN);
        int falsePositives = FalsePositives(run, windows);
        double[] raw = NabProfile.All.ToArray(profile =>
            -(profile.FalsePositive * falsePositives) - (profile.FalseNegative * missed) + Positives(profile, windows, found));
        return new SkabFileScore(raw, counted.Length, missed, falsePositives, Delays(windows, found));
    }

    private static (double Start, double End)[] Windows(double[] changes, double windowSeconds)
    {
        (double Start, double End)[] windows = changes.ToArray(time => (time, time + windowSeconds));
        for (int i = 1; i < windows.Length; i++)
        {
            windows[i].Start = Math.Max(windows[i].Start, windows[i - 1].End);
        }

        return windows;
    }

    private static double FirstPrediction(SkabRun run, (double Start, double End) window)
    {
        for (int i = run.TestFrom; i < run.Predicted.Length; i++)
        {
            if (run.Predicted[i] && run.UnixSeconds[i] >= window.Start && run.UnixSeconds[i] <= window.End)
            {
                return run.UnixSeconds[i];
            }
        }

        return double.NaN;
    }

    private static int FalsePositives(SkabRun run, (double Start, double End)[] windows)
    {
        int count = 0;
        for (int i = run.TestFrom; i < run.Predicted.Length; i++)
        {
            double time = run.UnixSeconds[i];
            count += run.Predicted[i] && !Array.Exists(windows, window => time >= window.Start && time <= window.End) ? 1 : 0;
        }

        return count;
    }

    private static double Positives(NabProfile profile, (double Start, double End)[] windows, double[] found)
    {
        double sum = 0;
        for (int k = 0; k < windows.Length; k++)
        {
            (double start, double end) = windows[k];
            sum += double.IsNaN(found[k]) ? 0 : Curve(profile, end > start ? (found[k] - start) / (end - start) : 0);
        }

        return sum;
    }

    // The reference draws the curve at 1000 points from −π/2 to π/2 and takes the one at the place, rounded down.
    private static double Curve(NabProfile profile, double place)
    {
        int step = Math.Min((int)(place * CurveSteps), CurveSteps - 1);
        double x = (-Math.PI / 2) + (Math.PI * step / (CurveSteps - 1));
        double half = (profile.TruePositive + profile.FalsePositive) / 2;
        return (half * (1 - (Math.Tanh(x) / Math.Tanh(Math.PI / 2)))) - profile.FalsePositive;
    }

    private static double Delays((double Start, double End)[] windows, double[] found)
    {
        double sum = 0;
        for (int k = 0; k < windows.Length; k++)
        {
            sum += double.IsNaN(found[k]) ? 0 : found[k] - windows[k].Start;
        }

        return sum;
    }
}
