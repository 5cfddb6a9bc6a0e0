// The lines of a file, one buffer of it in memory at a time.

using Microsoft.Win32.SafeHandles;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Reads lines without their ends. A line longer than the limit is skipped and counted.</summary>
internal sealed class LineReader : IDisposable
{
    /// <summary>Longest line, in bytes.</summary>
    public const int LimitBytes = 65536;

    private readonly SafeFileHandle _file;
    private readonly byte[] _buffer = new byte[LimitBytes];
    private long _position;
    private int _start;
    private int _end;
    private bool _skipping;

    /// <param name="path">The file; opened for reading, shared.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public LineReader(string path)
    {
        _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete,
            FileOptions.SequentialScan);
        Fill();
        if (_buffer.AsSpan(0, _end).StartsWith("\uFEFF"u8))
        {
            _start = 3;
        }
    }

    /// <summary>Lines dropped because they were longer than <see cref="LimitBytes"/>.</summary>
    public long OverLong { get; private set; }

    /// <summary>Takes the next line that is not blank; false at the end of the file.</summary>
    /// <param name="line">The line, valid until the next call.</param>
    /// <exception cref="IOException">The file cannot be read on.</exception>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        while (TryCut(out line))
        {
            line = line.TrimEnd("\r \t"u8);
            if (line.Length > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private bool TryCut(out ReadOnlySpan<byte> line)
    {
        while (true)
        {
            ReadOnlySpan<byte> held = _buffer.AsSpan(_start, _end - _start);
            int length = held.IndexOf((byte)'\n');
            if (length >= 0)
            {
                _start += length + 1;
                line = _skipping ? default : held[..length];
                _skipping = false;
                return true;
            }

            if (held.Length == LimitBytes)
            {
                OverLong += _skipping ? 0 : 1;
                _skipping = true;
                _start = _end;
            }

            if (!Fill())
            {
                line = _skipping ? default : _buffer.AsSpan(_start, _end - _start);   // the last line may lack its end
                bool any = _end > _start;
                _start = _end;
                return any;
            }
        }
    }

    private bool Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        int read = RandomAccess.Read(_file, _buffer.AsSpan(_end), _position);
        _position += read;
        _end += read;
        return read > 0;
    }
}
