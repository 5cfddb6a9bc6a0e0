// NAB's windowed Gaussian:  score = 1 − Q(|x − μ| / σ), μ and σ of the latest 6,400 rows, renewed every 100 rows.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Evaluation.Suites.Baselines;

/// <summary>How far a value lies in the tail of a Gaussian fitted to a sliding window. The worst channel counts.</summary>
/// <remarks>
/// Source: numenta/NAB, windowedGaussian_detector.py, with its window and step. Until the window is full μ and σ are renewed by
/// every row; 0 for the first row; a σ of 0 counts as 10⁻⁶; Q is the upper tail of the normal distribution. The score saturates
/// at 1, as there, and has the 12 decimals that NAB's result files have: what lies closer to 1 is a tie. A row with a missing
/// value is scored by the others and leaves that channel's window as it is.
/// </remarks>
internal sealed class WindowedGaussian(DetectorSetup setup) : IStreamDetector
{
    /// <summary>Rows of the window.</summary>
    public const int WindowRows = 6400;

    /// <summary>Rows by which a full window slides.</summary>
    public const int StepRows = 100;

    private const int Decimals = 12;

    private readonly Channel[] _channels = ArrayProjection.Of(setup.ChannelCount, _ => new Channel());

    /// <inheritdoc/>
    public DetectorStep Step(ReadOnlySpan<float> values)
    {
        double score = 0;
        for (int k = 0; k < values.Length; k++)
        {
            if (float.IsFinite(values[k]))
            {
                score = Math.Max(score, _channels[k].Score(values[k]));
            }
        }

        return new DetectorStep(score, score);
    }

    // The window is a ring; the rows of the next slide overwrite its oldest, which no sum reads before the slide.
    private sealed class Channel
    {
        private readonly double[] _window = new double[WindowRows];
        private long _count;
        private double _origin;
        private double _sum;
        private double _sumOfSquares;
        private double _mean;
        private double _deviation = 1;

        public double Score(double value)
        {
            double score = _count == 0 ? 0 : Math.Round(1 - UpperTail(Math.Abs(value - _mean) / _deviation), Decimals);
            if (_count == 0)
            {
                _origin = value;
            }

            _window[_count % WindowRows] = value;
            _count++;
            if (_count <= WindowRows)
            {
                Grow(value - _origin);
            }
            else if ((_count - WindowRows) % StepRows == 0)
            {
                Renew();
            }

            return score;
        }

        private void Grow(double fromOrigin)
        {
            _sum += fromOrigin;
            _sumOfSquares += fromOrigin * fromOrigin;
            double mean = _sum / _count;
            _mean = _origin + mean;
            SetDeviation((_sumOfSquares / _count) - (mean * mean));
        }

        private void Renew()
        {
            double mean = 0;
            foreach (double value in _window)
            {
                mean += value / WindowRows;
            }

            double variance = 0;
            foreach (double value in _window)
            {
                variance += (value - mean) * (value - mean) / WindowRows;
            }

            _mean = mean;
            SetDeviation(variance);
        }

        private void SetDeviation(double variance)
        {
            double deviation = Math.Sqrt(Math.Max(variance, 0));
            _deviation = deviation > 0 ? deviation : 1e-6;
        }
    }

    /// <summary>The probability that a standard normal number is above <paramref name="z"/>, for z of 0 or more.</summary>
    /// <remarks>
    /// Below 3 the series φ(z)·(z + z³/3 + z⁵/15 + …) of the distribution's lower half, above it the continued fraction
    /// φ(z) / (z + 1/(z + 2/(z + 3/…))): Abramowitz and Stegun 26.2.11 and 26.2.14, to some 1e-15.
    /// </remarks>
    internal static double UpperTail(double z)
    {
        double density = Math.Exp(-0.5 * z * z) / Math.Sqrt(2 * Math.PI);
        if (z >= 3)
        {
            double fraction = z;
            for (int k = 100; k >= 1; k--)
            {
                fraction = z + (k / fraction);
            }

            return density / fraction;
        }

        double term = z;
        double sum = z;
        for (int k = 3; Math.Abs(term) > 1e-17 * sum; k += 2)
        {
            term *= z * z / k;
            sum += term;
        }

        return 0.5 - (density * sum);
    }
}
