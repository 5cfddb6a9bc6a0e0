// How far values lie outside everything seen before:
//
//     mean over n channels of  weight · log10(1 + distance / (n · fraction · range))

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>The one thing no forecast needs to tell: a value that was never seen. Allocates nothing after construction.</summary>
/// <remarks>
/// Of many channels some are always a little new: so the distance that counts grows with their number, and the novelty of a row
/// is the mean of theirs. One channel among many that goes where it never was is told by its residuals; all at once are told
/// here.
/// </remarks>
public sealed class RangeNovelty
{
    private readonly double _fraction;
    private readonly double _weight;
    private readonly double[] _low;    // [channels]
    private readonly double[] _high;   // [channels]

    /// <param name="channels">Values of a row, 1 or more.</param>
    /// <param name="fraction">The part of the range so far that is hardly new, and ten times it clearly; above 0.</param>
    /// <param name="weight">What ten times as far adds to the score; above 0.</param>
    public RangeNovelty(int channels, double fraction, double weight)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fraction);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(weight);
        (_fraction, _weight) = (channels * fraction, weight);
        (_low, _high) = (new double[channels], new double[channels]);
        _low.AsSpan().Fill(double.PositiveInfinity);
        _high.AsSpan().Fill(double.NegativeInfinity);
    }

    /// <summary>The novelty of the next row, 0 inside the ranges, which then hold it.</summary>
    /// <param name="values">NaN and infinity say nothing [channels].</param>
    /// <param name="contributions">Receives the part of each channel, together 1; all 0 where nothing is new [channels].</param>
    public double Score(ReadOnlySpan<float> values, Span<double> contributions)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, _low.Length);
        double sum = 0;
        for (int channel = 0; channel < values.Length; channel++)
        {
            contributions[channel] = Score(channel, values[channel]);
            sum += contributions[channel];
        }

        for (int channel = 0; channel < values.Length && sum > 0; channel++)
        {
            contributions[channel] /= sum;
        }

        return sum / values.Length;
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        for (int channel = 0; channel < _low.Length; channel++)
        {
            writer.Write(_low[channel]);
            writer.Write(_high[channel]);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        for (int channel = 0; channel < _low.Length; channel++)
        {
            _low[channel] = reader.ReadDouble();
            _high[channel] = reader.ReadDouble();
        }
    }

    private double Score(int channel, double value)
    {
        if (!double.IsFinite(value))
        {
            return 0;
        }

        ref double low = ref _low[channel];
        ref double high = ref _high[channel];
        double distance = Math.Max(value - high, low - value);
        double unit = _fraction * Range(low, high);
        low = Math.Min(low, value);
        high = Math.Max(high, value);
        return distance > 0 && double.IsFinite(distance) ? _weight * Math.Log10(1 + (distance / unit)) : 0;
    }

    // A channel that stood still has none: what it stands at, and the resolution of a float, are its scale then.
    private static double Range(double low, double high) => Math.Max(high - low, 1e-12 + (1e-9 * Math.Abs(high)));
}
