// The whole program measured from outside: throughput, latency, start, size and memory; and from inside: allocation.
//   service --binary PATH [--json] [--seconds N]      all
//   sensors --binary PATH [--json] [--seconds N]      records under COBS and sensors on an I²C bus only

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.EndToEnd.Tests.Rig;

namespace EdgeLstm.Benchmarks.Service;

/// <summary>Runs all of them and prints a table with the limit beside each figure.</summary>
internal static class ServiceBenchmarks
{
    private const int Starts = 10;

    /// <summary>Runs the benchmarks; 0 when every limit is kept, 1 when one is broken, 2 for a wrong command line.</summary>
    public static int Run(string[] arguments)
    {
        int binary = Array.IndexOf(arguments, "--binary");
        int seconds = Array.IndexOf(arguments, "--seconds");
        string? path = binary >= 0 && binary + 1 < arguments.Length
            ? Path.GetFullPath(arguments[binary + 1])
            : EdgeProcess.Binary;
        if (path is null || !File.Exists(path))
        {
            Console.Error.WriteLine(
                $"{arguments[0]} --binary PATH [--json] [--seconds N]: PATH must be the published program edgelstm");
            return 2;
        }

        Environment.SetEnvironmentVariable("EDGELSTM_BINARY", path);
        int duration = seconds >= 0 ? int.Parse(arguments[seconds + 1], CultureInfo.InvariantCulture) : 30;
        IReadOnlyList<Figure> figures = arguments[0] == "sensors" ? MeasureSensors(duration) : Measure(path, duration);
        if (arguments.Contains("--json"))
        {
            using Stream output = Console.OpenStandardOutput();
            Figure.WriteJson(output, figures);
        }
        else
        {
            Figure.Write(Console.Out, figures);
        }

        return figures.All(figure => figure.IsMet) ? 0 : 1;
    }

    private static List<Figure> Measure(string binary, int seconds)
    {
        // Allocation first: the collector of this process has then little else to collect.
        List<Figure> figures = [.. AllocationBenchmark.Measure()];
        figures.AddRange(ThroughputBenchmark.Measure(Accelerometer.Csv, seconds));
        figures.AddRange(LatencyBenchmark.Measure(seconds));
        figures.AddRange(StartBenchmark.Measure(Starts));
        figures.AddRange(FootprintBenchmark.Measure(binary, Math.Min(20, seconds)));
        figures.AddRange(MeasureSensors(seconds));
        return figures;
    }

    private static List<Figure> MeasureSensors(int seconds) =>
        [.. ThroughputBenchmark.Measure(Accelerometer.Cobs, seconds), .. I2cBenchmark.Measure(seconds)];

    /// <summary>Milliseconds between two Stopwatch readings.</summary>
    public static double Ms(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;

    /// <summary>Lines of one recorded column with their line ends.</summary>
    public static byte[][] Lines(string recording, int column) =>
    [
        .. File.ReadLines(Device.Model($"recordings/{recording}")).Skip(1)
            .Select(line => System.Text.Encoding.ASCII.GetBytes(line.Split(',')[column] + "\n")),
    ];
}
