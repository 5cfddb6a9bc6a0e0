// A look into an outbox file from outside, through the system's SQLite.

using System.Runtime.InteropServices;

namespace EdgeLstm.Faults.Rig;

/// <summary>Opens a file, asks one thing, closes it. With a write-ahead log beside it that is read too, and put back in on
/// closing.</summary>
internal static partial class SqliteFile
{
    private const string Library = "libsqlite3.so.0";
    private const int ReadWrite = 2;
    private const int Row = 100;

    /// <summary>The reason to skip a test that looks into an outbox; null where it can.</summary>
    public static string? Missing => NativeLibrary.TryLoad(Library, out _) ? null : $"{Library} is not installed (libsqlite3-0)";

    /// <summary>"ok", or what PRAGMA integrity_check finds wrong.</summary>
    public static string Integrity(string path) => Ask(path, "PRAGMA integrity_check");

    /// <summary>Rows of a table; −1 where it cannot be read.</summary>
    public static int CountRows(string path, string table) =>
        int.TryParse(Ask(path, $"SELECT count(*) FROM {table}"), out int rows) ? rows : -1;

    /// <summary>Moves everything from the write-ahead log into the file itself.</summary>
    public static void Checkpoint(string path) => Ask(path, "PRAGMA wal_checkpoint(TRUNCATE)");

    /// <summary>Copies a file with its log, so that looking changes nothing.</summary>
    public static void Copy(string path, string target)
    {
        foreach (string ending in new[] { "", "-wal" })
        {
            if (File.Exists(path + ending))
            {
                File.Copy(path + ending, target + ending, overwrite: true);
            }
        }
    }

    private static string Ask(string path, string question)
    {
        if (Open(path, out nint database, ReadWrite, 0) != 0)
        {
            _ = Close(database);
            return "cannot be opened";
        }

        string answer = "";
        int result = Prepare(database, question, -1, out nint statement, 0);
        if (result == 0)
        {
            result = Step(statement);
            answer = result == Row ? Marshal.PtrToStringUTF8(Text(statement, 0)) ?? "" : "";
        }

        string problem = Marshal.PtrToStringUTF8(Error(database)) ?? "";
        _ = Finalize(statement);
        _ = Close(database);
        return result == Row ? answer : problem;
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_open_v2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, out nint database, int flags, nint vfs);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Prepare(nint database, string sql, int bytes, out nint statement, nint tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_step")]
    private static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_text")]
    private static partial nint Text(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_errmsg")]
    private static partial nint Error(nint database);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    private static partial int Finalize(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_close_v2")]
    private static partial int Close(nint database);
}
