// Compiles tests/shim: the library that stands in for /dev/i2c-N, and a small program that asks a bus.

using System.Diagnostics;
using EdgeLstm.Worker.Tests;

namespace EdgeLstm.EndToEnd.Tests.Rig;

/// <summary>Compiles on first use, beside the tests; skips the test that asks where there is no C compiler.</summary>
internal static class I2cShim
{
    private const int CompileLimitMs = 60_000;

    private static readonly string[] Compilers = ["cc", "gcc", "clang"];
    private static readonly string[] Options = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"];
    private static readonly Lazy<string> Library = new(() => Compile("i2c-shim.c", "i2c-shim.so", "-shared", "-fPIC", "-ldl"));
    private static readonly Lazy<string> ProbeProgram = new(() => Compile("i2c-probe.c", "i2c-probe"));

    /// <summary>The reason to skip a test that needs a C compiler; null where there is one.</summary>
    public static string? CompilerMissing => Compiler is null ? "there is no C compiler (apt install gcc)" : null;

    /// <summary>The reason to skip a test of the program under the shim; null where it can run.</summary>
    /// <remarks>Run by dotnet, its calls go past the shim, straight into the C library.</remarks>
    public static string? Missing =>
        CompilerMissing ?? (EdgeProcess.Binary is null ? "needs the published program: set EDGELSTM_BINARY" : null);

    /// <summary>Path of the compiled i2c-probe.c.</summary>
    public static string Probe
    {
        get
        {
            Skip.If(CompilerMissing is not null, CompilerMissing);
            return ProbeProgram.Value;
        }
    }

    /// <summary>The C compiler; null where there is none.</summary>
    public static string? Compiler { get; } = Compilers.FirstOrDefault(name =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name))));

    /// <summary>The variables under which a program finds the buses whose sockets are in a folder.</summary>
    public static Dictionary<string, string> VariablesFor(string folder)
    {
        Skip.If(CompilerMissing is not null, CompilerMissing);
        return new() { ["LD_PRELOAD"] = Library.Value, ["EDGELSTM_I2C_SOCKET"] = I2cSocketServer.SocketsIn(folder) };
    }

    private static string Compile(string source, string target, params string[] further)
    {
        string folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "shim")).FullName;
        string made = Path.Combine(folder, target);
        string path = Path.Combine(RepositoryRoot.Path, "tests", "shim", source);
        ProcessStartInfo start = new(Compiler!, [.. Options, "-o", made, path, .. further]) { RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string said = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(CompileLimitMs) && process.ExitCode == 0, $"{source} does not compile:\n{said}");
        return made;
    }
}
