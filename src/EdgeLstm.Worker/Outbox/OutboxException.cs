// Why the outbox cannot be used right now, in kinds that call for different answers.

using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Outbox;

/// <summary>What stands between the outbox and its file.</summary>
internal enum OutboxFault
{
    /// <summary>The disk, the quota or the file-size limit is full: works again once there is room.</summary>
    Full,

    /// <summary>File, folder or disk may not be written.</summary>
    Unwritable,

    /// <summary>The disk failed to read or write, or memory ran out.</summary>
    InputOutput,

    /// <summary>Another process has the file.</summary>
    InUse,

    /// <summary>The content is damaged: dispose the store and open it again, which sets the file aside.</summary>
    Damaged,

    /// <summary>The file is a sound database of another program, and is left as it is.</summary>
    Foreign,

    /// <summary>SQLite is not installed.</summary>
    NoLibrary,
}

/// <summary>The outbox could not do what it was asked; an open transaction was rolled back as a whole.</summary>
internal sealed class OutboxException : Exception
{
    private const int EFBIG = 27, ENOSPC = 28, EROFS = 30, EDQUOT = 122;

    /// <param name="fault">What kind of fault it is.</param>
    /// <param name="message">The file, what is wrong, and what to do.</param>
    /// <param name="inner">What the library or the system said.</param>
    public OutboxException(OutboxFault fault, string message, Exception? inner = null) : base(message, inner) => Fault = fault;

    /// <summary>What kind of fault it is.</summary>
    public OutboxFault Fault { get; }

    /// <summary>Says what an error of SQLite means for the outbox.</summary>
    public static OutboxException From(string path, SqliteException failure)
    {
        OutboxFault fault = FaultOf(failure);
        string detail = $"{failure.Message} (SQLite {failure.Code})";
        return new OutboxException(fault, fault switch
        {
            OutboxFault.Full => $"{path}: the disk is full: {detail}; free some space or lower outbox.maxBytes",
            OutboxFault.Unwritable => $"{path}: cannot be written: {detail}; see who may write the file and its folder",
            OutboxFault.InputOutput => $"{path}: the disk failed: {detail}",
            OutboxFault.InUse => $"{path}: another process has it; let each service have its own outbox.path",
            _ => $"{path}: damaged: {detail}",
        }, failure);
    }

    private static OutboxFault FaultOf(SqliteException failure) => failure.PrimaryCode switch
    {
        LibSqlite.Full => OutboxFault.Full,
        LibSqlite.IoError or LibSqlite.CannotOpen when failure.Errno is ENOSPC or EFBIG or EDQUOT => OutboxFault.Full,
        LibSqlite.IoError when failure.Errno == EROFS => OutboxFault.Unwritable,

        // A sector that cannot be read is damage: what lies around it can be saved.
        LibSqlite.IoError when failure.Code is LibSqlite.IoErrorRead or LibSqlite.IoErrorShortRead => OutboxFault.Damaged,
        LibSqlite.IoError or LibSqlite.OutOfMemory => OutboxFault.InputOutput,
        LibSqlite.ReadOnly or LibSqlite.CannotOpen or LibSqlite.NoPermission => OutboxFault.Unwritable,
        LibSqlite.Busy or LibSqlite.Locked => OutboxFault.InUse,

        // Corrupt and no database, but also a schema or a constraint that does not fit: nobody else writes this file.
        _ => OutboxFault.Damaged,
    };
}
