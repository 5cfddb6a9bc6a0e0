// The outbox in memory, between the I/O thread and the disk thread.
//
//     in flight ── PUBACK ─────────────────────────────→ forgotten, its row deleted
//         └── not acknowledged in time ──→ disk
//     queue of each stream (the broker is away) ──→ disk ──→ feed ──→ history, event
//         └── no disk, or it fails ───────────────────────────────→ history, event

namespace EdgeLstm.Worker.Outbox;

/// <summary>Holds every record from when it leaves its stream until the broker has it or the disk. All members are
/// thread-safe; none waits for the disk, or allocates once its tables have grown.</summary>
/// <remarks>
/// Bounds: those of <see cref="InFlightRecords"/> and <see cref="RowFeed"/>; the queue of a stream what its outlet says, with a
/// disk <see cref="QueueBytesWithDisk"/>. A queue that is full drops its oldest, but while the disk writes, the I/O thread leaves
/// records in their rings instead.
/// </remarks>
internal sealed class RecordOutbox
{
    /// <summary>Bytes of one stream's queue where a disk empties it every flush interval.</summary>
    public const int QueueBytesWithDisk = 256 << 10;

    private readonly Lock _gate = new();
    private readonly InFlightRecords _inFlight = new();
    private readonly StreamQueues _queues;
    private readonly RowFeed _feed = new();
    private readonly bool _hasDisk;
    private bool _diskWrites;
    private long _rowsOnDisk;

    /// <param name="hasDisk">Whether a disk thread serves it.</param>
    public RecordOutbox(bool hasDisk)
    {
        _queues = new StreamQueues(hasDisk ? QueueBytesWithDisk : int.MaxValue);
        _hasDisk = hasDisk;
        _diskWrites = hasDisk;
        _feed.HasMore = hasDisk;   // until the file was looked into
    }

    /// <summary>Raised when the disk thread should not wait for its interval: a queue is half full, the feed runs low, or a
    /// record waits for its commit. By the I/O thread.</summary>
    public event Action? Urgent;

    /// <summary>Records that wait for the broker, in memory and on the disk, without those in flight.</summary>
    public long Backlog
    {
        get
        {
            lock (_gate)
            {
                return _queues.Count + _feed.Released + Math.Max(0, _rowsOnDisk - _feed.Ledger.Deletes - _inFlight.Rows);
            }
        }
    }

    /// <summary>Records in memory alone, without those in flight.</summary>
    public long Queued
    {
        get
        {
            lock (_gate)
            {
                return _queues.Count;
            }
        }
    }

    /// <summary>Whether a disk serves: what is added is on it soon.</summary>
    public bool DiskWrites
    {
        get
        {
            lock (_gate)
            {
                return _diskWrites;
            }
        }
    }

    /// <summary>Records that neither memory nor disk had room for.</summary>
    public OutboxTrim Dropped
    {
        get
        {
            lock (_gate)
            {
                return _queues.Dropped;
            }
        }
    }

    /// <summary>Those of one stream.</summary>
    public OutboxTrim DroppedOf(string stream)
    {
        lock (_gate)
        {
            return _queues.DroppedOf(_queues.NumberOf(stream));
        }
    }

    /// <summary>The name of a stream.</summary>
    public string NameOf(int stream)
    {
        lock (_gate)
        {
            return _queues.NameOf(stream);
        }
    }

    /// <summary>Gives a stream its queue and returns its number; one that has it keeps it.</summary>
    /// <param name="name">The stream.</param>
    /// <param name="samples">Samples kept in memory at most.</param>
    /// <param name="payloadBytes">Bytes that a payload has, about.</param>
    public int Open(string name, int samples, int payloadBytes)
    {
        lock (_gate)
        {
            return _queues.Open(name, samples, payloadBytes);
        }
    }

