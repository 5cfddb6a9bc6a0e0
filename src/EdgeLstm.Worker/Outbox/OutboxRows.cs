// A walk over rows in the order of their ids, for foreach.

using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Outbox;

/// <summary>Rows behind one id, oldest first. Leaving the loop ends the walk; nothing is allocated.</summary>
/// <param name="table">The table; it walks one way at a time.</param>
/// <param name="path">The file, for messages.</param>
internal ref struct OutboxRows(OutboxTable table, string path)
{
    private OutboxRow _current;

    /// <summary>Valid until the next step.</summary>
    public readonly OutboxRow Current => _current;

    public readonly OutboxRows GetEnumerator() => this;

    /// <summary>Goes to the next row; false behind the last.</summary>
    /// <exception cref="OutboxException">The next row cannot be read.</exception>
    public bool MoveNext()
    {
        try
        {
            return table.TryRead(out _current);
        }
        catch (SqliteException failure)
        {
            throw OutboxException.From(path, failure);
        }
    }

    public readonly void Dispose() => table.EndRead();
}
