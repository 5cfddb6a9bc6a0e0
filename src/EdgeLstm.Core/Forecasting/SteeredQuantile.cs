// One edge of a band:  the (1 − a)-quantile of the newest residuals, with  a ← a + γ·(target − missed)  after each one that was
// judged.

using System.Diagnostics;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>The upper edge that a given part of residuals exceeds, in the long run, whatever they do.</summary>
/// <remarks>
/// <para>
/// Gibbs and Candès (2021), "Adaptive Conformal Inference Under Distribution Shift", with their γ of 0.005. The residuals kept
/// give the edge its place and so its unit; steering the level gives the guarantee: as each step adds γ·(target − missed) to it,
/// the part missed of T residuals is within 3·target/(γ·T) of the target for any sequence that does not hold it at a bound:
/// within 3 points of 5 % after 1,000.
/// </para>
/// <para>
/// At a level of 0 and below, asked for after many misses in a row, conformal theory answers "everything". The edge then lies
/// beyond the largest residual kept, by a quarter of its distance from the median for each target's worth of level, and at
/// most half.
/// </para>
/// <para>Bounded: <see cref="Memory"/> residuals, the oldest is forgotten first. An update costs two searches and a move of at
/// most 4 kB, some 0.15 µs.</para>
/// </remarks>
internal sealed class SteeredQuantile
{
    /// <summary>Residuals kept: enough for a tail of 0.5 %, few enough to follow a change within as many steps.</summary>
    public const int Memory = 500;

    private const double Gain = 0.005;
    private const double LowestLevel = -2;      // in targets
    private const double HighestLevel = 4;      // in targets, and never beyond the median: the edges of a band cannot cross
    private const double ReachPerTarget = 0.25;

    private readonly double _target;
    private readonly double _highest;
    private readonly int _least;
    private readonly double[] _newest = new double[Memory];
    private readonly double[] _sorted = new double[Memory];
    private int _count;
    private int _next;
    private double _level;

    /// <param name="target">The part of residuals to lie above the edge, 0.005 to 0.25.</param>
    public SteeredQuantile(double target)
    {
        _target = target;
        _level = target;
        _highest = Math.Min(0.5, HighestLevel * target);
        _least = (int)Math.Ceiling((1 / target) - 1e-9) - 1;
    }

    /// <summary>True with 1/target − 1 residuals and more: before, the quantile would lie further out than any of them.</summary>
    public bool IsLearned => _count >= _least;

    /// <summary>The edge; only when <see cref="IsLearned"/>.</summary>
    public double Value
    {
        get
        {
            Debug.Assert(IsLearned, "an edge needs residuals");
            double largest = _sorted[_count - 1];
            double median = (_sorted[(_count - 1) / 2] + _sorted[_count / 2]) / 2;
            if (_level <= 0)
            {
                return largest + ((largest - median) * ReachPerTarget * (-_level / _target));
            }

            // The k-th of n residuals is exceeded by the next one with probability 1 − k/(n + 1).
            double place = Math.Min(((1 - _level) * (_count + 1)) - 1, _count - 1);
            int below = (int)place;
            return below == _count - 1
                ? largest
                : _sorted[below] + ((place - below) * (_sorted[below + 1] - _sorted[below]));
        }
    }

    /// <summary>Moves the level by whether a residual lay above the edge that was issued for it.</summary>
    public void Steer(bool missed) =>
        _level = Math.Clamp(_level + (Gain * (_target - (missed ? 1 : 0))), LowestLevel * _target, _highest);

    /// <summary>Keeps a finite residual in place of the oldest.</summary>
    public void Keep(double residual)
    {
        int hole = _count < Memory ? _count : Find(_newest[_next]);
        int place = Find(residual);
        if (place > hole)
        {
            place--;
            Array.Copy(_sorted, hole + 1, _sorted, hole, place - hole);
        }
        else
        {
            Array.Copy(_sorted, place, _sorted, place + 1, hole - place);
        }

        _sorted[place] = residual;
        _newest[_next] = residual;
        _next = (_next + 1) % Memory;
        _count = Math.Min(_count + 1, Memory);
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(_level);
        writer.Write((long)_count);
        for (int age = _count; age > 0; age--)
        {
            writer.Write(_newest[(_next + Memory - age) % Memory]);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for another target, or is damaged.</exception>
    public void Restore(ref StateReader reader)
    {
        double level = reader.ReadDouble();
        long count = reader.ReadInt64();
        if (!(level >= LowestLevel * _target && level <= _highest) || count is < 0 or > Memory)
        {
            throw new FormatException(
                $"a saved band has level {level} and {count} residuals; expected {LowestLevel * _target} to {_highest} "
                + $"and at most {Memory}");
        }

        _level = level;
        _count = 0;
        _next = 0;
        for (int i = 0; i < count; i++)
        {
            Keep(ConformalBand.IsResidual(reader.ReadDouble(), out double residual)
                ? residual
                : throw new FormatException($"residual {i} of a saved band is not a number"));
        }
    }

    // How many residuals lie below this one: a search that halves without branches, which no processor could foretell.
    private int Find(double residual)
    {
        int from = 0;
        int length = _count;
        while (length > 0)
        {
            int half = (length + 1) / 2;
            from += half * (_sorted[from + half - 1] < residual ? 1 : 0);
            length -= half;
        }

        return from;
    }
}
