// What one port gave while it was listened to, with the times of the reads, from which the rate of records is measured.

namespace EdgeLstm.Worker.Scanning;

/// <summary>Up to <see cref="FramingGuess.LimitBytes"/> bytes; what comes after them is dropped.</summary>
internal sealed class ReceivedBytes
{
    private readonly byte[] _bytes = new byte[FramingGuess.LimitBytes];
    private readonly List<int> _ends = [];       // [reads] bytes received by then
    private readonly List<long> _timesNs = [];   // [reads]

    /// <summary>Bytes kept.</summary>
    public int Count { get; private set; }

    /// <summary>True when no more are kept.</summary>
    public bool IsFull => Count == _bytes.Length;

    /// <summary>When the first ones came, in monotonic nanoseconds.</summary>
    public long FirstNs => _timesNs.Count == 0 ? long.MaxValue : _timesNs[0];

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Count);

    /// <summary>Adds the bytes of one read.</summary>
    public void Add(ReadOnlySpan<byte> read, long timeNs)
    {
        read = read[..Math.Min(read.Length, _bytes.Length - Count)];
        if (read.Length > 0)
        {
            read.CopyTo(_bytes.AsSpan(Count));
            Count += read.Length;
            _ends.Add(Count);
            _timesNs.Add(timeNs);
        }
    }

    /// <summary>Forgets all: the rate was changed.</summary>
    public void Clear()
    {
        Count = 0;
        _ends.Clear();
        _timesNs.Clear();
    }

    /// <summary>Records per second between the first and the last one, rounded to three digits; 0 where they came too close
    /// together to tell.</summary>
    public double RateHz(FramingGuess guess)
    {
        double seconds = (TimeAt(guess.LastEnd) - TimeAt(guess.FirstEnd)) / 1e9;
        return guess.Records < 2 || seconds <= 0 ? 0 : Rounded((guess.Records - 1) / seconds);
    }

    // When the byte before this place came.
    private long TimeAt(int end)
    {
        int read = _ends.BinarySearch(end);
        read = read < 0 ? ~read : read;
        return read < _timesNs.Count ? _timesNs[read] : 0;
    }

    private static double Rounded(double value)
    {
        double unit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 2);
        return unit >= 1 ? Math.Round(value / unit) * unit : Math.Round(value * Math.Round(1 / unit)) / Math.Round(1 / unit);
    }
}
