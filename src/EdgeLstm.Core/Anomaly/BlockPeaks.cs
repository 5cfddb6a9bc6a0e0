// The highest scores of the latest blocks of time, and the tail fitted to them:
// 1 − e^(−rate · block) = P(peak > x) = P(peak > u) · (1 + ξ·(x − u)/σ)^(−1/ξ).

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Anomaly;

/// <summary>How often which peak comes, learned online from one peak a block.</summary>
/// <remarks>
/// A ring of <see cref="Capacity"/> peaks. When it is full, blocks are joined in pairs and their length doubles, until the next
/// doubling would exceed the longest block; from then on the newest peak replaces the oldest. So the ring always spans all the
/// time seen or its whole memory, and neither a level to record at nor a calibration is chosen in advance. The highest four
/// tenths of the ring give u, ξ and σ. Memory: 4 kB; a fit takes about 20 µs and is made when a sixteenth of the ring is new.
/// </remarks>
internal sealed class BlockPeaks
{
    /// <summary>Peaks kept.</summary>
    public const int Capacity = 256;

    /// <summary>Peaks seen before a tail is fitted.</summary>
    public const int FewestToFit = 32;

    private const double TailPart = 0.4;
    private const int FitsPerRing = 16;
    private const double SmallestExcess = 1e-9;
    private const double UnseenTail = 0.1;

    private readonly double _longestBlock;
    private readonly double[] _peaks = new double[Capacity];
    private readonly double[] _rising = new double[Capacity];   // the same in order, as of the last fit

    private int _count;
    private int _next;
    private long _scores;
    private double _peak;
    private int _unfitted;
    private int _fitted;         // peaks of the last fit
    private double _levelPart;   // P(peak > u)
    private GeneralisedPareto _tail;

    /// <param name="firstBlock">Scores of a block at first; 1 or more.</param>
    /// <param name="longestBlock">Scores that a block does not exceed by doubling.</param>
    public BlockPeaks(long firstBlock, double longestBlock)
    {
        BlockScores = firstBlock;
        _longestBlock = longestBlock;
    }

    /// <summary>Scores of a block.</summary>
    public long BlockScores { get; private set; }

    /// <summary>The highest peak ever.</summary>
    public double Record { get; private set; }

    /// <summary>u, the level beyond which the tail was fitted.</summary>
    public double Level { get; private set; }

    /// <summary>True from the first fit on.</summary>
    public bool IsFitted => _fitted > 0;

    /// <summary>Raises the peak of the block to <paramref name="value"/>, which is finite and 0 or more.</summary>
    public void Raise(double value) => _peak = Math.Max(_peak, value);

    /// <summary>Counts a score of the block; true when it was the last.</summary>
    public bool EndScore()
    {
        if (++_scores < BlockScores)
        {
            return false;
        }

        Record = Math.Max(Record, _peak);
        _peaks[_next] = _peak;
        _next = (_next + 1) % Capacity;
        _count = Math.Min(_count + 1, Capacity);
        (_scores, _peak) = (0, 0);
        bool mustFit = ++_unfitted >= Math.Max(1, _count / FitsPerRing);
        if (_count == Capacity && _next == 0 && 2 * BlockScores <= _longestBlock)
        {
            JoinBlocks();
            mustFit = true;   // the last fit was to peaks of shorter blocks
        }

        if (mustFit && _count >= FewestToFit)
        {
            Fit();
        }

        return true;
    }

    /// <summary>The value that so many peaks per score reach.</summary>
    public double ValueAt(double peaksPerScore)
    {
        double part = 1 - Math.Exp(-peaksPerScore * BlockScores);
        if (part < _levelPart)
        {
            return Level + _tail.Quantile(part / _levelPart);
        }

        int rank = Math.Clamp((int)Math.Ceiling((1 - part) * _fitted), 1, _fitted - 1);
        if (_rising[rank] > _rising[rank - 1])
        {
            return Math.Min(Level, _rising[rank]);
        }

        // Values of few kinds: this one comes more often than asked for, so it must be the next.
        while (rank < _fitted && _rising[rank] == _rising[rank - 1])
        {
            rank++;
        }

        return rank < _fitted ? _rising[rank] : Level + _tail.Scale;
    }

