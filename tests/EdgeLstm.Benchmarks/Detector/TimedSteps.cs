// Times rows and the row that ends a bucket apart:  | row row … row | end | row row … row | end |

using System.Diagnostics;

namespace EdgeLstm.Benchmarks.Detector;

/// <summary>One case: a step over a made stream, and what it took in every round.</summary>
internal sealed class TimedSteps
{
    /// <summary>Rows of a round: a day and a half at 1 Hz in all rounds together is more than memories of blocks need.</summary>
    public const int RoundRows = 50_000;

    /// <summary>Time between two rows.</summary>
    public const double RowPeriodSeconds = 1;

    private const int WarmUpRows = 100_000;   // the detector's own, the threshold's, and the just-in-time compiler's
    private const int MadeRows = 1 << 14;

    private readonly Action<float[], double> _step;
    private readonly int _bucketRows;
    private readonly float[][] _rows;
    private readonly List<double> _rowNs = [];
    private readonly List<double> _bucketEndNs = [];
    private long _row;

    /// <param name="name">What is timed.</param>
    /// <param name="channels">Values of a row.</param>
    /// <param name="bucketRows">Every so many-th row ends a bucket; 1 where all rows are alike.</param>
    /// <param name="step">Takes a row and its time.</param>
    public TimedSteps(string name, int channels, int bucketRows, Action<float[], double> step)
    {
        (Name, Channels, _bucketRows, _step) = (name, channels, bucketRows, step);
        _rows = Rows(channels);
        for (int warmUp = 0; warmUp < WarmUpRows; warmUp++)
        {
            Step();
        }
    }

    /// <summary>What is timed.</summary>
    public string Name { get; }

    /// <summary>Values of a row.</summary>
    public int Channels { get; }

    /// <summary>Median over the rounds of the mean of a row that ends no bucket.</summary>
    public double RowNs => Median(_rowNs);

    /// <summary>Median over the rounds of the mean of a row that ends a bucket; NaN where all rows are alike.</summary>
    public double BucketEndNs => _bucketRows == 1 ? double.NaN : Median(_bucketEndNs);

    /// <summary>Bytes allocated by all steps of all rounds.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>One more round.</summary>
    public void Measure()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        (double rowNs, double bucketEndNs) = _bucketRows == 1 ? (TimeRows(RoundRows) / RoundRows, double.NaN) : TimeBuckets();
        AllocatedBytes += GC.GetAllocatedBytesForCurrentThread() - before;
        _rowNs.Add(rowNs);
        _bucketEndNs.Add(bucketEndNs);
    }

    private (double RowNs, double BucketEndNs) TimeBuckets()
    {
        (double rowsNs, double endsNs) = (0, 0);
        int buckets = RoundRows / _bucketRows;
        for (int bucket = 0; bucket < buckets; bucket++)
        {
            rowsNs += TimeRows(_bucketRows - 1);
            endsNs += TimeRows(1);
        }

        return (rowsNs / buckets / (_bucketRows - 1), endsNs / buckets);
    }

    private double TimeRows(int count)
    {
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
        {
            Step();
        }

        return Stopwatch.GetElapsedTime(started).TotalNanoseconds;
    }

    private void Step()
    {
        _step(_rows[_row % MadeRows], 1.7e9 + (_row * RowPeriodSeconds));
        _row++;
    }

    // A slow wave of another period in each channel, and noise: nothing that repeats within a bucket.
    private static float[][] Rows(int channels)
    {
        Random random = new(channels);
        float[][] rows = new float[MadeRows][];
        for (int i = 0; i < MadeRows; i++)
        {
            rows[i] = new float[channels];
            for (int channel = 0; channel < channels; channel++)
            {
                double noise = random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5;
                rows[i][channel] = (float)(20 + (3 * Math.Sin(i * 2 * Math.PI * (channel + 5) / MadeRows)) + noise);
            }
        }

        return rows;
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
