// Turns readings that come early, late, twice or not at all into the evenly spaced samples that the network was trained on.
//
//   hold, mean:  tick k covers  [origin + (k − ½)·P, origin + (k + ½)·P);  origin follows the sensor's own clock slowly
//   each:        every reading is the next tick; a reading later than the tolerance means that ticks were missed

namespace EdgeLstm.Core.Forecasting;

/// <summary>How readings become samples.</summary>
public enum Resampling
{
    /// <summary>Every reading is one sample: for nodes that pace themselves at the model's period.</summary>
    Each,

    /// <summary>The first reading of each period at once; further ones in the period only refresh the held value.</summary>
    Hold,

    /// <summary>The mean of the readings of each period, when the period has ended.</summary>
    Mean,
}

/// <summary>What a tick of the sample clock brings.</summary>
public enum TickKind
{
    /// <summary>A sample; single channels may still be missing (NaN).</summary>
    Sample,

    /// <summary>No reading for this tick: the model is to be fed its own forecast.</summary>
    Missing,

    /// <summary>The gap has passed the limit; no more ticks follow until a reading comes.</summary>
    Lost,
}

/// <summary>Fixed-period resampling of one stream. Allocates nothing after construction; not thread-safe.</summary>
/// <remarks>
/// Call <see cref="Add"/> for each reading, or <see cref="Advance"/> when time passes without one, then <see cref="TryNext"/>
/// until it returns false. Times are nanoseconds on any steady timeline. A gap yields at most <c>fillSamples</c> missing ticks
/// and then one
/// <see cref="TickKind.Lost"/>, so that the work after any gap is bounded.
/// </remarks>
public sealed class SampleClock
{
    /// <summary>The grid follows the sensor's clock by this part of each reading's error: slow against jitter, fast against
    /// drift.</summary>
    private const double TrackingGain = 1.0 / 32;

    /// <summary>Readings in bursts (USB latency, a busy scheduler) may be this late before a tick counts as missed.</summary>
    private const long LatenessToleranceNs = 100_000_000;

    private readonly long _periodNs;
    private readonly Resampling _resampling;
    private readonly int _fillSamples;
    private readonly int _holdPeriods;
    private readonly float[] _newest;
    private readonly float[] _held;
    private readonly double[] _sums;
    private readonly int[] _counts;

    private bool _started;
    private bool _lost;
    private long _dueNs;              // the current tick: its centre (hold, mean), or when its reading is expected (each)
    private long _nowNs;              // the latest time heard of
    private long _behind;             // ticks to close before the current one is that of _nowNs
    private bool _emitted;            // hold: the current tick's sample is out already
    private bool _collected;          // mean: the current tick has readings
    private bool _carried;            // a reading waits until the ticks before it are closed
    private long _newestNs;
    private long _holdUntilNs = long.MinValue;
    private int _missingInGap;
    private long _latestNs = long.MinValue;   // the latest time given out on this timeline

