// What one transaction writes: copies of the records, and where each came from; and the rows that go.

namespace EdgeLstm.Worker.Outbox;

/// <summary>Filled under the outbox's lock, written without it. At most <see cref="Records"/> records and
/// <see cref="Bytes"/> bytes; what does not fit comes with the next.</summary>
internal sealed class OutboxBatch
{
    /// <summary>Records of a transaction at most.</summary>
    public const int Records = 2048;

    /// <summary>Bytes of their payloads at most; at least the largest payload.</summary>
    public const int Bytes = 1 << 20;

    private bool _isFull;

    /// <summary>The copies, in the order they are written; each gets its <see cref="OutboxEntry.RowId"/> then.</summary>
    public EntryRing Copies { get; } = new(Records, Bytes);

    /// <summary>Where a copy came from: the queue of its stream, or −1 for what is in flight, and its index there.</summary>
    public (int Queue, long Index)[] Origins { get; } = new (int, long)[Records];

    /// <summary>Rows that the broker has acknowledged.</summary>
    public List<long> Deletes { get; } = new(Records);

    /// <summary>True when there may be more than fitted.</summary>
    public bool IsFull => _isFull || Deletes.Count == Records;

    /// <summary>True when there is nothing to do.</summary>
    public bool IsEmpty => Copies.Count == 0 && Deletes.Count == 0;

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        Copies.RemoveTo(Copies.Next);
        Deletes.Clear();
        _isFull = false;
    }

    /// <summary>Adds a copy; false when it does not fit any more.</summary>
    public bool TryAdd(EntryRing ring, long index, int queue)
    {
        if (!Copies.TryAdd(ring.At(index), ring.Payload(index)))
        {
            _isFull = true;
            return false;
        }

        Origins[(Copies.Next - 1) % Records] = (queue, index);
        return true;
    }
}
