// The threshold that gives the false alarms asked for:  1 − e^(−rate·c·block) = P(peak of a block > threshold / scale),  whose
// tail beyond a level u is a generalised Pareto's; c is steered by the events that came.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>Learns online which score is reached by so many events a day, and no more.</summary>
/// <remarks>
/// <para>
/// After Siffer et al. (2017), "Anomaly Detection in Streams with Extreme Value Theory" (SPOT, DSPOT), changed in four places so
/// that the rate of <em>events</em> holds for scores that are correlated, drift, come in bursts or follow the time of day:
/// </para>
/// <para>
/// 1. Scores are divided by a slow mean of themselves (memory a quarter of a day), so that a drift of their size is followed by
/// ten thousands of scores rather than by a few peaks.
/// </para>
/// <para>
/// 2. Only the highest score of a block of time is an observation, and a raised alarm is part of one block however long it lasts:
/// a cluster counts once. The ring holds the peaks of the latest 256 blocks. When it is full, blocks double by joining pairs,
/// until the ring spans the memory (<see cref="MemoryDays"/>, or less where more alarms are asked for); from then on the newest
/// replaces the oldest. Neither a level to record at nor a calibration has to be chosen in advance.
/// </para>
/// <para>
/// 3. The highest four tenths of the ring give u and the tail beyond it.
/// </para>
/// <para>
/// 4. Events are counted as <see cref="AlarmEvents"/> does. Each lowers c, the quiet time between them raises it, within
/// 1/4 and 4: what declustering and the tail get wrong (a block with several events, a season longer than the memory) is put
/// right, and real anomalies cannot make it deaf.
/// </para>
/// <para>
/// An anomaly teaches little: its peak is taken as at most the level of one event in <c>64 / falseAlarmsPerDay</c> days, it is
/// one of 256, and the scale learns from it eight times slower and from scores up to u or four times the scale only. An alarm
/// that has lasted a day is taken as the new normal: everything learns from it at full speed, and it ends.
/// </para>
/// <para>
/// What the data cannot support: while less time was seen than one event is to take (5 days at 0.2 a day), the tail is
/// extrapolated, and the threshold is besides never below the highest peak seen, so that an alarm is at least a record. On the
/// first two days, when no hour of the day has been seen twice, it must exceed the record by as much as that exceeds u. Scores
/// that follow the time of day bring up to four times the alarms asked for until then; later they keep the rate.
/// </para>
/// <para>
/// Memory: 4 kB. A score takes some nanoseconds; the end of every eighth block a fit of about 20 µs. Allocates nothing after
/// construction.
/// </para>
/// </remarks>
public sealed class PeaksOverThreshold
{
    /// <summary>Peaks kept; the oldest goes when one comes, or pairs are joined while the memory is not spanned yet.</summary>
    public const int PeakCapacity = 256;

    /// <summary>Blocks seen before a threshold is stated.</summary>
    public const int WarmUpBlocks = 32;

    /// <summary>The longest time the peaks span: two weeks, to have seen each hour and day of the week.</summary>
    public const double MemoryDays = 14;

    /// <summary>Scores above this are taken as this.</summary>
    public const double HighestScore = 1e30;

    private const double TailPart = 0.4;
    private const double BlocksPerEvent = 10;
    private const double SeasonDays = 2;
    private const int BlocksPerFitPart = 32;   // a fit when this part of the ring is new
    private const double ScaleDays = 0.25;
    private const double FewestScaleScores = 500;
    private const double HighestScaleRatio = 4;
    private const double RaisedScaleRate = 0.125;
    private const int FirstScores = 30;
    private const int HighestFirstScores = 3;
    private const double ClipEvents = 64;
    private const double ClearEvents = 10;
    private const double HighestRatio = 1e9;
    private const double LowestScalePart = 1e-3;

    // An event lowers ln c by 0.15 and an event's time without one raises it by as much: 1/0.15, some seven events, decide.
    private const double CorrectionGain = 0.15;
    private const double CorrectionLeak = 0.05;
    private static readonly double _correctionLimit = Math.Log(4);

    private readonly double _scoresPerDay;
    private readonly double _eventsPerScore;
    private readonly double _floor;
    private readonly int _quietRows;
    private readonly double _scaleRate;
    private readonly double _longestBlock;
    private readonly AlarmEvents _events;
    private readonly double[] _peaks = new double[PeakCapacity];    // score / scale, of blocks; before them the first scores
    private readonly double[] _rising = new double[PeakCapacity];   // the same in order, as of the last fit

