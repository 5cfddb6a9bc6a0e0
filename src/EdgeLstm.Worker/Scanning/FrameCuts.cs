// Received bytes cut at a delimiter: lines at '\n', COBS frames at 0x00, SLIP at 0xC0, HDLC at 0x7E.

using System.Text;

namespace EdgeLstm.Worker.Scanning;

/// <summary>The whole frames of a piece of a stream: what stands before the first delimiter and after the last one is left out,
/// and empty frames are skipped.</summary>
internal sealed class FrameCuts
{
    private const int ShownCharacters = 48;

    private readonly byte[] _bytes;
    private readonly List<int> _starts = [];
    private readonly List<int> _ends = [];     // where the delimiter stands

    private FrameCuts(byte[] bytes, byte delimiter)
    {
        _bytes = bytes;
        int start = Array.IndexOf(bytes, delimiter);
        Head = start < 0 ? default : bytes.AsMemory(0, start);
        while (start >= 0 && start + 1 < bytes.Length)
        {
            int end = Array.IndexOf(bytes, delimiter, start + 1);
            if (end > start + 1)
            {
                _starts.Add(start + 1);
                _ends.Add(end);
                AllBytes += end - start;
            }

            start = end;
        }
    }

    /// <summary>Whole frames.</summary>
    public int Count => _starts.Count;

    /// <summary>Bytes of all whole frames with one delimiter each.</summary>
    public int AllBytes { get; }

    /// <summary>What stands before the first delimiter: the end of a frame, or all of it.</summary>
    public ReadOnlyMemory<byte> Head { get; }

    /// <summary>A frame without its delimiter; of a line without the carriage return.</summary>
    public ReadOnlySpan<byte> this[int frame] => _bytes.AsSpan(_starts[frame].._ends[frame]).TrimEnd((byte)'\r');

    /// <summary>A frame as it stands between its delimiters.</summary>
    public ReadOnlySpan<byte> Raw(int frame) => _bytes.AsSpan(_starts[frame].._ends[frame]);

    /// <summary>Where a frame's delimiter ends.</summary>
    public int EndOf(int frame) => _ends[frame] + 1;

    /// <summary>Bytes of a frame with its delimiter.</summary>
    public int LengthOf(int frame) => _ends[frame] - _starts[frame] + 1;

    /// <summary>A line as text for a person, cut short.</summary>
    public string TextOf(int frame)
    {
        string text = Encoding.UTF8.GetString(this[frame]);
        return text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "…";
    }

    /// <summary>Cuts bytes at every <paramref name="delimiter"/>.</summary>
    public static FrameCuts At(byte[] bytes, byte delimiter) => new(bytes, delimiter);
}
