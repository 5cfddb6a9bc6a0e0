// The upper tail of the normal distribution on a logarithmic scale:  −log10 Q(z).

namespace EdgeLstm.Core.Anomaly;

/// <summary>Turns deviations into scores.</summary>
public static class NormalTail
{
    // Beyond it Q is taken from its asymptote, before the polynomial loses its digits.
    private const double Far = 6;

    /// <summary>−log10 of the chance that a standard normal value exceeds <paramref name="z"/>; 0 for z of 0 or less; NaN stays
    /// NaN.</summary>
    /// <remarks>Source: Abramowitz and Stegun (1964), 26.2.17 (absolute error 7.5e-8) and 26.2.12.</remarks>
    public static double Score(double z)
    {
        if (!(z > 0))
        {
            return z <= 0 ? 0 : double.NaN;
        }

        double density = z * z / 2 * Math.Log10(Math.E);
        if (z > Far)
        {
            double correction = 1 - (1 / (z * z)) + (3 / (z * z * z * z));
            return density + Math.Log10(z * Math.Sqrt(2 * Math.PI)) - Math.Log10(correction);
        }

        double t = 1 / (1 + (0.2316419 * z));
        double sum = t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return density - Math.Log10(sum / Math.Sqrt(2 * Math.PI));
    }
}
