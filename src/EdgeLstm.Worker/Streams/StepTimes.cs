// How long the latest steps took, as a histogram whose buckets grow with the time:
//
//     t < 8 ns: bucket t        else: bucket 8·(⌊log₂ t⌋ − 2) + the three bits behind the leading one

using System.Numerics;

namespace EdgeLstm.Worker.Streams;

/// <summary>Percentiles of the step times of the latest 5 to 10 minutes, within 6.25 %. Fixed size (4.4 KB), nothing allocated
/// after construction.</summary>
/// <remarks>Two histograms of five minutes take turns: what is older than the one before the current is forgotten. Times of 34 s
/// and more count as that. One thread adds; any thread reads, and may see a step too few or too many.</remarks>
public sealed class StepTimes
{
    /// <summary>Nanoseconds that one histogram lasts.</summary>
    public const long IntervalNs = 300_000_000_000;

    private const int SubBits = 3;              // 8 buckets in each octave
    private const int SubBuckets = 1 << SubBits;
    private const int Octaves = 35;             // 2³⁵ ns = 34 s
    private const long LongestNs = (1L << Octaves) - 1;
    private const int Buckets = (Octaves - SubBits + 1) * SubBuckets;

    private int[] _current = new int[Buckets];
    private int[] _former = new int[Buckets];
    private long _beganNs = long.MinValue;

    /// <summary>Counts one step; allocates nothing.</summary>
    /// <param name="stepNs">How long it took, in nanoseconds.</param>
    /// <param name="nowNs">Any steady time, in nanoseconds.</param>
    public void Add(long stepNs, long nowNs)
    {
        if (_beganNs == long.MinValue)
        {
            _beganNs = nowNs;
        }
        else if (nowNs - _beganNs >= IntervalNs)
        {
            Turn(nowNs);
        }

        _current[BucketOf(Math.Clamp(stepNs, 0, LongestNs))]++;
    }

    /// <summary>The time that a share of the latest steps did not exceed, in nanoseconds; 0 where none was counted.</summary>
    /// <param name="share">0.5 for the median, 0.99 for p99.</param>
    public double PercentileNs(double share)
    {
        (int[] current, int[] former) = (Volatile.Read(ref _current), Volatile.Read(ref _former));
        long steps = 0;
        for (int i = 0; i < Buckets; i++)
        {
            steps += current[i] + former[i];
        }

        long left = (long)Math.Ceiling(share * steps);
        int bucket = -1;
        while (left > 0 && bucket < Buckets - 1)
        {
            bucket++;
            left -= current[bucket] + former[bucket];
        }

        return bucket < 0 ? 0 : MiddleOf(bucket);
    }

    // A stream that rested for more than an interval has nothing of the former one to keep.
    private void Turn(long nowNs)
    {
        bool rested = nowNs - _beganNs >= 2 * IntervalNs;
        int[] oldest = _former;
        Array.Clear(oldest);
        Volatile.Write(ref _former, _current);
        Volatile.Write(ref _current, oldest);
        if (rested)
        {
            Array.Clear(_former);
        }

        _beganNs = nowNs;
    }

    private static int BucketOf(long ns)
    {
        if (ns < SubBuckets)
        {
            return (int)ns;
        }

        int octave = BitOperations.Log2((ulong)ns);
        int sub = (int)(ns >> (octave - SubBits)) & (SubBuckets - 1);
        return ((octave - SubBits + 1) * SubBuckets) + sub;
    }

    private static double MiddleOf(int bucket)
    {
        if (bucket < SubBuckets)
        {
            return bucket;
        }

        int shift = (bucket / SubBuckets) - 1;
        long low = (long)(SubBuckets + (bucket % SubBuckets)) << shift;
        return low + (((1L << shift) - 1) / 2.0);
    }
}
