// One connection to one database file, for one thread.

using System.Runtime.InteropServices;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Outbox.Sqlite;

/// <summary>An open database. All members belong to one thread: the library's own locking is off.</summary>
internal sealed unsafe class SqliteConnection : IDisposable
{
    private const int SIGXFSZ = 25;
    private nint _connection;

    private SqliteConnection(nint connection) => _connection = connection;

    /// <summary>The library's version, such as 3.40.1.</summary>
    public static string Version => Marshal.PtrToStringUTF8(LibSqlite.Version()) ?? "";

    /// <summary>Whether tables may be STRICT, 3.37.</summary>
    public static bool KnowsStrictTables => LibSqlite.VersionNumber() >= 3_037_000;

    /// <summary>The native connection.</summary>
    public nint Handle => _connection;

    /// <summary>Whether a transaction is open; some errors end it, sqlite.org/lang_transaction.html.</summary>
    public bool InTransaction => LibSqlite.IsOutsideTransaction(_connection) == 0;

    /// <summary>Bytes of the page cache, the schema and the statements.</summary>
    public long MemoryBytes => Status(LibSqlite.StatusCacheUsed) + Status(LibSqlite.StatusSchemaUsed)
        + Status(LibSqlite.StatusStatementsUsed);

    /// <summary>Opens a file, or creates it. Damage shows when it is first read.</summary>
    /// <exception cref="DllNotFoundException">The library is missing.</exception>
    /// <exception cref="SqliteException">The file cannot be opened for writing.</exception>
    public static SqliteConnection Open(string path)
    {
        // Beyond a file-size limit a write is to fail like one on a full disk, not to end the process.
        _ = LibC.Signal(SIGXFSZ, 1);   // 1 is SIG_IGN
        nint handle = 0;
        int result = LibSqlite.Open(path, &handle, LibSqlite.OpenReadWrite | LibSqlite.OpenCreate | LibSqlite.OpenNoMutex, 0);
        SqliteConnection connection = new(handle);
        try
        {
            connection.Check(result);
            _ = LibSqlite.SetExtendedCodes(handle, 1);
            connection.RequireWritable();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Runs statements that return nothing of interest.</summary>
    /// <param name="sql">A u8 literal: the byte behind it is 0.</param>
    /// <exception cref="SqliteException">One failed; those before it are done.</exception>
    public void Execute(ReadOnlySpan<byte> sql)
    {
        fixed (byte* text = sql)
        {
            Check(LibSqlite.Execute(_connection, text, 0, 0, 0));
        }
    }

    /// <summary>The first number that a statement returns, 0 without a row.</summary>
    /// <param name="sql">A u8 literal.</param>
    /// <exception cref="SqliteException">It failed.</exception>
    public long ReadNumber(ReadOnlySpan<byte> sql)
    {
        using SqliteStatement statement = new(this, sql);
        return statement.RunNumber();
    }

    /// <summary>The first text that a statement returns, empty without a row.</summary>
    /// <param name="sql">A u8 literal.</param>
    /// <exception cref="SqliteException">It failed.</exception>
    public string ReadText(ReadOnlySpan<byte> sql)
    {
        using SqliteStatement statement = new(this, sql);
        return statement.Step() ? System.Text.Encoding.UTF8.GetString(statement.Bytes(0)) : "";
    }

    /// <summary>Pages written since the last call: in WAL mode each is a frame of the log.</summary>
    public int TakePagesWritten() => Status(LibSqlite.StatusPagesWritten, reset: 1);

    /// <summary>Copies the log into the file; returns the frames the log held.</summary>
    /// <param name="mode">SQLITE_CHECKPOINT_ PASSIVE or TRUNCATE.</param>
    /// <exception cref="SqliteException">It failed; the log stays as it was.</exception>
    public int Checkpoint(int mode)
    {
        int frames = 0;
        int done = 0;
        Check(LibSqlite.Checkpoint(_connection, null, mode, &frames, &done));
        return Math.Max(0, frames);
    }

    /// <summary>Throws unless a call succeeded.</summary>
    public void Check(int result)
    {
        if (result != LibSqlite.Ok)
        {
            throw Failure(result);
        }
    }

    /// <summary>What the last failed call of this connection said.</summary>
    public SqliteException Failure(int result)
    {
        if (_connection == 0)
        {
            return new SqliteException(result, 0, "out of memory");
        }

        int extended = LibSqlite.ExtendedCode(_connection);
        bool belongs = (extended & 0xFF) == (result & 0xFF);
        int errno = (result & 0xFF) is LibSqlite.IoError or LibSqlite.CannotOpen ? Errno() : 0;
        string text = Marshal.PtrToStringUTF8(LibSqlite.ErrorText(_connection)) ?? "";
        return new SqliteException(belongs ? extended : result, errno,
            errno == 0 ? text : $"{text}: {Marshal.GetPInvokeErrorMessage(errno)}");
    }

    /// <summary>Copies the log into the file, and closes. Statements that are still there end with it.</summary>
    public void Dispose()
    {
        // A statement left over would keep the file open, and locked, for as long as the process lives.
        for (nint left = FirstStatement(); left != 0; left = FirstStatement())
        {
            _ = LibSqlite.Finalize(left);
        }

        _ = LibSqlite.Close(_connection);
        _connection = 0;
    }

    // SQLite does not keep the error number of a commit that fails; then it is that of the call itself.
    private int Errno() => LibSqlite.SystemErrno(_connection) is not 0 and int kept ? kept : Marshal.GetLastPInvokeError();

    private nint FirstStatement() => _connection == 0 ? 0 : LibSqlite.NextStatement(_connection, 0);

    private void RequireWritable()
    {
        // A file that may only be read is opened all the same, and would fail at its first row.
        if (LibSqlite.IsReadOnly(_connection, null) == 1)
        {
            throw new SqliteException(LibSqlite.ReadOnly, 0, "the file may not be written");
        }
    }

    private int Status(int what, int reset = 0)
    {
        int current = 0;
        int highest = 0;
        Check(LibSqlite.Status(_connection, what, &current, &highest, reset));
        return current;
    }
}
