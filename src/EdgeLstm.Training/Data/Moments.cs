// Mean and standard deviation of numbers as they come (Welford, 1962).

namespace EdgeLstm.Training.Data;

/// <summary>Moments in double precision, exact for numbers far from zero.</summary>
internal sealed class Moments
{
    private double _squares;

    /// <summary>Numbers taken.</summary>
    public long Count { get; private set; }

    /// <summary>Their mean; 0 without any.</summary>
    public double Mean { get; private set; }

    /// <summary>√(Σ(x − mean)² / n).</summary>
    public double StandardDeviation => Math.Sqrt(_squares / Count);

    /// <summary>Takes a number.</summary>
    public void Add(double value)
    {
        Count++;
        double off = value - Mean;
        Mean += off / Count;
        _squares += off * (value - Mean);
    }
}
