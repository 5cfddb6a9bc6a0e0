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
/// a cluster counts once. The latest 256 blocks are remembered; their length grows from the quiet time until they span
/// <see cref="MemoryDays"/>, or 26 events where more than two a day are asked for.
/// </para>
/// <para>
/// 3. The highest four tenths of these peaks give u and the tail beyond it: no level has to be chosen in advance.
/// </para>
/// <para>
/// 4. Events are counted as <see cref="AlarmEvents"/> does. Each lowers c, the quiet time between them raises it, within
/// 1/16 and 4: what declustering and the tail get wrong (a block with several events, a season longer than the memory) is put
/// right, and real anomalies cannot make it deaf. The tail is asked for no less than a quarter of the rate; a c below 1 raises
/// the threshold itself besides, to c^−0.15 times what it would be: half as much again at most. For where scores repeat (a
/// machine whose cycles are all alike) the peaks are nearly equal, their tail has no width, and no rate of it tells a threshold
/// above all of them from one below, which they would pass with every cycle.
/// </para>
/// <para>
/// An anomaly teaches little: its peak is taken as at most the level of one event in <c>64 / falseAlarmsPerDay</c> days, it is
/// one of 256, and the scale learns from it eight times slower and from scores up to u or four times the scale only. An alarm
/// that has lasted a day is taken as the new normal: everything learns from it at full speed, and it ends.
/// </para>
/// <para>
/// Warm-up: after 30 scores and 32 quiet times (half an hour at 1 Hz, 16 hours of rows five minutes apart) a threshold is stated;
/// until then it is +∞ and there is no alarm.
/// </para>
/// <para>
/// What the data cannot support: while less time was seen than one event is to take (5 days at 0.2 a day), the tail is
/// extrapolated, and the threshold is besides never below the highest peak seen, so that an alarm is at least a record. On the
/// first two days, when no hour of the day has been seen twice, it must exceed the record by as much as that exceeds u. Nor is
/// the threshold further than that beyond the record: the tail of an hour's peaks may be anything, and would make the first day
/// deaf (extrapolated alone, three of five sudden anomalies in noise an hour old went unnoticed that do not now). Simulated
/// scores whose spread follows the time of day brought two to five times the alarms asked for in the first three days; over 40
/// days every simulation kept the rate within a factor of 2, and over 30 days all but two (13 events for 6).
/// </para>
/// <para>
/// Scores that are held, as those of <see cref="StreamDetector"/> between the ends of its buckets, change nothing of this: every
/// row is a score. But an event lasts some three buckets, so that there must be at least <see cref="ScoresPerEvent"/> of them to
/// an event asked for; with fewer (ten alarms a day of rows five minutes apart in buckets of ten) there are fewer alarms than
/// asked for, never more.
/// </para>
/// <para>
/// Memory: 4 kB. A score takes some 20 ns, and the end of every sixteenth block a fit of about 20 µs. Allocates nothing after
/// construction.
/// </para>
/// </remarks>
public sealed class PeaksOverThreshold
{
    /// <summary>The longest time the peaks span: up to two weeks, to have seen each hour and day of the week.</summary>
    public const double MemoryDays = 14;

    /// <summary>Scores, held ones counted once, that there must be to an event asked for; with fewer there are fewer
    /// events.</summary>
    public const int ScoresPerEvent = 30;

    /// <summary>Scores above this are taken as this.</summary>
    public const double HighestScore = 1e30;

    private const double BlocksPerEvent = 10;

    // The scale: its memory, the largest score it learns from, and how much slower it learns from an anomaly.
    private const double ScaleDays = 0.25;
    private const double FewestScaleScores = 500;
    private const double HighestScaleRatio = 4;
    private const double HighestWarmUpRatio = 32;
    private const double RaisedScaleRate = 0.125;
    private const double LowestScalePart = 1e-3;
    private const int FirstScores = 30;
    private const int HighestFirstScores = 3;

