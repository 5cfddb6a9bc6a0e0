// What the default detector costs:  ns per row between updates, ns of a row that ends a bucket;  beside it the windowed Gaussian
// over the same rows, a network of 32 units, and all of NAB on one core.

using System.Globalization;
using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Worker.Evaluation.Suites.Baselines;

namespace EdgeLstm.Benchmarks.Detector;

/// <summary>Measures all in turns in one run, so that whatever slows the machine slows all, and prints medians.</summary>
internal static class DetectorBenchmark
{
    private const int Rounds = 21;
    private const int BucketRows = 10;   // after the default warm-up of 600 rows
    private const int NetworkUnits = 32;
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
        Console.WriteLine("channels  step                                              row ns   bucket's end ns   bytes allocated");
        foreach (TimedSteps one in cases)
        {
            Console.WriteLine(Line(one));
        }

        Console.WriteLine($"aims of the first three with one channel: {RowAimNs} ns, {UpdateAimNs} ns, 0 bytes");
        NabOnOneCore.Run();
        return cases.Sum(one => one.AllocatedBytes) == 0 ? 0 : 5;
    }

    private static string Line(TimedSteps one) =>
        string.Create(CultureInfo.InvariantCulture, $"{one.Channels,8}  {one.Name,-46}{one.RowNs,10:F0}{one.BucketEndNs,18:F0}")
        + string.Create(CultureInfo.InvariantCulture, $"{one.AllocatedBytes,18}");

    private static TimedSteps[] Cases(int channels)
    {
        DetectorSetup setup = new(channels, Settings.BucketsOfWarmUp * BucketRows, TimedSteps.RowPeriodSeconds, Seed: 1);
        StreamDetector scores = new(setup, Settings);
        WholeStep alarms = new(setup, Settings, withBands: false);
        WholeStep whole = new(setup, Settings, withBands: true);
        WindowedGaussian gaussian = new(setup);
        Network network = new([Gru(channels * BucketFeatures.Count)]);
        float[] x = new float[network.InputSize];
        float[] y = new float[network.OutputSize];
        return
        [
            new("score", channels, BucketRows, (row, unixSeconds) => scores.Step(row, unixSeconds)),
            new("score, threshold, events", channels, BucketRows, alarms.Step),
            new("score, threshold, events, bands at all horizons", channels, BucketRows, whole.Step),
            new("windowed Gaussian: score", channels, 1, (row, unixSeconds) => gaussian.Step(row, unixSeconds)),
            new($"GRU of {NetworkUnits} units alone", channels, 1, (_, _) => network.Step(x, y)),
        ];
    }

    private static Layer Gru(int inputs) => GruLayer.Create(
        new(
            "gru", inputs, NetworkUnits, Weights(3 * NetworkUnits * inputs), Weights(3 * NetworkUnits * NetworkUnits),
            Weights(3 * NetworkUnits), Weights(NetworkUnits), GruReset.After),
        VectorWidths.Best);

    private static float[] Weights(int count)
    {
        Random random = new(count);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) / 4)];
    }
}
