// Runs what firmware-configs/ ships on this machine: sketches through g++ and a stub of the Arduino core, scripts through
// python3.

using System.ComponentModel;
using System.Diagnostics;

namespace EdgeLstm.Worker.Tests.FirmwareConfigs;

internal static class Firmware
{
    private const int PatienceMs = 60_000;

    /// <summary>The folder of profiles.</summary>
    public static string Configs { get; } = Path.Combine(RepositoryRoot.Path, "firmware-configs");

    /// <summary>All profiles, relative to <see cref="Configs"/>, in order.</summary>
    public static IReadOnlyList<string> Profiles { get; } =
        [.. Directory.GetFiles(Configs, "*.json", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/examples/", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Configs, file)).Order(StringComparer.Ordinal)];

    /// <summary>What a sketch sends while its loop runs so many times.</summary>
    public static byte[] RunSketch(string sketch, int loops) => RunCpp($$"""
        #include "Arduino.h"
        // The Arduino builder writes these declarations itself.
        float readCelsius(); float readMillivolt(); unsigned long readRpm(); bool readAxes(int16_t axes[3]);
        void sendRecord(const int16_t axes[3]); void writeRegister(uint8_t address, uint8_t value); void startSensor();
        #include "{{Path.Combine(Configs, sketch)}}"
        int main() { setup(); for (int i = 0; i < {{loops}}; i++) loop(); }
        """);

    /// <summary>Compiles a C++ program and returns its output; skips the test where there is no g++.</summary>
    public static byte[] RunCpp(string source)
    {
        string folder = Directory.CreateTempSubdirectory("edgelstm-sketch-").FullName;
        try
        {
            string program = Path.Combine(folder, "program");
            File.WriteAllText(program + ".cpp", source);
            string stub = Path.Combine(RepositoryRoot.Path, "tests", "EdgeLstm.Worker.Tests", "FirmwareConfigs", "stub");
            Run("g++", "-std=c++17", "-Wall", "-Werror", "-Wno-unused-function", "-I", stub, "-o", program, program + ".cpp");
            return Run(program);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Runs Python and returns its output; skips the test where there is no python3.</summary>
    public static byte[] RunPython(string source) => Run("python3", "-B", "-c", source);

    private static byte[] Run(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        using MemoryStream output = new();
        process.StandardOutput.BaseStream.CopyTo(output);
        Assert.True(process.WaitForExit(PatienceMs), $"{program} did not end");
        Assert.True(process.ExitCode == 0, $"{program}: {errors.Result}");
        return output.ToArray();
    }

    private static Process Start(string program, string[] arguments)
    {
        try
        {
            return Process.Start(
                new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            Skip.If(true, $"{program} is not installed");
            throw;
        }
    }
}
