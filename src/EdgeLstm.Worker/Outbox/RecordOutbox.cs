// The outbox in memory, between the I/O thread and the disk thread.
//
//     in flight ── PUBACK ─────────────────────────────→ forgotten, its row deleted
//         └── not acknowledged in time ──→ disk
//     queue of each stream (the broker is away) ──→ disk ──→ feed ──→ history, event
//         └── no disk, or it fails ───────────────────────────────→ history, event

namespace EdgeLstm.Worker.Outbox;

/// <summary>Holds every record from when it leaves its stream until the broker has it or the disk. All members are
/// thread-safe; none waits for the disk or allocates once its tables have grown.</summary>
/// <remarks>
/// Bounds: in flight 1 MB; the queue of a stream what its outlet says, with a disk <see cref="QueueBytesWithDisk"/>; the feed
/// <see cref="FeedRows"/> rows. A queue that is full drops its oldest, but while the disk writes the I/O thread leaves records in
/// their rings instead.
/// </remarks>
internal sealed class RecordOutbox
{
    /// <summary>Bytes of one stream's queue where a disk empties it every flush interval.</summary>
    public const int QueueBytesWithDisk = 256 << 10;

    /// <summary>Rows between disk and broker at most.</summary>
    public const int FeedRows = 512;

    private const int FeedBytes = 256 << 10;

    private readonly Lock _gate = new();
    private readonly List<string> _names = [];
    private readonly List<StreamQueue?> _queues = [];
    private readonly InFlightRecords _inFlight = new();
    private readonly EntryRing[] _feeds = [new(FeedRows, FeedBytes), new(FeedRows, FeedBytes)];   // by kind
    private readonly EntryRing _released = new(FeedRows, FeedBytes);
    private readonly RowLedger _rows = new();
    private readonly bool _hasDisk;
    private bool _diskWrites;
    private bool _moreOnDisk;
    private long _rowsOnDisk;
    private OutboxTrim _trimmed;
    private int _turn;

    /// <param name="hasDisk">Whether a disk thread serves it.</param>
    public RecordOutbox(bool hasDisk)
    {
        _hasDisk = hasDisk;
        _diskWrites = hasDisk;
        _moreOnDisk = hasDisk;   // until the file was looked into
    }

    /// <summary>Raised when the disk thread should not wait for its interval: a queue is half full, or a record waits for its
    /// commit.</summary>
    public event Action? Urgent;

    /// <summary>Records that wait for the broker, in memory and on the disk, without those in flight.</summary>
    public long Backlog
    {
        get
        {
            lock (_gate)
            {
                return QueuedNow() + _released.Count + Math.Max(0, _rowsOnDisk - _rows.Deletes - _inFlight.Rows);
            }
        }
    }

    /// <summary>Records that would be lost now if the process were killed, but for those in flight.</summary>
    public long Queued
    {
        get
        {
            lock (_gate)
            {
                return QueuedNow();
            }
        }
    }

    /// <summary>Samples, or events, that neither memory nor disk had room for.</summary>
    public long DroppedOf(OutboxKind kind)
    {
        lock (_gate)
        {
            long sum = kind == OutboxKind.Event ? _trimmed.Events : _trimmed.Samples;
            foreach (StreamQueue? queue in _queues)
            {
                sum += queue?.DroppedOf(kind) ?? 0;
            }

            return sum;
        }
    }

    /// <summary>The number of a stream.</summary>
    public int StreamOf(string name)
    {
        lock (_gate)
        {
            int index = _names.IndexOf(name);
            if (index < 0)
            {
                index = _names.Count;
                _names.Add(name);
                _queues.Add(null);
            }

            return index;
        }
    }

    /// <summary>The name of a stream.</summary>
    public string NameOf(int stream)
    {
        lock (_gate)
        {
            return _names[stream];
        }
    }

    /// <summary>Gives a stream its queue; one that has it keeps it.</summary>
    /// <param name="name">The stream.</param>
    /// <param name="samples">Samples kept in memory at most.</param>
    /// <param name="payloadBytes">Bytes that a payload has, about.</param>
    public int Open(string name, int samples, int payloadBytes)
    {
        int stream = StreamOf(name);
        lock (_gate)
        {
            _queues[stream] ??= new StreamQueue(samples, payloadBytes, _hasDisk ? QueueBytesWithDisk : int.MaxValue);
            return stream;
        }
    }

    // ---- by the I/O thread

    /// <summary>Whether a message may be sent: its copy must have a place until its PUBACK.</summary>
    public bool CanTrack
    {
        get
        {
            lock (_gate)
            {
                return _inFlight.HasRoom;
            }
        }
    }

