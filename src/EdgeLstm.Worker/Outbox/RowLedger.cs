// Which rows of the disk are under way in this process, and which can go.

namespace EdgeLstm.Worker.Outbox;

/// <summary>A row that is in a feed, released, in flight or about to be deleted is owned: it is not read a second time. Not
/// thread-safe.</summary>
internal sealed class RowLedger
{
    /// <summary>Rows that wait for their deletion, beyond which nothing more is read.</summary>
    public const int DeleteLimit = 8192;

    private readonly HashSet<long> _owned = new(DeleteLimit);
    private readonly HashSet<long> _lost = [];   // of those owned
    private readonly List<long> _deletes = new(DeleteLimit);

    /// <summary>Rows that wait for their deletion.</summary>
    public int Deletes => _deletes.Count;

    /// <summary>Owns a row; false when it is owned already.</summary>
    public bool TryOwn(long id) => _owned.Add(id);

    /// <summary>Lets go of a row: it will be read again. False when the disk has dropped it meanwhile.</summary>
    public bool TryReturn(long id)
    {
        _owned.Remove(id);
        return !_lost.Remove(id);
    }

    /// <summary>The disk has dropped a row. True when it is owned: then memory alone has it.</summary>
    public bool TryLose(long id) => _owned.Contains(id) && _lost.Add(id);

    /// <summary>A row has done its work; nothing for an id of 0 or less.</summary>
    public void Delete(long id)
    {
        if (id > 0)
        {
            _owned.Add(id);
            _lost.Remove(id);
            _deletes.Add(id);
        }
    }

    /// <summary>Moves the oldest rows to be deleted into a batch.</summary>
    public void Collect(OutboxBatch batch)
    {
        int count = Math.Min(_deletes.Count, OutboxBatch.Records);
        for (int i = 0; i < count; i++)
        {
            batch.Deletes.Add(_deletes[i]);
        }

        _deletes.RemoveRange(0, count);
    }

    /// <summary>They are deleted.</summary>
    public void Settle(OutboxBatch batch)
    {
        foreach (long id in batch.Deletes)
        {
            _owned.Remove(id);
            _lost.Remove(id);
        }
    }

    /// <summary>They could not be deleted; the next batch tries again.</summary>
    public void Fail(OutboxBatch batch) => _deletes.AddRange(batch.Deletes);
}
