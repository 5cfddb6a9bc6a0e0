// Quantile q of n sorted numbers:  linear between those at ⌊q·(n − 1)⌋ and the next.

namespace EdgeLstm.Training.Evaluation;

/// <summary>Quantiles as numpy and R (type 7) have them.</summary>
public static class SortedQuantile
{
    /// <summary>The quantile of some numbers.</summary>
    /// <param name="sorted">At least one number, ascending.</param>
    /// <param name="quantile">0 to 1.</param>
    public static double Of(double[] sorted, double quantile)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        double place = quantile * (sorted.Length - 1);
        int below = Math.Clamp((int)place, 0, sorted.Length - 1);
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }
}
