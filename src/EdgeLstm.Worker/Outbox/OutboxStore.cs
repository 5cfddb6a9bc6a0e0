// The outbox on disk: rows wait in one SQLite file until the broker has acknowledged them.
//
//     Begin → Append, Delete, Trim → Commit        Read: rows in the order of their ids

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
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
    /// <summary>Free pages, 1 MB, from which on a file that is mostly free gives pages back.</summary>
    private const int SparePages = 256;

    /// <summary>Rows dropped for their age in one transaction; the others in the next.</summary>
    private const int OldRows = 10_000;

    private readonly OutboxFile _file;
    private readonly OutboxTable _table;
    private readonly OutboxLimits _limits;
    private readonly TimeProvider _wall;
    private readonly LogFile _log;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _pageCount;
    private readonly SqliteStatement _freePages;
    private readonly Dictionary<string, long> _dropped = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _droppedNow = new(StringComparer.Ordinal);
    private readonly long _openedAt;
    private readonly long _firstOwnId;
    private OutboxTally _committed;
    private OutboxTally _tally;
    private long _samplesBehind;   // no sample has an id at or below this one
    private long _oldestUnixMs;
    private long _writtenBytes;
    private int _logFrames;
    private int _longestLogFrames;   // the length of its file: it is written from the start again after a checkpoint
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
        _log = new LogFile(OutboxFile.LogOf(file.Path));
        _begin = new(file.Connection, "BEGIN IMMEDIATE"u8);
        _commit = new(file.Connection, "COMMIT"u8);
        _pageCount = new(file.Connection, "PRAGMA page_count"u8);
        _freePages = new(file.Connection, "PRAGMA freelist_count"u8);
        BoundLog();
        FindOldest();
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>What became of the file if it was found damaged when it was opened; otherwise null.</summary>
    public OutboxSalvage? Salvage { get; }

    /// <summary>Rows committed.</summary>
    public long Rows => _committed.Rows;

    /// <summary>Events among them.</summary>
    public long Events => _committed.Events;

    /// <summary>Time of the oldest row, in milliseconds since 1970 UTC; 0 without rows.</summary>
    public long OldestTimestampUnixMs => _oldestUnixMs;

    /// <summary>Bytes of the file and its log on disk.</summary>
    public long Bytes => SizeOf(_file.Path) + SizeOf(OutboxFile.LogOf(_file.Path));

    /// <summary>Bytes written to the disk since the file was opened.</summary>
    /// <remarks>
    /// Pages that SQLite wrote to the log (SQLITE_DBSTATUS_CACHE_WRITE) at 4120 bytes a frame, plus the distinct pages of the log
    /// at each checkpoint, 4096 bytes each. What the file system writes besides, its journal and its inodes, is not in it.
    /// </remarks>
    public long WrittenBytes => _writtenBytes;

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
        Debug.Assert(!_inTransaction, "A transaction is open.");
        try
        {
            RequireBoundedLog();
            _begin.Run();
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
    /// Age is judged from the oldest row on, and ends at the first that is young enough. Rows of this process are too old only
    /// once it has run that long: a clock that was wrong at start and is set later drops nothing.
    /// </remarks>
    /// <returns>What is dropped, provided that the transaction is committed.</returns>
    public OutboxTrim Trim()
    {
        RequireTransaction();
        try
        {
            OutboxTally before = _tally;
            DropOld();
            DropBeyondSize();
            return new OutboxTrim(before.Samples - _tally.Samples, before.Events - _tally.Events);
        }
        catch (SqliteException failure)
        {
            throw Abandon(failure);
        }
    }

    /// <summary>Rows of a stream that <see cref="Trim"/> dropped since the file was opened.</summary>
    public long DroppedOf(string stream) => _dropped.GetValueOrDefault(stream);

    /// <summary>Makes the transaction last. When it returns, its rows are on the disk.</summary>
    public void Commit()
    {
        RequireTransaction();
        try
        {
            GiveBack();
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
        foreach ((string stream, long rows) in _droppedNow)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_dropped, stream, out _) += rows;
        }

        _droppedNow.Clear();
        Settle();
    }

    /// <summary>Undoes all since <see cref="Begin"/>.</summary>
    public void Rollback()
    {
        _inTransaction = false;
        _tally = _committed;
        _samplesBehind = 0;
        _droppedNow.Clear();
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
        _log.Dispose();
        _begin.Dispose();
        _commit.Dispose();
        _pageCount.Dispose();
        _freePages.Dispose();
        _file.Dispose();
    }

    // What an earlier process left in the log goes into the file; where the disk has no room for it, later.
    private void BoundLog()
    {
        _file.Connection.Execute(Encoding.ASCII.GetBytes(
            $"PRAGMA journal_size_limit={_limits.LogFrames * OutboxFile.FrameBytes}\0"));
        try
        {
            CountWritten();
            Checkpoint(LibSqlite.CheckpointTruncate);
        }
        catch (SqliteException)
        {
            _logFrames = _limits.LogFrames;
        }
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

    private void DropOld()
    {
        long oldestAllowed = _wall.GetUtcNow().ToUnixTimeMilliseconds() - (long)_limits.MaxAge.TotalMilliseconds;
        bool isOwnOld = _wall.GetElapsedTime(_openedAt) > _limits.MaxAge;
        for (int i = 0; i < OldRows; i++)
        {
            if (!_table.TryFindOldest(out long id, out string stream, out OutboxKind kind, out long timestamp)
                || timestamp >= oldestAllowed || (id >= _firstOwnId && !isOwnOld))
            {
                return;
            }

            Drop(id, stream, kind);
        }
    }

    private void DropBeyondSize()
    {
        while (_tally.Rows > 0 && UsedPages() > _limits.RowPages)
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
        CollectionsMarshal.GetValueRefOrAddDefault(_droppedNow, stream, out _)++;
    }

    private long UsedPages() => _pageCount.RunNumber() - _freePages.RunNumber();

    // A file that is mostly free gives back 1 MB with each transaction, so that a page is moved at most once for one given back;
    // an empty one gives back everything.
    private void GiveBack()
    {
        long free = _freePages.RunNumber();
        long pages = _pageCount.RunNumber();
        bool isMostlyFree = free >= pages - free;
        bool isBeyondLimit = pages > _limits.FilePages;   // which was higher when the file grew
        if (isBeyondLimit || (isMostlyFree && free >= SparePages))
        {
            _file.Connection.Execute(_tally.Rows == 0 ? "PRAGMA incremental_vacuum"u8 : "PRAGMA incremental_vacuum(256)"u8);
        }
    }

    // The transaction is committed by now: what fails here is tried again after the next one, and nothing of it is lost.
    private void Settle()
    {
        try
        {
            FindOldest();
            CountWritten();
            bool isDrained = _tally.Rows == 0 && _longestLogFrames >= SparePages;
            if (isDrained || _logFrames >= _limits.LogFrames)
            {
                Checkpoint(isDrained ? LibSqlite.CheckpointTruncate : LibSqlite.CheckpointPassive);
            }
        }
        catch (SqliteException)
        {
            // RequireBoundedLog tells, should it go on.
        }
    }

    private void Checkpoint(int mode)
    {
        int pages = _log.CountPages(_logFrames);
        _file.Connection.Checkpoint(mode);
        _writtenBytes += pages * (long)OutboxFile.PageBytes;
        _logFrames = 0;
        _longestLogFrames = mode == LibSqlite.CheckpointTruncate ? 0 : _longestLogFrames;
    }

    // A log that cannot be copied into the file grows with each transaction: beyond four times its size that is the fault.
    private void RequireBoundedLog()
    {
        if (_logFrames >= 4 * _limits.LogFrames)
        {
            Checkpoint(LibSqlite.CheckpointPassive);
        }
    }

    private void FindOldest() => _ = _table.TryFindOldest(out _, out _, out _, out _oldestUnixMs);

    private void CountWritten()
    {
        int pages = _file.Connection.TakePagesWritten();
        _logFrames += pages;
        _longestLogFrames = Math.Max(_longestLogFrames, _logFrames);
        _writtenBytes += pages * (long)OutboxFile.FrameBytes;
    }

    private static long SizeOf(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? file.Length : 0;
    }
}