    // By the I/O thread.

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
            _feed.Ledger.Delete(_inFlight.Acknowledge(packet));
        }
    }

    /// <summary>A record that will never be sent (the client refused it) needs no row any more.</summary>
    public void Forget(in OutboxEntry entry)
    {
        lock (_gate)
        {
            _feed.Ledger.Delete(entry.RowId);
        }
    }

    /// <summary>Whether a stream's queue takes another sample without dropping one, or may drop, as nothing empties it.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="mayDrop">Whether dropping is right where no disk writes: the broker is away.</param>
    public bool MayAdd(int stream, bool mayDrop)
    {
        lock (_gate)
        {
            StreamQueue queue = _queues[stream];
            return (mayDrop && !_diskWrites) || queue.Of(OutboxKind.Sample).HasRoom(queue.PayloadBytes);
        }
    }

    /// <summary>Takes a record that cannot be sent now.</summary>
    public void Add(in OutboxEntry entry, ReadOnlySpan<byte> payload)
    {
        bool isUrgent;
        lock (_gate)
        {
            StreamQueue queue = _queues[entry.Stream];
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
                return _feed.Any(OutboxKind.Sample) || (IsMemoryAlone && _queues.Any(OutboxKind.Sample));
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
            if (!_feed.TryTake(kind, ref buffer, out entry, out isLow))
            {
                return IsMemoryAlone && _queues.TryTake(kind, ref buffer, out entry);
            }
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
            return _feed.TryTakeReleased(ref buffer, out entry);
        }
    }

    /// <summary>The broker is gone: what was released stays on the disk and comes as history.</summary>
    public void ReturnReleased()
    {
        lock (_gate)
        {
            _feed.ReturnReleased(_queues);
        }
    }

    // By the disk thread.

    /// <summary>Copies what is to be written.</summary>
    /// <param name="batch">Empty; receives it.</param>
    /// <param name="inFlightBefore">Where nothing waits in a queue: of what is in flight only what was sent before this
    /// tick.</param>
    public void Collect(OutboxBatch batch, long inFlightBefore)
    {
        lock (_gate)
        {
            _feed.Ledger.Collect(batch);

            // What was sent and not acknowledged is older than what waits: it must get the earlier row.
            if (_inFlight.TryCollect(batch, _queues.Count > 0 ? long.MaxValue : inFlightBefore))
            {
                _queues.TryCollect(batch);
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
            _feed.Ledger.Settle(batch);
            for (long i = batch.Copies.First; i < batch.Copies.Next; i++)
            {
                SettleCopy(batch, i);
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
            _feed.Ledger.Fail(batch);
            _diskWrites = false;
            _feed.HasMore &= canRead;
        }
    }

    /// <summary>Counts samples that were dropped before they came here.</summary>
    public void CountDropped(int stream, long samples)
    {
        lock (_gate)
        {
            _queues.CountDropped(stream, new OutboxTrim(samples, 0));
        }
    }

    /// <summary>The file was opened and has so many rows, none of which is under way.</summary>
    public void SayOpened(long rowsOnDisk)
    {
        lock (_gate)
        {
            _rowsOnDisk = rowsOnDisk;
        }
    }

    /// <summary>Counts what the disk dropped to keep its limits. What is under way by now still gets to the broker from
    /// memory.</summary>
    public void CountDropped(List<DroppedRow> rows)
    {
        lock (_gate)
        {
            foreach (DroppedRow row in rows)
            {
                if (!_feed.Ledger.TryLose(row.Id))
                {
                    _queues.CountDropped(_queues.NumberOf(row.Stream), OutboxTrim.One(row.Kind));
                }
            }
        }
    }

    /// <summary>Hands a row over for publishing, unless it is under way already; false when it cannot be taken now.</summary>
    public bool TryFeed(in OutboxRow row)
    {
        lock (_gate)
        {
            if (!_feed.CanAdd(row.Kind, row.Payload.Length))
            {
                return false;
            }

            OutboxEntry entry = new()
            {
                Stream = _queues.NumberOf(row.Stream),
                Kind = row.Kind,
                Boot = row.Boot,
                Sequence = row.Sequence,
                TimestampUnixMs = row.TimestampUnixMs,
                RowId = row.Id,
            };
            _feed.Add(entry, row.Payload);
            return true;
        }
    }

    /// <summary>Says whether rows are left behind the feed's place.</summary>
    public void SayFed(bool moreOnDisk)
    {
        lock (_gate)
        {
            _feed.SayFed(moreOnDisk);
        }
    }

    /// <summary>True once where the feed is to begin anew.</summary>
    public bool TakeRestart()
    {
        lock (_gate)
        {
            return _feed.TakeRestart();
        }
    }

    // What is on the disk is older, and goes first.
    private bool IsMemoryAlone => !_diskWrites && !_feed.HasMore;

    private void SettleCopy(OutboxBatch batch, long copy)
    {
        ref OutboxEntry entry = ref batch.Copies.At(copy);
        (int queue, long index) = batch.Origins[copy % OutboxBatch.Records];
        if (queue >= 0)
        {
            _queues[queue].Of(entry.Kind).RemoveTo(index + 1);
            if (entry.IsLive)
            {
                _feed.Release(entry, batch.Copies.Payload(copy));
            }
            else
            {
                _feed.HasMore = true;
            }
        }
        else if (_inFlight.TrySettle(index, entry.RowId))
        {
            _feed.Ledger.TryOwn(entry.RowId);
        }
        else
        {
            _feed.Ledger.Delete(entry.RowId);   // acknowledged while it was being written
        }
    }
}
