// The band of one output:  [forecast + Low, forecast + High], both learned from its recent residuals (value that came −
// forecast), steered so that the asked part of values falls inside.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Where a value came to lie against the band that was issued for it.</summary>
public enum BandVerdict
{
    /// <summary>No value came, or no band was issued for it.</summary>
    None,

    /// <summary>Inside, or on an edge.</summary>
    Inside,

    /// <summary>Below the lower edge.</summary>
    Below,

    /// <summary>Above the upper edge.</summary>
    Above,
}

/// <summary>Adaptive conformal band around the forecasts of one output. Allocates nothing after construction.</summary>
/// <remarks>
/// <para>
/// Each edge is a quantile of the newest 500 residuals at a level steered online (adaptive conformal inference, Gibbs and Candès
/// 2021), the two separately: residuals need be neither symmetric nor unbiased. Chosen over tracking the edge itself (the
/// proportional term of conformal PID, Angelopoulos, Candès and Tibshirani 2023) because that needs a step in the residual's
/// unit, which nobody can state for an unknown sensor, and over DtACI (Gibbs and Candès 2022) because the sliding residuals
/// already follow a change of spread: a mixture of several gains would only polish the rest. Coverage holds in the long run for
/// any sequence, not for every hour: misses come in clusters where the series does.
/// </para>
/// <para>
/// Values of which more than the asked part equal their forecasts (a flat line) fall inside more often than asked: an edge
/// belongs to the band, and the edges do not cross.
/// </para>
/// <para>
/// A residual for horizon h is judged against the band issued h calls ago, which is kept here: call <see cref="Observe(double)"/>
/// once for every step, with NaN where there is no residual. Memory: 8 kB, twice that around quantiles, and 16 bytes for each
/// step of the horizon.
/// </para>
/// <para>
/// Residuals of forecasts for a horizon h that were made shortly after one another are of nearly the same future. Of a long
/// horizon only every h/12-th residual (and one step more, so that it is not always the same row of a bucket) is learned from and
/// steers: the memory then spans some 40 horizons, and a step costs little. All are judged. Learning one takes some 0.1 µs.
/// </para>
/// </remarks>
public sealed class ConformalBand
{
    /// <summary>Least part of values that can be asked to fall inside.</summary>
    public const double LowestCoverage = 0.5;

    /// <summary>Greatest part of values that can be asked to fall inside: 500 residuals say nothing of rarer ones.</summary>
    public const double HighestCoverage = 0.99;

    /// <summary>Greatest horizon, in steps.</summary>
    public const int MaxHorizon = 100_000;

    private const int LearnedPerHorizon = 12;
    private const double LargestResidual = 1e39;   // the difference of any two floats

    private readonly RecentResiduals _toLow;
    private readonly RecentResiduals _toHigh;      // the same around one forecast
    private readonly SteeredQuantile _below;
    private readonly SteeredQuantile _above;
    private readonly double[] _issuedLow;
    private readonly double[] _issuedHigh;
    private readonly double _halfWidthUntilLearned;
    private readonly int _learnEvery;
    private int _slot;
    private int _sinceLearned;

    /// <summary>A band around a point or median forecast. It is learned with 19 residuals at a coverage of 0.9, 199 at
    /// 0.99.</summary>
    /// <param name="horizon">Steps from a forecast to its value, 1 to <see cref="MaxHorizon"/>.</param>
    /// <param name="coverage">The part of values to fall inside, from <see cref="LowestCoverage"/> to
    /// <see cref="HighestCoverage"/>.</param>
    /// <param name="halfWidthUntilLearned">Half of the band's width until then, 0 or more; NaN: no band until then.</param>
    public ConformalBand(int horizon, double coverage = 0.9, double halfWidthUntilLearned = double.NaN)
        : this(horizon, coverage, halfWidthUntilLearned, isAroundQuantiles: false)
    {
    }

    private ConformalBand(int horizon, double coverage, double halfWidthUntilLearned, bool isAroundQuantiles)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(horizon, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(horizon, MaxHorizon);
        if (!(coverage is >= LowestCoverage and <= HighestCoverage))
        {
            throw new ArgumentOutOfRangeException(
                nameof(coverage), coverage, $"must be from {LowestCoverage} to {HighestCoverage}");
        }

        if (halfWidthUntilLearned < 0 || double.IsInfinity(halfWidthUntilLearned))
        {
            throw new ArgumentOutOfRangeException(
                nameof(halfWidthUntilLearned), halfWidthUntilLearned, "must be 0 or more, or NaN");
        }

        Coverage = coverage;
        _learnEvery = horizon <= LearnedPerHorizon ? 1 : (horizon / LearnedPerHorizon) + 1;
        _toLow = new RecentResiduals();
        _toHigh = isAroundQuantiles ? new RecentResiduals() : _toLow;
        _below = new SteeredQuantile(_toLow, (1 - coverage) / 2, isLower: true);
        _above = new SteeredQuantile(_toHigh, (1 - coverage) / 2, isLower: false);
        _issuedLow = new double[horizon];
        _issuedHigh = new double[horizon];
        _issuedLow.AsSpan().Fill(double.NaN);
        _issuedHigh.AsSpan().Fill(double.NaN);
        _halfWidthUntilLearned = halfWidthUntilLearned;
        SetEdges();
    }

