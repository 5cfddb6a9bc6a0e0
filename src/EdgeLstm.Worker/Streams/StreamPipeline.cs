// The way of one sample: bytes → frames → channels → evenly spaced samples → forecasts and score → bands → alarm → record.

using System.Diagnostics;
using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.State;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Streams;

/// <summary>What happens to the bytes of one stream, in order. One instance and one thread per stream; allocates nothing per
/// sample.</summary>
public sealed class StreamPipeline
{
    private const double StepNsRate = 0.01;
    private const int ColdSteps = 16;
    private const double NsPerSecond = 1e9;
    private const long NsPerMs = 1_000_000;
    private const long NothingDue = long.MinValue;

    private readonly FrameDecoder _frames;
    private readonly ProfileReader _profile;
    private readonly SampleClock _clock;
    private readonly ClockInputs _clockInputs;
    private IStreamForecaster _forecaster;
    private AdaptiveBands _bands;
    private LimitOutlooks _limits;
    private PeaksOverThreshold _threshold;
    private readonly AlarmEvents _alarm;
    private readonly PublishPolicy _policy;
    private readonly StreamTimeline _timeline;
    private readonly Action<StreamRecord> _publish;
    private readonly int _fillSamples;

    private readonly float[] _channels;
    private readonly float[] _sample;
    private readonly float[] _due;
    private readonly float[] _trusted;
    private readonly int[] _filledInRow;
    private readonly StreamRecord _record;
    private bool _stale;
    private bool _isBack;

    /// <param name="parts">The parts, built for the same model and stream.</param>
    /// <param name="fillSamples">Missing values of a channel in a row before the stream is stale.</param>
    /// <param name="publish">Takes the records to publish; must copy what it keeps and must not wait.</param>
    public StreamPipeline(StreamParts parts, int fillSamples, Action<StreamRecord> publish)
    {
        _frames = parts.Frames;
        _profile = parts.Profile;
        _clock = parts.Clock;
        _clockInputs = parts.ClockInputs;
        _forecaster = parts.Forecaster;
        _bands = parts.Bands;
        _limits = parts.Limits;
        _threshold = parts.Threshold;
        _alarm = parts.Alarm;
        _policy = parts.Policy;
        _timeline = parts.Timeline;
        _fillSamples = fillSamples;
        _publish = publish;
        _channels = new float[_forecaster.ChannelCount];
        _sample = new float[_forecaster.ChannelCount];
        _filledInRow = new int[_forecaster.ChannelCount];
        _due = new float[_forecaster.OutputCount];
        _trusted = new float[_forecaster.OutputCount];
        _record = new StreamRecord(_forecaster.ChannelCount, _forecaster.OutputCount);
    }

    /// <summary>What was counted so far.</summary>
    public StreamCounters Counters { get; private set; } = new();

    /// <summary>Splits bytes into frames; for its counters.</summary>
    public FrameDecoder Frames => _frames;

    /// <summary>Reads frames into channels; for its counters.</summary>
    public ProfileReader Profile => _profile;

    /// <summary>The bands of its forecasts; for how well they held.</summary>
    public AdaptiveBands Bands => _bands;

    /// <summary>The head of its model that goes on learning; null where none does.</summary>
    public AdaptiveHead? Head => _forecaster.Head;

    /// <summary>Steps whose outputs were not finite; the network was reset after each.</summary>
    public long NonFinite => _forecaster.NonFinite;

    /// <summary>Readings that were no sample of their own.</summary>
    public long ExtraReadings => _clock.Extra;

    /// <summary>Where the stream stands.</summary>
    public StreamStatus Status => _record.Status;

    /// <summary>Sequence number of the latest record; set, if at all, before the first.</summary>
    public long Sequence
    {
        get => _record.Sequence;
        set => _record.Sequence = value;
    }

    /// <summary>True between an alarm raised and cleared.</summary>
    public bool AlarmRaised => _alarm.IsRaised;