    private const double SeasonDays = 2;
    private const double LeastMargin = 0.01;
    private const double ClearEvents = 10;
    private const double ClipEvents = 64;
    private const double HighestRatio = 1e9;

    // An event lowers ln c by 0.15 and an event's time without one raises it by as much: 1/0.15, some seven events, decide. By
    // the margin an event also raises the threshold by 2 %: a few of them exceed what peaks that are alike differ by.
    private const double CorrectionGain = 0.15;
    private const double CorrectionLeak = 0.05;
    private const double MarginPart = 0.15;
    private static readonly double HighestCorrection = Math.Log(4);
    private static readonly double LowestCorrection = -Math.Log(16);
    private static readonly double LowestOfTail = -Math.Log(4);

    private readonly double _scoresPerDay;
    private readonly double _eventsPerScore;
    private readonly double _floor;
    private readonly int _quietRows;
    private readonly double _scaleRate;
    private readonly BlockPeaks _peaks;   // of score / scale
    private readonly AlarmEvents _events;
    private readonly double[] _first = new double[FirstScores];

    private long _count;
    private double _scale;
    private long _raisedScores;
    private double _correction;   // ln c
    private double _thresholdRatio = double.PositiveInfinity;
    private double _clearRatio = double.PositiveInfinity;
    private double _clipRatio = HighestRatio;

