// The queues of all streams, by the number of the stream.

namespace EdgeLstm.Worker.Outbox;

/// <summary>What the broker missed and no disk has yet. A stream that was only read from the disk has a number and no queue. Not
/// thread-safe.</summary>
/// <param name="bytesLimit">Bytes of the samples of one stream at most.</param>
internal sealed class StreamQueues(int bytesLimit)
{
    private readonly List<string> _names = [];
    private readonly List<StreamQueue?> _queues = [];
    private readonly List<OutboxTrim> _droppedElsewhere = [];
    private int _turn;

    /// <summary>Records of all streams.</summary>
    public long Count
    {
        get
        {
            long sum = 0;
            foreach (StreamQueue? queue in _queues)
            {
                sum += queue?.Count ?? 0;
            }

            return sum;
        }
    }

    /// <summary>The queue of a stream that has one.</summary>
    public StreamQueue this[int stream] => _queues[stream]!;

    /// <summary>The name of a stream.</summary>
    public string NameOf(int stream) => _names[stream];

    /// <summary>The number of a stream.</summary>
    public int NumberOf(string name)
    {
        int number = _names.IndexOf(name);
        if (number < 0)
        {
            number = _names.Count;
            _names.Add(name);
            _queues.Add(null);
            _droppedElsewhere.Add(default);
        }

        return number;
    }

    /// <summary>Gives a stream its queue; one that has it keeps it.</summary>
    public int Open(string name, int samples, int payloadBytes)
    {
        int stream = NumberOf(name);
        _queues[stream] ??= new StreamQueue(samples, payloadBytes, bytesLimit);
        return stream;
    }

    /// <summary>Records of all streams that neither memory nor disk had room for.</summary>
    public OutboxTrim Dropped
    {
        get
        {
            OutboxTrim sum = default;
            for (int stream = 0; stream < _queues.Count; stream++)
            {
                sum += DroppedOf(stream);
            }

            return sum;
        }
    }

    /// <summary>Those of one stream.</summary>
    public OutboxTrim DroppedOf(int stream) => _droppedElsewhere[stream] + (_queues[stream]?.Dropped ?? default);

    /// <summary>Counts records that were dropped elsewhere: in a ring, on the disk.</summary>
    public void CountDropped(int stream, OutboxTrim dropped) => _droppedElsewhere[stream] += dropped;

    /// <summary>Whether any stream has a record of a kind.</summary>
    public bool Any(OutboxKind kind)
    {
        foreach (StreamQueue? queue in _queues)
        {
            if (queue?.Of(kind).Count > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes the oldest record of a kind, of each stream in turn; false when there is none.</summary>
    public bool TryTake(OutboxKind kind, ref byte[] buffer, out OutboxEntry entry)
    {
        entry = default;
        for (int i = 0; i < _queues.Count; i++)
        {
            _turn = (_turn + 1) % _queues.Count;
            if (_queues[_turn] is { } queue && queue.Of(kind).TryTake(ref buffer, out entry))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Copies all records, of each stream the events first; false when not all fits.</summary>
    public bool TryCollect(OutboxBatch batch)
    {
        for (int stream = 0; stream < _queues.Count; stream++)
        {
            if (_queues[stream] is { } queue && !(TryCollect(batch, queue.Of(OutboxKind.Event), stream)
                && TryCollect(batch, queue.Of(OutboxKind.Sample), stream)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryCollect(OutboxBatch batch, EntryRing ring, int stream)
    {
        for (long i = ring.First; i < ring.Next; i++)
        {
            if (!batch.TryAdd(ring, i, stream))
            {
                return false;
            }
        }

        return true;
    }
}
