// Records that wait in memory, first in, first out:
//
//     entries [first, next) in a ring of descriptions, their payloads in a ring of bytes

namespace EdgeLstm.Worker.Outbox;

/// <summary>One record in memory, and where its payload lies.</summary>
internal struct OutboxEntry
{
    /// <summary>The stream, as <see cref="RecordOutbox.Open"/> numbers it.</summary>
    public int Stream;

    /// <summary>Sample or event.</summary>
    public OutboxKind Kind;

    /// <summary>True for a record that waits to be published on its live topic once it is on the disk.</summary>
    public bool IsLive;

    /// <summary>True once the broker has it.</summary>
    public bool IsDone;

    /// <summary>The process start that made it.</summary>
    public uint Boot;

    /// <summary>The packet id it is in flight under; 0 for none.</summary>
    public int Packet;

    /// <summary>Its step in the stream.</summary>
    public long Sequence;

    /// <summary>When its sample was taken, in milliseconds since 1970 UTC.</summary>
    public long TimestampUnixMs;

    /// <summary>When it was handed over, in ticks of the steady clock.</summary>
    public long AddedAt;

    /// <summary>Its row on the disk; 0 while it has none.</summary>
    public long RowId;

    /// <summary>Where its payload begins in the ring of bytes, how long it is, and where the next may begin.</summary>
    internal int Offset;
    internal int Length;
    internal long End;
}

/// <summary>Fixed capacity, nothing allocated after construction; memory that no record has reached is never touched. Not
/// thread-safe.</summary>
internal sealed class EntryRing
{
    private readonly OutboxEntry[] _entries;
    private readonly byte[] _bytes;
    private long _bytesFirst;
    private long _bytesNext;

    /// <param name="entries">Records at most, 1 or more.</param>
    /// <param name="bytes">Bytes of their payloads at most, 1 or more.</param>
    public EntryRing(int entries, int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(entries, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        _entries = GC.AllocateUninitializedArray<OutboxEntry>(entries);
        _bytes = GC.AllocateUninitializedArray<byte>(bytes);
    }

    /// <summary>Index of the oldest entry; indices count up and never wrap.</summary>
    public long First { get; private set; }

    /// <summary>Index behind the newest entry.</summary>
    public long Next { get; private set; }

    /// <summary>Entries held.</summary>
    public int Count => (int)(Next - First);

    /// <summary>True when half of the entries or bytes are in use.</summary>
    public bool IsHalfFull => Count * 2 >= _entries.Length || (_bytesNext - _bytesFirst) * 2 >= _bytes.Length;

    /// <summary>Whether a payload of so many bytes can be added.</summary>
    public bool HasRoom(int length) => Count < _entries.Length && Place(length) + length - _bytesFirst <= _bytes.Length;

    /// <summary>Adds a copy; false when there is no room.</summary>
    public bool TryAdd(in OutboxEntry entry, ReadOnlySpan<byte> payload)
    {
        if (Count == 0)
        {
            (_bytesFirst, _bytesNext) = (0, 0);   // so that few records in turn touch little memory
        }

        if (!HasRoom(payload.Length))
        {
            return false;
        }

        long place = Place(payload.Length);
        ref OutboxEntry slot = ref _entries[Next % _entries.Length];
        slot = entry;
        slot.Offset = (int)(place % _bytes.Length);
        slot.Length = payload.Length;
        slot.End = place + payload.Length;
        payload.CopyTo(_bytes.AsSpan(slot.Offset));
        _bytesNext = slot.End;
        Next++;
        return true;
    }

    /// <summary>An entry from <see cref="First"/> up to <see cref="Next"/>.</summary>
    public ref OutboxEntry At(long index) => ref _entries[index % _entries.Length];

    /// <summary>Its payload; valid until it is removed.</summary>
    public ReadOnlySpan<byte> Payload(long index)
    {
        ref OutboxEntry entry = ref At(index);
        return _bytes.AsSpan(entry.Offset, entry.Length);
    }

    /// <summary>Removes the oldest entries up to an index, which may be behind <see cref="First"/> already.</summary>
    public void RemoveTo(long index)
    {
        for (; First < index; First++)
        {
            _bytesFirst = At(First).End;
        }
    }

    /// <summary>Takes the oldest entry out; false when there is none.</summary>
    /// <param name="buffer">Receives its payload; replaced where it is too small.</param>
    /// <param name="entry">What it is.</param>
    public bool TryTake(ref byte[] buffer, out OutboxEntry entry)
    {
        entry = default;
        if (Count == 0)
        {
            return false;
        }

        entry = At(First);
        if (buffer.Length < entry.Length)
        {
            buffer = new byte[entry.Length * 2];
        }

        Payload(First).CopyTo(buffer);
        RemoveTo(First + 1);
        return true;
    }

    // In one piece: where it does not fit before the end, at the beginning.
    private long Place(int length)
    {
        long rest = _bytes.Length - (_bytesNext % _bytes.Length);
        return length <= rest ? _bytesNext : _bytesNext + rest;
    }
}