    /// <summary>Takes bytes that arrived at <paramref name="timeNs"/>, however they are split.</summary>
    public void Process(ReadOnlySpan<byte> received, long timeNs)
    {
        while (_frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
        {
            if (_profile.TryReadChannels(payload, _channels))
            {
                _clock.Add(_channels, timeNs);
                TakeTicks();
            }
        }

        Advance(timeNs);
    }

    /// <summary>Says that it is <paramref name="nowNs"/> and that all bytes received so far have been processed.</summary>
    public void Advance(long nowNs)
    {
        _clock.Advance(nowNs);
        TakeTicks();
    }

    /// <summary>The source was lost and is back: half a frame and a header are forgotten, the gap is the sample clock's
    /// matter.</summary>
    public void Rejoin()
    {
        _frames.Restart(atFrameStart: false);
        _profile.Restart();
    }

    /// <summary>Says that no reading has come since the start and none is in sight.</summary>
    public void ReportSilence(long nowNs)
    {
        if (!_stale)
        {
            Lose(nowNs);
        }
    }

    /// <summary>Takes the place of a pipeline of the same stream whose thread has ended: sequence numbers and counters go on, and
    /// a stream that was lost is back with its next sample.</summary>
    public void Succeed(StreamPipeline former)
    {
        Counters = former.Counters;
        Counters.GoOn();
        _record.Sequence = former._record.Sequence;
        _record.Status = former._record.Status;
        _stale = former._stale;
    }

    /// <summary>Goes on with another model from the next sample, which warms up first; clock, counters, sequence numbers and a
    /// raised alarm stay. By the stream's thread.</summary>
    /// <param name="model">Parts of a model with the same inputs and outputs.</param>
    public void Exchange(ModelParts model)
    {
        _forecaster = model.Forecaster;
        _bands = model.Bands;
        _limits = model.Limits;
        _threshold = model.Threshold;
    }

    /// <summary>Appends the state that carries over to the next run.</summary>
    /// <param name="writer">Takes it.</param>
    /// <param name="nowNs">The steady time now; what is due is noted from there on.</param>
    public void Save(StateWriter writer, long nowNs = 0)
    {
        _forecaster.Save(writer);
        _bands.Save(writer);
        _threshold.Save(writer);
        _alarm.Save(writer);
        Counters.Save(writer);
        writer.Write(_clock.DueNs is long dueNs ? dueNs - nowNs : NothingDue);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote; throws <see cref="FormatException"/> where it is of another
    /// shape.</summary>
    /// <param name="reader">The state.</param>
    /// <param name="goesOn">Whether the latest samples still mean something; else only what was learned is kept, as after a long
    /// gap.</param>
    /// <param name="savedNs">The steady time at which it was saved, as this process counts; before its start, if need
    /// be.</param>
    public void Restore(ref StateReader reader, bool goesOn = true, long savedNs = 0)
    {
        _forecaster.Restore(ref reader);
        _bands.Restore(ref reader);
        _threshold.Restore(ref reader);
        _alarm.Restore(ref reader);
        Counters.Restore(ref reader);
        long dueInNs = reader.ReadInt64();
        if (!reader.AtEnd)
        {
            throw new FormatException("the saved state is longer than expected");
        }

        if (!goesOn)
        {
            _forecaster.Reset();
        }
        else if (dueInNs != NothingDue)
        {
            _clock.Restore(savedNs + dueInNs);
        }
    }

    private void TakeTicks()
    {
        while (_clock.TryNext(_sample, out long timeNs, out TickKind kind))
        {
            if (kind != TickKind.Lost)
            {
                Take(kind, timeNs);
            }
            else if (!_stale)
            {
                Lose(timeNs);
            }
        }
    }

    // One tick: a sample, whole or with channels missing, or none.
    private void Take(TickKind kind, long timeNs)
    {
        if (kind == TickKind.Missing)
        {
            _sample.AsSpan().Fill(float.NaN);
        }

        _clockInputs.Write(_sample, _timeline, timeNs);
        _sample.CopyTo(_record.Values);
        bool usable = TryFill(out int filled);
        kind = filled == _profile.ChannelCount ? TickKind.Missing : kind;   // a reading without any value is none

        if (!usable)
        {
            Counters.Unusable++;
            if (!_stale && LongestFill() > _fillSamples)
            {
                Lose(timeNs);
            }

            return;
        }

        if (_stale)
        {
            _stale = false;
            _isBack = true;
        }

        Counters.Filled += kind == TickKind.Missing ? 1 : 0;
        Counters.ChannelsFilled += kind == TickKind.Missing ? 0 : filled;
        Step(kind, timeNs);
    }

    private void Step(TickKind kind, long timeNs)
    {
        long unixNs = _timeline.UnixNsAt(timeNs);
        _alarm.Shift(_timeline.TakeStep());
        // What held over the last day cannot be told from a time that may be wrong.
        double unixSeconds = _timeline.IsMarked ? double.NaN : unixNs / NsPerSecond;
        bool warm = _forecaster.IsWarm;
        long started = Stopwatch.GetTimestamp();
        double score = _forecaster.Step(_record.Values, _sample, _record.Outputs, _due, _trusted);
        MeasureStep(Stopwatch.GetTimestamp() - started, timeNs);
        WriteResiduals();
        _bands.Step(_record.Values, _trusted, _record.Outputs, unixSeconds, _record.Low, _record.High);
        _limits.Write(_record);
        AlarmChange change = Judge(score, unixNs);

        _record.Status = !warm ? StreamStatus.Warming : kind == TickKind.Missing ? StreamStatus.Filling : StreamStatus.Live;
        _record.Event = change switch
        {
            AlarmChange.Raised => StreamEvent.AlarmRaised,
            AlarmChange.Cleared => StreamEvent.AlarmCleared,
            _ => _isBack ? StreamEvent.StreamBack : StreamEvent.None,
        };
        _isBack = false;
        Counters.Steps++;
        Publish(timeNs);
    }

    private void WriteResiduals()
    {
        ReadOnlySpan<int> outputOfChannel = _forecaster.OutputOfChannel;
        for (int channel = 0; channel < outputOfChannel.Length; channel++)
        {
            int output = outputOfChannel[channel];
            _record.Residuals[channel] = output < 0 ? float.NaN : _record.Values[channel] - _due[output];
        }
    }

    // A score is compared with the threshold that those before it made, and then teaches it. One that is NaN (while warming,
    // for a filled sample) does neither.
    private AlarmChange Judge(double score, long unixNs)
    {
        double threshold = _threshold.Threshold;
        AlarmChange change = _alarm.Update(
            score, threshold, _threshold.ClearThreshold, _forecaster.Contributions, unixNs);
        _threshold.Observe(score);
        _forecaster.Head?.Judge(score, threshold, _alarm.IsRaised);
        Counters.Alarms += change == AlarmChange.Raised ? 1 : 0;

        _record.Score = (float)score;
        _record.Threshold = (float)threshold;
        _record.Incident = new AlarmIncident(
            _alarm.OnsetNs / NsPerMs, _alarm.PeakNs / NsPerMs, _alarm.EndNs / NsPerMs, (float)_alarm.PeakScore);
        for (int channel = 0; channel < _sample.Length; channel++)
        {
            _record.Contributions[channel] = (float)_alarm.Contributions[channel];
        }

        return change;
    }

    // The gap is too long to bridge: the state of the latest samples means nothing any more.
    private void Lose(long timeNs)
    {
        _stale = true;
        Array.Clear(_filledInRow);
        Counters.TimesStale++;
        _forecaster.Reset();
        _record.Values.Fill(float.NaN);
        _record.Residuals.Fill(float.NaN);
        _record.Outputs.Fill(float.NaN);
        _record.Low.Fill(float.NaN);
        _record.High.Fill(float.NaN);
        _record.Contributions.Fill(float.NaN);
        _record.LimitProbabilities.Fill(float.NaN);
        _record.LimitSeconds.Fill(float.NaN);
        _record.Score = float.NaN;
        _record.Threshold = (float)_threshold.Threshold;
        _record.Status = StreamStatus.Stale;
        _record.Event = StreamEvent.StreamLost;
        Publish(timeNs);
    }

    // Puts the model's own forecast where a reading is missing; false when there is none or it has been used too often in a row.
    private bool TryFill(out int filled)
    {
        bool usable = true;
        filled = 0;
        for (int channel = 0; channel < _sample.Length; channel++)
        {
            if (float.IsFinite(_sample[channel]))
            {
                _filledInRow[channel] = 0;
                continue;
            }

            _sample[channel] = _forecaster.Expected(channel);
            _filledInRow[channel]++;
            filled++;
            usable &= float.IsFinite(_sample[channel]) && _filledInRow[channel] <= _fillSamples;
        }

        return usable;
    }

    private int LongestFill()
    {
        int longest = 0;
        foreach (int count in _filledInRow)
        {
            longest = Math.Max(longest, count);
        }

        return longest;
    }

    private void MeasureStep(long ticks, long timeNs)
    {
        // The first steps also load code and caches: they say nothing about the later ones.
        if (Counters.Steps < ColdSteps)
        {
            return;
        }

        double ns = ticks * (1e9 / Stopwatch.Frequency);
        Counters.StepNs += (Counters.StepNs == 0 ? 1 : StepNsRate) * (ns - Counters.StepNs);
        Counters.StepTimes.Add((long)ns, timeNs);
    }

    private void Publish(long timeNs)
    {
        _record.Sequence++;
        _record.TimestampUnixMs = _timeline.UnixMsAt(timeNs);
        _record.IsUnsynced = _timeline.IsMarked;
        _record.Alarm = _alarm.IsRaised ? AlarmState.Raised : AlarmState.Clear;
        if (_policy.Admits(_record))
        {
            Counters.Published++;
            _publish(_record);
        }
    }
}
