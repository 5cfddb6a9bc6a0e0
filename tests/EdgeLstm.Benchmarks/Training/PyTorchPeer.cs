// tests/compare/training/train.py in a process of its own, which waits while others are measured.

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EdgeLstm.Worker.Tests;

namespace EdgeLstm.Benchmarks.Training;

/// <summary>Trains a case in PyTorch, with OpenBLAS where it can be had.</summary>
internal sealed class PyTorchPeer : IDisposable
{
    private const string Interpreter = "/usr/bin/python3";   // python3-torch is a package of Debian's own

    private readonly Process _process;

    private PyTorchPeer(Process process, string version)
    {
        _process = process;
        Version = version;
    }

    /// <summary>Versions, as the process says them.</summary>
    public string Version { get; }

    /// <summary>Starts it; null where PyTorch is missing.</summary>
    public static PyTorchPeer? Start(SpeedCase one, string folder, int threads)
    {
        if (!File.Exists(Interpreter))
        {
            return null;
        }

        one.Write(folder);
        ProcessStartInfo info = new(Interpreter, [Script("train.py"), folder, .. Numbers(one, threads)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        info.Environment["LD_LIBRARY_PATH"] = OpenBlas();
        info.Environment["OMP_NUM_THREADS"] = info.Environment["OPENBLAS_NUM_THREADS"] = $"{threads}";
        Process process = Process.Start(info)!;
        string? line = process.StandardOutput.ReadLine();
        if (line is null)
        {
            process.Dispose();
            return null;
        }

        JsonElement said = JsonDocument.Parse(line).RootElement;
        return new PyTorchPeer(process, $"PyTorch {said.GetProperty("version")} with {said.GetProperty("blas")}");
    }

    /// <summary>One training from the first weights.</summary>
    public Round Train()
    {
        _process.StandardInput.WriteLine();
        _process.StandardInput.Flush();
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("train.py ended");
        JsonElement said = JsonDocument.Parse(line).RootElement;
        double[] losses = [.. said.GetProperty("losses").EnumerateArray().Select(loss => loss.GetDouble())];
        return new Round(said.GetProperty("seconds").GetDouble(), losses, said.GetProperty("growth").GetInt64());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Script(string name) => Path.Combine(RepositoryRoot.Path, "tests", "compare", "training", name);

    private static string[] Numbers(SpeedCase one, int threads) =>
    [
        $"{one.Inputs}", $"{one.Units}", $"{one.Layers}", $"{SpeedCase.Steps}", $"{SpeedCase.Batch}", $"{SpeedCase.Batches}",
        $"{SpeedCase.Updates}", SpeedCase.LearningRate.ToString(CultureInfo.InvariantCulture), $"{threads}",
    ];

    // Its folder; empty where it cannot be had: then PyTorch multiplies with the BLAS that is installed, and says so.
    private static string OpenBlas()
    {
        ProcessStartInfo info = new("bash", [Script("openblas.sh")]) { RedirectStandardOutput = true };
        using Process process = Process.Start(info)!;
        string folder = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? folder : string.Empty;
    }
}
