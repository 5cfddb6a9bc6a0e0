// A real mosquitto of one test, on a free loopback port, that can be stopped, killed, frozen and started again.

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdgeLstm.Worker.Tests.Mqtt;

/// <summary>The process and its folder. Queues are unlimited, so that what is missing was lost by the client.</summary>
public sealed partial class MosquittoBroker : IDisposable
{
    private const int SigUsr1 = 10;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    private readonly List<string> _log = [];
    private Process? _process;

    /// <summary>Configures a broker; <see cref="Start"/> starts it.</summary>
    /// <param name="lines">Configuration lines after the listener; none: anyone may connect.</param>
    /// <param name="port">0: a free one.</param>
    public MosquittoBroker(IEnumerable<string>? lines = null, int port = 0)
    {
        Folder = Directory.CreateTempSubdirectory("edgelstm-mosquitto-").FullName;
        Port = port == 0 ? FreePort() : port;
        Configure(lines ?? ["allow_anonymous true"]);
    }

    /// <summary>Null when mosquitto is installed, otherwise the reason to skip a test.</summary>
    public static string? Missing => Binary is null ? "mosquitto is not installed (apt install mosquitto)" : null;

    /// <summary>What the clients under test speak to brokers with, from EDGELSTM_MQTT_DRIVER; null for what every build
    /// has.</summary>
    public static string? Driver =>
        Environment.GetEnvironmentVariable("EDGELSTM_MQTT_DRIVER") is { Length: > 0 } driver ? driver : null;

    /// <summary>Null where that is libmosquitto, else why a promise of it alone cannot be tested.</summary>
    public static string? OtherDriver => Driver is null ? null : $"{Driver} allocates for each message";

    /// <summary>Where the broker listens, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Configuration and database.</summary>
    public string Folder { get; }

    private static string? Binary => new[] { "/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto" }
        .FirstOrDefault(File.Exists);

    /// <summary>A TCP port of 127.0.0.1 that nobody listens on.</summary>
    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A started broker.</summary>
    public static MosquittoBroker Launch(params string[] lines)
    {
        Skip.If(Missing is not null, Missing);
        MosquittoBroker broker = new(lines.Length == 0 ? null : lines);
        broker.Start();
        return broker;
    }

    /// <summary>Writes the configuration anew; the next start reads it.</summary>
    public void Configure(IEnumerable<string> lines)
    {
        string[] head =
        [
            "user root",
            "log_dest stderr",
            "log_type error",
            "log_type warning",
            "log_type notice",
            "log_type information",
            "log_type subscribe",
            "max_queued_messages 0",
            "max_queued_bytes 0",
            "set_tcp_nodelay true",
            string.Create(CultureInfo.InvariantCulture, $"listener {Port} 127.0.0.1"),
        ];
        File.WriteAllLines(Path.Combine(Folder, "mosquitto.conf"), head.Concat(lines));
    }

    /// <summary>Keeps sessions and their queues over a stop; over a kill since the last <see cref="SaveDatabase"/>.</summary>
    public string[] Persistence => ["persistence true", $"persistence_location {Folder}/", "autosave_interval 0"];

    /// <summary>Starts the process and returns once it listens.</summary>
    public void Start()
    {
        ProcessStartInfo start = new(Binary!, ["-c", Path.Combine(Folder, "mosquitto.conf")])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        lock (_log)
        {
            _log.Clear();
        }

        _process = new Process { StartInfo = start };
        _process.Start();

        // A thread of its own: a broker whose log is not read stands still once the pipe is full.
        new Thread(ReadLog) { IsBackground = true, Name = "mosquitto log" }.Start(_process.StandardError);
        WaitForLog(" running");
    }

    /// <summary>SIGTERM, as systemd does; returns once the process is gone.</summary>
    public void Stop() => End(SigTerm);

    /// <summary>SIGKILL: nothing is saved.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>SIGSTOP: connections stay open and nothing answers.</summary>
    public void Freeze() => Check(SendSignal(_process!.Id, SigStop));

    /// <summary>Ends <see cref="Freeze"/>.</summary>
    public void Thaw() => Check(SendSignal(_process!.Id, SigCont));

    /// <summary>Makes the broker write its database now.</summary>
    public void SaveDatabase()
    {
        Check(SendSignal(_process!.Id, SigUsr1));
        WaitForLog("Saving in-memory database");
    }

    /// <summary>Waits up to 10 s for a line of the broker's log.</summary>
    public void WaitForLog(string part)
    {
        long until = Environment.TickCount64 + 10_000;
        lock (_log)
        {
            while (!_log.Any(line => line.Contains(part, StringComparison.Ordinal)))
            {
                int leftMs = (int)(until - Environment.TickCount64);
                bool isInTime = leftMs > 0 && Monitor.Wait(_log, leftMs);
                Assert.True(isInTime, $"mosquitto did not say '{part}': {string.Join('\n', _log)}");
            }
        }
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private void End(int signal)
    {
        Check(SendSignal(_process!.Id, signal));
        Assert.True(_process.WaitForExit(10_000), "mosquitto did not stop within 10 s");
        _process.Dispose();
        _process = null;
    }

    private void ReadLog(object? stream)
    {
        try
        {
            while (((StreamReader)stream!).ReadLine() is { } line)
            {
                lock (_log)
                {
                    _log.Add(line);
                    Monitor.PulseAll(_log);
                }
            }
        }
        catch (Exception problem) when (problem is IOException or ObjectDisposedException)
        {
            // The process is gone and its pipe with it.
        }
    }

    private static void Check(int result) => Assert.Equal(0, result);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
