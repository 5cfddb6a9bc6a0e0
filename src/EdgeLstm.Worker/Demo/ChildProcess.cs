// A process that the demonstration starts, listens to and ends.

using System.ComponentModel;
using System.Diagnostics;
using System.Reflection;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Demo;

/// <summary>A child process whose last words are kept.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int ErrorLinesKept = 20;

    private readonly Process _process;
    private readonly Queue<string> _errors = new();

    private ChildProcess(Process process, Action<string>? take)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not null)
            {
                take?.Invoke(line.Data);
            }
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    /// <summary>True when the process has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The last lines of its standard error.</summary>
    public string LastErrors
    {
        get
        {
            lock (_errors)
            {
                return string.Join('\n', _errors);
            }
        }
    }

    /// <summary>Starts a program of the system.</summary>
    /// <param name="program">Its name; /usr/sbin is searched too.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="package">What brings it, for the message when it is missing.</param>
    /// <param name="take">Takes each line of its standard output.</param>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string package, Action<string>? take = null)
    {
        string path = File.Exists($"/usr/sbin/{program}") ? $"/usr/sbin/{program}" : program;
        try
        {
            return new ChildProcess(Launch(path, arguments), take);
        }
        catch (Win32Exception)
        {
            throw new DemoException($"{program} is missing; install {package}");
        }
    }

    /// <summary>Starts this program again, whether it runs ahead of time or under the runtime.</summary>
    public static ChildProcess StartSelf(IEnumerable<string> arguments)
    {
        string self = Environment.ProcessPath!;
        bool isRuntime = Path.GetFileNameWithoutExtension(self) == "dotnet";
        string library = Path.Combine(AppContext.BaseDirectory, Assembly.GetExecutingAssembly().GetName().Name + ".dll");
        return new ChildProcess(Launch(self, isRuntime ? [library, .. arguments] : arguments), null);
    }

    /// <summary>Asks the process to end as systemd would, waits, and ends it if it does not; returns its exit code.</summary>
    public int Terminate(TimeSpan limit)
    {
        if (!_process.HasExited)
        {
            _ = LibC.Kill(_process.Id, LibC.SIGTERM);
            if (!_process.WaitForExit(limit))
            {
                _process.Kill();
                _process.WaitForExit();
            }
        }

        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();

    private static Process Launch(string path, IEnumerable<string> arguments) =>
        Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > ErrorLinesKept)
            {
                _errors.Dequeue();
            }
        }
    }
}
