// Moves the wall clock of one program, and says whether it is synchronised: clock-shim.c, loaded before the C library.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Worker.Tests;

namespace EdgeLstm.Faults.Rig;

/// <summary>The clock of a program; compiles the shim on first use, or skips the test where there is no C compiler.</summary>
internal sealed class ClockShim
{
    private const int CompileLimitMs = 60_000;

    private static readonly string[] Compilers = ["cc", "gcc", "clang"];
    private static readonly Lazy<string> Library = new(Compile);

    private readonly string _offset;
    private readonly string _sync;

    /// <param name="folder">Where the files are that the shim reads.</param>
    public ClockShim(string folder)
    {
        _offset = Path.Combine(folder, "clock-offset");
        _sync = Path.Combine(folder, "clock-sync");
        Variables = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Library.Value,
            ["EDGELSTM_CLOCK_OFFSET"] = _offset,
            ["EDGELSTM_CLOCK_SYNC"] = _sync,
        };
        OffsetSeconds = 0;
        IsSynchronised = false;
    }

    /// <summary>The variables under which a program has this clock.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>Seconds by which the program's wall clock is ahead of the true time.</summary>
    public int OffsetSeconds
    {
        set => Put(_offset, value);
    }

    /// <summary>What the program's kernel says of it.</summary>
    public bool IsSynchronised
    {
        set => Put(_sync, value ? 1 : 0);
    }

    // Renamed into place: a reader never finds half of it.
    private static void Put(string path, int value)
    {
        File.WriteAllText(path + ".new", value.ToString(CultureInfo.InvariantCulture));
        File.Move(path + ".new", path, overwrite: true);
    }

    private static string Compile()
    {
        string? compiler = Compilers.FirstOrDefault(name =>
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name))));
        Skip.If(compiler is null, "there is no C compiler (apt install gcc)");
        string made = Path.Combine(AppContext.BaseDirectory, "clock-shim.so");
        string source = Path.Combine(RepositoryRoot.Path, "tests", "EdgeLstm.Faults", "clock-shim.c");
        string[] options = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", made, source, "-ldl"];
        using Process process = Process.Start(new ProcessStartInfo(compiler, options) { RedirectStandardError = true })!;
        string said = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(CompileLimitMs) && process.ExitCode == 0, $"{source} does not compile:\n{said}");
        return made;
    }
}
