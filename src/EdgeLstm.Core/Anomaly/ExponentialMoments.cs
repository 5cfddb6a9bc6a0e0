// Mean and variance that forget:  W' = λW + 1,  a = 1/W',  μ' = μ + a(x − μ),  v' = (1 − a)(v + a(x − μ)²),  λ = 1 − 1/memory.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Exponentially weighted mean and variance, right from the first values on.</summary>
/// <remarks>
/// The rate a falls as 1/n until it is 1/memory, so the first values are weighted as in an ordinary mean and nothing of the
/// starting value is left in it. The variance is corrected by 1 − Σw²/(Σw)², which is (n − 1)/n at the start. Source: West
/// (1979), "Updating mean and variance estimates", with the correction for reliability weights.
/// </remarks>
public sealed class ExponentialMoments
{
    /// <summary>No score is further from 0 than this: a series that never moved has no deviation to divide by.</summary>
    public const double ZLimit = 1000;

    /// <summary>Values larger than this are taken as missing, so that squares and their sums stay finite.</summary>
    public const double MagnitudeLimit = 1e100;

    private readonly double _keep;
    private double _weight;
    private double _spread;
    private double _squaredShare = 1;

    /// <param name="memory">Steps over which a value's weight falls to 1/e, at least 1; infinity never forgets.</param>
    public ExponentialMoments(double memory)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(memory >= 1, true, nameof(memory));   // not NaN either
        _keep = 1 - (1 / memory);
    }

    /// <summary>Values seen.</summary>
    public long Count { get; private set; }

    /// <summary>0 before the first value.</summary>
    public double Mean { get; private set; }

    /// <summary>Unbiased; 0 before the second value.</summary>
    public double Variance => _squaredShare < 1 ? _spread / (1 - _squaredShare) : 0;

    /// <summary>How many equally weighted values say as much, (Σw)²/Σw²; about 2·memory − 1 in the end.</summary>
    public double EffectiveCount => Count == 0 ? 0 : 1 / _squaredShare;

    /// <summary>The weight the latest value had, from 1 down to 1/memory; 0 before the first.</summary>
    public double Rate => Count == 0 ? 0 : 1 / _weight;

    /// <summary>
    /// How many standard deviations <paramref name="value"/> lies above the mean, within ±<see cref="ZLimit"/>; NaN before the
    /// second value and for a value that is missing.
    /// </summary>
    public double Z(double value)
    {
        if (Count < 2 || !(Math.Abs(value) <= MagnitudeLimit))
        {
            return double.NaN;
        }

        double distance = value - Mean;
        double deviation = Math.Sqrt(Variance);
        return distance == 0 ? 0 : Math.Clamp(distance / deviation, -ZLimit, ZLimit);   // ±∞ without a deviation
    }

    /// <summary>Takes the next value; NaN, infinities and what is beyond <see cref="MagnitudeLimit"/> change nothing.</summary>
    public void Observe(double value)
    {
        if (Math.Abs(value) <= MagnitudeLimit)
        {
            Take(value - Mean);
        }
    }

    /// <summary>
    /// Takes the next value as if it lay no further than so many deviations from the mean: an anomaly hardly teaches, yet a
    /// lasting change does, since the spread grows with every clipped value.
    /// </summary>
    /// <param name="value">As <see cref="Observe(double)"/>.</param>
    /// <param name="clipDeviations">
    /// Above 1, else the spread could only shrink. Does not apply while the deviation is 0: nothing could ever be learned then.
    /// </param>
    public void Observe(double value, double clipDeviations)
    {
        if (!(Math.Abs(value) <= MagnitudeLimit))
        {
            return;
        }

        double limit = clipDeviations * Math.Sqrt(Variance);
        double distance = value - Mean;
        Take(limit > 0 ? Math.Clamp(distance, -limit, limit) : distance);
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(Count);
        writer.Write(Mean);
        writer.Write(_weight);
        writer.Write(_spread);
        writer.Write(_squaredShare);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        Count = reader.ReadInt64();
        Mean = reader.ReadDouble();
        _weight = reader.ReadDouble();
        _spread = reader.ReadDouble();
        _squaredShare = reader.ReadDouble();
    }

    private void Take(double distance)
    {
        Count++;
        _weight = (_keep * _weight) + 1;
        double rate = 1 / _weight;
        Mean += rate * distance;
        _spread = (1 - rate) * (_spread + (rate * distance * distance));
        _squaredShare = ((1 - rate) * (1 - rate) * _squaredShare) + (rate * rate);
    }
}
