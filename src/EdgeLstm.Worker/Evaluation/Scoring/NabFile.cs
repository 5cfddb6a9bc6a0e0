// A file as NAB's scorer sees it: the window each row lies in, and what a detection there is worth.

using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Evaluation.Scoring;

/// <summary>One file, its rows placed by its windows; see <see cref="NabScorer"/> for the rules.</summary>
internal sealed class NabFile
{
    /// <param name="windows">Labelled windows, in any order.</param>
    /// <param name="scores">A score for every row, NaN where there is none.</param>
    /// <param name="probation">Rows at the start that do not count.</param>
    /// <exception cref="ArgumentException">A window does not lie within the file.</exception>
    public NabFile(IReadOnlyList<Window> windows, double[] scores, int probation)
    {
        Scores = scores;
        Probation = Math.Clamp(probation, 0, scores.Length);
        WindowOf = new int[scores.Length];
        Values = new double[scores.Length];
        Window[] ordered = [.. windows];
        Array.Sort(ordered, (a, b) => a.First.CompareTo(b.First));
        Check(ordered, scores.Length);
        Place(ordered);
        WindowCount = ordered.Length;
        Windows = Count(ordered.Length);
    }

    /// <summary>A score for every row.</summary>
    public double[] Scores { get; }

    /// <summary>Rows at the start that do not count.</summary>
    public int Probation { get; }

    /// <summary>Windows, those within the probation included.</summary>
    public int WindowCount { get; }

    /// <summary>Windows with a row behind the probation.</summary>
    public int Windows { get; }

    /// <summary>The window each row lies in, −1 outside.</summary>
    public int[] WindowOf { get; }

    /// <summary>S(x) / S(−1) inside a window, S(x) outside.</summary>
    public double[] Values { get; }

    /// <summary>What the file scores where rows at or above <paramref name="threshold"/> are detected.</summary>
    public NabFileScore At(double threshold, NabProfile profile)
    {
        double[] best = new double[WindowCount];
        double positives = 0;
        double negatives = 0;
        int found = 0;
        int falsePositives = 0;
        for (int i = Probation; i < Scores.Length; i++)
        {
            if (!(Finite(Scores[i]) >= threshold))
            {
                continue;
            }

            int window = WindowOf[i];
            if (window < 0)
            {
                negatives += Values[i];
                falsePositives++;
            }
            else if (Values[i] > best[window])
            {
                found += best[window] == 0 ? 1 : 0;
                positives += Values[i] - best[window];
                best[window] = Values[i];
            }
        }

        return new NabFileScore(profile.Raw(positives, Windows - found, negatives), Windows, found, falsePositives);
    }

    /// <summary>An infinite score as the finite one nearest to it; NaN stays.</summary>
    public static double Finite(double score) => Math.Clamp(score, double.MinValue, double.MaxValue);

    private static void Check(Window[] windows, int rows)
    {
        foreach (Window window in windows)
        {
            if (window.First < 0 || window.Last < window.First || window.Last >= rows)
            {
                throw new ArgumentException($"{window} does not lie within {rows} rows", nameof(windows));
            }
        }
    }

    // As NAB walks a file: a window that begins within another one cuts it short, and only a window that ran to its end
    // gives the rows behind it their distance.
    private void Place(Window[] windows)
    {
        int next = 0;
        int current = -1;
        int previous = -1;
        for (int i = 0; i < Scores.Length; i++)
        {
            while (next < windows.Length && windows[next].First == i)
            {
                current = next++;
            }

            WindowOf[i] = current;
            Values[i] = current >= 0 ? Inside(windows[current], i) : previous >= 0 ? Behind(windows[previous], i) : -1;
            if (current >= 0 && windows[current].Last == i)
            {
                previous = current;
                current = -1;
            }
        }
    }

    private static double Inside(Window window, int row) =>
        NabScorer.Sigmoid(-(window.Last - row + 1) / (double)window.Length) / NabScorer.Sigmoid(-1);

    // A window of one row leaves a distance of infinity: the row counts as far behind it.
    private static double Behind(Window window, int row) =>
        NabScorer.Sigmoid((row - window.Last) / (double)(window.Length - 1));

    private int Count(int windows)
    {
        bool[] counts = new bool[windows];
        int count = 0;
        for (int i = Probation; i < Scores.Length; i++)
        {
            int window = WindowOf[i];
            if (window >= 0 && !counts[window])
            {
                counts[window] = true;
                count++;
            }
        }

        return count;
    }
}
