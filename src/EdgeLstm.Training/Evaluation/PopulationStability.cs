// Population stability index over ten bins of equal share in training:  PSI = Σ (p − q) · ln(p / q),  p training, q later.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>How far the values of a channel have moved from those of the training rows.</summary>
/// <remarks>Rule of thumb: below 0.1 the same, above 0.25 another distribution. Source: Siddiqi (2006), "Credit Risk Scorecards";
/// it is the symmetric Kullback–Leibler divergence of the bins (Jeffreys).</remarks>
public static class PopulationStability
{
    /// <summary>Bins, each with a tenth of the training values.</summary>
    public const int Bins = 10;

    /// <summary>Above this, distributions count as different.</summary>
    public const double ShiftLimit = 0.25;

    /// <summary>An empty bin counts as this share, so that the index stays finite.</summary>
    public const double LeastShare = 1e-4;

    /// <summary>The index of one channel; NaN where a part has no values.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="channel">Index of the channel.</param>
    /// <param name="training">Rows that set the bins.</param>
    /// <param name="later">Rows held against them.</param>
    public static double Measure(SeriesTable table, int channel, RowRange training, RowRange later)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Measure(Finite(table, channel, training), Finite(table, channel, later));
    }

    /// <summary>The index of some values against others.</summary>
    /// <param name="training">Values that set the bins, in any order; all finite.</param>
    /// <param name="later">Values held against them; all finite.</param>
    public static double Measure(double[] training, double[] later)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(later);
        if (training.Length == 0 || later.Length == 0)
        {
            return double.NaN;
        }

        double[] sorted = [.. training];
        Array.Sort(sorted);
        double[] edges = Edges(sorted);
        double[] p = Shares(training, edges);
        double[] q = Shares(later, edges);
        double index = 0;
        for (int bin = 0; bin < p.Length; bin++)
        {
            double before = Math.Max(p[bin], LeastShare);
            double after = Math.Max(q[bin], LeastShare);
            index += (before - after) * Math.Log(before / after);
        }

        return index;
    }

    // The inner deciles, each value once: a channel of few values has fewer bins.
    private static double[] Edges(double[] sorted)
    {
        List<double> edges = [];
        for (int k = 1; k < Bins; k++)
        {
            double edge = SortedQuantile.Of(sorted, (double)k / Bins);
            if (edges.Count == 0 || edge > edges[edges.Count - 1])
            {
                edges.Add(edge);
            }
        }

        return [.. edges];
    }

    // Bin k holds the values above edge k − 1 and up to edge k; with a single edge: below it, on it, above it.
    private static double[] Shares(double[] values, double[] edges)
    {
        double[] shares = new double[Math.Max(edges.Length + 1, 3)];
        foreach (double value in values)
        {
            int bin = 0;
            while (bin < edges.Length && value > edges[bin])
            {
                bin++;
            }

            if (edges.Length == 1)
            {
                bin = value < edges[0] ? 0 : value > edges[0] ? 2 : 1;
            }

            shares[bin] += 1.0 / values.Length;
        }

        return shares;
    }

    private static double[] Finite(SeriesTable table, int channel, RowRange rows)
    {
        List<double> values = new(rows.Count);
        for (int row = rows.Begin; row < rows.End; row++)
        {
            if (float.IsFinite(table[row, channel]))
            {
                values.Add(table[row, channel]);
            }
        }

        return [.. values];
    }
}
