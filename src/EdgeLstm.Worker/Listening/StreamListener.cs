// Listening to one stream for a while as its pipeline would read it, and counting what arrives.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Listening;

/// <summary>Reads one source into figures; one thread.</summary>
internal sealed class StreamListener
{
    private const double DefaultSeconds = 3;
    private const double MostDefaultSeconds = 10;
    private const double Periods = 3.5;
    private const long NsPerSecond = 1_000_000_000;
    private const int LongestWaitMs = 200;
    private const int BufferBytes = 16 * 1024;
    private const int QueuedReads = 16;
    private const long RecordLimit = 100_000;   // of a recording, which ends only when its file does

    private readonly ByteSource _source;
    private readonly float[] _values;
    private readonly byte[] _buffer = new byte[BufferBytes];

    /// <param name="stream">The stream.</param>
    /// <param name="source">Its source; not disposed.</param>
    /// <param name="seconds">How long to listen.</param>
    public StreamListener(StreamPlan stream, ByteSource source, double seconds)
    {
        Stream = stream;
        Seconds = seconds;
        _source = source;
        Profile = new ProfileReader(stream.ProfileOf(source), stream.ProfileChannels);
        Frames = Profile.CreateFrameDecoder(source.StartsAtFrameStart);
        Arrivals = new ArrivalStatistics(Profile.ChannelCount, KnownPeriodMs(stream));
        _values = new float[Profile.ChannelCount];
    }

    /// <summary>The stream.</summary>
    public StreamPlan Stream { get; }

    /// <summary>How long was listened, in seconds.</summary>
    public double Seconds { get; }

    /// <summary>What arrived.</summary>
    public ArrivalStatistics Arrivals { get; }

    /// <summary>The reader, for its counters.</summary>
    public ProfileReader Profile { get; }

    /// <summary>The frames, for their counters.</summary>
    public FrameDecoder Frames { get; }

    /// <summary>Bytes that arrived.</summary>
    public long Bytes => _source.BytesRead;

    /// <summary>Measurements of a polled sensor that failed.</summary>
    public long Failed => _source.Rejected;

    /// <summary>Why the source cannot be read; null while it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Milliseconds between records: by the rate that the stream is read at, the profile's, else the model's.</summary>
    public static double PeriodMs(StreamPlan stream) => stream.Settings.Source.Kind == "replay"
        ? stream.SamplePeriodMs
        : 1000 / stream.ReadRateHz;

    /// <summary>The same where it is known; 0 for a sender whose profile does not say it.</summary>
    public static double KnownPeriodMs(StreamPlan stream) =>
        stream.Settings.Source.Kind is "serial" or "stdin" or "mqtt" && stream.Profile.RateHz == 0 ? 0 : PeriodMs(stream);

    /// <summary>How long a stream is listened to unless told: 3 s, or up to 10 s where that shows a few readings.</summary>
    public static double DefaultSecondsFor(StreamPlan stream)
    {
        double seconds = Periods * PeriodMs(stream) / 1000;
        return seconds > MostDefaultSeconds ? DefaultSeconds : Math.Max(DefaultSeconds, seconds);
    }

    /// <summary>Listens.</summary>
    public void Run()
    {
        SkipQueued();
        long deadlineNs = ByteSource.MonotonicNs() + (long)(Seconds * NsPerSecond);
        while (Arrivals.Records < RecordLimit || !_source.HasRecordedTime)
        {
            long leftNs = deadlineNs - ByteSource.MonotonicNs();
            if (leftNs <= 0)
            {
                return;
            }

            int waitMs = (int)Math.Clamp(leftNs / 1_000_000, 1, LongestWaitMs);
            switch (_source.Read(_buffer, waitMs, out int count, out long timeNs))
            {
                case SourceRead.Data:
                    Take(_buffer.AsSpan(0, count), timeNs);
                    break;
                case SourceRead.Lost:
                    Problem = _source.Problem;
                    break;
                case SourceRead.Back:
                    Problem = null;
                    Frames.Restart(atFrameStart: false);
                    Profile.Restart();
                    break;
                case SourceRead.End:
                    Problem = _source.Problem;
                    return;
                default:
                    break;
            }
        }
    }

    // What the line had kept until it was opened came at another time; its frames are read for a header only.
    private void SkipQueued()
    {
        for (int i = 0; i < QueuedReads && !_source.StartsAtFrameStart; i++)
        {
            SourceRead found = _source.Read(_buffer, 0, out int count, out _);
            Problem = found == SourceRead.Lost ? _source.Problem : Problem;
            if (found != SourceRead.Data)
            {
                return;
            }

            ReadOnlySpan<byte> received = _buffer.AsSpan(0, count);
            while (Frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
            {
                Profile.TryReadChannels(payload, _values);
            }
        }
    }

    private void Take(ReadOnlySpan<byte> received, long timeNs)
    {
        while (Frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
        {
            if (Profile.TryReadChannels(payload, _values))
            {
                Arrivals.Add(timeNs, _values);
            }
        }
    }
}
