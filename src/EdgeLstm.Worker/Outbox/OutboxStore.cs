// The outbox on disk: rows wait in one SQLite file until the broker has acknowledged them.
//
//     Begin → Append, Delete, Trim → Commit        Read: rows in the order of their ids

using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Outbox;

/// <summary>One file, used by one thread. Rows, their payloads and walks over them allocate nothing.</summary>
/// <remarks>
/// What is committed survives kill -9 and power loss. When a call throws <see cref="OutboxException"/>, the open transaction has
/// been rolled back as a whole and the store can be used on, but for <see cref="OutboxFault.Damaged"/>: then dispose it and open
/// the file again.
/// </remarks>
internal sealed class OutboxStore : IDisposable
{
    /// <summary>Rows dropped for their age in one transaction; the others in the next.</summary>
    private const int OldRows = 2000;

    private readonly OutboxFile _file;
    private readonly OutboxTable _table;
    private readonly OutboxLimits _limits;
    private readonly TimeProvider _wall;
    private readonly OutboxSpace _space;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly List<DroppedRow> _dropped = [];
    private readonly long _openedAt;
    private readonly long _firstOwnId;
    private OutboxTally _committed;
    private OutboxTally _tally;
    private long _samplesBehind;   // no sample has an id at or below this one
    private long _timedBehind;     // no row whose time is known has one at or below this
    private long _oldestUnixMs;
    private bool _inTransaction;

