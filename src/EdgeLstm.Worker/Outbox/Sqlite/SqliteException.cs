// What SQLite refused, with its extended code and the errno behind it.

namespace EdgeLstm.Worker.Outbox.Sqlite;

/// <summary>A call of SQLite failed. Caught by the outbox, which says what it means.</summary>
/// <param name="code">Extended result code, sqlite.org/rescode.html.</param>
/// <param name="errno">The system's error number behind it, 0 when there is none.</param>
/// <param name="message">What SQLite said.</param>
internal sealed class SqliteException(int code, int errno, string message) : Exception(message)
{
    /// <summary>Extended result code.</summary>
    public int Code { get; } = code;

    /// <summary>The primary code: the low byte of the extended one.</summary>
    public int PrimaryCode => Code & 0xFF;

    /// <summary>The system's error number, 0 when there is none.</summary>
    public int Errno { get; } = errno;
}
