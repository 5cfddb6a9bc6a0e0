// A CSV recording as a source: its lines, one a read, paced by its timestamps or by a fixed period.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Plays a recording line by line: header first, then each record at its time.</summary>
/// <remarks>
/// The time of a read is the record's own: its timestamp where the first column holds one, else 2000-01-01 00:00 UTC plus the
/// sample period times the number of the record. Records are handed out as they stand, also where their timestamps go backwards.
/// Only one buffer of the file is in memory. A header line has the time 0: it is no record.
/// </remarks>
public sealed class ReplaySource : ByteSource
{
    private const long NsPerMs = 1_000_000;
    private const long BaseUnixNs = 946_684_800L * 1_000_000_000;   // 2000-01-01 00:00 UTC

    private readonly string _file;
    private readonly double _speed;
    private readonly long _samplePeriodNs;
    private readonly bool _keepTimestampColumn;
    private readonly RecordingFormat _format;
    private readonly LineReader _lines;
    private readonly WakeSignal _wake = new();
    private readonly byte[] _line = new byte[LineReader.LimitBytes + 1];
    private int _lineStart;
    private int _lineEnd;
    private long _lineNs;             // when the line was recorded
    private bool _headerIsNext;
    private bool _hasTime;            // a record has been seen, so that _lineNs says when
    private long _startRecordedNs;
    private long _startNs = -1;       // monotonic time of the first record
    private string? _problem;
    private bool _ended;

    /// <param name="file">The recording.</param>
    /// <param name="speed">1 plays in real time, N plays N times faster, 0 as fast as it is read.</param>
    /// <param name="samplePeriodMs">Milliseconds between records that have no timestamp, or a bad one.</param>
    /// <param name="keepTimestampColumn">False cuts the timestamp column off the lines: on a live line the node does not send
    /// it.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public ReplaySource(string file, double speed, double samplePeriodMs, bool keepTimestampColumn = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(speed);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samplePeriodMs);
        _file = file;
        _speed = speed;
        _samplePeriodNs = (long)(samplePeriodMs * NsPerMs);
        _keepTimestampColumn = keepTimestampColumn;
        _format = GuessFormat(file);
        _headerIsNext = _format.HasHeader;
        _lines = new LineReader(file);
    }

    /// <inheritdoc/>
    public override string Description =>
        $"recording {_file} {(_speed == 0 ? "as fast as possible" : _speed == 1 ? "in real time" : $"{_speed} times faster")}";

    /// <inheritdoc/>
    public override bool HasRecordedTime => true;

    /// <inheritdoc/>
    public override bool StartsAtFrameStart => true;

    /// <inheritdoc/>
    public override bool CanWait => true;

    /// <inheritdoc/>
    public override string? Problem => _problem;

    /// <summary>True when the recording's first column holds timestamps.</summary>
    public bool HasTimestamps => _format.HasTimestamps;

    /// <summary>Timestamps that could not be read; the previous one plus the sample period was used.</summary>
    public long BadTimestamps { get; private set; }

    /// <inheritdoc/>
    public override SourceRead Read(Span<byte> buffer, int timeoutMs, out int count, out long timeNs)
    {
        count = 0;
        bool any = _lineStart < _lineEnd || TryTakeLine();
        timeNs = _lineNs;
        if (!any)
        {
            return SourceRead.End;
        }

        if (!WaitUntilDue(timeoutMs * NsPerMs))
        {
            return SourceRead.Idle;
        }

        count = Math.Min(buffer.Length, _lineEnd - _lineStart);
        _line.AsSpan(_lineStart, count).CopyTo(buffer);
        _lineStart += count;
        BytesRead += count;
        return SourceRead.Data;
    }

    /// <inheritdoc/>
    public override void Wake() => _wake.Set();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _lines.Dispose();
        _wake.Dispose();
    }

    private static RecordingFormat GuessFormat(string file)
    {
        using LineReader lines = new(file);
        byte[] first = lines.TryRead(out ReadOnlySpan<byte> line) ? line.ToArray() : [];
        return RecordingFormat.Guess(first, lines.TryRead(out line) ? line : default);
    }

    // Takes the next line out of the file, with its time and a line end; false at the end of the recording.
    private bool TryTakeLine()
    {
        ReadOnlySpan<byte> line = default;
        try
        {
            _ended = _ended || !_lines.TryRead(out line);
        }
        catch (IOException failure)
        {
            _problem = $"{_file}: {failure.Message}";
            _ended = true;
        }

        if (_ended)
        {
            return false;
        }

        bool isHeader = _headerIsNext;
        _headerIsNext = false;
        if (!isHeader)
        {
            TakeTime(line);
        }

        bool cut = _format.HasTimestamps && !_keepTimestampColumn;
        ReadOnlySpan<byte> kept = cut ? line[(line.IndexOf(_format.Separator) + 1)..] : line;
        kept.CopyTo(_line);
        _line[kept.Length] = (byte)'\n';
        (_lineStart, _lineEnd) = (0, kept.Length + 1);
        return true;
    }

    private void TakeTime(ReadOnlySpan<byte> line)
    {
        long steppedNs = _hasTime ? _lineNs + _samplePeriodNs : BaseUnixNs;
        long timeNs = steppedNs;
        if (_format.HasTimestamps && !RecordingTime.TryParse(RecordingFormat.FirstField(line, _format.Separator), out timeNs))
        {
            BadTimestamps++;
            timeNs = steppedNs;
        }

        _lineNs = timeNs;
        if (!_hasTime)
        {
            _hasTime = true;
            _startRecordedNs = timeNs;
            _startNs = MonotonicNs();
        }
    }

    // False when the time allowed ran out, or Wake was called, before the line is due.
    private bool WaitUntilDue(long timeoutNs)
    {
        if (_speed == 0 || !_hasTime)
        {
            return true;
        }

        long dueNs = _startNs + (long)((_lineNs - _startRecordedNs) / _speed);
        long waitNs = dueNs - MonotonicNs();
        if (waitNs <= 0)
        {
            return true;
        }

        if (Descriptor.Wait(-1, _wake.Fd, Math.Min(waitNs, timeoutNs), out _))
        {
            _wake.Clear();
            return false;
        }

        return waitNs <= timeoutNs;
    }
}
