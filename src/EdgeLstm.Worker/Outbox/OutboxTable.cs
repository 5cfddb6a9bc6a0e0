// The statements on the table of rows and on the tally.

using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Outbox;

/// <summary>Rows in and out of one open file. Errors are <see cref="SqliteException"/>; none of the members allocates per
/// row.</summary>
internal sealed unsafe class OutboxTable : IDisposable
{
    private readonly StreamNames _names = new();
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _delete;
    private readonly SqliteStatement _kindOf;
    private SqliteStatement _rows;       // the walk that is under way
    private readonly SqliteStatement[] _rowsOfKind;
    private readonly SqliteStatement _allRows;
    private readonly SqliteStatement _oldest;
    private readonly SqliteStatement _oldestOfKind;
    private readonly SqliteStatement _oldestTimed;
    private readonly SqliteStatement _writeTally;
    private readonly SqliteStatement _readTally;

    /// <param name="connection">Open, with the schema in place.</param>
    /// <exception cref="SqliteException">The schema cannot be read or does not fit.</exception>
    public OutboxTable(SqliteConnection connection)
    {
        _insert = new(connection,
            "INSERT INTO outbox(id, stream, kind, boot, seq, ts, crc, payload) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"u8);
        _delete = new(connection, "DELETE FROM outbox WHERE id = ?1"u8);
        _kindOf = new(connection, "SELECT kind FROM outbox WHERE id = ?1"u8);
        _rowsOfKind =
        [
            new(connection,
                "SELECT id, stream, kind, boot, seq, ts, crc, payload FROM outbox WHERE id > ?1 AND kind = 0 ORDER BY id"u8),
            new(connection,
                "SELECT id, stream, kind, boot, seq, ts, crc, payload FROM outbox WHERE id > ?1 AND kind = 1 ORDER BY id"u8),
        ];
        _allRows = new(connection,
            "SELECT id, stream, kind, boot, seq, ts, crc, payload FROM outbox WHERE id > ?1 ORDER BY id"u8);
        _rows = _allRows;
        _oldest = new(connection, "SELECT id, stream, kind, ts FROM outbox ORDER BY id LIMIT 1"u8);
        _oldestOfKind = new(connection,
            "SELECT id, stream FROM outbox WHERE id > ?1 AND kind = ?2 ORDER BY id LIMIT 1"u8);
        _oldestTimed = new(connection, "SELECT id, ts FROM outbox WHERE id > ?1 AND ts <> 0 ORDER BY id LIMIT 1"u8);
        _writeTally = new(connection, "INSERT OR REPLACE INTO tally(id, record) VALUES(1, ?1)"u8);
        _readTally = new(connection, "SELECT record FROM tally WHERE id = 1"u8);
    }

    /// <summary>Adds a row.</summary>
    public void Insert(long id, in OutboxRow row)
    {
        byte[] stream = _names.Encode(row.Stream);
        fixed (byte* streamBytes = stream, payload = row.Payload)
        {
            _insert.Bind(1, id);
            _insert.BindText(2, streamBytes, stream.Length);
            _insert.Bind(3, (long)row.Kind);
            _insert.Bind(4, row.Boot);
            _insert.Bind(5, row.Sequence);
            _insert.Bind(6, row.TimestampUnixMs);
            _insert.Bind(7, row.Checksum(id, stream));
            _insert.BindBlob(8, payload, row.Payload.Length);
            _insert.Run();
        }
    }

    /// <summary>Finds what a row is; false when there is no such row.</summary>
    public bool TryFind(long id, out OutboxKind kind)
    {
        _kindOf.Bind(1, id);
        bool isThere = _kindOf.Step();
        kind = isThere ? (OutboxKind)_kindOf.Number(0) : default;
        _kindOf.Reset();
        return isThere;
    }

    /// <summary>Removes a row that is there.</summary>
    public void Delete(long id)
    {
        _delete.Bind(1, id);
        _delete.Run();
    }

    /// <summary>Begins a walk over the rows behind an id, oldest first; only one at a time.</summary>
    /// <param name="afterId">The last id that is not wanted.</param>
    /// <param name="kind">Rows of this kind; null for all.</param>
    public void BeginRead(long afterId, OutboxKind? kind = null)
    {
        _rows.Reset();
        _rows = kind is { } one ? _rowsOfKind[(int)one] : _allRows;
        _rows.Bind(1, afterId);
    }