    /// <param name="falseAlarmsPerDay">Events a day where nothing is wrong; above 0.</param>
    /// <param name="scoresPerDay">Above 0.</param>
    /// <param name="floor">The threshold is never lower; above 0. Scores below a thousandth of it are all the same.</param>
    /// <param name="quietRows">The quiet time of the <see cref="AlarmEvents"/> this threshold is for; 0 for
    /// <see cref="AlarmEvents.QuietRowsFor"/>. Their minimum duration is taken as one row: with a longer one there are fewer
    /// events than asked for.</param>
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
        double longestBlock = Math.Min(MemoryDays * scoresPerDay / BlockPeaks.Capacity, 1 / (BlocksPerEvent * _eventsPerScore));
        _peaks = new BlockPeaks(_quietRows, longestBlock);
        _events = new AlarmEvents(channelCount: 0, minimumRows: 1, _quietRows);
    }

    /// <summary>Scores observed before <see cref="Threshold"/> is finite.</summary>
    public long WarmUpScores => FirstScores + ((long)BlockPeaks.FewestToFit * _quietRows);

    /// <summary>True from when a threshold is stated.</summary>
    public bool IsWarm => double.IsFinite(_thresholdRatio);

    /// <summary>The score at which an event begins, for the next score; +∞ during warm-up: no alarm then.</summary>
    public double Threshold => IsWarm ? Math.Max(_floor, _thresholdRatio * _scale) : double.PositiveInfinity;

    /// <summary>The score below which an event becomes quiet; +∞ during warm-up.</summary>
    /// <remarks><see cref="AlarmEvents.Hysteresis"/> times the threshold, or, where scores lie closer together than that, what
    /// ten times as many events reach.</remarks>
    public double ClearThreshold
    {
        get
        {
            double threshold = Threshold;
            double held = IsWarm ? Math.Max(AlarmEvents.Hysteresis * threshold, _clearRatio * _scale) : threshold;
            return Math.Min(threshold, held);
        }
    }

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

        return _peaks.PeaksPerScore(score / _scale);
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(_count);
        writer.Write(_raisedScores);
        writer.WriteEach([_scale, _correction, _thresholdRatio, _clearRatio, _clipRatio]);
        writer.WriteEach(_first);

        _peaks.Save(writer);
        _events.Save(writer);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote; throws <see cref="FormatException"/> where it cannot be such a
    /// state.</summary>
    public void Restore(ref StateReader reader)
    {
        _count = BlockPeaks.ReadCount(ref reader, 0, long.MaxValue);
        _raisedScores = BlockPeaks.ReadCount(ref reader, 0, long.MaxValue);
        _scale = BlockPeaks.ReadFigure(ref reader);
        _correction = Math.Clamp(BlockPeaks.ReadFigure(ref reader), LowestCorrection, HighestCorrection);
        _thresholdRatio = BlockPeaks.ReadFigure(ref reader);
        _clearRatio = BlockPeaks.ReadFigure(ref reader);
        _clipRatio = BlockPeaks.ReadFigure(ref reader);
        BlockPeaks.ReadFigures(ref reader, _first);
        _peaks.Restore(ref reader);
        _events.Restore(ref reader);
    }

    // An alarm that an anomaly may have raised; one that has lasted a day is how things are now.
    private bool IsAnomaly => _raisedScores > 0 && _raisedScores < _scoresPerDay;

    // The scale begins as the mean of the first scores but the three highest: one wild score at the start decides nothing.
    private void BeginScale(double score)
    {
        _first[_count++] = score;
        if (_count < FirstScores)
        {
            return;
        }

        Array.Sort(_first);
        foreach (double low in _first.AsSpan(0, FirstScores - HighestFirstScores))
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
            _correction = Math.Max(_correction - CorrectionGain, LowestCorrection);
            SetThresholds();
        }
    }

    private void TakePeak(double score)
    {
        _peaks.Raise(Math.Min(score / _scale, _clipRatio));
        if (IsAnomaly || !_peaks.EndScore())
        {
            return;   // an anomaly is part of one block, however long it lasts
        }

        RaiseCorrection();
        if (_peaks.IsFitted)
        {
            SetThresholds();
        }
    }

    // After a quiet block. Not where the floor decides: no events come then, whatever c is.
    private void RaiseCorrection()
    {
        if (IsWarm && _raisedScores == 0 && _thresholdRatio * _scale > _floor)
        {
            double events = _eventsPerScore * _peaks.BlockScores;
            double raised = (_correction * Math.Exp(-CorrectionLeak * events)) + (CorrectionGain * events);
            _correction = Math.Min(raised, HighestCorrection);
        }
    }

    private void SetThresholds()
    {
        double rate = _eventsPerScore * Math.Exp(Math.Max(_correction, LowestOfTail));
        _thresholdRatio = _peaks.ValueAt(rate) * Math.Exp(MarginPart * Math.Max(0, -_correction));
        if (_count * _eventsPerScore < 1)
        {
            _thresholdRatio = BesideRecord(_thresholdRatio);
        }

        // Clearing must leave room for the longest quiet time, else an event would not end.
        double clearRate = Math.Min(ClearEvents * rate, Math.Max(rate, 1 / (AlarmEvents.LongestQuiet * (double)_quietRows)));
        _clearRatio = _peaks.ValueAt(clearRate);
        double clipRatio = Math.Min(HighestRatio, _peaks.ValueAt(_eventsPerScore / ClipEvents));
        _clipRatio = Math.Max(clipRatio, _thresholdRatio);
    }

    // While less time was seen than one event is to take: at least a record, on days whose hours were not seen twice by a margin;
    // and not far beyond it, as the tail of a few peaks may say anything. Peaks that are alike give no margin to go by.
    private double BesideRecord(double ratio)
    {
        double margin = Math.Max(0, _peaks.Record - _peaks.Level);
        double least = _peaks.Record + (_count < SeasonDays * _scoresPerDay ? margin : 0);
        double most = margin > LeastMargin * _peaks.Record ? _peaks.Record + margin : double.PositiveInfinity;
        return Math.Clamp(ratio, least, most);
    }

    private void TrackScale(double score)
    {
        double rate = Math.Max(1.0 / _count, _scaleRate) * (IsAnomaly ? RaisedScaleRate : 1);
        double highestRatio = IsWarm ? Math.Max(HighestScaleRatio, _peaks.Level) : HighestWarmUpRatio;
        _scale += rate * (Math.Min(score, highestRatio * _scale) - _scale);
        _scale = Math.Max(_scale, LowestScalePart * _floor);
    }
}