    /// <summary>A band around a model's own quantile outputs: they give the shape, the offsets only put right how often they are
    /// missed (conformalised quantile regression, Romano, Patterson and Candès 2019, steered online).</summary>
    /// <remarks>
    /// <see cref="Low"/> is added to the lower quantile output, <see cref="High"/> to the upper one; both are 0 until learned.
    /// Use <see cref="Observe(double, double)"/>.
    /// </remarks>
    /// <param name="horizon">Steps from a forecast to its value, 1 to <see cref="MaxHorizon"/>.</param>
    /// <param name="coverage">The part of values to fall inside, whatever the quantiles of the outputs.</param>
    public static ConformalBand AroundQuantiles(int horizon, double coverage = 0.9) => new(horizon, coverage, 0, true);

    /// <summary>The part of values asked to fall inside.</summary>
    public double Coverage { get; }

    /// <summary>What to add to the forecast made now for its lower edge, in its unit; NaN while there is none.</summary>
    public double Low { get; private set; }

    /// <summary>What to add to the forecast made now for its upper edge, in its unit; NaN while there is none.</summary>
    public double High { get; private set; }

    /// <summary>Takes this step's residual and issues the band for the forecast made at this step.</summary>
    /// <param name="residual">Value that came minus the forecast made for it a horizon ago; NaN or infinite: none.</param>
    /// <returns>Where the value lay against the band issued with that forecast.</returns>
    public BandVerdict Observe(double residual) => Observe(residual, residual);

    /// <summary>Takes this step's residuals against the two quantile outputs, and issues the band for this step's. Around one
    /// forecast both must be the same.</summary>
    /// <param name="residualToLow">Value minus the lower quantile forecast made for it; NaN or infinite: none.</param>
    /// <param name="residualToHigh">Value minus the upper quantile forecast made for it; NaN or infinite: none.</param>
    /// <returns>Where the value lay against the band issued with those forecasts.</returns>
    public BandVerdict Observe(double residualToLow, double residualToHigh)
    {
        ref double low = ref _issuedLow[_slot];
        ref double high = ref _issuedHigh[_slot];
        _slot = _slot + 1 < _issuedLow.Length ? _slot + 1 : 0;
        BandVerdict verdict = BandVerdict.None;
        if (IsResidual(residualToLow, out double toLow) && IsResidual(residualToHigh, out double toHigh))
        {
            verdict = Judge(toLow, toHigh, low, high);
            if (++_sinceLearned >= _learnEvery)
            {
                _sinceLearned = 0;
                Learn(verdict, toLow, toHigh, low, high);
            }
        }

        low = Low;
        high = High;
        return verdict;
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        _below.Save(writer);
        _toLow.Save(writer);
        _above.Save(writer);
        if (_toHigh != _toLow)
        {
            _toHigh.Save(writer);
        }

        writer.Write((long)_sinceLearned);
        writer.Write((long)_issuedLow.Length);
        writer.Write((long)_slot);
        for (int i = 0; i < _issuedLow.Length; i++)
        {
            writer.Write(_issuedLow[i]);
            writer.Write(_issuedHigh[i]);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for another horizon or coverage, or is damaged.</exception>
    public void Restore(ref StateReader reader)
    {
        _below.Restore(ref reader);
        _toLow.Restore(ref reader);
        _above.Restore(ref reader);
        if (_toHigh != _toLow)
        {
            _toHigh.Restore(ref reader);
        }

        _sinceLearned = (int)Math.Clamp(reader.ReadInt64(), 0, _learnEvery);
        SetEdges();
        long horizon = reader.ReadInt64();
        long slot = reader.ReadInt64();
        if (horizon != _issuedLow.Length || slot < 0 || slot >= horizon)
        {
            throw new FormatException(
                $"a saved band has a horizon of {horizon} at slot {slot}; expected a horizon of {_issuedLow.Length}");
        }

        _slot = (int)slot;
        for (int i = 0; i < _issuedLow.Length; i++)
        {
            _issuedLow[i] = reader.ReadDouble();
            _issuedHigh[i] = reader.ReadDouble();
        }
    }

    /// <summary>True for a number that can be the difference of two floats.</summary>
    internal static bool IsResidual(double value, out double residual)
    {
        residual = value;
        return Math.Abs(value) <= LargestResidual;
    }

    private void Learn(BandVerdict verdict, double toLow, double toHigh, double low, double high)
    {
        if (verdict != BandVerdict.None && _above.IsLearned)
        {
            _below.Steer(toLow < low);
            _above.Steer(toHigh > high);
        }

        _toLow.Keep(toLow);
        if (_toHigh != _toLow)
        {
            _toHigh.Keep(toHigh);
        }

        SetEdges();
    }

    private void SetEdges()
    {
        Low = _below.IsLearned ? _below.Value : -_halfWidthUntilLearned;
        High = _above.IsLearned ? _above.Value : _halfWidthUntilLearned;
    }

    private static BandVerdict Judge(double toLow, double toHigh, double low, double high)
    {
        if (double.IsNaN(low) || double.IsNaN(high))
        {
            return BandVerdict.None;
        }

        return toLow < low ? BandVerdict.Below : toHigh > high ? BandVerdict.Above : BandVerdict.Inside;
    }
}