    private long _count;
    private double _scale;
    private int _peakCount;
    private int _nextPeak;
    private long _blockScores;
    private long _scoresInBlock;
    private double _blockPeak;
    private double _record;
    private int _unfitted;
    private long _raisedScores;
    private double _correction;   // ln c

    private int _fitted;         // peaks of the last fit
    private double _level;       // u
    private double _levelPart;   // of the peaks fitted, those above u
    private GeneralisedPareto _tail;
    private double _thresholdRatio = double.PositiveInfinity;
    private double _clearRatio = double.PositiveInfinity;
    private double _clipRatio = HighestRatio;

    /// <param name="falseAlarmsPerDay">Events a day where nothing is wrong; above 0.</param>
    /// <param name="scoresPerDay">Above 0.</param>
    /// <param name="floor">The threshold is never lower; above 0.</param>
    /// <param name="quietRows">The quiet time of the <see cref="AlarmEvents"/> this threshold is for; 0 for
    /// <see cref="AlarmEvents.QuietRowsFor"/>. Blocks begin at this length. Their minimum duration is taken as one row: with a
    /// longer one there are fewer events than asked for.</param>
    public PeaksOverThreshold(double falseAlarmsPerDay, double scoresPerDay, double floor, int quietRows = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(falseAlarmsPerDay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scoresPerDay);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(floor);
        ArgumentOutOfRangeException.ThrowIfNegative(quietRows);
        _scoresPerDay = scoresPerDay;
        _eventsPerScore = falseAlarmsPerDay / scoresPerDay;
        _floor = floor;
        _quietRows = quietRows > 0 ? quietRows : AlarmEvents.QuietRowsFor(scoresPerDay);
        _scaleRate = 1 / Math.Max(FewestScaleScores, ScaleDays * scoresPerDay);
        _longestBlock = Math.Min(MemoryDays * scoresPerDay / PeakCapacity, 1 / (BlocksPerEvent * _eventsPerScore));
        _blockScores = _quietRows;
        _events = new AlarmEvents(channelCount: 0, minimumRows: 1, _quietRows);
    }

    /// <summary>Scores observed before <see cref="Threshold"/> is finite.</summary>
    public int WarmUpScores => FirstScores + (WarmUpBlocks * _quietRows);

    /// <summary>True from when a threshold is stated.</summary>
    public bool IsWarm => double.IsFinite(_thresholdRatio);

    /// <summary>The score at which an event begins, for the next score; +∞ during warm-up: no alarm then.</summary>
    public double Threshold => IsWarm ? Math.Max(_floor, _thresholdRatio * _scale) : double.PositiveInfinity;

    /// <summary>The score below which an event becomes quiet: <see cref="AlarmEvents.Hysteresis"/> times the threshold, or higher
    /// where scores lie close together: what ten times as many events reach; +∞ during warm-up.</summary>
    public double ClearThreshold =>
        IsWarm ? Math.Min(Threshold, Math.Max(AlarmEvents.Hysteresis * Threshold, _clearRatio * _scale)) : double.PositiveInfinity;

    /// <summary>Takes the next score, after it was compared. NaN and infinite scores are ignored, negative ones are 0.</summary>
    public void Observe(double score)
    {
        if (!double.IsFinite(score))
        {
            return;
        }

        score = Math.Clamp(score, 0, HighestScore);
        if (_count < FirstScores)
        {
            BeginScale(score);
            return;
        }

        _count++;
        CountEvent(score);
        TakePeak(score);
        TrackScale(score);
    }