    /// <summary>How many peaks per score reach <paramref name="value"/>, at most 1.</summary>
    public double PeaksPerScore(double value)
    {
        double part = value >= Level ? _levelPart * _tail.Exceedance(value - Level) : PartAtOrAbove(value);
        return Math.Min(1, -Math.Log(1 - part) / BlockScores);
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write((long)Capacity);
        writer.Write(BlockScores);
        writer.Write((long)_count);
        writer.Write((long)_next);
        writer.Write(_scores);
        writer.Write((long)_unfitted);
        writer.Write((long)_fitted);
        writer.WriteEach([_peak, Record, Level, _levelPart, _tail.Shape, _tail.Scale]);
        writer.WriteEach(_peaks);
        writer.WriteEach(_rising);
    }

    /// <summary>Takes back what <see cref="Save"/> wrote; throws <see cref="FormatException"/> where it cannot be such a
    /// state.</summary>
    public void Restore(ref StateReader reader)
    {
        ReadCount(ref reader, Capacity, Capacity);
        BlockScores = ReadCount(ref reader, 1, long.MaxValue);
        _count = (int)ReadCount(ref reader, 0, Capacity);
        _next = (int)ReadCount(ref reader, 0, Capacity - 1);
        _scores = ReadCount(ref reader, 0, BlockScores);
        _unfitted = (int)ReadCount(ref reader, 0, Capacity);
        _fitted = (int)ReadCount(ref reader, 0, Capacity);
        _peak = ReadFigure(ref reader);
        Record = ReadFigure(ref reader);
        Level = ReadFigure(ref reader);
        _levelPart = ReadFigure(ref reader);
        _tail = new GeneralisedPareto(ReadFigure(ref reader), ReadFigure(ref reader));
        ReadFigures(ref reader, _peaks);
        ReadFigures(ref reader, _rising);
    }

    /// <summary>Reads a whole number that must lie between the bounds.</summary>
    internal static long ReadCount(ref StateReader reader, long lowest, long highest)
    {
        long count = reader.ReadInt64();
        return count >= lowest && count <= highest ? count
            : throw new FormatException($"the saved threshold has a count of {count}; expected {lowest} to {highest}");
    }

    /// <summary>Reads a figure; one that is NaN was never saved and would stay for ever.</summary>
    internal static double ReadFigure(ref StateReader reader)
    {
        double figure = reader.ReadDouble();
        return !double.IsNaN(figure) ? figure : throw new FormatException("the saved threshold has a figure that is NaN");
    }

    /// <summary>Fills a row of figures.</summary>
    internal static void ReadFigures(ref StateReader reader, Span<double> figures)
    {
        foreach (ref double figure in figures)
        {
            figure = ReadFigure(ref reader);
        }
    }

    // Called when the ring begins at its oldest peak.
    private void JoinBlocks()
    {
        for (int pair = 0; pair < Capacity / 2; pair++)
        {
            _peaks[pair] = Math.Max(_peaks[2 * pair], _peaks[(2 * pair) + 1]);
        }

        _count = Capacity / 2;
        _next = _count;
        BlockScores *= 2;
    }

    private void Fit()
    {
        _unfitted = 0;
        _fitted = _count;
        Span<double> rising = _rising.AsSpan(0, _fitted);
        _peaks.AsSpan(0, _fitted).CopyTo(rising);
        SortRising(rising);
        int first = (int)(_fitted * (1 - TailPart));
        Level = rising[first - 1];
        while (first < _fitted && rising[first] <= Level * (1 + SmallestExcess))
        {
            first++;   // values of few kinds: those equal to u but for rounding are no excesses
        }

        Span<double> excesses = stackalloc double[Capacity];
        excesses = excesses[..(_fitted - first)];
        for (int i = 0; i < excesses.Length; i++)
        {
            excesses[i] = rising[first + i] - Level;
        }

        // Where nothing was ever above u, half a peak is taken to be.
        _levelPart = Math.Max(0.5, excesses.Length) / _fitted;
        _tail = excesses.IsEmpty ? new GeneralisedPareto(GeneralisedPareto.PriorShape, UnseenTail * Math.Max(1, Level))
            : GeneralisedPareto.Fit(excesses);
    }

    // By insertion: the library's sort allocates in the ahead-of-time program, and these are 256 at most.
    private static void SortRising(Span<double> values)
    {
        for (int next = 1; next < values.Length; next++)
        {
            double value = values[next];
            int place = next;
            for (; place > 0 && values[place - 1] > value; place--)
            {
                values[place] = values[place - 1];
            }

            values[place] = value;
        }
    }

    private double PartAtOrAbove(double value)
    {
        int below = 0;
        while (below < _fitted && _rising[below] < value)
        {
            below++;
        }

        return (double)(_fitted - below) / _fitted;
    }
}
