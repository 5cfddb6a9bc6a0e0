// One edge of a band:  the (1 − a)-quantile of the newest residuals, with  a ← a + γ·(target − missed)  after each one that was
// judged.

using System.Diagnostics;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>The edge that a given part of residuals lies beyond, in the long run, whatever they do.</summary>
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
/// </remarks>
internal sealed class SteeredQuantile
{
    private const double Gain = 0.005;
    private const double LowestLevel = -2;      // in targets
    private const double HighestLevel = 4;      // in targets, and never beyond the median: the edges of a band cannot cross
    private const double ReachPerTarget = 0.25;

    private readonly RecentResiduals _residuals;
    private readonly double _sign;
    private readonly double _target;
    private readonly double _highest;
    private readonly int _least;
    private double _level;

    /// <param name="residuals">Those it is an edge of; kept by the caller, as both edges of a band may be of the same.</param>
    /// <param name="target">The part of residuals to lie beyond the edge, 0.005 to 0.25.</param>
    /// <param name="isLower">Below the edge; else above it.</param>
    public SteeredQuantile(RecentResiduals residuals, double target, bool isLower)
    {
        _residuals = residuals;
        _sign = isLower ? -1 : 1;
        _target = target;
        _level = target;
        _highest = Math.Min(0.5, HighestLevel * target);
        _least = (int)Math.Ceiling((1 / target) - 1e-9) - 1;
    }

    /// <summary>True with 1/target − 1 residuals and more: before, the quantile would lie further out than any of them.</summary>
    public bool IsLearned => _residuals.Count >= _least;

    /// <summary>The edge; only when <see cref="IsLearned"/>.</summary>
    public double Value
    {
        get
        {
            Debug.Assert(IsLearned, "an edge needs residuals");
            int count = _residuals.Count;
            double furthest = Outward(count - 1);
            if (_level <= 0)
            {
                double median = (Outward((count - 1) / 2) + Outward(count / 2)) / 2;
                return _sign * (furthest + ((furthest - median) * ReachPerTarget * (-_level / _target)));
            }

            // The k-th of n residuals is exceeded by the next one with probability 1 − k/(n + 1).
            double place = Math.Min(((1 - _level) * (count + 1)) - 1, count - 1);
            int within = (int)place;
            double edge = within == count - 1
                ? furthest
                : Outward(within) + ((place - within) * (Outward(within + 1) - Outward(within)));
            return _sign * edge;
        }
    }

    /// <summary>Moves the level by whether a residual lay beyond the edge that was issued for it.</summary>
    public void Steer(bool missed) =>
        _level = Math.Clamp(_level + (Gain * (_target - (missed ? 1 : 0))), LowestLevel * _target, _highest);

    /// <summary>Appends the level; the residuals are the caller's.</summary>
    public void Save(StateWriter writer) => writer.Write(_level);

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for another target, or is damaged.</exception>
    public void Restore(ref StateReader reader)
    {
        double level = reader.ReadDouble();
        if (!(level >= LowestLevel * _target && level <= _highest))
        {
            throw new FormatException(
                $"a saved band has level {level}; expected {LowestLevel * _target} to {_highest}");
        }

        _level = level;
    }

    // The i-th residual on the way from the other edge to this one, with the sign that makes outward the greater.
    private double Outward(int i)
    {
        ReadOnlySpan<double> sorted = _residuals.Sorted;
        return _sign > 0 ? sorted[i] : -sorted[sorted.Length - 1 - i];
    }
}