    /// <summary>The next row of the walk; false behind the last.</summary>
    /// <exception cref="SqliteException">The row is damaged; the walk is over.</exception>
    public bool TryRead(out OutboxRow row)
    {
        row = default;
        if (!_rows.Step())
        {
            return false;
        }

        long id = _rows.Number(0);
        OutboxRow unnamed = RowOf("", id);
        if (unnamed.Checksum(id, _rows.Bytes(1)) != (ulong)_rows.Number(6) || unnamed.Kind > OutboxKind.Event)
        {
            _rows.Reset();
            throw new SqliteException(LibSqlite.Corrupt, 0, $"row {id} does not fit its checksum");
        }

        // Only now, so that no damaged name is remembered.
        row = RowOf(_names.Decode(_rows.Bytes(1)), id);
        return true;
    }

    /// <summary>Ends the walk.</summary>
    public void EndRead() => _rows.Reset();

    /// <summary>The oldest row without its payload; false when the table is empty.</summary>
    public bool TryFindOldest(out long id, out string stream, out OutboxKind kind, out long timestampUnixMs)
    {
        bool isThere = _oldest.Step();
        id = isThere ? _oldest.Number(0) : 0;
        stream = isThere ? _names.Decode(_oldest.Bytes(1)) : "";
        kind = isThere ? (OutboxKind)_oldest.Number(2) : default;
        timestampUnixMs = isThere ? _oldest.Number(3) : 0;
        _oldest.Reset();
        return isThere;
    }

    /// <summary>The oldest row behind an id whose time is known; false when there is none.</summary>
    public bool TryFindOldestTimed(long afterId, out long id, out long timestampUnixMs)
    {
        _oldestTimed.Bind(1, afterId);
        bool isThere = _oldestTimed.Step();
        id = isThere ? _oldestTimed.Number(0) : 0;
        timestampUnixMs = isThere ? _oldestTimed.Number(1) : OutboxRow.NoTime;
        _oldestTimed.Reset();
        return isThere;
    }

    /// <summary>The oldest row of a kind behind an id; false when there is none.</summary>
    public bool TryFindOldest(OutboxKind kind, long afterId, out long id, out string stream)
    {
        _oldestOfKind.Bind(1, afterId);
        _oldestOfKind.Bind(2, (long)kind);
        bool isThere = _oldestOfKind.Step();
        id = isThere ? _oldestOfKind.Number(0) : 0;
        stream = isThere ? _names.Decode(_oldestOfKind.Bytes(1)) : "";
        _oldestOfKind.Reset();
        return isThere;
    }

    /// <summary>Writes the tally.</summary>
    public void Write(OutboxTally tally)
    {
        byte* blob = stackalloc byte[OutboxTally.ByteCount];
        tally.Write(new Span<byte>(blob, OutboxTally.ByteCount));
        _writeTally.BindBlob(1, blob, OutboxTally.ByteCount);
        _writeTally.Run();
    }

    /// <summary>Reads the tally; false when it is missing or damaged.</summary>
    public bool TryRead(out OutboxTally tally)
    {
        tally = default;
        bool isWhole = _readTally.Step() && OutboxTally.TryRead(_readTally.Bytes(0), out tally);
        _readTally.Reset();
        return isWhole;
    }

    private OutboxRow RowOf(string stream, long id)
    {
        OutboxKind kind = (OutboxKind)_rows.Number(2);
        return new OutboxRow(stream, kind, (uint)_rows.Number(3), _rows.Number(4), _rows.Number(5), _rows.Bytes(7)) { Id = id };
    }

    public void Dispose()
    {
        _insert.Dispose();
        _delete.Dispose();
        _kindOf.Dispose();
        _allRows.Dispose();
        foreach (SqliteStatement rows in _rowsOfKind)
        {
            rows.Dispose();
        }

        _oldest.Dispose();
        _oldestOfKind.Dispose();
        _oldestTimed.Dispose();
        _writeTally.Dispose();
        _readTally.Dispose();
    }
}
