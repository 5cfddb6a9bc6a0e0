// The manifest's residuals: moments, and what |residual| exceeds with each probability, down to 3 of all.

using EdgeLstm.Core.Models;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Worker.Training;

/// <summary>Calibrates an output on residuals of rows that were not learned from.</summary>
internal static class ResidualCalibration
{
    // Rarer ones than 3 of all residuals are not known.
    private const int LeastExceeding = 3;

    private static readonly double[] Probabilities =
        [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];

    /// <summary>The calibration; null where there are too few residuals, or all are 0.</summary>
    public static ResidualManifest? Of(double[] residuals)
    {
        int count = residuals.Length;
        double[] tail = Array.FindAll(Probabilities, probability => probability * count >= LeastExceeding);
        if (tail.Length == 0)
        {
            return null;
        }

        double mean = 0, square = 0;
        foreach (double residual in residuals)
        {
            mean += residual / count;
        }

        double[] absolute = new double[count];
        for (int i = 0; i < count; i++)
        {
            square += (residuals[i] - mean) * (residuals[i] - mean) / count;
            absolute[i] = Math.Abs(residuals[i]);
        }

        Array.Sort(absolute);
        double[] exceeded = Array.ConvertAll(tail, probability => SortedQuantile.Of(absolute, 1 - probability));
        return exceeded[^1] > 0 ? new ResidualManifest(count, mean, Math.Sqrt(square), tail, exceeded) : null;
    }
}
