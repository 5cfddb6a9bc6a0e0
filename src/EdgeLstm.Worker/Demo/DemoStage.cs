// Everything the demonstration needs around the worker: a private broker, serial lines, a subscriber; all in one folder, all
// ended.

using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Demo;

/// <summary>Starts and ends the processes of the demonstration. Only loopback is used, and nothing is left behind.</summary>
internal sealed class DemoStage : IDisposable
{
    private static readonly TimeSpan BrokerLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-demo-").FullName;
    private readonly List<ChildProcess> _children = [];
    private readonly List<RecordingPlayer> _players = [];
    private ChildProcess? _worker;

    /// <param name="streams">The streams to play.</param>
    public DemoStage(IReadOnlyList<DemoStream> streams)
    {
        Streams = streams;
        Port = FreePort();
    }

    /// <summary>The streams that are played.</summary>
    public IReadOnlyList<DemoStream> Streams { get; }

    /// <summary>The private broker's port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The line with which anyone can watch.</summary>
    public string SubscribeLine => $"mosquitto_sub -h 127.0.0.1 -p {Port} -v -t 'edgelstm/#'";

    /// <summary>Records sent into each line so far, in the order of the streams.</summary>
    public IReadOnlyList<long> RecordsSent => _players.ToArray(player => player.RecordsSent);

    /// <summary>What the worker logged last; for when something fails.</summary>
    public string WorkerLog => _worker?.LastErrors ?? "";

    /// <summary>Starts broker, subscriber, worker and players, in this order.</summary>
    /// <param name="take">Takes each message as "topic payload"; called on a thread of its own.</param>
    public void Start(Action<string> take)
    {
        string brokerFile = Path.Combine(_folder, "mosquitto.conf");
        File.WriteAllText(brokerFile, $"listener {Port} 127.0.0.1\nallow_anonymous true\npersistence false\n");
        Add(ChildProcess.Start("mosquitto", ["-c", brokerFile], "Debian's package mosquitto"));
        WaitForBroker();
        Add(ChildProcess.Start("mosquitto_sub",
            ["-h", "127.0.0.1", "-p", $"{Port}", "-t", "edgelstm/#", "-F", "%t %p"], "Debian's package mosquitto-clients", take));

        List<Pty> lines = [.. Streams.Select(_ => new Pty())];
        string configuration = Path.Combine(_folder, "edgelstm.json");
        File.WriteAllBytes(configuration, WriteConfiguration(lines));
        _worker = Add(ChildProcess.StartSelf(["run", configuration]));
        for (int i = 0; i < Streams.Count; i++)
        {
            _players.Add(new RecordingPlayer(Streams[i], lines[i]));
        }
    }

    /// <summary>Ends the worker as systemd would and returns its exit code; the others end when the stage is disposed.</summary>
    public int Stop()
    {
        foreach (RecordingPlayer player in _players)
        {
            player.Stop();
        }

        return _worker?.Terminate(EndLimit) ?? 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RecordingPlayer player in _players)
        {
            player.Dispose();
        }

        for (int i = _children.Count - 1; i >= 0; i--)
        {
            _children[i].Terminate(EndLimit);
            _children[i].Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private ChildProcess Add(ChildProcess child)
    {
        _children.Add(child);
        return child;
    }

    private byte[] WriteConfiguration(List<Pty> lines)
    {
        using MemoryStream bytes = new();
        using Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("device", "demo");
        json.WriteStartObject("mqtt");
        json.WriteString("host", "127.0.0.1");
        json.WriteNumber("port", Port);
        json.WriteNumber("healthSeconds", 1);
        json.WriteEndObject();
        json.WriteStartArray("streams");
        for (int i = 0; i < Streams.Count; i++)
        {
            WriteStream(json, Streams[i], lines[i].SlavePath);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return bytes.ToArray();
    }

    private static void WriteStream(Utf8JsonWriter json, DemoStream stream, string port)
    {
        json.WriteStartObject();
        json.WriteString("name", stream.Name);
        json.WriteStartObject("source");
        json.WriteString("kind", "serial");
        json.WriteString("port", port);
        json.WriteString("profile", stream.Profile);
        json.WriteEndObject();
        if (stream.Model is not null)
        {
            json.WriteString("model", stream.Model);
        }
        else
        {
            json.WriteNumber("warmUpSamples", DemoStream.WarmUpSamples);
        }

        json.WriteNumber("samplePeriodMs", stream.PlayedPeriodMs);
        json.WriteStartObject("clock");
        json.WriteString("resample", "each");
        json.WriteEndObject();
        json.WriteStartObject("alarm");
        json.WriteNumber("falseAlarmsPerDay", stream.FalseAlarmsPerDay);
        json.WriteNumber("clearSamples", stream.ClearSamples);
        json.WriteEndObject();
        json.WriteStartObject("publish");
        json.WriteNumber("everySamples", stream.EverySamples);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WaitForBroker()
    {
        long deadline = Environment.TickCount64 + (long)BrokerLimit.TotalMilliseconds;
        using ManualResetEventSlim pause = new();
        while (Environment.TickCount64 < deadline && !_children[0].HasExited)
        {
            try
            {
                using TcpClient probe = new("127.0.0.1", Port);
                return;
            }
            catch (SocketException)
            {
                pause.Wait(20);
            }
        }

        throw new DemoException($"the private broker did not come up on port {Port}: {_children[0].LastErrors}");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
