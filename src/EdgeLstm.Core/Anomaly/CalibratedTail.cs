// The tail measured when the model was validated: log10 P is linear in |r| between the table's points and runs on beyond the
// last.

using EdgeLstm.Core.Collections;

namespace EdgeLstm.Core.Anomaly;

/// <summary>A residual tail from a table of exceedance probabilities.</summary>
/// <remarks>
/// Beyond the last point the tail is taken as exponential, P ∝ e^(−r/β), with β from the last decade of the table: the limit of
/// the generalised Pareto tail at shape 0 (Pickands 1975), which is the middle between bounded and heavy tails.
/// </remarks>
public sealed class CalibratedTail
{
    /// <summary>Scores above this say no more than it: the tail was never seen that far out.</summary>
    public const double ScoreLimit = 30;

    private readonly double[] _scores;
    private readonly double[] _residuals;
    private readonly double _slope;

    /// <param name="tailProbability">Falling probabilities in (0, 1) [points].</param>
    /// <param name="absoluteResidual">The |residual| exceeded with each of them, rising [points].</param>
    public CalibratedTail(IReadOnlyList<double> tailProbability, IReadOnlyList<double> absoluteResidual)
    {
        ArgumentOutOfRangeException.ThrowIfZero(tailProbability.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(absoluteResidual.Count, tailProbability.Count);
        _scores = [0, .. tailProbability.ToArray(p => -Math.Log10(p))];
        _residuals = [0, .. absoluteResidual];
        _slope = LastDecadeSlope();
    }

    /// <summary>−log10 of the probability of a residual at least as large.</summary>
    /// <param name="residual">Value minus forecast, physical units; finite.</param>
    public double Score(double residual)
    {
        double size = Math.Abs(residual);
        int last = _residuals.Length - 1;
        if (size >= _residuals[last])
        {
            return Math.Min(ScoreLimit, _scores[last] + ((size - _residuals[last]) * _slope));
        }

        int upper = 1;
        while (_residuals[upper] <= size)
        {
            upper++;
        }

        double part = (size - _residuals[upper - 1]) / (_residuals[upper] - _residuals[upper - 1]);
        return _scores[upper - 1] + (part * (_scores[upper] - _scores[upper - 1]));
    }

    /// <summary>The |residual| that is exceeded with probability <paramref name="tail"/>: the half width of a band.</summary>
    public double ResidualAt(double tail)
    {
        double score = -Math.Log10(tail);
        int last = _scores.Length - 1;
        if (score >= _scores[last])
        {
            return _residuals[last] + ((score - _scores[last]) / _slope);
        }

        int upper = 1;
        while (_scores[upper] <= score)
        {
            upper++;
        }

        double part = (score - _scores[upper - 1]) / (_scores[upper] - _scores[upper - 1]);
        return _residuals[upper - 1] + (part * (_residuals[upper] - _residuals[upper - 1]));
    }

    // Score per unit of residual over the last decade; a table that is flat there (quantised sensor) falls back to its whole
    // span.
    private double LastDecadeSlope()
    {
        int last = _scores.Length - 1;
        int first = last - 1;
        while (first > 0 && _scores[last] - _scores[first] < 1)
        {
            first--;
        }

        double span = _residuals[last] - _residuals[first];
        if (span <= 0)
        {
            (first, span) = (0, _residuals[last]);
        }

        return span > 0 ? (_scores[last] - _scores[first]) / span : ScoreLimit;
    }
}