    /// <param name="channelCount">Channels of a reading.</param>
    /// <param name="periodNs">Sample period in nanoseconds; above 0.</param>
    /// <param name="resampling">How readings become samples.</param>
    /// <param name="fillSamples">Missing ticks in a row before the stream counts as lost; 0 or more.</param>
    /// <param name="holdPeriods">Hold only: periods for which the newest reading stands for a missing one; 0 or more.</param>
    public SampleClock(int channelCount, long periodNs, Resampling resampling, int fillSamples, int holdPeriods = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channelCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(periodNs, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(fillSamples);
        ArgumentOutOfRangeException.ThrowIfNegative(holdPeriods);
        _periodNs = periodNs;
        _resampling = resampling;
        _fillSamples = fillSamples;
        _holdPeriods = resampling == Resampling.Hold ? holdPeriods : 0;
        _newest = new float[channelCount];
        _held = new float[channelCount];
        _sums = new double[channelCount];
        _counts = new int[channelCount];
    }

    /// <summary>Readings that are no sample of their own: a second one in its period (hold), or one older than its
    /// tick.</summary>
    public long Extra { get; private set; }

    /// <summary>True before the first reading and between a <see cref="TickKind.Lost"/> tick and the next reading.</summary>
    public bool Waiting => !_started || _lost;

    /// <summary>When the current tick is due: what <see cref="Restore"/> takes; null while <see cref="Waiting"/>.</summary>
    public long? DueNs => Waiting ? null : _dueNs;

    /// <summary>Takes one reading; every tick of earlier calls must have been taken before.</summary>
    /// <param name="channels">Physical values [channels]; NaN where the reading has none.</param>
    /// <param name="timeNs">When it was taken.</param>
    public void Add(ReadOnlySpan<float> channels, long timeNs)
    {
        // A clock set back by more than a gap's length starts a new timeline; smaller steps back are late readings.
        bool setBack = _started && timeNs < _nowNs - ((1L + _fillSamples) * _periodNs) - LatenessToleranceNs;
        if (Waiting || setBack)
        {
            Start(timeNs);
        }

        _nowNs = Math.Max(_nowNs, timeNs);
        long ticksLate = _resampling == Resampling.Each ? MissedBefore(timeNs) : TicksFromDue(timeNs);
        if (_resampling != Resampling.Each)
        {
            _dueNs += (long)((timeNs - _dueNs - (ticksLate * _periodNs)) * TrackingGain);
        }

        channels.CopyTo(_newest);
        _newestNs = timeNs;
        if (ticksLate < 0)
        {
            Extra++;
            return;
        }

        _behind = Math.Max(_behind, ticksLate);
        _carried = true;
    }

    /// <summary>Says that it is <paramref name="nowNs"/> and that every reading up to then has been added.</summary>
    public void Advance(long nowNs)
    {
        if (Waiting || nowNs <= _nowNs)
        {
            return;
        }

        _nowNs = nowNs;
        long overdueNs = nowNs - _dueNs - (_resampling == Resampling.Each ? ToleranceNs : _periodNs / 2);
        if (overdueNs >= 0)
        {
            _behind = Math.Max(_behind, (overdueNs / _periodNs) + 1);
        }
    }

    /// <summary>Takes the next tick; false when none is due.</summary>
    /// <param name="sample">Receives the values [channels] of a sample; untouched for other kinds.</param>
    /// <param name="timeNs">When the reading was taken, or the tick was due.</param>
    /// <param name="kind">What the tick brings.</param>
    public bool TryNext(Span<float> sample, out long timeNs, out TickKind kind)
    {
        while (_behind > 0)
        {
            _behind--;
            if (TryClose(sample, out timeNs, out kind))
            {
                return true;
            }
        }

        timeNs = _newestNs;
        kind = TickKind.Sample;
        if (!_carried)
        {
            return false;
        }

        _carried = false;
        if (_lost)
        {
            Start(_newestNs);
        }

        return TryFold(sample);
    }

    /// <summary>Continues a timeline from an earlier run.</summary>
    /// <param name="dueNs">When the next tick is due, from <see cref="DueNs"/>.</param>
    public void Restore(long dueNs) => Start(dueNs);

    // Below one period where the period is long against a burst: a single missed reading of a slow sensor is noticed.
    private long ToleranceNs => (_periodNs * 3 / 4) + LatenessToleranceNs;

    private void Start(long timeNs)
    {
        _started = true;
        _lost = false;
        _dueNs = timeNs;
        _nowNs = timeNs;
        _behind = 0;
        _missingInGap = 0;
        _holdUntilNs = long.MinValue;
        _latestNs = long.MinValue;
        OpenTick();
    }

    private void OpenTick()
    {
        _emitted = false;
        _collected = false;
        Array.Clear(_sums);
        Array.Clear(_counts);
    }

    private long TicksFromDue(long timeNs) => (long)Math.Floor(((double)(timeNs - _dueNs) / _periodNs) + 0.5);

    // Once a gap has begun its ticks are counted to the nearest; before, a reading may be late without any tick having been
    // missed.
    private long MissedBefore(long timeNs)
    {
        long latenessNs = timeNs - _dueNs;
        bool missed = latenessNs > ToleranceNs || _missingInGap > 0;
        return missed ? Math.Max(0, (latenessNs + (_periodNs / 2)) / _periodNs) : 0;
    }

    // Ends the current tick; false when its sample was out already.
    private bool TryClose(Span<float> sample, out long timeNs, out TickKind kind)
    {
        timeNs = _latestNs = Math.Max(_latestNs, _dueNs);   // a tick that was due before a late sample is not told as before it
        kind = TickKind.Sample;
        bool wasOut = _emitted;
        if (_collected)
        {
            TakeMean(sample);
        }
        else if (!wasOut && _dueNs <= _holdUntilNs)
        {
            _held.CopyTo(sample);
        }
        else if (!wasOut)
        {
            kind = _missingInGap < _fillSamples ? TickKind.Missing : TickKind.Lost;
            _missingInGap++;
        }

        if (kind == TickKind.Lost)
        {
            _lost = true;
            _behind = 0;
        }

        _dueNs += _periodNs;
        OpenTick();
        return !wasOut;
    }

    // Takes the carried reading into the current tick; true when that makes a sample at once.
    private bool TryFold(Span<float> sample)
    {
        _missingInGap = 0;
        switch (_resampling)
        {
            case Resampling.Each:
                GiveNewest(sample);
                FollowReading();
                return true;
            case Resampling.Mean:
                Collect();
                return false;
            default:
                return TryHold(sample);
        }
    }

    private bool TryHold(Span<float> sample)
    {
        if (_holdPeriods > 0)
        {
            _newest.CopyTo(_held, 0);
            _holdUntilNs = _newestNs + (_holdPeriods * _periodNs);
        }

        if (_emitted)
        {
            Extra++;
            return false;
        }

        GiveNewest(sample);
        _emitted = true;
        return true;
    }

    private void GiveNewest(Span<float> sample)
    {
        _newest.CopyTo(sample);
        _latestNs = Math.Max(_latestNs, _newestNs);
    }

    // The earliest readings carry the least transport delay, so an early one moves the expectation at once, a late one slowly.
    private void FollowReading()
    {
        long errorNs = _newestNs - _dueNs;
        _dueNs += _periodNs + (errorNs < 0 ? errorNs : (long)(errorNs * TrackingGain));
    }

    private void Collect()
    {
        _collected = true;
        for (int i = 0; i < _newest.Length; i++)
        {
            if (float.IsFinite(_newest[i]))
            {
                _sums[i] += _newest[i];
                _counts[i]++;
            }
        }
    }

    private void TakeMean(Span<float> sample)
    {
        _missingInGap = 0;
        for (int i = 0; i < _newest.Length; i++)
        {
            sample[i] = _counts[i] == 0 ? float.NaN : (float)(_sums[i] / _counts[i]);
        }
    }
}
