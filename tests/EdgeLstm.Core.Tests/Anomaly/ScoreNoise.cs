// Scores of a stream in which nothing is wrong, of several kinds: |e|, where e is noise at 1 Hz; seeded, the same everywhere.

namespace EdgeLstm.Core.Tests.Anomaly;

public enum ScoreNoiseKind
{
    /// <summary>Gaussian, independent.</summary>
    White,

    /// <summary>Gaussian, autoregressive of order 1 with 0.9.</summary>
    Autoregressive,

    /// <summary>Student's t with 3 degrees of freedom.</summary>
    HeavyTailed,

    /// <summary>Gaussian whose spread swings between a half and twice within ten days.</summary>
    Drifting,

    /// <summary>Gaussian, three times as wide for five minutes about six times a day.</summary>
    Bursts,

    /// <summary>Gaussian whose spread follows the time of day, 0.5 to 1.5.</summary>
    Seasonal,

    /// <summary>−log10 of a uniform number: what a calibrated scorer gives.</summary>
    LogProbability,

    /// <summary>|e| in steps of a third.</summary>
    Quantised,
}

/// <summary>One such series.</summary>
public sealed class ScoreNoise(ScoreNoiseKind kind, ulong seed)
{
    private ulong _state = (seed * 0x9E3779B97F4A7C15) + 12345;
    private long _second;
    private double _spare = double.NaN;
    private double _previous;
    private bool _inBurst;

    /// <summary>The next score.</summary>
    public double Next()
    {
        double day = _second++ / 86_400.0;
        switch (kind)
        {
            case ScoreNoiseKind.Autoregressive:
                _previous = (0.9 * _previous) + (Math.Sqrt(1 - 0.81) * Gaussian());
                return Math.Abs(_previous);
            case ScoreNoiseKind.HeavyTailed:
                double z = Gaussian();
                double chiSquare = (-2 * Math.Log(Uniform())) + (z * z);
                return Math.Abs(Gaussian()) / Math.Sqrt(chiSquare / 3);
            case ScoreNoiseKind.Drifting:
                return Math.Abs(Gaussian()) * Math.Exp(0.7 * Math.Sin(2 * Math.PI * day / 20));
            case ScoreNoiseKind.Bursts:
                _inBurst = _inBurst ? Uniform() > 1 / 300.0 : Uniform() < 1 / 14_400.0;
                return Math.Abs(Gaussian()) * (_inBurst ? 3 : 1);
            case ScoreNoiseKind.Seasonal:
                return Math.Abs(Gaussian()) * (1 + (0.5 * Math.Sin(2 * Math.PI * day)));
            case ScoreNoiseKind.LogProbability:
                return -Math.Log10(Uniform());
            case ScoreNoiseKind.Quantised:
                return Math.Round(Math.Abs(Gaussian()) * 3) / 3;
            default:
                return Math.Abs(Gaussian());
        }
    }

    // Box and Muller (1958): two at a time.
    private double Gaussian()
    {
        if (!double.IsNaN(_spare))
        {
            double spare = _spare;
            _spare = double.NaN;
            return spare;
        }

        double radius = Math.Sqrt(-2 * Math.Log(Uniform()));
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * Uniform());
        _spare = radius * sine;
        return radius * cosine;
    }

    // SplitMix64 (Steele et al. 2014), in (0, 1).
    private double Uniform()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (((mixed ^ (mixed >> 31)) >> 11) + 0.5) / (1L << 53);
    }
}
