// The program under test as a child process: what it prints, what it logs, and the signals that a service manager sends.

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeLstm.EndToEnd.Tests.Rig;

/// <summary>The published program named by EDGELSTM_BINARY; without it the one beside the tests, run by dotnet.</summary>
internal sealed partial class EdgeProcess : IDisposable
{
    private const int SigHup = 1;
    private const int SigInt = 2;
    private const int SigTerm = 15;
    private const int ExitLimitSeconds = 20;

    // What the machine or an earlier test may have set must not reach the program.
    private static readonly string[] ForeignVariables =
    [
        "EDGELSTM_MQTT_USERNAME", "EDGELSTM_MQTT_PASSWORD", "CREDENTIALS_DIRECTORY", "STATE_DIRECTORY",
        "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM",
    ];

    private readonly Process _process;
    private readonly List<string> _log = [];
    private readonly List<string> _output = [];
    private readonly Thread[] _readers;

    /// <summary>Starts the program.</summary>
    /// <param name="arguments">The verb and what follows it.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="launcher">A program that starts the published one; null to start it at once.</param>
    public EdgeProcess(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? launcher = null)
    {
        ProcessStartInfo start = launcher is null
            ? CreateStart(arguments, environment ?? new Dictionary<string, string>())
            : CreateStart(launcher, [Binary!, .. arguments], environment ?? new Dictionary<string, string>());
        _process = new Process { StartInfo = start };
        StartedTicks = Stopwatch.GetTimestamp();
        _process.Start();
        _readers = [Read(_process.StandardOutput, _output), Read(_process.StandardError, _log)];
    }

    /// <summary>Where the published program is; null when the one beside the tests is run.</summary>
    public static string? Binary => Environment.GetEnvironmentVariable("EDGELSTM_BINARY");

    /// <summary>What a script writes before the verb.</summary>
    public static string CommandLine => Binary ?? $"dotnet {Beside}";

    private static string Beside => Path.Combine(AppContext.BaseDirectory, "edgelstm.dll");

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>Stopwatch ticks just before the process was started.</summary>
    public long StartedTicks { get; }

    /// <summary>Its standard input.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>Lines of standard error so far.</summary>
    public IReadOnlyList<string> Log
    {
        get { lock (_log) { return [.. _log]; } }
    }

    /// <summary>Lines of standard output so far.</summary>
    public IReadOnlyList<string> Output
    {
        get { lock (_output) { return [.. _output]; } }
    }

    /// <summary>Runs a verb to its end.</summary>
    public static (int ExitCode, string Output, string Log) Execute(params string[] arguments)
    {
        using EdgeProcess process = new(arguments);
        process.Input.Close();
        int code = process.WaitForExit(60);
        return (code, string.Join('\n', process.Output), string.Join('\n', process.Log));
    }

    /// <summary>Waits for a log line that contains <paramref name="part"/>, or for the n-th such line.</summary>
    public void WaitForLog(string part, int times = 1, int seconds = 20)
    {
        long until = Environment.TickCount64 + (seconds * 1000L);
        lock (_log)
        {
            while (_log.Count(line => line.Contains(part, StringComparison.Ordinal)) < times)
            {
                int leftMs = (int)(until - Environment.TickCount64);
                Assert.True(
                    leftMs > 0 && Monitor.Wait(_log, leftMs),
                        $"'{part}' was not logged {times} time(s):\n{string.Join('\n', _log)}");
            }
        }
    }

    /// <summary>SIGTERM, as systemd stops a service.</summary>
    public void Terminate() => Assert.Equal(0, SendSignal(_process.Id, SigTerm));

    /// <summary>SIGINT, as a terminal sends at Ctrl+C.</summary>
    public void Interrupt() => Assert.Equal(0, SendSignal(_process.Id, SigInt));

    /// <summary>SIGHUP, as systemd has a service read its configuration again.</summary>
    public void HangUp() => Assert.Equal(0, SendSignal(_process.Id, SigHup));

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Waits for the end and for everything it said; returns the exit code.</summary>
    public int WaitForExit(int seconds = ExitLimitSeconds)
    {
        Assert.True(_process.WaitForExit(seconds * 1000), $"still running after {seconds} s:\n{string.Join('\n', Log)}");
        foreach (Thread reader in _readers)
        {
            reader.Join();
        }

        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        foreach (Thread reader in _readers)
        {
            reader.Join();
        }

        _process.Dispose();
    }

    private static ProcessStartInfo CreateStart(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        return Binary is { } binary
            ? CreateStart(binary, arguments, environment)
            : CreateStart("dotnet", [Beside, .. arguments], environment);
    }

    private static ProcessStartInfo CreateStart(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        ProcessStartInfo start = new(program, arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (string name in ForeignVariables)
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    private static Thread Read(StreamReader stream, List<string> lines)
    {
        Thread thread = new(() =>
        {
            while (stream.ReadLine() is { } line)
            {
                lock (lines)
                {
                    lines.Add(line);
                    Monitor.PulseAll(lines);
                }
            }
        })
        { IsBackground = true, Name = "edgelstm output" };
        thread.Start();
        return thread;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
