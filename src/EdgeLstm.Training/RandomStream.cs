// Random numbers that are the same on every machine and in every version: SplitMix64.

namespace EdgeLstm.Training;

/// <summary>A stream of its own for each purpose, so that one more draw here changes nothing there.</summary>
/// <remarks>Steele, Lea, Flood (2014), "Fast Splittable Pseudorandom Number Generators".</remarks>
internal sealed class RandomStream
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;
    private double _spare = double.NaN;

    /// <param name="seed">Seed.</param>
    /// <param name="purposes">What it is for, such as layer and epoch: another stream for each.</param>
    public RandomStream(long seed, params ReadOnlySpan<long> purposes)
    {
        _state = Mix((ulong)seed + Golden);
        foreach (long purpose in purposes)
        {
            _state = Mix(_state + ((ulong)purpose * Golden) + 1);
        }
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits() => Mix(_state += Golden);

    /// <summary>Uniform, from 0 to below 1.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform, from 0 to below a limit.</summary>
    public int Next(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return (int)Math.BigMul(NextBits(), (ulong)limit, out _);
    }

    /// <summary>Normal, mean 0 and variance 1 (Box and Muller, 1958).</summary>
    public double NextNormal()
    {
        if (!double.IsNaN(_spare))
        {
            double spare = _spare;
            _spare = double.NaN;
            return spare;
        }

        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        double angle = 2 * Math.PI * NextDouble();
        _spare = radius * Math.Sin(angle);
        return radius * Math.Cos(angle);
    }

    /// <summary>Brings values into a random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = Next(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
