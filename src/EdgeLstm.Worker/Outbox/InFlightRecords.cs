// What was handed to the client and has no PUBACK yet:  packet id → entry,  kept in the order it was sent.

namespace EdgeLstm.Worker.Outbox;

/// <summary>Copies of messages under way, 1 MB at most. Not thread-safe.</summary>
internal sealed class InFlightRecords
{
    /// <summary>The largest message that is kept; a larger one is sent without a copy.</summary>
    public const int LargestPayload = 128 << 10;

    private const int Entries = 2048;
    private const int Bytes = 1 << 20;

    private readonly Dictionary<int, long> _packets = new(Entries);

    /// <summary>The copies; those acknowledged out of turn stay until the older ones are.</summary>
    public EntryRing Ring { get; } = new(Entries, Bytes);

    /// <summary>Of them, those that have a row and no PUBACK.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether a message of any size has a place.</summary>
    public bool HasRoom => Ring.HasRoom(LargestPayload);

    /// <summary>Keeps a copy.</summary>
    public void Add(in OutboxEntry entry, ReadOnlySpan<byte> payload)
    {
        if (Ring.TryAdd(entry, payload))
        {
            _packets[entry.Packet] = Ring.Next - 1;
            Rows += entry.RowId > 0 ? 1 : 0;
        }
    }

    /// <summary>The broker has a packet. Returns the row that can go, 0 where there is none, −1 for a packet of no
    /// record.</summary>
    public long Acknowledge(int packet)
    {
        if (!_packets.Remove(packet, out long index))
        {
            return -1;
        }

        ref OutboxEntry entry = ref Ring.At(index);
        long rowId = entry.RowId;
        entry.IsDone = true;
        Rows -= rowId > 0 ? 1 : 0;
        long first = Ring.First;
        while (first < Ring.Next && Ring.At(first).IsDone)
        {
            first++;
        }

        Ring.RemoveTo(first);
        return rowId;
    }

    /// <summary>Copies what was sent before a tick and is neither acknowledged nor on the disk; false when not all
    /// fits.</summary>
    public bool TryCollect(OutboxBatch batch, long before)
    {
        for (long i = Ring.First; i < Ring.Next; i++)
        {
            ref OutboxEntry entry = ref Ring.At(i);
            bool isDue = !entry.IsDone && entry.RowId == 0 && entry.AddedAt < before;
            if (isDue && !batch.TryAdd(Ring, i, queue: -1))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A copy is on the disk; false where it was acknowledged meanwhile, so that its row can go.</summary>
    public bool TrySettle(long index, long rowId)
    {
        if (index < Ring.First || Ring.At(index).IsDone)
        {
            return false;
        }

        Ring.At(index).RowId = rowId;
        Rows++;
        return true;
    }
}
