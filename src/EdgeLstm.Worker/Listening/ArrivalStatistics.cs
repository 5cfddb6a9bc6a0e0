// How the records of a stream arrive: rate, jitter, gaps, and the range of each channel.
//   interval = time since the read before / records of this read;  jitter = 95 % of |interval − period| stay below it

namespace EdgeLstm.Worker.Listening;

/// <summary>Figures of one stream. Fed record by record; holds a bounded part of them.</summary>
/// <remarks>
/// Several records of one read have the same time: they came in a bunch, as fast senders' do. Then a gap is one only when it is
/// longer than two usual bunches beyond what the read brought.
/// </remarks>
internal sealed class ArrivalStatistics
{
    private const double GapPeriods = 0.5;        // beyond the one that is due
    private const double BunchedRecords = 1.1;
    private const double SamePace = 0.2;
    private const double JitterShare = 0.95;

    private readonly double _periodMs;
    private readonly ChannelStatistics[] _channels;
    private readonly SampledValues _intervalsMs = new();
    private long _firstNs;
    private long _previousNs = -1;   // of the read before the current one
    private long _readNs = -1;
    private long _readRecords;
    private long _firstReadRecords;
    private long _reads;
    private double _missing;

    /// <param name="channelCount">Values of a record.</param>
    /// <param name="periodMs">Milliseconds between records as the profile says; 0 when it does not.</param>
    public ArrivalStatistics(int channelCount, double periodMs)
    {
        _periodMs = periodMs;
        _channels = new ChannelStatistics[channelCount];
        for (int i = 0; i < channelCount; i++)
        {
            _channels[i] = new ChannelStatistics();
        }
    }

    /// <summary>Records added.</summary>
    public long Records { get; private set; }

    /// <summary>The channels, in the order of the values.</summary>
    public IReadOnlyList<ChannelStatistics> Channels => _channels;

    /// <summary>Records per read after the first one: above 1 where they come in bunches.</summary>
    public double RecordsPerRead => _reads < 2 ? 1 : (double)(Records - _firstReadRecords) / (_reads - 1);

    /// <summary>Records per second between the first and the last read; 0 before there are two.</summary>
    public double RateHz
    {
        get
        {
            // The records of the first read belong to the time before it.
            double seconds = (_readNs - _firstNs) / 1e9;
            return _reads < 2 || seconds <= 0 ? 0 : (Records - _firstReadRecords) / seconds;
        }
    }

    /// <summary>Usual milliseconds between records; NaN before there are two reads.</summary>
    public double MedianIntervalMs => Intervals().Quantile(0.5);

    /// <summary>True when records come at another pace than the period says: then none count as missing.</summary>
    public bool IsAnotherPace => _periodMs > 0 && _reads > 1 && Math.Abs((1 / (RateHz * _periodMs / 1000)) - 1) > SamePace
        && Math.Abs((MedianIntervalMs / _periodMs) - 1) > SamePace;

    /// <summary>95 % of the intervals are no further than this from the period, or from the usual interval where that is another;
    /// in milliseconds, NaN before there are two reads.</summary>
    public double JitterMs =>
        Intervals().DistanceQuantile(JitterShare, _periodMs > 0 && !IsAnotherPace ? _periodMs : MedianIntervalMs);

    /// <summary>Records that did not come in gaps of more than 1.5 periods; 0 where the period is not known.</summary>
    public long Missing => IsAnotherPace ? 0 : (long)Math.Round(_missing + GapOf(_previousNs, _readNs, _readRecords));

    /// <summary>Takes one record.</summary>
    /// <param name="timeNs">When the read returned that brought it, or when it was measured; never before the last one.</param>
    /// <param name="values">Its values; NaN where one is missing.</param>
    public void Add(long timeNs, ReadOnlySpan<float> values)
    {
        if (timeNs != _readNs || Records == 0)
        {
            BeginRead(timeNs);
        }

        Records++;
        _readRecords++;
        _firstReadRecords += _reads == 1 ? 1 : 0;
        for (int i = 0; i < _channels.Length; i++)
        {
            _channels[i].Add(values[i]);
        }
    }

    private void BeginRead(long timeNs)
    {
        if (_reads > 1)
        {
            _intervalsMs.Add((_readNs - _previousNs) / 1e6 / _readRecords);
            _missing += GapOf(_previousNs, _readNs, _readRecords);
        }

        _firstNs = _reads == 0 ? timeNs : _firstNs;
        _previousNs = _reads == 0 ? -1 : _readNs;
        _readNs = timeNs;
        _readRecords = 0;
        _reads++;
    }

    // Records that should have come between two reads beside those of the second.
    private double GapOf(long fromNs, long toNs, long records)
    {
        if (_periodMs <= 0 || _reads < 2)
        {
            return 0;
        }

        double lost = ((toNs - fromNs) / 1e6 / _periodMs) - records;
        double allowed = RecordsPerRead > BunchedRecords ? 2 * RecordsPerRead : GapPeriods;
        return lost > allowed ? Math.Round(lost) : 0;
    }

    // With the last read, whose records are all known only when the next one begins.
    private SampledValues Intervals()
    {
        SampledValues all = _intervalsMs.Copy();
        if (_reads > 1 && _readRecords > 0)
        {
            all.Add((_readNs - _previousNs) / 1e6 / _readRecords);
        }

        return all;
    }
}
