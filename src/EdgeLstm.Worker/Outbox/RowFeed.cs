// Rows on their way from the disk to the broker.
//
//     disk ──→ feed ──→ history, event            committed live records ──→ released ──→ state

namespace EdgeLstm.Worker.Outbox;

/// <summary>At most <see cref="Rows"/> rows and 256 KiB of each kind, and as many released ones. Not thread-safe.</summary>
internal sealed class RowFeed
{
    /// <summary>Rows of a kind between disk and broker at most.</summary>
    public const int Rows = 512;

    private const int Bytes = 256 << 10;

    private readonly EntryRing[] _feeds = [new(Rows, Bytes), new(Rows, Bytes)];   // by kind
    private readonly EntryRing _released = new(Rows, Bytes);
    private bool _isRestarted;

    /// <summary>Which rows are under way.</summary>
    public RowLedger Ledger { get; } = new();

    /// <summary>Whether the disk has rows that were not fed.</summary>
    public bool HasMore { get; set; }

    /// <summary>Live records that wait for the client.</summary>
    public int Released => _released.Count;

    /// <summary>Whether a row of a kind is ready.</summary>
    public bool Any(OutboxKind kind) => _feeds[(int)kind].Count > 0;

    /// <summary>Whether another row can be taken in. Not while older ones are to be read again: they come first.</summary>
    public bool CanAdd(OutboxKind kind, int length) =>
        !_isRestarted && Ledger.Deletes < RowLedger.DeleteLimit && _feeds[(int)kind].HasRoom(length);

    /// <summary>Takes a row in, unless it is under way already.</summary>
    public void Add(in OutboxEntry entry, ReadOnlySpan<byte> payload)
    {
        if (Ledger.TryOwn(entry.RowId))
        {
            _feeds[(int)entry.Kind].TryAdd(entry, payload);
        }
    }

    /// <summary>Takes the next row out; false when there is none.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="buffer">Receives its payload.</param>
    /// <param name="entry">What it is.</param>
    /// <param name="isLow">True where the disk should feed again.</param>
    public bool TryTake(OutboxKind kind, ref byte[] buffer, out OutboxEntry entry, out bool isLow)
    {
        EntryRing feed = _feeds[(int)kind];
        bool any = feed.TryTake(ref buffer, out entry);
        isLow = HasMore && feed.Count == Rows / 4;
        return any;
    }

    /// <summary>A live record is on the disk and may be published; where there is no room for it, it comes as history.</summary>
    public void Release(in OutboxEntry entry, ReadOnlySpan<byte> payload)
    {
        if (_released.TryAdd(entry, payload))
        {
            Ledger.TryOwn(entry.RowId);
        }
        else
        {
            HasMore = true;
        }
    }

    /// <summary>Takes the next released record.</summary>
    public bool TryTakeReleased(ref byte[] buffer, out OutboxEntry entry) => _released.TryTake(ref buffer, out entry);

    /// <summary>What was released and not published is read from the disk again, and comes as history.</summary>
    /// <param name="queues">Counts those that the disk has dropped meanwhile.</param>
    public void ReturnReleased(StreamQueues queues)
    {
        for (long i = _released.First; i < _released.Next; i++)
        {
            ref OutboxEntry entry = ref _released.At(i);
            if (Ledger.TryReturn(entry.RowId))
            {
                (HasMore, _isRestarted) = (true, true);
            }
            else
            {
                queues.CountDropped(entry.Stream, OutboxTrim.One(entry.Kind));
            }
        }

        _released.RemoveTo(_released.Next);
    }

    /// <summary>True once where the disk is to be read from its first row again.</summary>
    public bool TakeRestart()
    {
        bool isRestarted = _isRestarted;
        _isRestarted = false;
        return isRestarted;
    }

    /// <summary>Says whether rows are left behind the place where the reader stopped.</summary>
    public void SayFed(bool more) => HasMore = more || _isRestarted;
}
