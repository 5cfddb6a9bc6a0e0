// How far a value lies outside everything seen before:  weight · log10(1 + distance / (fraction · range)).

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>The one thing no forecast needs to tell: a value that was never seen.</summary>
public sealed class RangeNovelty
{
    private readonly double _fraction;
    private readonly double _weight;
    private double _low = double.PositiveInfinity;
    private double _high = double.NegativeInfinity;

    /// <param name="fraction">The part of the range so far that is hardly new, and ten times it clearly; above 0.</param>
    /// <param name="weight">What ten times as far adds to the score; above 0.</param>
    public RangeNovelty(double fraction, double weight)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fraction);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        (_fraction, _weight) = (fraction, weight);
    }

    /// <summary>The novelty of the next value, 0 inside the range; the range then holds it. NaN and infinity are 0.</summary>
    public double Score(double value)
    {
        if (!double.IsFinite(value))
        {
            return 0;
        }

        double distance = Math.Max(value - _high, _low - value);
        double unit = _fraction * Range();
        _low = Math.Min(_low, value);
        _high = Math.Max(_high, value);
        return distance > 0 && double.IsFinite(distance) ? _weight * Math.Log10(1 + (distance / unit)) : 0;
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(_low);
        writer.Write(_high);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        _low = reader.ReadDouble();
        _high = reader.ReadDouble();
    }

    // A channel that stood still has none: what it stands at, and the resolution of a float, are its scale then.
    private double Range() => Math.Max(_high - _low, 1e-12 + (1e-9 * Math.Abs(_high)));
}
