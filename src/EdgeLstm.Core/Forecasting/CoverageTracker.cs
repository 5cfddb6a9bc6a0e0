// What part of values fell inside their bands over the last day, against what was asked: 24 bins of an hour.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Achieved coverage of one output's band over the last day. Allocates nothing after construction.</summary>
/// <remarks>
/// Bounded: 24 bins of one hour, the current hour and the 23 before it; the oldest is emptied when a new hour begins. A time up
/// to a day before the newest counts as of the newest hour; one further back, or a day and more ahead, begins anew: the clock was
/// set.
/// </remarks>
public sealed class CoverageTracker
{
    private const int Hours = 24;
    private const double SecondsPerHour = 3600;
    private const double LatestSeconds = 1e12;

    private readonly long[] _inside = new long[Hours];
    private readonly long[] _below = new long[Hours];
    private readonly long[] _above = new long[Hours];
    private long _hour = -1;

    /// <param name="nominal">The part of values asked to fall inside, between 0 and 1.</param>
    public CoverageTracker(double nominal)
    {
        if (!(nominal is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(nominal), nominal, "must be above 0 and below 1");
        }

        Nominal = nominal;
    }

    /// <summary>The part of values asked to fall inside.</summary>
    public double Nominal { get; }

    /// <summary>The part of values that fell inside; NaN while none was judged.</summary>
    public double Achieved => Part(Sum(_inside));

    /// <summary>The part of values that fell below the band; NaN while none was judged.</summary>
    public double Below => Part(Sum(_below));

    /// <summary>The part of values that fell above the band; NaN while none was judged.</summary>
    public double Above => Part(Sum(_above));

    /// <summary>Values judged.</summary>
    public long Count => Sum(_inside) + Sum(_below) + Sum(_above);

    /// <summary>Counts one value.</summary>
    /// <param name="verdict">Where it lay; <see cref="BandVerdict.None"/> only lets time pass.</param>
    /// <param name="unixSeconds">When it was measured; ignored where it is no time: NaN, negative or beyond 1e12.</param>
    public void Observe(BandVerdict verdict, double unixSeconds)
    {
        if (unixSeconds is >= 0 and <= LatestSeconds)
        {
            MoveTo((long)(unixSeconds / SecondsPerHour));
        }

        long[]? bins = verdict switch
        {
            BandVerdict.Inside => _inside,
            BandVerdict.Below => _below,
            BandVerdict.Above => _above,
            _ => null,
        };
        if (bins is not null && _hour >= 0)
        {
            bins[_hour % Hours]++;
        }
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        writer.Write(_hour);
        for (int i = 0; i < Hours; i++)
        {
            writer.Write(_inside[i]);
            writer.Write(_below[i]);
            writer.Write(_above[i]);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">A number cannot be.</exception>
    public void Restore(ref StateReader reader)
    {
        _hour = ReadCount(ref reader, -1);
        for (int i = 0; i < Hours; i++)
        {
            _inside[i] = ReadCount(ref reader, 0);
            _below[i] = ReadCount(ref reader, 0);
            _above[i] = ReadCount(ref reader, 0);
        }
    }

    private void MoveTo(long hour)
    {
        if (hour > _hour + Hours || hour < _hour - Hours)
        {
            Array.Clear(_inside);
            Array.Clear(_below);
            Array.Clear(_above);
            _hour = hour;
        }

        while (_hour < hour)
        {
            _hour++;
            _inside[_hour % Hours] = 0;
            _below[_hour % Hours] = 0;
            _above[_hour % Hours] = 0;
        }
    }

    private double Part(long count) => Count is > 0 and var all ? (double)count / all : double.NaN;

    private static long Sum(long[] bins)
    {
        long sum = 0;
        foreach (long bin in bins)
        {
            sum += bin;
        }

        return sum;
    }

    private static long ReadCount(ref StateReader reader, long least) =>
        reader.ReadInt64() is var count && count >= least && count <= 1L << 53
            ? count
            : throw new FormatException($"a saved count of covered values is {count}; expected at least {least}");
}