    /// <summary>Keeps a copy of what was handed to the client, until its PUBACK.</summary>
    /// <param name="entry">With its packet id; what is on the disk already needs no payload.</param>
    /// <param name="payload">The message.</param>
    public void Track(in OutboxEntry entry, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            _inFlight.Add(entry, entry.RowId == 0 && _hasDisk ? payload : []);
        }
    }

    /// <summary>The broker has a packet.</summary>
    public void Acknowledge(int packet)
    {
        lock (_gate)
        {
            _rows.Delete(_inFlight.Acknowledge(packet));
        }
    }

    /// <summary>A record that will never be sent (the client refused it) needs no row any more.</summary>
    public void Forget(in OutboxEntry entry)
    {
        lock (_gate)
        {
            _rows.Delete(entry.RowId);
        }
    }

    /// <summary>Whether a stream's queue takes another sample without dropping one, or may drop, as nothing empties it.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="mayDrop">Whether dropping is right where no disk writes: the broker is away.</param>
    public bool MayAdd(int stream, bool mayDrop)
    {
        lock (_gate)
        {
            return (mayDrop && !_diskWrites) || _queues[stream]!.Of(OutboxKind.Sample).HasRoom(_queues[stream]!.PayloadBytes);
        }
    }

    /// <summary>Takes a record that cannot be sent now.</summary>
    public void Add(in OutboxEntry entry, ReadOnlySpan<byte> payload)
    {
        bool isUrgent;
        lock (_gate)
        {
            StreamQueue queue = _queues[entry.Stream]!;
            queue.Add(entry, payload);
            isUrgent = _diskWrites && (entry.IsLive || queue.Of(entry.Kind).IsHalfFull);
        }

        if (isUrgent)
        {
            Urgent?.Invoke();
        }
    }

    /// <summary>Whether a sample waits for <c>history</c> that can be taken now.</summary>
    public bool HasSample
    {
        get
        {
            lock (_gate)
            {
                return _feeds[(int)OutboxKind.Sample].Count > 0 || (IsMemoryAlone && AnyQueued(OutboxKind.Sample));
            }
        }
    }

    /// <summary>Takes the next record for <c>event</c> or <c>history</c>; false when there is none yet.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="buffer">Receives its payload.</param>
    /// <param name="entry">What it is.</param>
    public bool TryTake(OutboxKind kind, ref byte[] buffer, out OutboxEntry entry)
    {
        bool isLow;
        lock (_gate)
        {
            EntryRing feed = _feeds[(int)kind];
            if (!TryTakeFrom(feed, ref buffer, out entry))
            {
                return IsMemoryAlone && TryTakeQueued(kind, ref buffer, out entry);
            }

            isLow = _moreOnDisk && feed.Count == FeedRows / 4;
        }

        if (isLow)
        {
            Urgent?.Invoke();
        }

        return true;
    }

    /// <summary>Takes the next record that may be published live, as it is on the disk now.</summary>
    public bool TryTakeReleased(ref byte[] buffer, out OutboxEntry entry)
    {
        lock (_gate)
        {
            return TryTakeFrom(_released, ref buffer, out entry);
        }
    }

    /// <summary>The broker is gone: what was released stays on the disk and comes as history.</summary>
    public void ReturnReleased()
    {
        lock (_gate)
        {
            for (long i = _released.First; i < _released.Next; i++)
            {
                _rows.Return(_released.At(i).RowId);
                _moreOnDisk = true;
                IsFeedRestarted = true;
            }

            _released.RemoveTo(_released.Next);
        }
    }

    // ---- by the disk thread

    /// <summary>True when rows behind the feed's place are to be read again; the disk thread takes note and resets it.</summary>
    public bool IsFeedRestarted { get; private set; }

    /// <summary>Copies what is to be written.</summary>
    /// <param name="batch">Empty; receives it.</param>
    /// <param name="inFlightBefore">Of what is in flight only what was sent before this tick.</param>
    public void Collect(OutboxBatch batch, long inFlightBefore)
    {
        lock (_gate)
        {
            _rows.Collect(batch);
            if (!_inFlight.TryCollect(batch, inFlightBefore))
            {
                return;
            }

            for (int stream = 0; stream < _queues.Count; stream++)
            {
                if (_queues[stream] is { } queue && !(TryCollect(batch, queue.Of(OutboxKind.Event), stream)
                    && TryCollect(batch, queue.Of(OutboxKind.Sample), stream)))
                {
                    return;
                }
            }
        }
    }

    /// <summary>The batch is on the disk, each copy with its row.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rowsOnDisk">All rows there are now.</param>
    public void Settle(OutboxBatch batch, long rowsOnDisk)
    {
        lock (_gate)
        {
            _rows.Settle(batch);
            for (long i = batch.Copies.First; i < batch.Copies.Next; i++)
            {
                (int queue, long index) = batch.Origins[i % OutboxBatch.Records];
                if (queue < 0)
                {
                    SettleInFlight(index, batch.Copies.At(i).RowId);
                }
                else
                {
                    SettleQueued(batch, i, _queues[queue]!.Of(batch.Copies.At(i).Kind), index);
                }
            }

            (_diskWrites, _rowsOnDisk) = (true, rowsOnDisk);
        }
    }

    /// <summary>The batch could not be written: all stays as it is, and memory has to do.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="canRead">Whether rows can still be read.</param>
    public void Fail(OutboxBatch batch, bool canRead)
    {
        lock (_gate)
        {
            _rows.Fail(batch);
            _diskWrites = false;
            _moreOnDisk &= canRead;
        }
    }

    /// <summary>Counts what the disk dropped to keep its limits.</summary>
    public void CountTrimmed(OutboxTrim trim)
    {
        lock (_gate)
        {
            _trimmed = new OutboxTrim(_trimmed.Samples + trim.Samples, _trimmed.Events + trim.Events);
        }
    }

    /// <summary>Whether the feed has room for another row of a kind.</summary>
    public bool CanFeed(OutboxKind kind, int length)
    {
        lock (_gate)
        {
            return _rows.Deletes < RowLedger.DeleteLimit && _feeds[(int)kind].HasRoom(length);
        }
    }

    /// <summary>Hands a row over for publishing, unless it is under way already.</summary>
    public void Feed(in OutboxRow row)
    {
        int stream = StreamOf(row.Stream);
        lock (_gate)
        {
            if (_rows.TryOwn(row.Id))
            {
                _feeds[(int)row.Kind].TryAdd(
                    new OutboxEntry
                    {
                        Stream = stream,
                        Kind = row.Kind,
                        Boot = row.Boot,
                        Sequence = row.Sequence,
                        TimestampUnixMs = row.TimestampUnixMs,
                        RowId = row.Id,
                    },
                    row.Payload);
            }
        }
    }

    /// <summary>Says whether rows are left behind the feed's place.</summary>
    public void SayFed(bool moreOnDisk)
    {
        lock (_gate)
        {
            _moreOnDisk = moreOnDisk || IsFeedRestarted;
        }
    }

    /// <summary>Takes note that the feed begins anew.</summary>
    public bool TakeRestart()
    {
        lock (_gate)
        {
            bool restarted = IsFeedRestarted;
            IsFeedRestarted = false;
            return restarted;
        }
    }

    // ---- under the lock

    // What is on the disk is older, and goes first.
    private bool IsMemoryAlone => !_diskWrites && !_moreOnDisk;

    private bool AnyQueued(OutboxKind kind)
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

    private long QueuedNow()
    {
        long sum = 0;
        foreach (StreamQueue? queue in _queues)
        {
            sum += queue?.Count ?? 0;
        }

        return sum;
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

    // Acknowledged while it was being written: its row can go.
    private void SettleInFlight(long index, long rowId)
    {
        if (!_inFlight.TrySettle(index, rowId))
        {
            _rows.Delete(rowId);
            return;
        }

        _rows.TryOwn(rowId);
    }

    private void SettleQueued(OutboxBatch batch, long copy, EntryRing ring, long index)
    {
        ref OutboxEntry entry = ref batch.Copies.At(copy);
        if (entry.IsLive && _released.TryAdd(entry, batch.Copies.Payload(copy)))
        {
            _rows.TryOwn(entry.RowId);
        }
        else
        {
            _moreOnDisk = true;
        }

        ring.RemoveTo(index + 1);
    }

    private static bool TryTakeFrom(EntryRing ring, ref byte[] buffer, out OutboxEntry entry)
    {
        entry = default;
        if (ring.Count == 0)
        {
            return false;
        }

        entry = ring.At(ring.First);
        if (buffer.Length < entry.Length)
        {
            buffer = new byte[entry.Length * 2];
        }

        ring.Payload(ring.First).CopyTo(buffer);
        ring.RemoveTo(ring.First + 1);
        return true;
    }

    // One record of each stream in turn.
    private bool TryTakeQueued(OutboxKind kind, ref byte[] buffer, out OutboxEntry entry)
    {
        entry = default;
        for (int i = 0; i < _queues.Count; i++)
        {
            _turn = (_turn + 1) % _queues.Count;
            if (_queues[_turn] is { } queue && TryTakeFrom(queue.Of(kind), ref buffer, out entry))
            {
                return true;
            }
        }

        return false;
    }
}
