// What the default detector costs:  ns per row between updates, ns of a row that ends a bucket;  beside it a network of 32 units
// in place of the linear head's lags, the windowed Gaussian over the same rows, and all of NAB on one core.

using System.Globalization;
using EdgeLstm.Core.Anomaly;
using EdgeLstm.Worker.Evaluation.Suites.Baselines;

namespace EdgeLstm.Benchmarks.Detector;

/// <summary>Measures all in turns in one run, so that whatever slows the machine slows all, and prints medians.</summary>
internal static class DetectorBenchmark
{
    private const int Rounds = 21;
    private const int BucketRows = 10;   // after the default warm-up of 600 rows
    private const int NameWidth = 60;
    private const double RowAimNs = 300;
    private const double UpdateAimNs = 5000;

    private static readonly DetectorSettings Settings = DetectorSettings.Default;

    /// <summary>Prints a line for each case and one for NAB; 5 where anything is allocated.</summary>
    public static int Run()
    {
        TimedSteps[] cases = [.. Cases(channels: 1), .. Cases(channels: 8)];
        for (int round = 0; round < Rounds; round++)
        {
            foreach (TimedSteps one in cases)
            {
                one.Measure();
            }
        }

        Console.WriteLine($"buckets of {BucketRows} rows at 1 Hz, horizons of {string.Join(", ", Settings.Horizons)} buckets; "
            + $"medians of {Rounds} rounds of {TimedSteps.RoundRows} rows");
        Console.WriteLine($"channels  {"step",-NameWidth}    row ns   bucket's end ns   bytes allocated");
        foreach (TimedSteps one in cases)
        {
            Console.WriteLine(Line(one));
        }

        Console.WriteLine($"aims of a whole step with one channel: {RowAimNs} ns, {UpdateAimNs} ns, 0 bytes");
        NabOnOneCore.Run();
        return cases.Sum(one => one.AllocatedBytes) == 0 ? 0 : 5;
    }

    private static string Line(TimedSteps one) =>
        string.Create(CultureInfo.InvariantCulture, $"{one.Channels,8}  {one.Name,-NameWidth}{one.RowNs,10:F0}")
        + (double.IsNaN(one.BucketEndNs) ? $"{"",18}" : string.Create(CultureInfo.InvariantCulture, $"{one.BucketEndNs,18:F0}"))
        + string.Create(CultureInfo.InvariantCulture, $"{one.AllocatedBytes,18}");

    private static TimedSteps[] Cases(int channels)
    {
        DetectorSetup setup = new(channels, Settings.BucketsOfWarmUp * BucketRows, Seed: 1);
        StreamDetector scores = new(setup, Settings);
        WholeStep alarms = new(setup, Settings, withBands: false);
        WholeStep whole = new(setup, Settings, withBands: true);
        WholeStep network = new(setup, DetectorSettings.WithNetwork, withBands: true);
        WindowedGaussian gaussian = new(setup);
        return
        [
            new("score", channels, BucketRows, (row, _) => scores.Step(row)),
            new("forecasts, score, threshold, events", channels, BucketRows, alarms.Step),
            new("whole: the same and bands at all horizons", channels, BucketRows, whole.Step),
            new("whole, with a network of 32 units in place of the lags", channels, BucketRows, network.Step),
            new("windowed Gaussian: score", channels, 1, (row, _) => gaussian.Step(row)),
        ];
    }
}
