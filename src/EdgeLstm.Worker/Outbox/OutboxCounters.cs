// What the outbox on disk has counted, for health.

namespace EdgeLstm.Worker.Outbox;

/// <summary>Written by the disk thread, read by any.</summary>
internal sealed class OutboxCounters
{
    private long _rows, _events, _fileBytes, _writtenBytes, _oldest, _recordsWritten, _faults;
    private long _saved, _lost;
    private volatile string? _problem;

    /// <summary>Records on the disk.</summary>
    public long Rows { get => Interlocked.Read(ref _rows); set => Interlocked.Exchange(ref _rows, value); }

    /// <summary>Events among them.</summary>
    public long Events { get => Interlocked.Read(ref _events); set => Interlocked.Exchange(ref _events, value); }

    /// <summary>Bytes of the file and its log.</summary>
    public long FileBytes { get => Interlocked.Read(ref _fileBytes); set => Interlocked.Exchange(ref _fileBytes, value); }

    /// <summary>Bytes written to the disk since the start.</summary>
    public long WrittenBytes
    {
        get => Interlocked.Read(ref _writtenBytes);
        set => Interlocked.Exchange(ref _writtenBytes, value);
    }

    /// <summary>Of them, those of files that were closed again.</summary>
    public long WrittenByFormer { get; set; }

    /// <summary>Time of the oldest record on the disk, in milliseconds since 1970 UTC; 0 for none.</summary>
    public long OldestUnixMs { get => Interlocked.Read(ref _oldest); set => Interlocked.Exchange(ref _oldest, value); }

    /// <summary>Records that reached the disk.</summary>
    public long RecordsWritten
    {
        get => Interlocked.Read(ref _recordsWritten);
        set => Interlocked.Exchange(ref _recordsWritten, value);
    }

    /// <summary>Transactions that failed.</summary>
    public long Faults { get => Interlocked.Read(ref _faults); set => Interlocked.Exchange(ref _faults, value); }

    /// <summary>Records saved from a damaged file.</summary>
    public long Saved { get => Interlocked.Read(ref _saved); set => Interlocked.Exchange(ref _saved, value); }

    /// <summary>Records lost with a damaged file.</summary>
    public long Lost { get => Interlocked.Read(ref _lost); set => Interlocked.Exchange(ref _lost, value); }

    /// <summary>Why the disk cannot be used now; null when it can.</summary>
    public string? Problem { get => _problem; set => _problem = value; }
}
