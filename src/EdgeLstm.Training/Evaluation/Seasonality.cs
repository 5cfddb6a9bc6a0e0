// The season of a channel:  the first lag at which its autocorrelation r has a peak above ½ that is nearly its highest.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>Finds how many rows a channel takes to repeat itself.</summary>
/// <remarks>
/// The autocorrelation is that of the longest stretch of the training rows, its straight trend taken off, computed by Fourier
/// transforms (Wiener, Khinchin) and corrected for the missing values and for the fewer pairs at long lags.
/// </remarks>
public static class Seasonality
{
    /// <summary>Least autocorrelation of a season. The error of the value a season ago has the variance 2·(1 − r)·σ²: above ½ it
    /// says more than the mean does.</summary>
    public const double LeastCorrelation = 0.5;

    /// <summary>How far the autocorrelation must have been below the peak before it: a slow decline is no season.</summary>
    public const double LeastProminence = 0.2;

    /// <summary>A peak this part of the highest one is the season itself, the others are its multiples.</summary>
    public const double NearlyHighest = 0.9;

    /// <summary>Seasons that the training rows must hold at least.</summary>
    public const int FewestSeasons = 3;

    /// <summary>Rows looked at, the latest of the stretch; bounds memory at some 16 MB.</summary>
    public const int MostRows = 1 << 18;

    private const int FewestRows = 12;

    /// <summary>The season of a channel in rows; null where it has none.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="channel">Index of the channel.</param>
    /// <param name="training">The training rows.</param>
    public static int? Find(SeriesTable table, int channel, RowRange training)
    {
        ArgumentNullException.ThrowIfNull(table);
        RowRange rows = Longest(table, training);
        rows = new RowRange(Math.Max(rows.Begin, rows.End - MostRows), rows.End);
        return rows.Count < FewestRows ? null : FirstPeak(Autocorrelation(table, channel, rows));
    }

    /// <summary>r of lags 0 to a third of the rows; empty where the channel does not vary.</summary>
    internal static double[] Autocorrelation(SeriesTable table, int channel, RowRange rows)
    {
        int size = 1;
        while (size < 2 * rows.Count)
        {
            size *= 2;
        }

        (double[] values, double[] present) = (new double[size], new double[size]);
        Detrend(table, channel, rows, values, present);
        Correlate(values);
        Correlate(present);
        if (!(values[0] > 1e-12 * size))
        {
            return [];
        }

        double[] r = new double[(rows.Count / FewestSeasons) + 1];
        double variance = values[0] / present[0];
        for (int lag = 0; lag < r.Length; lag++)
        {
            r[lag] = present[lag] > 0.5 ? values[lag] / present[lag] / variance : 0;
        }

        return r;
    }

    private static RowRange Longest(SeriesTable table, RowRange training)
    {
        RowRange longest = default;
        foreach (RowRange stretch in table.Stretches)
        {
            RowRange part = stretch.Intersect(training);
            longest = part.Count > longest.Count ? part : longest;
        }

        return longest;
    }

    // The residuals of a straight line, 0 where a value is missing; and 1 where one is there.
    private static void Detrend(SeriesTable table, int channel, RowRange rows, double[] values, double[] present)
    {
        (double n, double st, double sy, double stt, double sty) = (0, 0, 0, 0, 0);
        for (int t = 0; t < rows.Count; t++)
        {
            double y = table[rows.Begin + t, channel];
            if (double.IsFinite(y))
            {
                (n, st, sy, stt, sty) = (n + 1, st + t, sy + y, stt + ((double)t * t), sty + (t * y));
            }
        }

        double divisor = (n * stt) - (st * st);
        double slope = divisor > 0 ? ((n * sty) - (st * sy)) / divisor : 0;
        double level = (sy - (slope * st)) / n;
        double squares = 0;
        for (int t = 0; t < rows.Count; t++)
        {
            double residual = table[rows.Begin + t, channel] - level - (slope * t);
            present[t] = double.IsFinite(residual) ? 1 : 0;
            values[t] = double.IsFinite(residual) ? residual : 0;
            squares += values[t] * values[t];
        }

        // In units of the deviation; what is left of a straight line is rounding and no variation.
        double size = Math.Abs(level) + Math.Abs(slope * rows.Count);
        double deviation = Math.Sqrt(squares / n);
        double scale = deviation > 1e-6 * size ? 1 / deviation : 0;
        for (int t = 0; t < rows.Count; t++)
        {
            values[t] *= scale;
        }
    }

    // Sums of products of all pairs a lag apart, in place; the second half of the array is zero.
    private static void Correlate(double[] values)
    {
        double[] imaginary = new double[values.Length];
        FourierTransform.Run(values, imaginary);
        for (int f = 0; f < values.Length; f++)
        {
            values[f] = ((values[f] * values[f]) + (imaginary[f] * imaginary[f])) / values.Length;
            imaginary[f] = 0;
        }

        FourierTransform.Run(values, imaginary);
    }

    private static int? FirstPeak(double[] r)
    {
        double highest = 0;
        foreach (int lag in Peaks(r))
        {
            highest = Math.Max(highest, r[lag]);
        }

        foreach (int lag in Peaks(r))
        {
            if (r[lag] >= NearlyHighest * highest)
            {
                return Refine(r, lag);
            }
        }

        return null;
    }

    // Noise moves the top of a flat peak by some rows; its multiples lie as many times as far off, and settle it.
    private static int Refine(double[] r, int peak)
    {
        int reach = Math.Max(1, peak / 8);
        int multiples = Math.Max(1, (r.Length - 1) / (peak + reach));
        (int best, double highest) = (peak, double.NegativeInfinity);
        for (int lag = Math.Max(2, peak - reach); lag <= peak + reach && lag * multiples < r.Length; lag++)
        {
            double sum = 0;
            for (int k = 1; k <= multiples; k++)
            {
                sum += r[k * lag];
            }

            (best, highest) = sum > highest ? (lag, sum) : (best, highest);
        }

        return best;
    }

    private static List<int> Peaks(double[] r)
    {
        List<int> peaks = [];
        double lowest = 1;
        for (int lag = 1; lag + 1 < r.Length; lag++)
        {
            bool isPeak = r[lag] >= r[lag - 1] && r[lag] > r[lag + 1];
            if (isPeak && lag > 1 && r[lag] >= LeastCorrelation && r[lag] - lowest >= LeastProminence)
            {
                peaks.Add(lag);
            }

            lowest = Math.Min(lowest, r[lag]);
        }

        return peaks;
    }
}
