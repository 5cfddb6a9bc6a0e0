// One prepared statement: bind, step, read the row, reset; nothing managed is allocated by any of them.

namespace EdgeLstm.Worker.Outbox.Sqlite;

/// <summary>A statement of one connection, used by the connection's thread. Parameters count from 1, columns from 0.</summary>
internal sealed unsafe class SqliteStatement : IDisposable
{
    private readonly SqliteConnection _connection;
    private nint _statement;

    /// <param name="connection">The connection that stays open longer than the statement.</param>
    /// <param name="sql">One statement, a u8 literal (the byte behind it is 0).</param>
    /// <exception cref="SqliteException">The schema cannot be read or does not fit.</exception>
    public SqliteStatement(SqliteConnection connection, ReadOnlySpan<byte> sql)
    {
        _connection = connection;
        nint statement = 0;
        fixed (byte* text = sql)
        {
            connection.Check(LibSqlite.Prepare(connection.Handle, text, sql.Length, &statement, 0));
        }

        _statement = statement;
    }

    public void Bind(int index, long value) => _connection.Check(LibSqlite.Bind(_statement, index, value));

    /// <summary>Binds bytes without copying them: they stay where they are until <see cref="Reset"/>.</summary>
    public void BindBlob(int index, byte* bytes, int length)
    {
        // A null pointer would bind NULL; an empty blob needs an address, whichever.
        byte none = 0;
        _connection.Check(LibSqlite.BindBlob(_statement, index, length == 0 ? &none : bytes, length, 0));
    }

    /// <summary>Binds text without copying it: it stays where it is until <see cref="Reset"/>.</summary>
    public void BindText(int index, byte* utf8, int length)
    {
        byte none = 0;
        _connection.Check(LibSqlite.BindText(_statement, index, length == 0 ? &none : utf8, length, 0));
    }

    /// <summary>Goes to the next row; false behind the last, or when the statement returns none. On an error the statement is
    /// reset.</summary>
    /// <exception cref="SqliteException">The step failed.</exception>
    public bool Step()
    {
        int result = LibSqlite.Step(_statement);
        if (result is LibSqlite.Row or LibSqlite.Done)
        {
            return result == LibSqlite.Row;
        }

        SqliteException failure = _connection.Failure(result);
        Reset();
        throw failure;
    }

    /// <summary>Steps a statement that returns no rows, and resets it.</summary>
    /// <exception cref="SqliteException">The step failed.</exception>
    public void Run()
    {
        while (Step())
        {
        }

        Reset();
    }

    /// <summary>The number of one column of the first row, 0 without a row; then resets.</summary>
    /// <exception cref="SqliteException">The step failed.</exception>
    public long RunNumber()
    {
        long value = Step() ? Number(0) : 0;
        Reset();
        return value;
    }

    public long Number(int column) => LibSqlite.Number(_statement, column);

    /// <summary>A blob's or text's bytes, in SQLite's memory: valid until the next step or reset.</summary>
    public ReadOnlySpan<byte> Bytes(int column)
    {
        byte* bytes = LibSqlite.Bytes(_statement, column);
        return new ReadOnlySpan<byte>(bytes, bytes == null ? 0 : LibSqlite.ByteCount(_statement, column));
    }

    /// <summary>Ends the walk over rows; parameters stay bound. Tells no error again that the step told.</summary>
    public void Reset() => _ = LibSqlite.Reset(_statement);

    public void Dispose()
    {
        if (_connection.Handle != 0)
        {
            _ = LibSqlite.Finalize(_statement);
        }

        _statement = 0;
    }
}
