// How long the published program takes to import a PyTorch LSTM of 10 MB, beside reading and hashing that file: what no import
// can do without.

using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Benchmarks;

/// <summary>Measures both in turns in one run and prints medians and their ratio.</summary>
internal static class ImportBenchmark
{
    private const int Inputs = 64;
    private const int Hidden = 768;
    private const int Rounds = 9;

    /// <summary>Prints the figures; 2 without <c>--binary PATH</c>, 5 where an import fails.</summary>
    public static int Run(string[] args)
    {
        if (args is not [_, "--binary", string binary])
        {
            Console.Error.WriteLine("import --binary PATH: the published program");
            return 2;
        }

        string folder = Directory.CreateTempSubdirectory("edgelstm-import").FullName;
        try
        {
            string source = Path.Combine(folder, "lstm.safetensors");
            File.WriteAllBytes(source, SafetensorsWriter.Write(new Dictionary<string, string>(), StateDict()));
            return Measure(binary, source, Path.Combine(folder, "model.safetensors"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Measure(string binary, string source, string output)
    {
        double[] importMs = new double[Rounds];
        double[] floorMs = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            SHA256.HashData(File.ReadAllBytes(source));
            floorMs[round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

            start = Stopwatch.GetTimestamp();
            var info = new ProcessStartInfo(binary, ["import", source, "-o", output])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using Process process = Process.Start(info)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            importMs[round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (process.ExitCode != 0)
            {
                Console.Error.WriteLine($"exit code {process.ExitCode}: {errors.Result}");
                return 5;
            }
        }

        (double import, double floor) = (Median(importMs), Median(floorMs));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{new FileInfo(source).Length / 1e6:F1} MB, LSTM {Inputs} x {Hidden} and a dense layer; medians of {Rounds} runs"));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"import, start to end of the program {import:F0} ms; reading and hashing the file {floor:F0} ms; ")
            + string.Create(CultureInfo.InvariantCulture, $"ratio {import / floor:F1}"));
        return 0;
    }

    private static Tensor[] StateDict() =>
    [
        Random("lstm.weight_ih_l0", 4 * Hidden, Inputs),
        Random("lstm.weight_hh_l0", 4 * Hidden, Hidden),
        Random("lstm.bias_ih_l0", 4 * Hidden),
        Random("lstm.bias_hh_l0", 4 * Hidden),
        Random("fc.weight", 1, Hidden),
        Random("fc.bias", 1),
    ];

    private static Tensor Random(string name, params long[] shape)
    {
        var random = new Random(name.Length);
        float[] values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (int k = 0; k < values.Length; k++)
        {
            values[k] = (random.NextSingle() - 0.5f) / 14;
        }

        return new Tensor(name, shape, values);
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }
}
