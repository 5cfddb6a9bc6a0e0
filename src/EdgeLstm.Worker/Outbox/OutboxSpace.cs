// The disk space of an open outbox: pages in use, the length of the log, what has been written, what can be given back.

using System.Text;
using EdgeLstm.Worker.Outbox.Sqlite;

namespace EdgeLstm.Worker.Outbox;

/// <summary>Keeps file and log within their share, and some of the disk free. Errors are <see cref="SqliteException"/>.</summary>
/// <remarks>
/// A disk that the outbox itself has filled would stay full: removing rows needs room in the log, and the log can be copied only
/// where the file can grow. So, while less than <see cref="OutboxLimits.SpareBytes"/> is left on the disk, the file does not grow
/// beyond what it has, 1 MB at least: the oldest rows make room for the new ones.
/// </remarks>
internal sealed class OutboxSpace : IDisposable
{
    /// <summary>Free pages, 1 MB, from which on a file that is mostly free gives pages back.</summary>
    private const int SparePages = 256;

    private readonly OutboxFile _file;
    private readonly OutboxLimits _limits;
    private readonly LogFile _log;
    private readonly FileInfo _fileOnDisk;   // asked again and again: a new one each time would be garbage
    private readonly FileInfo _logOnDisk;
    private readonly DriveInfo _disk;
    private readonly SqliteStatement _pageCount;
    private readonly SqliteStatement _freePages;
    private int _logFrames;
    private long _mostPages = long.MaxValue;
    private int _longestLogFrames;   // the length of its file: it is written from the start again after a checkpoint

    public OutboxSpace(OutboxFile file, OutboxLimits limits)
    {
        _file = file;
        _limits = limits;
        _log = new LogFile(OutboxFile.LogOf(file.Path));
        _fileOnDisk = new FileInfo(file.Path);
        _logOnDisk = new FileInfo(OutboxFile.LogOf(file.Path));
        _disk = new DriveInfo(Path.GetDirectoryName(file.Path)!);
        _pageCount = new(file.Connection, "PRAGMA page_count"u8);
        _freePages = new(file.Connection, "PRAGMA freelist_count"u8);
        BoundLog();
    }

    /// <summary>Bytes of the file and its log on disk.</summary>
    public long Bytes => SizeOf(_fileOnDisk) + SizeOf(_logOnDisk);

    /// <summary>Bytes written since the file was opened; see <see cref="OutboxStore.WrittenBytes"/>.</summary>
    public long WrittenBytes { get; private set; }

    /// <summary>Whether rows use more than their share, with what the open transaction has added and removed.</summary>
    public bool IsFull => _pageCount.RunNumber() - _freePages.RunNumber() > Math.Min(_limits.RowPages, _mostPages);

    /// <summary>Throws when the log has grown to four times its share because it cannot be copied into the file.</summary>
    public void RequireBoundedLog()
    {
        if (_logFrames >= 4 * _limits.LogFrames)
        {
            Checkpoint(LibSqlite.CheckpointPassive);
        }
    }

    /// <summary>Shortens, within the open transaction, a file that is mostly free or beyond its limit.</summary>
    /// <remarks>By 1 MB a transaction, so that a page is moved at most once for one given back; an empty file by all it
    /// can.</remarks>
    /// <param name="isEmpty">Whether no row is left.</param>
    public void GiveBack(bool isEmpty)
    {
        long free = _freePages.RunNumber();
        long pages = _pageCount.RunNumber();
        bool isMostlyFree = free >= pages - free;
        bool isBeyondLimit = pages > _limits.FilePages;   // which was higher when the file grew
        if (isBeyondLimit || (isMostlyFree && free >= SparePages))
        {
            _file.Connection.Execute(isEmpty ? "PRAGMA incremental_vacuum"u8 : "PRAGMA incremental_vacuum(256)"u8);
        }
    }

    /// <summary>After a commit: counts what it wrote, and copies the log into the file when its share is used up, or when no row
    /// is left and the log is long.</summary>
    public void Settle(bool isEmpty)
    {
        CountWritten();
        bool isDrained = isEmpty && _longestLogFrames >= SparePages;
        if (isDrained || _logFrames >= _limits.LogFrames)
        {
            Checkpoint(isDrained ? LibSqlite.CheckpointTruncate : LibSqlite.CheckpointPassive);
        }
    }

    public void Dispose()
    {
        _log.Dispose();
        _pageCount.Dispose();
        _freePages.Dispose();
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

    private void CountWritten()
    {
        int pages = _file.Connection.TakePagesWritten();
        _logFrames += pages;
        _longestLogFrames = Math.Max(_longestLogFrames, _logFrames);
        WrittenBytes += pages * (long)OutboxFile.FrameBytes;
    }

    private void Checkpoint(int mode)
    {
        int pages = _log.CountPages(_logFrames);
        _file.Connection.Checkpoint(mode);
        WrittenBytes += pages * (long)OutboxFile.PageBytes;
        _logFrames = 0;
        _longestLogFrames = mode == LibSqlite.CheckpointTruncate ? 0 : _longestLogFrames;
        LookAtDisk();
    }

    // Between two looks the file grows by the log's frames, and the log by itself: the spare bytes are enough for both.
    private void LookAtDisk()
    {
        try
        {
            bool mayGrow = _disk.AvailableFreeSpace >= _limits.SpareBytes;
            _mostPages = mayGrow ? long.MaxValue : Math.Max(SparePages, Math.Min(_mostPages, _pageCount.RunNumber()));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _mostPages = long.MaxValue;
        }
    }

    private static long SizeOf(FileInfo file)
    {
        file.Refresh();
        return file.Exists ? file.Length : 0;
    }
}
