// Streams in which nothing is wrong, of several kinds: what a sensor sends once a second; seeded.

using EdgeLstm.Core.Tests.Forecasting;

namespace EdgeLstm.Core.Tests.Anomaly;

public enum StreamNoiseKind
{
    /// <summary>Gaussian, independent.</summary>
    White,

    /// <summary>Autoregressive of order 1 with 0.9: a memory of seconds.</summary>
    Autoregressive,

    /// <summary>Autoregressive with 0.999 and noise on top: a memory of a quarter of an hour.</summary>
    SlowAutoregressive,

    /// <summary>A sine of five minutes in noise.</summary>
    Sine,

    /// <summary>A cycle of a day in noise a seventeenth as large.</summary>
    DailySeason,

    /// <summary>The same, and the noise follows the time of day, 0.2 to 1.8 times as large.</summary>
    DailySeasonOfNoise,

    /// <summary>Student's t with 3 degrees of freedom.</summary>
    HeavyTailed,

    /// <summary>A slow temperature in steps of a quarter degree.</summary>
    Quantised,

    /// <summary>A random walk between −5 and 5, in noise.</summary>
    BoundedWalk,

    /// <summary>On for about five minutes and off for about ten.</summary>
    DutyCycle,

    /// <summary>Gaussian, three times as wide for five minutes about six times a day.</summary>
    Bursts,

    /// <summary>The same twenty minutes again and again.</summary>
    ExactRepeat,
}

/// <summary>One such stream.</summary>
internal sealed class StreamNoise(StreamNoiseKind kind, int seed)
{
    private readonly Noise _noise = new(seed);
    private readonly Random _random = new(seed + 1000);
    private readonly float[] _repeat = new float[1234];
    private long _second;
    private double _level;
    private double _secondsLeft;
    private bool _isOn;

    /// <summary>The next value.</summary>
    public float Next()
    {
        double day = _second++ / 86_400.0;
        double season = 20 + (5 * Math.Sin(2 * Math.PI * day));
        return (float)(kind switch
        {
            StreamNoiseKind.Autoregressive => 20 + Remember(0.9, 1),
            StreamNoiseKind.SlowAutoregressive => 20 + Remember(0.999, 1) + (0.5 * _noise.Normal()),
            StreamNoiseKind.Sine => 20 + (5 * Math.Sin(2 * Math.PI * _second / 300)) + _noise.Normal(),
            StreamNoiseKind.DailySeason => season + (0.3 * _noise.Normal()),
            StreamNoiseKind.DailySeasonOfNoise => season + (0.3 * _noise.Normal() * (1 + (0.8 * Math.Sin(2 * Math.PI * day)))),
            StreamNoiseKind.HeavyTailed => 20 + _noise.HeavyTailed(),
            StreamNoiseKind.Quantised => Math.Round(4 * (20 + Remember(0.99, 0.05) + (0.1 * _noise.Normal()))) / 4,
            StreamNoiseKind.BoundedWalk => 20 + Walk() + (0.02 * _noise.Normal()),
            StreamNoiseKind.DutyCycle => Switch() + (0.1 * _noise.Normal()),
            StreamNoiseKind.Bursts => 20 + (Burst() * _noise.Normal()),
            StreamNoiseKind.ExactRepeat => Repeat(),
            _ => 20 + _noise.Normal(),
        });
    }

    private double Remember(double part, double size) => _level = (part * _level) + (size * _noise.Normal());

    private double Walk()
    {
        _level += 0.01 * _noise.Normal();
        _level = Math.Abs(_level) > 5 ? Math.CopySign(10, _level) - _level : _level;
        return _level;
    }

    private double Switch()
    {
        if (_secondsLeft-- <= 0)
        {
            _isOn = !_isOn;
            _secondsLeft = (_isOn ? 300 : 600) * (0.8 + (0.4 * _random.NextDouble()));
        }

        return _isOn ? 25 : 20;
    }

    private double Burst()
    {
        _isOn = _isOn ? _random.NextDouble() > 1 / 300.0 : _random.NextDouble() < 1 / 14_400.0;
        return _isOn ? 3 : 1;
    }

    private float Repeat()
    {
        int place = (int)((_second - 1) % _repeat.Length);
        if (_second <= _repeat.Length)
        {
            _repeat[place] = (float)(20 + Remember(0.9, 1));
        }

        return _repeat[place];
    }
}
