// Coverage of the conformal band on recorded sensors: last value and a linear forecast, 1, 6 and 12 samples ahead.

using System.Globalization;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Tests.Models;
using Xunit.Abstractions;

namespace EdgeLstm.Core.Tests.Forecasting;

public class ConformalBandRecordingTests(ITestOutputHelper output)
{
    private const double Nominal = 0.9;
    private const int WarmUp = 100;

    /// <summary>The files of the benchmark that come from a physical sensor.</summary>
    public static TheoryData<string> Sensors =>
    [
        "realKnownCause/ambient_temperature_system_failure", "realKnownCause/machine_temperature_system_failure",
        "realTraffic/TravelTime_387", "realTraffic/TravelTime_451", "realTraffic/occupancy_6005", "realTraffic/occupancy_t4013",
        "realTraffic/speed_6005", "realTraffic/speed_7578", "realTraffic/speed_t4013",
    ];

    [SkippableTheory]
    [MemberData(nameof(Sensors))]
    public void Coverage_on_a_recorded_sensor_comes_within_3_points_of_nominal(string file)
    {
        double[] values = Read($"{file}.csv");
        foreach (int horizon in new[] { 1, 6, 12 })
        {
            double[] last = [.. Enumerable.Repeat(double.NaN, horizon), .. values[..^horizon]];
            double ofLast = Coverage(values, last, horizon);
            double ofLinear = Coverage(values, LinearForecast.Run(values, horizon), horizon);
            output.WriteLine($"{file} {horizon}: last value {ofLast:F4}, linear {ofLinear:F4}");
            Assert.InRange(ofLast, Nominal - 0.03, Nominal + 0.03);
            Assert.InRange(ofLinear, Nominal - 0.03, Nominal + 0.03);
        }
    }

    // No other file can do better: an artificial one repeats itself exactly, so that more than the nominal part equals its
    // forecast.
    [SkippableFact]
    public void No_recorded_file_of_the_benchmark_is_covered_less_than_nominal_by_3_points()
    {
        string folder = Path.Combine(RepositoryFolders.Shared, "data", "nab");
        Skip.IfNot(Directory.Exists(folder), $"{folder} is not there: set EDGELSTM_SHARED to the folder that holds data/");
        foreach (string path in Directory.EnumerateFiles(folder, "*.csv", SearchOption.AllDirectories).Order())
        {
            double[] values = Read(path);
            foreach (int horizon in new[] { 1, 6, 12 })
            {
                double[] last = [.. Enumerable.Repeat(double.NaN, horizon), .. values[..^horizon]];
                double coverage = Coverage(values, last, horizon);
                Assert.True(coverage >= Nominal - 0.03, $"{path} {horizon} ahead: {coverage:F4}");
                Assert.True(coverage <= Nominal + 0.03 || path.Contains("artificial", StringComparison.Ordinal),
                    $"{path} {horizon} ahead: {coverage:F4}");
            }
        }
    }

    private static double Coverage(double[] values, double[] forecasts, int horizon)
    {
        ConformalBand band = new(horizon, Nominal);
        (int inside, int all) = (0, 0);
        for (int t = 0; t < values.Length; t++)
        {
            BandVerdict verdict = band.Observe(values[t] - forecasts[t]);
            if (t >= WarmUp && verdict != BandVerdict.None)
            {
                all++;
                inside += verdict == BandVerdict.Inside ? 1 : 0;
            }
        }

        return (double)inside / all;
    }

    private static double[] Read(string file)
    {
        string path = Path.Combine(RepositoryFolders.Shared, "data", "nab", file);
        Skip.IfNot(File.Exists(path), $"{path} is not there: set EDGELSTM_SHARED to the folder that holds data/");
        return [.. File.ReadLines(path).Skip(1).Where(line => line.Length > 0)
            .Select(line => double.Parse(line.AsSpan(line.LastIndexOf(',') + 1), CultureInfo.InvariantCulture))];
    }
}
