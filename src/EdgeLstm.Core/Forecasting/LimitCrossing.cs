// The probability that a channel leaves its operating limits within the longest horizon, and when:
//
//   P(t) = max over u ≤ t of P(y(u) > high),  the same for y(u) < low;  E[T | crossing] = ∫ (1 − P(t)/P(longest)) dt

namespace EdgeLstm.Core.Forecasting;

/// <summary>How likely a channel is to leave its limits.</summary>
/// <param name="Probability">Of being beyond either limit at some time up to the longest horizon; NaN: cannot be said.</param>
/// <param name="BelowLow">Of being below the low limit; 0 where there is none.</param>
/// <param name="AboveHigh">Of being above the high limit; 0 where there is none.</param>
/// <param name="TimeSeconds">
/// Expected time to it if it comes about, 0 when it has; NaN where it cannot be said or is less likely than
/// <see cref="LimitCrossing.LeastProbability"/>.
/// </param>
public readonly record struct LimitOutlook(double Probability, double BelowLow, double AboveHigh, double TimeSeconds)
{
    /// <summary>Nothing can be said.</summary>
    public static LimitOutlook Unknown { get; } = new(double.NaN, double.NaN, double.NaN, double.NaN);
}

/// <summary>Forecasts of one channel at several horizons, with their bands, against operating limits. Without state; allocates
/// nothing.</summary>
/// <remarks>
/// <para>
/// At each horizon the value is taken as logistic on either side of the forecast, with its lower and upper quantile at the band's
/// edges (the tails of residuals are mostly heavier than normal ones; the two sides may differ). A forecast outside its own band
/// is replaced by the band's middle. Between horizons, and from the current value on, forecast and edges are interpolated
/// linearly in <see cref="StepsBetween"/> steps.
/// </para>
/// <para>
/// The running maximum takes the uncertainty of all horizons as one (a level that is off stays off): no less than any horizon
/// says alone, and below the truth for a channel that wavers around a limit independently at each sample.
/// </para>
/// </remarks>
public sealed class LimitCrossing
{
    /// <summary>Less likely crossings are given no time: it would be made of tails alone.</summary>
    public const double LeastProbability = 0.01;

    /// <summary>Points looked at from one horizon to the next.</summary>
    public const int StepsBetween = 8;

    private readonly double[] _seconds;
    private readonly double _low;
    private readonly double _high;
    private readonly double _logit;

    /// <param name="low">Lower operating limit in the channel's unit; null: none.</param>
    /// <param name="high">Upper operating limit in the channel's unit; null: none.</param>
    /// <param name="horizons">Horizons of the forecasts in samples, at least one, from 1 on, rising [horizons].</param>
    /// <param name="samplePeriodSeconds">Time between two samples; above 0.</param>
    /// <param name="coverage">The part of values that the bands are to hold, between 0 and 1.</param>
    public LimitCrossing(double? low, double? high, ReadOnlySpan<int> horizons, double samplePeriodSeconds, double coverage = 0.9)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samplePeriodSeconds);
        if (!(coverage is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(coverage), coverage, "must be above 0 and below 1");
        }

        if (low >= high || !double.IsFinite((low ?? 0) + (high ?? 0)))
        {
            throw new ArgumentException($"the limits must be finite and low below high; got {low} and {high}");
        }

        ArgumentOutOfRangeException.ThrowIfZero(horizons.Length, nameof(horizons));
        _seconds = new double[horizons.Length];
        for (int i = 0; i < horizons.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(horizons[i], i == 0 ? 0 : horizons[i - 1], nameof(horizons));
            _seconds[i] = horizons[i] * samplePeriodSeconds;
        }

        _low = low ?? double.NegativeInfinity;
        _high = high ?? double.PositiveInfinity;
        _logit = Math.Log((1 + coverage) / (1 - coverage));
    }

    /// <summary>How likely the channel is to leave its limits within the longest horizon.</summary>
    /// <remarks>
    /// A horizon with a NaN is passed over; unknown without the current value or the longest horizon's forecast and band.
    /// </remarks>
    /// <param name="current">The value now.</param>
    /// <param name="forecasts">Forecasts made now [horizons].</param>
    /// <param name="lows">Lower edges of their bands [horizons].</param>
    /// <param name="highs">Upper edges of their bands [horizons].</param>
    /// <exception cref="ArgumentException">A length is not the number of horizons.</exception>
    public LimitOutlook Estimate(
        double current, ReadOnlySpan<float> forecasts, ReadOnlySpan<float> lows, ReadOnlySpan<float> highs)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(forecasts.Length, _seconds.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(lows.Length, _seconds.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(highs.Length, _seconds.Length);
        if (!double.IsFinite(current) || !TryRead(forecasts[^1], lows[^1], highs[^1], out _))
        {
            return LimitOutlook.Unknown;
        }

        Crossing crossing = default;
        if (current < _low || current > _high)
        {
            return new LimitOutlook(1, current < _low ? 1 : 0, current > _high ? 1 : 0, 0);
        }

        Spread from = new(current, current, current);
        double fromSeconds = 0;
        for (int i = 0; i < _seconds.Length; i++)
        {
            if (TryRead(forecasts[i], lows[i], highs[i], out Spread to))
            {
                Follow(from, to, _seconds[i] - fromSeconds, ref crossing);
                (from, fromSeconds) = (to, _seconds[i]);
            }
        }

        double probability = crossing.Probability;
        double seconds = probability < LeastProbability ? double.NaN : fromSeconds - (crossing.Area / probability);
        return new LimitOutlook(probability, crossing.Below, crossing.Above, Math.Max(0, seconds));
    }

    private static bool TryRead(double forecast, double low, double high, out Spread spread)
    {
        spread = new Spread(low, forecast < low || forecast > high ? (low + high) / 2 : forecast, high);
        return double.IsFinite(forecast) && double.IsFinite(low) && double.IsFinite(high) && low <= high;
    }

    private void Follow(Spread from, Spread to, double seconds, ref Crossing crossing)
    {
        for (int step = 1; step <= StepsBetween; step++)
        {
            Spread at = Spread.Between(from, to, (double)step / StepsBetween);
            double before = crossing.Probability;
            crossing.Below = Math.Max(crossing.Below, Beyond(at.Middle - _low, at.Middle - at.Low, at.High - at.Middle));
            crossing.Above = Math.Max(crossing.Above, Beyond(_high - at.Middle, at.High - at.Middle, at.Middle - at.Low));
            crossing.Area += (before + crossing.Probability) / 2 * (seconds / StepsBetween);
        }
    }

    // The probability of lying further than `distance` to one side of the middle, with one edge `ahead` of it on that side and
    // one `behind`: a limit that the middle has passed lies in the other side's half.
    private double Beyond(double distance, double ahead, double behind)
    {
        double reach = distance < 0 ? behind : ahead;
        if (reach <= 0 || double.IsPositiveInfinity(distance))
        {
            return distance < 0 ? 1 : 0;
        }

        return 1 / (1 + Math.Exp(_logit * distance / reach));
    }

    private readonly record struct Spread(double Low, double Middle, double High)
    {
        public static Spread Between(Spread from, Spread to, double part) => new(
            from.Low + (part * (to.Low - from.Low)),
            from.Middle + (part * (to.Middle - from.Middle)),
            from.High + (part * (to.High - from.High)));
    }

    private struct Crossing
    {
        public double Below;
        public double Above;
        public double Area;

        public readonly double Probability => Math.Min(1, Below + Above);
    }
}
