// The program as a child process: what it logs, how it is ended, under which limits it runs.

using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeLstm.Worker.Tests;

namespace EdgeLstm.Faults.Rig;

/// <summary>The published program named by EDGELSTM_BINARY; without it the one that this build made, run by dotnet.</summary>
internal sealed partial class WorkerProcess : IDisposable
{
    private const int SigTerm = 15;
    private const int BytesPerKilobyte = 1024;

    // What the machine or an earlier test may have set must not reach the program.
    private static readonly string[] ForeignVariables =
    [
        "EDGELSTM_MQTT_USERNAME", "EDGELSTM_MQTT_PASSWORD", "CREDENTIALS_DIRECTORY", "STATE_DIRECTORY",
        "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM",
    ];

    private readonly Process _process;
    private readonly List<(string Line, long Ticks)> _log = [];
    private readonly Thread[] _readers;
    private bool _disposed;

    /// <summary>Starts the program.</summary>
    /// <param name="arguments">The verb and what follows it.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="fileLimitBytes">The size that no file of the program may pass (RLIMIT_FSIZE); null: any.</param>
    public WorkerProcess(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null,
        long? fileLimitBytes = null)
    {
        List<string> command = [.. Program, .. arguments];
        if (fileLimitBytes is long bytes)
        {
            // Ignored signals stay ignored in the program that takes the shell's place: a write fails with EFBIG.
            command = ["bash", "-c", $"trap '' XFSZ; ulimit -f {bytes / BytesPerKilobyte}; exec \"$@\"", "bash", .. command];
        }

        ProcessStartInfo start = new(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in ForeignVariables)
        {
            start.Environment.Remove(name);
        }

        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.Start();
        _process.StandardInput.AutoFlush = true;
        _readers = [Read(_process.StandardOutput), Read(_process.StandardError)];
    }

    /// <summary>Where the published program is; null when the one of this build is run.</summary>
    public static string? Binary => Environment.GetEnvironmentVariable("EDGELSTM_BINARY");

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Its standard input.</summary>
    public StreamWriter Input => _process.StandardInput;

    /// <summary>Lines of standard error and output so far.</summary>
    public IReadOnlyList<string> Log
    {
        get { lock (_log) { return [.. _log.Select(entry => entry.Line)]; } }
    }

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentBytes
    {
        get
        {
            string line = File.ReadLines($"/proc/{Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return BytesPerKilobyte * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
        }
    }

    /// <summary>Processor time so far, in milliseconds.</summary>
    public double ProcessorMs
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalMilliseconds;
        }
    }

    private static string[] Program => Binary is { } binary ? [binary] : ["dotnet", BuiltProgram];

    // artifacts/FRAMEWORK/bin/EdgeLstm.Faults/release/ → …/bin/EdgeLstm.Worker/release/edgelstm.dll
    private static string BuiltProgram
    {
        get
        {
            string here = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
            string beside = Path.Combine(here, "..", "..", "EdgeLstm.Worker", Path.GetFileName(here));
            string path = Path.GetFullPath(Path.Combine(beside, "edgelstm.dll"));
            Skip.IfNot(File.Exists(path), $"{path} is not there: build {RepositoryRoot.Path} or set EDGELSTM_BINARY");
            return path;
        }
    }

    /// <summary>Waits for the n-th log line that contains <paramref name="part"/>; returns when it came, in Stopwatch
    /// ticks.</summary>
    public long WaitForLog(string part, int times = 1, int seconds = 30)
    {
        long until = Environment.TickCount64 + (seconds * 1000L);
        lock (_log)
        {
            while (true)
            {
                long[] found = [.. _log.Where(entry => entry.Line.Contains(part, StringComparison.Ordinal)).Select(e => e.Ticks)];
                if (found.Length >= times)
                {
                    return found[times - 1];
                }

                int leftMs = (int)(until - Environment.TickCount64);
                Assert.True(leftMs > 0, $"'{part}' was not logged {times} time(s):\n{string.Join('\n', Log)}");
                Monitor.Wait(_log, leftMs);
            }
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>SIGTERM, then waits for the end; returns the exit code.</summary>
    public int Terminate()
    {
        Assert.Equal(0, SendSignal(Id, SigTerm));
        return WaitForExit();
    }

    /// <summary>Waits for the end and for everything it said; returns the exit code.</summary>
    public int WaitForExit(int seconds = 30)
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
        if (_disposed)
        {
            return;
        }

        _disposed = true;
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

    private Thread Read(StreamReader stream)
    {
        Thread thread = new(() =>
        {
            while (stream.ReadLine() is { } line)
            {
                lock (_log)
                {
                    _log.Add((line, Stopwatch.GetTimestamp()));
                    Monitor.PulseAll(_log);
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
