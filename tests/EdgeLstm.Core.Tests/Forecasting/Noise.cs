// Random numbers of several kinds for the tests of bands; seeded.

namespace EdgeLstm.Core.Tests.Forecasting;

internal sealed class Noise(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Standard normal (Box–Muller).</summary>
    public double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    /// <summary>Exponential with mean 1.</summary>
    public double Exponential() => -Math.Log(1 - _random.NextDouble());

    /// <summary>Student's t with 3 degrees of freedom.</summary>
    public double HeavyTailed()
    {
        double squares = 0;
        for (int i = 0; i < 3; i++)
        {
            double normal = Normal();
            squares += normal * normal;
        }

        return Normal() / Math.Sqrt(squares / 3);
    }
}
