// Rows are gathered in buckets of equal length; a bucket is its mean, greatest and least squashed value.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Gathers the values of one channel. What is missing is left out; a bucket without any value is NaN.</summary>
/// <remarks>
/// Without the time of day, which other recipes add: on the recordings that settings were chosen on it cost a point and more.
/// </remarks>
public sealed class BucketFeatures
{
    /// <summary>Figures of a bucket: mean, greatest, least.</summary>
    public const int Count = 3;

    private double _sum;
    private long _values;
    private double _greatest = double.NegativeInfinity;
    private double _least = double.PositiveInfinity;

    /// <summary>Takes a squashed value.</summary>
    public void Add(double value)
    {
        if (double.IsFinite(value))
        {
            _sum += value;
            _values++;
            _greatest = Math.Max(_greatest, value);
            _least = Math.Min(_least, value);
        }
    }

    /// <summary>Writes the figures [3] and begins the next bucket.</summary>
    public void Close(Span<double> features)
    {
        features[0] = _sum / _values;
        features[1] = _values == 0 ? double.NaN : _greatest;
        features[2] = _values == 0 ? double.NaN : _least;
        (_sum, _values) = (0, 0);
        (_greatest, _least) = (double.NegativeInfinity, double.PositiveInfinity);
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(_sum);
        writer.Write(_values);
        writer.Write(_greatest);
        writer.Write(_least);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        _sum = reader.ReadDouble();
        _values = reader.ReadInt64();
        _greatest = reader.ReadDouble();
        _least = reader.ReadDouble();
    }
}
