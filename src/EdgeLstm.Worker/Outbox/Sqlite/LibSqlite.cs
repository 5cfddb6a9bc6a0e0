// The part of SQLite 3 (soname libsqlite3.so.0, 3.34 or later) that the outbox uses; see sqlite.org/c3ref.

using System.Runtime.InteropServices;

namespace EdgeLstm.Worker.Outbox.Sqlite;

/// <summary>Entry points of the C library, one to one. Strings are null-terminated UTF-8; results are SQLITE_ codes.</summary>
internal static unsafe partial class LibSqlite
{
    // The exact soname: libsqlite3.so without the number exists only where the development package is installed.
    private const string Library = "libsqlite3.so.0";

    /// <summary>What to say where it is not installed.</summary>
    public const string MissingText = "libsqlite3.so.0 was not found; install it with: sudo apt install libsqlite3-0";

    public const int Ok = 0;
    public const int NoPermission = 3;
    public const int Busy = 5;
    public const int Locked = 6;
    public const int OutOfMemory = 7;
    public const int ReadOnly = 8;
    public const int IoError = 10;
    public const int Corrupt = 11;
    public const int Full = 13;
    public const int CannotOpen = 14;
    public const int Row = 100;
    public const int Done = 101;
    public const int IoErrorRead = IoError | (1 << 8);
    public const int IoErrorShortRead = IoError | (2 << 8);

    public const int OpenReadWrite = 0x2;
    public const int OpenCreate = 0x4;
    public const int OpenNoMutex = 0x8000;

    public const int StatusCacheUsed = 1;
    public const int StatusSchemaUsed = 2;
    public const int StatusStatementsUsed = 3;
    public const int StatusPagesWritten = 9;

    public const int CheckpointPassive = 0;
    public const int CheckpointTruncate = 3;

    [LibraryImport(Library, EntryPoint = "sqlite3_libversion")]
    public static partial nint Version();

    [LibraryImport(Library, EntryPoint = "sqlite3_libversion_number")]
    public static partial int VersionNumber();

    [LibraryImport(Library, EntryPoint = "sqlite3_open_v2", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, nint* connection, int flags, nint vfs);

    [LibraryImport(Library, EntryPoint = "sqlite3_close_v2")]
    public static partial int Close(nint connection);

    [LibraryImport(Library, EntryPoint = "sqlite3_extended_result_codes")]
    public static partial int SetExtendedCodes(nint connection, int on);

    [LibraryImport(Library, EntryPoint = "sqlite3_extended_errcode")]
    public static partial int ExtendedCode(nint connection);

    [LibraryImport(Library, EntryPoint = "sqlite3_system_errno")]
    public static partial int SystemErrno(nint connection);

    [LibraryImport(Library, EntryPoint = "sqlite3_errmsg")]
    public static partial nint ErrorText(nint connection);

    [LibraryImport(Library, EntryPoint = "sqlite3_exec", SetLastError = true)]
    public static partial int Execute(nint connection, byte* sql, nint callback, nint argument, nint errorText);

    [LibraryImport(Library, EntryPoint = "sqlite3_prepare_v2")]
    public static partial int Prepare(nint connection, byte* sql, int length, nint* statement, nint tail);

    [LibraryImport(Library, EntryPoint = "sqlite3_finalize")]
    public static partial int Finalize(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_next_stmt")]
    public static partial nint NextStatement(nint connection, nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_reset")]
    public static partial int Reset(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_step", SetLastError = true)]
    public static partial int Step(nint statement);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_int64")]
    public static partial int Bind(nint statement, int index, long value);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_blob")]
    public static partial int BindBlob(nint statement, int index, byte* bytes, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_text")]
    public static partial int BindText(nint statement, int index, byte* utf8, int length, nint destructor);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64")]
    public static partial long Number(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob")]
    public static partial byte* Bytes(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes")]
    public static partial int ByteCount(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_get_autocommit")]
    public static partial int IsOutsideTransaction(nint connection);

    [LibraryImport(Library, EntryPoint = "sqlite3_db_readonly")]
    public static partial int IsReadOnly(nint connection, byte* name);

    [LibraryImport(Library, EntryPoint = "sqlite3_db_status")]
    public static partial int Status(nint connection, int what, int* current, int* highest, int reset);

    [LibraryImport(Library, EntryPoint = "sqlite3_wal_checkpoint_v2")]
    public static partial int Checkpoint(nint connection, byte* name, int mode, int* frames, int* done);
}
