// A Gaussian tail whose mean and spread are learned as the stream runs:  score = −log10 erfc(|r − μ| / (σ·√2)).

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>The residual tail of a model that carries no calibration.</summary>
/// <remarks>
/// Mean and variance are exponentially weighted over about a thousand samples; a residual moves them by four standard deviations
/// at most, so that the anomaly itself does not teach the scorer that it is normal.
/// </remarks>
public sealed class LearnedTail : ResidualTail
{
    /// <summary>Residuals seen before the first score.</summary>
    public const int WarmUpSamples = 100;

    private const double SlowestRate = 1.0 / 1000;
    private const double ClipDeviations = 4;

    private long _count;
    private double _mean;
    private double _variance;

    /// <inheritdoc/>
    public override double Score(double residual)
    {
        if (_count < WarmUpSamples)
        {
            return double.NaN;
        }

        double deviation = Math.Sqrt(_variance);
        if (deviation == 0)
        {
            return residual == _mean ? 0 : ScoreLimit;   // a sensor that never moved so far
        }

        return Math.Min(ScoreLimit, GaussianScore((residual - _mean) / deviation));
    }

    /// <inheritdoc/>
    public override void Observe(double residual)
    {
        _count++;
        double step = residual - _mean;
        if (_count > WarmUpSamples)
        {
            double limit = ClipDeviations * Math.Sqrt(_variance);
            step = Math.Clamp(step, -limit, limit);
        }

        // Welford's update with a rate that falls as 1/n until it is the slowest.
        double rate = Math.Max(1.0 / _count, SlowestRate);
        _mean += rate * step;
        _variance = (1 - rate) * (_variance + (rate * step * step));
    }

    /// <inheritdoc/>
    public override void Save(StateWriter writer)
    {
        writer.Write(_count);
        writer.Write(_mean);
        writer.Write(_variance);
    }

    /// <inheritdoc/>
    public override void Restore(ref StateReader reader)
    {
        _count = reader.ReadInt64();
        _mean = reader.ReadDouble();
        _variance = reader.ReadDouble();
    }

    /// <summary>−log10 of the two-sided Gaussian tail beyond <paramref name="z"/> deviations.</summary>
    /// <remarks>
    /// erfc by the Chebyshev fit of Numerical Recipes (Press et al., 2nd ed., §6.2: relative error below 1.2e-7 everywhere),
    /// in logarithms so that it does not underflow.
    /// </remarks>
    internal static double GaussianScore(double z)
    {
        double x = Math.Abs(z) / Math.Sqrt(2);
        double t = 1 / (1 + (0.5 * x));
        double fit = -1.26551223 + (t * (1.00002368 + (t * (0.37409196 + (t * (0.09678418 + (t * (-0.18628806
            + (t * (0.27886807 + (t * (-1.13520398 + (t * (1.48851587 + (t * (-0.82215223 + (t * 0.17087277)))))))))))))))));
        return -(Math.Log(t) - (x * x) + fit) / Math.Log(10);
    }
}