    private OutboxStore(OutboxFile file, OutboxTally tally, OutboxSalvage? salvage, OutboxLimits limits, TimeProvider wall)
    {
        _file = file;
        _table = file.Table;
        _limits = limits;
        _wall = wall;
        _openedAt = wall.GetTimestamp();
        _firstOwnId = tally.NextId;
        _tally = tally;
        _committed = tally;
        Salvage = salvage;
        _space = new OutboxSpace(file, limits);
        _begin = new(file.Connection, "BEGIN IMMEDIATE"u8);
        _commit = new(file.Connection, "COMMIT"u8);
        _ = _table.TryFindOldest(out _, out _, out _, out _oldestUnixMs);
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>What became of the file if it was found damaged when it was opened; otherwise null.</summary>
    public OutboxSalvage? Salvage { get; }

    /// <summary>Rows committed.</summary>
    public long Rows => _committed.Rows;

    /// <summary>Events among them.</summary>
    public long Events => _committed.Events;

    /// <summary>The highest id ever given; 0 for none.</summary>
    public long LastId => _committed.NextId - 1;

    /// <summary>Time of the oldest row, in milliseconds since 1970 UTC; 0 without rows.</summary>
    public long OldestTimestampUnixMs => _oldestUnixMs;

    /// <summary>Bytes of the file and its log on disk.</summary>
    public long Bytes => _space.Bytes;

    /// <summary>Bytes written to the disk since the file was opened.</summary>
    /// <remarks>
    /// Pages that SQLite wrote to the log (SQLITE_DBSTATUS_CACHE_WRITE) at 4120 bytes a frame, plus the distinct pages of the log
    /// at each checkpoint, 4096 bytes each. What the file system writes besides, its journal and its inodes, is not in it.
    /// </remarks>
    public long WrittenBytes => _space.WrittenBytes;

    /// <summary>Memory of the connection: page cache, schema, statements.</summary>
    public long MemoryBytes => _file.Connection.MemoryBytes;

    /// <summary>For tests: the connection, to set limits of SQLite's own.</summary>
    internal SqliteConnection Connection => _file.Connection;

    /// <summary>Opens the outbox, creates it where it is missing, and rebuilds it where it is damaged.</summary>
    /// <remarks>Reads the whole file twice: seconds for one that is full, so not on a thread that others wait for.</remarks>
    /// <param name="path">The file; its folder is created.</param>
    /// <param name="limits">What to keep at most.</param>
    /// <param name="wall">The clock that ages are measured against.</param>
    /// <exception cref="OutboxException">The file cannot be used right now; never because it is damaged.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is below its least.</exception>
    public static OutboxStore Open(string path, OutboxLimits limits, TimeProvider wall)
    {
        limits.Require();
        string full = System.IO.Path.GetFullPath(path);
        OutboxFile file = OutboxRecovery.Open(full, wall, out OutboxTally tally, out OutboxSalvage? salvage);
        try
        {
            return new OutboxStore(file, tally, salvage, limits, wall);
        }
        catch (SqliteException failure)
        {
            file.Dispose();
            throw OutboxException.From(full, failure);
        }
    }

    /// <summary>Begins a transaction.</summary>
    public void Begin()
    {
        if (_inTransaction)
        {
            throw new InvalidOperationException("a transaction is open; commit it or roll it back first");
        }

        try
        {
            _space.RequireBoundedLog();
            _begin.Run();
            _dropped.Clear();
            _inTransaction = true;
        }
        catch (SqliteException failure)
        {
            throw Abandon(failure);
        }
    }

    /// <summary>Adds a row behind all others and returns its id.</summary>
    public long Append(in OutboxRow row)
    {
        RequireTransaction();
        try
        {
            long id = _tally.NextId;
            _table.Insert(id, row);
            _tally = _tally.Plus(row.Kind, 1) with { NextId = id + 1 };
            return id;
        }
        catch (SqliteException failure)
        {
            throw Abandon(failure);
        }
    }

    /// <summary>Removes a row that the broker has acknowledged; false when it is not there any more.</summary>
    public bool Delete(long id)
    {
        RequireTransaction();
        try
        {
            if (!_table.TryFind(id, out OutboxKind kind))
            {
                return false;
            }

            _table.Delete(id);
            _tally = _tally.Plus(kind, -1);
            return true;
        }
        catch (SqliteException failure)
        {
            throw Abandon(failure);
        }
    }

    /// <summary>Drops what is too old and, while the rows use more than their share of the limit, the oldest samples, then the
    /// oldest events.</summary>
    /// <remarks>
    /// Age is judged from the oldest row on whose time is known, and ends at the first that is young enough. Rows of this process
    /// are too old only once it has run that long: a clock that was wrong at start and is set later drops nothing.
    /// </remarks>
    /// <param name="isTimeKnown">False while the clock may be wrong: nothing goes for its age then.</param>
    /// <returns>What is dropped, provided that the transaction is committed.</returns>
    public OutboxTrim Trim(bool isTimeKnown = true)
    {
        RequireTransaction();
        try
        {
            OutboxTally before = _tally;
            if (isTimeKnown)
            {
                DropOld();
            }

            DropBeyondSize();
            return new OutboxTrim(before.Samples - _tally.Samples, before.Events - _tally.Events);
        }
        catch (SqliteException failure)
        {
            throw Abandon(failure);
        }
    }

    /// <summary>What <see cref="Trim"/> dropped in this transaction, or in the last one once it is committed.</summary>
    public List<DroppedRow> Dropped => _dropped;

    /// <summary>Makes the transaction last. When it returns, its rows are on the disk.</summary>
    public void Commit()
    {
        RequireTransaction();
        try
        {
            _space.GiveBack(_tally.Rows == 0);
            if (_tally != _committed)
            {
                _tally = _tally with { Revision = _tally.Revision + 1 };
                _table.Write(_tally);
            }

            _commit.Run();
        }
        catch (SqliteException failure)
        {
            throw Abandon(failure);
        }

        _inTransaction = false;
        _committed = _tally;
        Settle();
    }

    /// <summary>Undoes all since <see cref="Begin"/>.</summary>
    public void Rollback()
    {
        _inTransaction = false;
        _tally = _committed;
        _samplesBehind = 0;
        _timedBehind = 0;
        _dropped.Clear();
        try
        {
            if (_file.Connection.InTransaction)
            {
                _file.Connection.Execute("ROLLBACK"u8);
            }
        }
        catch (SqliteException failure)
        {
            throw OutboxException.From(Path, failure);
        }
    }

    /// <summary>The rows behind an id, oldest first; those of the open transaction too. Stop where you have enough, and before
    /// anything is written.</summary>
    /// <param name="afterId">The last id that is not wanted, 0 for none.</param>
    /// <param name="kind">Rows of this kind only; null for all.</param>
    /// <remarks>A row that cannot be read throws <see cref="OutboxFault.Damaged"/> where it stands.</remarks>
    public OutboxRows Read(long afterId, OutboxKind? kind = null)
    {
        try
        {
            _table.BeginRead(afterId, kind);
            return new OutboxRows(_table, Path);
        }
        catch (SqliteException failure)
        {
            throw OutboxException.From(Path, failure);
        }
    }

    /// <summary>Copies the log into the file and closes it. What is not committed is gone.</summary>
    public void Dispose()
    {
        _space.Dispose();
        _begin.Dispose();
        _commit.Dispose();
        _file.Dispose();
    }

    private void RequireTransaction()
    {
        if (!_inTransaction)
        {
            throw new InvalidOperationException("no transaction is open; a failed call has ended it, or Begin is missing");
        }
    }

    private OutboxException Abandon(SqliteException failure)
    {
        try
        {
            Rollback();
        }
        catch (OutboxException)
        {
            // The failure that led here says more.
        }

        return OutboxException.From(Path, failure);
    }

    // What lies before a row that is too old is older still, whether its time is known or not.
    private void DropOld()
    {
        long oldestAllowed = _wall.GetUtcNow().ToUnixTimeMilliseconds() - (long)_limits.MaxAge.TotalMilliseconds;
        bool isOwnOld = _wall.GetElapsedTime(_openedAt) > _limits.MaxAge;
        for (int dropped = 0; dropped < OldRows;)
        {
            if (!_table.TryFindOldestTimed(_timedBehind, out long old, out long timestamp))
            {
                _timedBehind = _tally.NextId - 1;
                return;
            }

            _timedBehind = old - 1;
            if (timestamp >= oldestAllowed || (old >= _firstOwnId && !isOwnOld))
            {
                return;
            }

            for (; dropped < OldRows && _table.TryFindOldest(out long id, out string stream, out OutboxKind kind, out _)
                && id <= old; dropped++)
            {
                Drop(id, stream, kind);
            }
        }
    }

    private void DropBeyondSize()
    {
        while (_tally.Rows > 0 && _space.IsFull)
        {
            if (_tally.Samples > 0 && _table.TryFindOldest(OutboxKind.Sample, _samplesBehind, out long id, out string stream))
            {
                Drop(id, stream, OutboxKind.Sample);
                _samplesBehind = id;
            }
            else if (_table.TryFindOldest(OutboxKind.Event, 0, out id, out stream))
            {
                Drop(id, stream, OutboxKind.Event);
            }
            else
            {
                throw new SqliteException(LibSqlite.Corrupt, 0, $"no row is found where the tally says {_tally.Rows}");
            }
        }
    }

    private void Drop(long id, string stream, OutboxKind kind)
    {
        _table.Delete(id);
        _tally = _tally.Plus(kind, -1);
        _dropped.Add(new DroppedRow(id, stream, kind));
    }

    // The transaction is committed by now: what fails here is tried again after the next one, and nothing of it is lost.
    private void Settle()
    {
        try
        {
            _ = _table.TryFindOldest(out _, out _, out _, out _oldestUnixMs);
            _space.Settle(_tally.Rows == 0);
        }
        catch (SqliteException)
        {
            // RequireBoundedLog tells, should it go on.
        }
    }
}
