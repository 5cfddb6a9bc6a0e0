// Fault 12, second part: the wall clock is moved by an hour, forwards and back, while the program runs.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Faults.Rig;
using EdgeLstm.Worker.Tests;

namespace EdgeLstm.Faults;

public sealed class ClockStepTests
{
    private const int HourSeconds = 3600;
    private const int Samples = 80;   // for longer than the program goes without a look at the clock
    private const int ToleranceSeconds = 60;
    private const int CompileLimitMs = 60_000;

    private static readonly string[] Compilers = ["cc", "gcc", "clang"];
    private static readonly Lazy<string> Shim = new(Compile);

    [SkippableFact]
    public void Moving_the_clock_by_an_hour_neither_reorders_nor_repeats_nor_stalls()
    {
        int steps = Counts.Of(4, 20);
        FaultTable.Row(12.1, "clock moved by an hour, forwards and back", $"{steps}", () => Step(steps));
    }

    private static Tally Step(int steps)
    {
        using FaultDevice device = FaultDevice.Launch();
        string offset = Path.Combine(device.Folder, "offset");
        SetOffset(offset, 0);
        using WorkerProcess program = device.Start(
            new Dictionary<string, string> { ["LD_PRELOAD"] = Shim.Value, ["EDGELSTM_CLOCK_OFFSET"] = offset });
        program.WaitForLog("connected to");
        Tally tally = new(0, 0);
        for (int step = 0; step < steps; step++)
        {
            int offsetSeconds = (step % 4) switch { 0 => HourSeconds, 2 => -HourSeconds, _ => 0 };
            SetOffset(offset, offsetSeconds);
            device.Feed(Samples, perSecond: 50);
            tally = device.WaitForAll(seconds: 20);
            long shownMs = device.Subscriber.Record(device.Written - 1).TimestampUnixMs;
            double shiftSeconds = (shownMs - TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()) / 1000.0;
            Assert.InRange(shiftSeconds, offsetSeconds - ToleranceSeconds, offsetSeconds + ToleranceSeconds);
        }

        for (int number = 0; number < device.Written; number++)
        {
            Assert.Equal(number + 1, device.Subscriber.Record(number).Sequence);
        }

        Assert.Equal(0, tally.Duplicates);
        Assert.Single(device.Link.Ledger.Passages);
        return tally;
    }

    // Renamed into place: a reader never finds half of it.
    private static void SetOffset(string path, int seconds)
    {
        File.WriteAllText(path + ".new", seconds.ToString(CultureInfo.InvariantCulture));
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
