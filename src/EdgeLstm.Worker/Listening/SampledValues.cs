// Values of a stream of any length in bounded room: all of the first ones, then every 2nd, 4th, 8th …

namespace EdgeLstm.Worker.Listening;

/// <summary>Keeps at most <see cref="Limit"/> values, spread evenly over all that were added.</summary>
internal sealed class SampledValues
{
    /// <summary>Values kept at most; beyond it every other one is dropped.</summary>
    public const int Limit = 8192;

    private readonly double[] _values = new double[Limit];
    private int _count;
    private int _stride = 1;
    private int _skip;

    /// <summary>Adds a value.</summary>
    public void Add(double value)
    {
        if (_skip > 0)
        {
            _skip--;
            return;
        }

        if (_count == Limit)
        {
            Thin();
        }

        _values[_count++] = value;
        _skip = _stride - 1;
    }

    /// <summary>The value below which a share of all values lies; NaN where there are none.</summary>
    /// <param name="share">0.5 for the median.</param>
    public double Quantile(double share)
    {
        if (_count == 0)
        {
            return double.NaN;
        }

        double[] sorted = _values[.._count];
        Array.Sort(sorted);
        return sorted[(int)Math.Round(share * (_count - 1))];
    }

    /// <summary>The same for the distances of the values from a number.</summary>
    /// <param name="share">0.95 for the distance that 95 % stay below.</param>
    /// <param name="from">The number.</param>
    public double DistanceQuantile(double share, double from)
    {
        SampledValues distances = new();
        foreach (double value in _values.AsSpan(0, _count))
        {
            distances.Add(Math.Abs(value - from));
        }

        return distances.Quantile(share);
    }

    /// <summary>A copy that goes its own way.</summary>
    public SampledValues Copy()
    {
        SampledValues copy = new() { _count = _count, _stride = _stride, _skip = _skip };
        _values.CopyTo(copy._values, 0);
        return copy;
    }

    private void Thin()
    {
        _count = Limit / 2;
        for (int i = 0; i < _count; i++)
        {
            _values[i] = _values[2 * i];
        }

        _stride *= 2;
    }
}
