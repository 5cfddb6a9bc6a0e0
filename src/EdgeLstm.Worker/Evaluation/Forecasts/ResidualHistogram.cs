// Residuals in bins of equal width from −w to w, w the larger of their quantiles ½ % and 99½ % by size; what lies beyond counts
// in the outer bins.

using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>The distribution of some residuals.</summary>
/// <param name="Low">Lower edge of the first bin; NaN without residuals.</param>
/// <param name="High">Upper edge of the last bin.</param>
/// <param name="Counts">Residuals of each bin; empty without residuals.</param>
internal sealed record ResidualHistogram(double Low, double High, int[] Counts)
{
    /// <summary>Bins of every histogram.</summary>
    public const int Bins = 61;

    private const double Tail = 0.005;

    /// <summary>Counts residuals. The middle of the middle bin is 0.</summary>
    /// <param name="residuals">In any order, all finite.</param>
    public static ResidualHistogram Of(double[] residuals)
    {
        if (residuals.Length == 0)
        {
            return new ResidualHistogram(double.NaN, double.NaN, []);
        }

        double[] sorted = [.. residuals];
        Array.Sort(sorted);
        double reach = Math.Max(
            Math.Abs(SortedQuantile.Of(sorted, Tail)), Math.Abs(SortedQuantile.Of(sorted, 1 - Tail)));
        reach = reach > 0 ? reach : 1;
        int[] counts = new int[Bins];
        foreach (double residual in sorted)
        {
            double share = (residual + reach) / (2 * reach);
            counts[(int)Math.Clamp(Math.Floor(share * Bins), 0, Bins - 1)]++;
        }

        return new ResidualHistogram(-reach, reach, counts);
    }
}