    /// <summary>How many events that reach at least <paramref name="score"/> begin per score, at most 1; NaN during warm-up and
    /// for NaN. Times the scores of a day it is the rate of alarms that a threshold there would have.</summary>
    public double ExceedanceProbability(double score)
    {
        if (!IsWarm || double.IsNaN(score))
        {
            return double.NaN;
        }

        double ratio = score / _scale;
        double part = ratio >= _level ? _levelPart * _tail.Exceedance(ratio - _level) : PartAtOrAbove(ratio);
        return Math.Min(1, -Math.Log(1 - part) / _blockScores);
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write((long)PeakCapacity);
        writer.Write(_count);
        writer.Write((long)_peakCount);
        writer.Write((long)_nextPeak);
        writer.Write(_blockScores);
        writer.Write(_scoresInBlock);
        writer.Write((long)_unfitted);
        writer.Write((long)_fitted);
        writer.Write(_raisedScores);
        ReadOnlySpan<double> figures =
        [
            _scale, _blockPeak, _record, _correction, _level, _levelPart, _tail.Shape, _tail.Scale,
            _thresholdRatio, _clearRatio, _clipRatio, .. _peaks, .. _rising,
        ];
        foreach (double figure in figures)
        {
            writer.Write(figure);
        }

        _events.Save(writer);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote; throws <see cref="FormatException"/> where it cannot be such a
    /// state.</summary>
    public void Restore(ref StateReader reader)
    {
        ReadCount(ref reader, PeakCapacity, PeakCapacity);
        _count = ReadCount(ref reader, 0, long.MaxValue);
        _peakCount = (int)ReadCount(ref reader, 0, PeakCapacity);
        _nextPeak = (int)ReadCount(ref reader, 0, PeakCapacity - 1);
        _blockScores = ReadCount(ref reader, 1, long.MaxValue);
        _scoresInBlock = ReadCount(ref reader, 0, _blockScores);
        _unfitted = (int)ReadCount(ref reader, 0, PeakCapacity);
        _fitted = (int)ReadCount(ref reader, 0, PeakCapacity);
        _raisedScores = ReadCount(ref reader, 0, long.MaxValue);
        _scale = reader.ReadDouble();
        _blockPeak = reader.ReadDouble();
        _record = reader.ReadDouble();
        _correction = reader.ReadDouble();
        _level = reader.ReadDouble();
        _levelPart = reader.ReadDouble();
        _tail = new GeneralisedPareto(reader.ReadDouble(), reader.ReadDouble());
        _thresholdRatio = reader.ReadDouble();
        _clearRatio = reader.ReadDouble();
        _clipRatio = reader.ReadDouble();
        ReadFigures(ref reader, _peaks);
        ReadFigures(ref reader, _rising);
        _events.Restore(ref reader);
    }

    // An alarm that an anomaly may have raised; one that has lasted a day is how things are now.
    private bool IsAnomaly => _raisedScores > 0 && _raisedScores < _scoresPerDay;

    // The scale begins as the mean of the first scores but the three highest: one wild score at the start decides nothing.
    private void BeginScale(double score)
    {
        _peaks[_count++] = score;
        if (_count < FirstScores)
        {
            return;
        }

        Span<double> first = _peaks.AsSpan(0, FirstScores);
        first.Sort();
        foreach (double low in first[..^HighestFirstScores])
        {
            _scale += low / (FirstScores - HighestFirstScores);
        }

        _scale = Math.Max(_scale, LowestScalePart * _floor);
    }

    private void CountEvent(double score)
    {
        AlarmChange change = _events.Update(score, Threshold, ClearThreshold, [], timeNs: 0);
        _raisedScores = _events.IsRaised ? _raisedScores + 1 : 0;
        if (change == AlarmChange.Raised)
        {
            _correction = Math.Max(_correction - CorrectionGain, -_correctionLimit);
            SetThresholds();
        }
    }

    private void TakePeak(double score)
    {
        _blockPeak = Math.Max(_blockPeak, Math.Min(score / _scale, _clipRatio));
        if (IsAnomaly || ++_scoresInBlock < _blockScores)
        {
            return;   // an anomaly is part of one block, however long it lasts
        }

        _record = Math.Max(_record, _blockPeak);
        _peaks[_nextPeak] = _blockPeak;
        _nextPeak = (_nextPeak + 1) % PeakCapacity;
        _peakCount = Math.Min(_peakCount + 1, PeakCapacity);
        _blockPeak = 0;
        _scoresInBlock = 0;
        RaiseCorrection();
        LearnTail();
    }

    private void LearnTail()
    {
        bool mustFit = ++_unfitted >= Math.Max(1, _peakCount / BlocksPerFitPart);
        if (_peakCount == PeakCapacity && _nextPeak == 0 && 2 * _blockScores <= _longestBlock)
        {
            JoinBlocks();
            mustFit = true;   // the last fit was to peaks of shorter blocks
        }

        if (_peakCount < WarmUpBlocks)
        {
            return;
        }

        if (mustFit)
        {
            Fit();
        }

        SetThresholds();
    }

    // A quiet block. Not where the floor decides: no events come then, whatever c is.
    private void RaiseCorrection()
    {
        if (IsWarm && _raisedScores == 0 && _thresholdRatio * _scale > _floor)
        {
            double events = _eventsPerScore * _blockScores;
            double raised = (_correction * Math.Exp(-CorrectionLeak * events)) + (CorrectionGain * events);
            _correction = Math.Min(raised, _correctionLimit);
        }
    }

    // Called when the ring begins at its oldest peak.
    private void JoinBlocks()
    {
        for (int pair = 0; pair < PeakCapacity / 2; pair++)
        {
            _peaks[pair] = Math.Max(_peaks[2 * pair], _peaks[(2 * pair) + 1]);
        }

        _peakCount = PeakCapacity / 2;
        _nextPeak = _peakCount;
        _blockScores *= 2;
    }

    private void Fit()
    {
        _unfitted = 0;
        _fitted = _peakCount;
        Span<double> rising = _rising.AsSpan(0, _fitted);
        _peaks.AsSpan(0, _fitted).CopyTo(rising);
        rising.Sort();
        int first = (int)(_fitted * (1 - TailPart));
        _level = rising[first - 1];
        while (first < _fitted && rising[first] == _level)
        {
            first++;   // scores of few values: those equal to u are no excesses
        }

        if (first == _fitted)
        {
            // Nothing was ever above u: half a peak is, with a tail of a tenth of it.
            _levelPart = 0.5 / _fitted;
            _tail = new GeneralisedPareto(GeneralisedPareto.PriorShape, 0.1 * Math.Max(1, _level));
            return;
        }

        Span<double> excesses = stackalloc double[PeakCapacity];
        excesses = excesses[..(_fitted - first)];
        for (int i = 0; i < excesses.Length; i++)
        {
            excesses[i] = rising[first + i] - _level;
        }

        _levelPart = (double)excesses.Length / _fitted;
        _tail = GeneralisedPareto.Fit(excesses);
    }

    private void SetThresholds()
    {
        double rate = _eventsPerScore * Math.Exp(_correction);
        _thresholdRatio = RatioAt(rate);
        if (_count * _eventsPerScore < 1)
        {
            // Not even the hours of the day are known before they were seen twice.
            double margin = _count < SeasonDays * _scoresPerDay ? Math.Max(0, _record - _level) : 0;
            _thresholdRatio = Math.Max(_thresholdRatio, _record + margin);
        }

        // Clearing must leave room for the longest quiet time, else an event would not end.
        double clearRate = Math.Min(ClearEvents * rate, Math.Max(rate, 1.0 / (AlarmEvents.LongestQuiet * _quietRows)));
        _clearRatio = RatioAt(clearRate);
        _clipRatio = Math.Clamp(RatioAt(_eventsPerScore / ClipEvents), _thresholdRatio, Math.Max(_thresholdRatio, HighestRatio));
    }

    // The score / scale that so many events per score reach.
    private double RatioAt(double eventsPerScore)
    {
        double part = 1 - Math.Exp(-eventsPerScore * _blockScores);
        if (part < _levelPart)
        {
            return _level + _tail.Quantile(part / _levelPart);
        }

        int rank = Math.Clamp((int)((1 - part) * _fitted), 0, _fitted - 1);
        return Math.Min(_level, _rising[rank]);
    }

    private double PartAtOrAbove(double ratio)
    {
        int below = 0;
        while (below < _fitted && _rising[below] < ratio)
        {
            below++;
        }

        return (double)(_fitted - below) / _fitted;
    }

    private void TrackScale(double score)
    {
        double rate = Math.Max(1.0 / _count, _scaleRate) * (IsAnomaly ? RaisedScaleRate : 1);
        double highest = Math.Max(HighestScaleRatio, IsWarm ? _level : WarmUpBlocks) * _scale;
        _scale += rate * (Math.Min(score, highest) - _scale);
        _scale = Math.Max(_scale, LowestScalePart * _floor);
    }

    private static long ReadCount(ref StateReader reader, long lowest, long highest)
    {
        long count = reader.ReadInt64();
        return count >= lowest && count <= highest ? count
            : throw new FormatException($"the saved threshold has a count of {count}; expected {lowest} to {highest}");
    }

    private static void ReadFigures(ref StateReader reader, double[] figures)
    {
        foreach (ref double figure in figures.AsSpan())
        {
            figure = reader.ReadDouble();
        }
    }
}
