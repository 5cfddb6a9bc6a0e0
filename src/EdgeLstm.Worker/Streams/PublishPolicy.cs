// Which records are published: every N-th, no two closer than T seconds, and every event.

namespace EdgeLstm.Worker.Streams;

/// <summary>Decides for each record of one stream whether subscribers get it.</summary>
/// <param name="everySamples">N: every N-th sample; 1 or more.</param>
/// <param name="atMostEveryMs">T: milliseconds between two published samples at least; 0 for no limit.</param>
public sealed class PublishPolicy(int everySamples, long atMostEveryMs)
{
    private int _sinceLast = everySamples - 1;
    private long _lastUnixMs = long.MinValue;

    /// <summary>True when the record is to be published. Events always are, and do not disturb the rhythm of the
    /// samples.</summary>
    public bool Admits(StreamRecord record)
    {
        _sinceLast++;
        bool due = _sinceLast >= everySamples && IsLateEnough(record.TimestampUnixMs);
        if (due)
        {
            _sinceLast = 0;
            _lastUnixMs = record.TimestampUnixMs;
        }

        return due || record.Event != StreamEvent.None;
    }

    // A clock that was set back must not silence the stream until it has caught up.
    private bool IsLateEnough(long unixMs) =>
        _lastUnixMs == long.MinValue || unixMs < _lastUnixMs || unixMs - _lastUnixMs >= atMostEveryMs;
}
