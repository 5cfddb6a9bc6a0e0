// Volume under the surface of precision and recall:  VUS-PR = mean over buffers ℓ = 0…L of Σ (TPR_k − TPR_{k−1}) · precision_k.

using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Evaluation.Scoring;

/// <summary>How well scores rank labelled rows above others, without a threshold; labels may be a little off.</summary>
/// <remarks>
/// <code>
/// label(i) = 1 in a window, √(1 − d/ℓ) at distance d = 1…⌊ℓ/2⌋ from it (their sum where windows are near, at most 1), else 0
/// TP = Σ label over detected rows,  P' = (2·P + Σ label over detected rows of buffers) / 2,  P = rows in windows
/// TPR = min(TP / P', 1) · (windows with buffers that were hit) / (windows with buffers),  precision = TP / rows detected
/// </code>
/// Windows whose buffers meet are hit together. Thresholds are the scores at evenly spread ranks, the highest first; rows with
/// equal scores are detected together. Source: Paparrizos, Boniol, Palpanas, Tsay, Elmore, Franklin (2022), "Volume Under the
/// Surface: A New Accuracy Evaluation Measure for Time-Series Anomaly Detection"; as RangeAUC_volume_opt of TheDatumOrg/VUS
/// computes it. O(rows · log rows + L · rows).
/// </remarks>
internal static class VusPr
{
    /// <summary>Thresholds of the reference; published figures have them.</summary>
    public const int ReferenceThresholds = 250;

    /// <summary>The score of one file, 0 to 1; NaN if no window has a row that counts.</summary>
    /// <param name="scores">A score for every row; NaN counts as lower than every number [rows].</param>
    /// <param name="windows">Labelled windows within the rows; those that touch are one.</param>
    /// <param name="maxBuffer">L: the longest buffer in rows, half of it on each side of a window.</param>
    /// <param name="probation">Rows at the start that do not count.</param>
    /// <param name="thresholds">Points of each curve; as many as rows for every score.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative buffer or fewer than one threshold.</exception>
    public static double Score(
        double[] scores,
        IReadOnlyList<Window> windows,
        int maxBuffer,
        int probation = 0,
        int thresholds = ReferenceThresholds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBuffer);
        ArgumentOutOfRangeException.ThrowIfLessThan(thresholds, 1);
        Window[] segments = Segments(windows, probation, scores.Length);
        if (segments.Length == 0)
        {
            return double.NaN;
        }

        (int[] order, int[] cuts) = Ranked(scores.AsSpan(probation), thresholds);
        bool[] inside = new bool[order.Length];
        foreach (Window segment in segments)
        {
            inside.AsSpan(segment.First, segment.Length).Fill(true);
        }

        double[] label = new double[order.Length];
        int[] zoneOf = new int[order.Length];
        double sum = 0;
        for (int buffer = 0; buffer <= maxBuffer; buffer++)
        {
            Soften(label, segments, buffer);
            int zones = MarkZones(zoneOf, segments, buffer / 2);
            sum += AreaUnderCurve(order, cuts, label, zoneOf, zones, inside);
        }

        return sum / (maxBuffer + 1);
    }

    // Labelled stretches of the rows that count, numbered from the first of these.
    private static Window[] Segments(IReadOnlyList<Window> windows, int probation, int rows)
    {
        List<Window> segments = [];
        bool[] labelled = new bool[rows];
        foreach (Window window in windows)
        {
            labelled.AsSpan(window.First, window.Length).Fill(true);
        }

        for (int i = probation; i < rows; i++)
        {
            if (labelled[i] && (i == probation || !labelled[i - 1]))
            {
                segments.Add(new Window(i - probation, i - probation));
            }
            else if (labelled[i])
            {
                segments[^1] = segments[^1] with { Last = i - probation };
            }
        }

        return [.. segments];
    }

    // Rows from the highest score down, and how many of them each threshold detects.
    private static (int[] Order, int[] Cuts) Ranked(ReadOnlySpan<double> scores, int thresholds)
    {
        int rows = scores.Length;
        double[] keys = new double[rows];
        int[] order = new int[rows];
        for (int i = 0; i < rows; i++)
        {
            keys[i] = double.IsNaN(scores[i]) ? double.PositiveInfinity : -scores[i];
            order[i] = i;
        }

        Array.Sort(keys, order);
        int[] cuts = new int[thresholds];
        for (int k = 0; k < thresholds; k++)
        {
            int rank = thresholds == 1 ? 0 : (int)(k * ((rows - 1) / (double)(thresholds - 1)));
            rank = k == thresholds - 1 && k > 0 ? rows - 1 : rank;
            cuts[k] = k > 0 && cuts[k - 1] > rank ? cuts[k - 1] : EndOfEqual(keys, rank);
        }

        return (order, cuts);
    }

    private static int EndOfEqual(double[] keys, int rank)
    {
        int end = rank + 1;
        while (end < keys.Length && keys[end] == keys[rank])
        {
            end++;
        }

        return end;
    }

    private static void Soften(double[] label, Window[] segments, int buffer)
    {
        Array.Clear(label);
        foreach (Window segment in segments)
        {
            label.AsSpan(segment.First, segment.Length).Fill(1);
        }

        foreach (Window segment in segments)
        {
            for (int d = 1; d <= buffer / 2; d++)
            {
                double value = Math.Sqrt(1 - (d / (double)buffer));
                Raise(label, segment.First - d, value);
                Raise(label, segment.Last + d, value);
            }
        }
    }

    private static void Raise(double[] label, int row, double value)
    {
        if (row >= 0 && row < label.Length)
        {
            label[row] = Math.Min(1, label[row] + value);
        }
    }

    // Numbers the windows with their buffers, those that meet together, 0 outside; returns how many there are.
    private static int MarkZones(int[] zoneOf, Window[] segments, int reach)
    {
        Array.Clear(zoneOf);
        int zones = 0;
        for (int k = 0; k < segments.Length; k++)
        {
            zones += k == 0 || segments[k - 1].Last + reach < segments[k].First - reach ? 1 : 0;
            int first = Math.Max(0, segments[k].First - reach);
            int last = Math.Min(zoneOf.Length - 1, segments[k].Last + reach);
            zoneOf.AsSpan(first, last - first + 1).Fill(zones);
        }

        return zones;
    }

    private static double AreaUnderCurve(
        int[] order, int[] cuts, double[] label, int[] zoneOf, int zones, bool[] inside)
    {
        int positives = inside.AsSpan().Count(true);
        bool[] isHit = new bool[zones + 1];
        int hits = 0;
        int detected = 0;
        double truePositives = 0;
        double ofBuffers = 0;
        double area = 0;
        double previousRate = 0;
        foreach (int cut in cuts)
        {
            for (; detected < cut; detected++)
            {
                int row = order[detected];
                hits += zoneOf[row] > 0 && !isHit[zoneOf[row]] ? 1 : 0;
                isHit[zoneOf[row]] = true;
                truePositives += label[row];
                ofBuffers += inside[row] ? 0 : label[row];
            }

            double recall = Math.Min(truePositives / (positives + (ofBuffers / 2)), 1);
            double rate = recall * hits / zones;
            area += (rate - previousRate) * truePositives / detected;
            previousRate = rate;
        }

        return area;
    }
}
