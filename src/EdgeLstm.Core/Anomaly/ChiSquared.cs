// The standard normal figure as improbable as a χ² figure q of m degrees:  w = ±√(q − m − m·ln(q/m)),  u = (q − m)/√(2m),
// z = w + ln(u/w)/w.

namespace EdgeLstm.Core.Anomaly;

/// <summary>Between sums of squares and standard normal figures.</summary>
internal static class ChiSquared
{
    // Below this share of the degrees a sum of squares is as good as 0, whose z would be −∞.
    private const double SmallestShare = 1e-12;

    // Where q is this close to m, w is the difference of nearly equal figures, and a series is better.
    private const double SeriesDistance = 1e-3;

    /// <summary>z with the same upper tail as <paramref name="q"/>.</summary>
    /// <remarks>
    /// Lugannani and Rice (1980) in the form of Barndorff-Nielsen (1986): within 0.04 of the exact z for one degree and 0.02 for
    /// more, out to z = 30. Wilson and Hilferty's cube root (1931) agrees near the middle, but grows as d^⅔ where the exact z
    /// grows as d: 5.4 in place of 5.9 at six deviations of a single channel.
    /// </remarks>
    /// <param name="q">A sum of squares, 0 or more.</param>
    /// <param name="degrees">m, at least 1.</param>
    public static double EquivalentZ(double q, int degrees)
    {
        double share = Math.Max(q / degrees, SmallestShare);
        double t = share - 1;
        double u = t * Math.Sqrt(degrees / 2.0);
        if (Math.Abs(t) < SeriesDistance)
        {
            return (u * (1 - (t / 3))) + (((1 / 3.0) - (t / 36)) * Math.Sqrt(2.0 / degrees));
        }

        double w = Math.CopySign(Math.Sqrt(degrees * (t - Math.Log(share))), t);
        return w + (Math.Log(u / w) / w);
    }

    /// <summary>The sum of squares whose z is <paramref name="z"/>, by Wilson and Hilferty's cube root: for z up to 5.</summary>
    public static double ValueAt(double z, int degrees)
    {
        double variance = 2 / (9.0 * degrees);
        double root = 1 - variance + (z * Math.Sqrt(variance));
        return degrees * root * root * root;
    }
}
