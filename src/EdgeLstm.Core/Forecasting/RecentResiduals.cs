// The newest residuals in order of their size:  the oldest goes, the new one comes, what lies between moves by one place.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>A sliding window of residuals, sorted. Allocates nothing after construction.</summary>
/// <remarks>
/// Bounded: <see cref="Memory"/> residuals, the oldest is forgotten first; 8 kB. Keeping one costs two searches, made side by
/// side as each step of one waits for memory, and a move of at most 4 kB: some 80 ns.
/// </remarks>
internal sealed class RecentResiduals
{
    /// <summary>Residuals kept: enough for a tail of 0.5 %, few enough to follow a change within as many steps.</summary>
    public const int Memory = 500;

    private readonly double[] _newest = new double[Memory];
    private readonly double[] _sorted = new double[Memory];
    private int _next;

    /// <summary>Residuals there are, at most <see cref="Memory"/>.</summary>
    public int Count { get; private set; }

    /// <summary>The residuals from the least to the greatest [<see cref="Count"/>].</summary>
    public ReadOnlySpan<double> Sorted => _sorted.AsSpan(0, Count);

    /// <summary>Keeps a finite residual in place of the oldest.</summary>
    public void Keep(double residual)
    {
        Span<double> sorted = _sorted;
        (int hole, int place) = Find(Count < Memory ? double.PositiveInfinity : _newest[_next], residual);
        if (place > hole)
        {
            place--;
            sorted[(hole + 1)..(place + 1)].CopyTo(sorted[hole..]);
        }
        else
        {
            sorted[place..hole].CopyTo(sorted[(place + 1)..]);
        }

        sorted[place] = residual;
        _newest[_next] = residual;
        _next = _next + 1 < Memory ? _next + 1 : 0;
        Count = Math.Min(Count + 1, Memory);
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write((long)Count);
        for (int age = Count; age > 0; age--)
        {
            writer.Write(_newest[(_next + Memory - age) % Memory]);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It is damaged.</exception>
    public void Restore(ref StateReader reader)
    {
        long count = reader.ReadInt64();
        if (count is < 0 or > Memory)
        {
            throw new FormatException($"a saved band has {count} residuals; expected at most {Memory}");
        }

        Count = 0;
        _next = 0;
        for (int i = 0; i < count; i++)
        {
            Keep(ConformalBand.IsResidual(reader.ReadDouble(), out double residual)
                ? residual
                : throw new FormatException($"residual {i} of a saved band is not a number"));
        }
    }

    // How many residuals lie below each of the two: searches that halve without branches, which no processor could foretell.
    private (int OfFirst, int OfSecond) Find(double first, double second)
    {
        ReadOnlySpan<double> sorted = Sorted;
        (int ofFirst, int ofSecond) = (0, 0);
        int length = sorted.Length;
        while (length > 0)
        {
            int half = (length + 1) / 2;
            ofFirst += half & -(sorted[ofFirst + half - 1] < first ? 1 : 0);
            ofSecond += half & -(sorted[ofSecond + half - 1] < second ? 1 : 0);
            length -= half;
        }

        return (ofFirst, ofSecond);
    }
}
