// The database file of the outbox: its settings, its schema, and whether all of it is whole.
//
//     outbox(id, stream, kind, boot, seq, ts, crc, payload)      tally(id = 1, record)

using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Outbox;

/// <summary>An open file with its statements. Errors are <see cref="SqliteException"/>.</summary>
/// <remarks>
/// <para>Each row carries its stream's name and a checksum: it is whole by itself, and a lost page loses its own rows only. Ids
/// are given by us and counted in the tally, which spares the page that AUTOINCREMENT would write with each transaction.</para>
/// <para>synchronous: in WAL mode NORMAL syncs only at checkpoints, so a power cut may take transactions back that were
/// committed; FULL syncs the log at each commit: what is committed stays. The outbox promises FULL; both survive kill -9.</para>
/// <para>locking_mode=EXCLUSIVE: one process has the file, and the log's index lies in its own memory instead of a mapped -shm
/// file. cache_size bounds the page cache; larger transactions spill into the log. secure_delete, which Debian switches on,
/// would write each deleted row again as zeros. auto_vacuum=INCREMENTAL: a drained outbox gives its disk space back in steps,
/// without the copy of everything that VACUUM makes.</para>
/// </remarks>
internal sealed class OutboxFile : IDisposable
{
    /// <summary>Bytes of a page.</summary>
    public const int PageBytes = 4096;

    /// <summary>Bytes of a page in the log.</summary>
    public const int FrameBytes = PageBytes + 24;

    private const int ApplicationId = 0x454C5354;   // "ELST"
    private const int SchemaVersion = 1;

    private OutboxFile(string path, SqliteConnection connection)
    {
        Path = path;
        Connection = connection;
        Table = new OutboxTable(connection);
    }

    public string Path { get; }

    public SqliteConnection Connection { get; }

    public OutboxTable Table { get; }

    /// <summary>The log beside a database.</summary>
    public static string LogOf(string path) => path + "-wal";

    /// <summary>Opens a file with the outbox's schema, or creates it when it is missing or empty.</summary>
    /// <exception cref="SqliteException">It cannot be opened, or is no outbox that can be read.</exception>
    /// <exception cref="OutboxException">It belongs to another program, or the library is missing.</exception>
    public static OutboxFile Open(string path)
    {
        SqliteConnection connection = Connect(path);
        try
        {
            connection.Execute("PRAGMA locking_mode=EXCLUSIVE"u8);
            bool isNew = connection.ReadNumber("SELECT count(*) FROM sqlite_schema"u8) == 0
                && connection.ReadNumber("PRAGMA page_count"u8) <= 1;
            if (!isNew)
            {
                RequireOwn(connection, path);
            }

            if (isNew)
            {
                // Before the first table; on a file that has them it would be written again, which a full disk refuses.
                connection.Execute("PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL"u8);
            }

            Set(connection);
            if (isNew)
            {
                Create(connection);
            }

            return new OutboxFile(path, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens a damaged file to read what can be read, whatever its header says about its size.</summary>
    /// <exception cref="SqliteException">Not even its schema can be read.</exception>
    public static OutboxFile OpenDamaged(string path)
    {
        SqliteConnection connection = Connect(path);
        try
        {
            connection.Execute("""
                PRAGMA locking_mode=EXCLUSIVE;
                PRAGMA writable_schema=ON;
                PRAGMA cell_size_check=ON;
                PRAGMA mmap_size=0;
                PRAGMA cache_size=-512;
                """u8);
            return new OutboxFile(path, connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Reads all of the file: its structure, every row against its checksum, and their number against the
    /// tally.</summary>
    /// <returns>The tally.</returns>
    /// <exception cref="SqliteException">Something is damaged.</exception>
    public OutboxTally Verify()
    {
        string verdict = Connection.ReadText("PRAGMA quick_check(1)"u8);
        if (verdict != "ok")
        {
            throw Damaged(verdict);
        }

        if (!Table.TryRead(out OutboxTally tally))
        {
            throw Damaged("the tally cannot be read");
        }

        OutboxTally found = new(tally.Revision, tally.NextId, 0, 0);
        Table.BeginRead(0);
        while (Table.TryRead(out OutboxRow row))
        {
            found = found.Plus(row.Kind, 1);
            if (row.Id >= tally.NextId)
            {
                throw Damaged($"row {row.Id} lies behind the last id {tally.NextId - 1}");
            }
        }

        return found == tally ? tally : throw Damaged($"{found.Rows} rows where the tally says {tally.Rows}");
    }

    public void Dispose()
    {
        Table.Dispose();
        Connection.Dispose();
    }

    private static SqliteConnection Connect(string path)
    {
        try
        {
            return SqliteConnection.Open(path);
        }
        catch (DllNotFoundException missing)
        {
            throw new OutboxException(OutboxFault.NoLibrary, LibSqlite.MissingText, missing);
        }
    }

    private static void Set(SqliteConnection connection)
    {
        connection.Execute("""
            PRAGMA journal_mode=WAL;
            PRAGMA synchronous=FULL;
            PRAGMA wal_autocheckpoint=0;
            PRAGMA cache_size=-512;
            PRAGMA temp_store=MEMORY;
            PRAGMA mmap_size=0;
            PRAGMA secure_delete=OFF;
            PRAGMA cell_size_check=ON;
            """u8);
    }

    private static void Create(SqliteConnection connection)
    {
        connection.Execute("BEGIN IMMEDIATE"u8);
        connection.Execute(SqliteConnection.KnowsStrictTables
            ? """
            CREATE TABLE outbox(id INTEGER PRIMARY KEY, stream TEXT NOT NULL, kind INTEGER NOT NULL, boot INTEGER NOT NULL,
                seq INTEGER NOT NULL, ts INTEGER NOT NULL, crc INTEGER NOT NULL, payload BLOB NOT NULL) STRICT;
            CREATE TABLE tally(id INTEGER PRIMARY KEY, record BLOB NOT NULL) STRICT;
            """u8
            : """
            CREATE TABLE outbox(id INTEGER PRIMARY KEY, stream TEXT NOT NULL, kind INTEGER NOT NULL, boot INTEGER NOT NULL,
                seq INTEGER NOT NULL, ts INTEGER NOT NULL, crc INTEGER NOT NULL, payload BLOB NOT NULL);
            CREATE TABLE tally(id INTEGER PRIMARY KEY, record BLOB NOT NULL);
            """u8);
        connection.Execute("PRAGMA application_id=0x454C5354; PRAGMA user_version=1"u8);
        using (OutboxTable table = new(connection))
        {
            table.Write(new OutboxTally(1, 1, 0, 0));
        }

        connection.Execute("COMMIT"u8);
    }

    private static void RequireOwn(SqliteConnection connection, string path)
    {
        long tables = connection.ReadNumber("SELECT count(*) FROM sqlite_schema WHERE name IN ('outbox', 'tally')"u8);
        long application = connection.ReadNumber("PRAGMA application_id"u8);
        if (tables == 0 && application != ApplicationId && connection.ReadText("PRAGMA quick_check(1)"u8) == "ok")
        {
            throw new OutboxException(OutboxFault.Foreign,
                $"{path}: is a database of another program; name another file in outbox.path");
        }

        long version = connection.ReadNumber("PRAGMA user_version"u8);
        if (application != ApplicationId || version != SchemaVersion)
        {
            throw Damaged($"application {application:X}, version {version}; expected {ApplicationId:X}, {SchemaVersion}");
        }
    }

    private static SqliteException Damaged(string found) => new(LibSqlite.Corrupt, 0, found);
}
