// The scale of a channel, from its first rows:  squashed = asinh((x − median) / spread).

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Brings one channel to about −1 … 1, whatever its unit, and keeps its extremes within reach.</summary>
/// <remarks>
/// asinh is the identity near 0 and a logarithm far out: a spike a thousand times the spread becomes 7.6, so that it can
/// neither overwhelm a linear head nor its covariance. The spread is that of the middle half (over 1.35, as of a normal
/// distribution), but at least a tenth of the standard deviation: a channel that mostly stands still has no middle half.
/// </remarks>
public sealed class StreamScaler
{
    private const double QuartilesOfNormal = 1.35;
    private const double LeastOfDeviation = 0.1;
    private const double LeastOfCentre = 0.01;
    private const double LeastSpread = 1e-9;

    /// <summary>The median of the rows it was fitted to.</summary>
    public double Centre { get; private set; }

    /// <summary>What becomes about 1; above 0.</summary>
    public double Spread { get; private set; } = 1;

    /// <summary>Fits to the first values of a channel.</summary>
    /// <param name="values">Finite values, sorted by this method; none leaves the scale as it is.</param>
    public void Fit(Span<double> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        values.Sort();
        Centre = values[values.Length / 2];
        double middle = values[(int)(values.Length * 0.75)] - values[(int)(values.Length * 0.25)];
        double deviation = Deviation(values);
        double spread = middle > 0 ? Math.Max(middle / QuartilesOfNormal, LeastOfDeviation * deviation) : deviation;
        Spread = spread > 0 && double.IsFinite(spread) ? spread : Math.Max(Math.Abs(Centre) * LeastOfCentre, LeastSpread);
    }

    /// <summary>The squashed value; NaN stays NaN.</summary>
    public double Squash(double value) => Math.Asinh((value - Centre) / Spread);

    /// <summary>The value that was squashed.</summary>
    public double Unsquash(double squashed) => (Math.Sinh(squashed) * Spread) + Centre;

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(Centre);
        writer.Write(Spread);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public void Restore(ref StateReader reader)
    {
        Centre = reader.ReadDouble();
        Spread = reader.ReadDouble();
    }

    private static double Deviation(ReadOnlySpan<double> values)
    {
        double mean = 0;
        foreach (double value in values)
        {
            mean += value / values.Length;
        }

        double sum = 0;
        foreach (double value in values)
        {
            sum += (value - mean) * (value - mean);
        }

        return Math.Sqrt(sum / values.Length);
    }
}
