// The worker's line to its broker: one I/O thread that connects, publishes what the streams append, and keeps what it cannot.

using System.Diagnostics;
using System.Text.Json;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Outbox;
using EdgeLstm.Worker.Sensors;
using Microsoft.Extensions.Logging;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Publishes the records of all streams with QoS 1. Live ones at once; what the broker missed afterwards,
/// beside them. Receives the topics that streams read.</summary>
/// <remarks>
/// A record is forgotten only after the broker's PUBACK; the same record may arrive twice, and (boot, seq) tells. At most
/// <see cref="MqttOptions.InFlight"/> messages await their PUBACK; the client keeps those across a reconnect and sends them
/// again. Everything else waits in rings of fixed size that drop the oldest and count it.
/// </remarks>
public sealed class MqttLink : IDisposable
{
    private readonly WakeSignal _wake;
    private readonly BrokerClient _client;
    private readonly MqttSession _session;
    private readonly RecordOutbox _outbox;
    private readonly Thread _thread;
    private readonly ILogger _logger;
    private readonly MqttAnnouncements _announcements;
    private readonly MqttTopics _topics;
    private readonly string _boot;
    private readonly HashSet<string> _names = ["status", "health", "request", "response"];
    private bool _started;

    /// <param name="options">Broker, certificates, limits.</param>
    /// <param name="device">Name of this device, one topic level.</param>
    /// <param name="boot">Names this process start, 8 hexadecimal digits.</param>
    /// <param name="streams">All streams; their names are distinct topic levels.</param>
    /// <param name="writeHealth">Writes members of the open health object; called on the I/O thread.</param>
    /// <param name="logger">Gets one line per change of the connection.</param>
    /// <param name="sources">The topics that streams read; null for none.</param>
    /// <param name="reloads">Takes requests to reload and gives the answers; null where there is nobody to.</param>
    /// <param name="outbox">Keeps what the broker has not acknowledged; null for one in memory alone.</param>
    /// <param name="disk">Where the outbox is served by a disk; null for memory alone.</param>
    /// <exception cref="MqttException">libmosquitto is not installed, or a certificate file cannot be read.</exception>
    /// <exception cref="ArgumentException">Options, device or stream names break their rules.</exception>
    internal MqttLink(
        MqttOptions options,
        string device,
        string boot,
        IReadOnlyList<StreamOutlet> streams,
        Action<Utf8JsonWriter> writeHealth,
        ILogger logger,
        TopicRouter? sources = null,
        ReloadDesk? reloads = null,
        RecordOutbox? outbox = null,
        OutboxPlan? disk = null)
    {
        RequireRules(options, device, streams);
        _logger = logger;
        _boot = boot;
        _topics = new MqttTopics(options.TopicPrefix, device);
        RequestInbox inbox = new(_topics, $"{options.HomeAssistantPrefix}/status");
        string clientId = options.ClientId ?? MqttOptions.DefaultClientId(device);
        _client = BrokerClient.Create(options, clientId, _topics.Status, inbox, sources);
        _outbox = outbox ?? new RecordOutbox(hasDisk: false);
        _client.OnAcknowledged(_outbox.Acknowledge);
        _wake = new WakeSignal();
        BrokerConnection connection = new(_client, $"{options.Host}:{options.Port}", clientId, logger);
        _announcements = new MqttAnnouncements(options, device, boot, _topics, streams, writeHealth, inbox, sources,
            reloads);
        StreamPublisher[] publishers = [.. streams.Select(stream => new StreamPublisher(stream, _topics, boot, _outbox))];
        _session = new MqttSession(options, _client, connection, _announcements, publishers, _wake, sources,
            _outbox, new BacklogPublisher(_client, _outbox, _topics, options.HistoryRecordsPerSecond), disk);
        _thread = new Thread(_session.Run) { Name = "mqtt", IsBackground = true };
    }

    /// <summary>Whether the broker has accepted this client and not gone away since.</summary>
    public bool Connected => _session.Connected;

    /// <summary>Messages handed over for sending; one that is sent again counts once.</summary>
    public long Published => _client.Published;

    /// <summary>PUBACKs received.</summary>
    public long Acknowledged => _client.Acknowledged;

    /// <summary>True when the link holds nothing back and the broker has acknowledged all it was given.</summary>
    public bool IsDelivered => BacklogRecords == 0 && Acknowledged == Published;

    /// <summary>Connections made after the first one.</summary>
    public long Reconnects => _session.Reconnects;

    /// <summary>Samples that neither memory nor disk had room for, all streams together.</summary>
    public long DroppedRecords => _session.DroppedRecords;

    /// <summary>Events likewise.</summary>
    public long DroppedEvents => _session.DroppedEvents;

    /// <summary>Samples and events that wait for the broker, in memory and on disk, all streams together.</summary>
    public long BacklogRecords => _session.BacklogRecords;

    /// <summary>Managed bytes the I/O thread has allocated since it started; it stands still while only records are
    /// published.</summary>
    public long AllocatedBytes => _session.AllocatedBytes;

    /// <summary>Writes the link's counters as the health message has them. Any thread.</summary>
    public void WriteCounters(Utf8JsonWriter writer) => _announcements.WriteCounters(writer, _session.Counters);

    /// <summary>Takes up a stream that began later: its records, its place in what Home Assistant is told. By one thread at a
    /// time, any one.</summary>
    /// <exception cref="ArgumentException">The name breaks the rules or is taken.</exception>
    public void Add(StreamOutlet stream)
    {
        RequireStream(stream.Name);
        _session.Add(new StreamPublisher(stream, _topics, _boot, _outbox));
        _announcements.Add(stream);
        Wake();
    }

    /// <summary>Takes a changed description of a stream over: its model's name.</summary>
    public void Update(StreamOutlet stream)
    {
        _announcements.Add(stream);
        Wake();
    }

    /// <summary>Lets go of a stream that has ended: what waits of it is still delivered, Home Assistant forgets it. By one thread
    /// at a time, any one.</summary>
    public void Remove(StreamOutlet stream)
    {
        _names.Remove(stream.Name);
        _session.Remove(stream);
        _announcements.Remove(stream.Name);
        Wake();
    }

    /// <summary>Starts the I/O thread, which connects and keeps trying.</summary>
    public void Start()
    {
        _started = true;
        _thread.Start();
    }

    /// <summary>Says that a stream's ring has something new. Any thread, never blocks, allocates nothing.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Sends what it can, publishes <c>offline</c>, disconnects. Returns within the limit, whatever the
    /// broker does.</summary>
    /// <param name="limit">Time for all of it; a broker that cannot be reached is not waited for.</param>
    public void Stop(TimeSpan limit)
    {
        if (!_started || !_thread.IsAlive)
        {
            return;
        }

        _session.RequestStop(Stopwatch.GetTimestamp(), limit);
        if (!_thread.Join(limit + TimeSpan.FromMilliseconds(100)))
        {
            MqttLog.LeftBehind(_logger, (long)limit.TotalMilliseconds);
            return;
        }

        MqttLog.Stopped(_logger, Published, Acknowledged, _session.Undelivered);
    }

    /// <summary>Stops without waiting for the broker, and frees the client.</summary>
    public void Dispose()
    {
        Stop(TimeSpan.Zero);
        if (_started && !_thread.Join(TimeSpan.FromSeconds(1)))
        {
            // The thread sits in a name lookup: what it still uses is left to the end of the process.
            return;
        }

        _client.Dispose();
        _wake.Dispose();
    }

    private void RequireRules(MqttOptions options, string device, IReadOnlyList<StreamOutlet> streams)
    {
        string problems = string.Join("; ", options.FindProblems());
        if (problems.Length > 0)
        {
            throw new ArgumentException($"mqtt: {problems}", nameof(options));
        }

        RequireLevel(device);
        foreach (StreamOutlet stream in streams)
        {
            RequireStream(stream.Name);
        }
    }

    private void RequireStream(string name)
    {
        RequireLevel(name);
        if (!_names.Add(name))
        {
            throw new ArgumentException($"stream '{name}': the name is taken; streams have distinct names, and "
                + "none is status, health, request or response");
        }
    }

    private static void RequireLevel(string name)
    {
        if (!MqttTopics.IsLevel(name))
        {
            throw new ArgumentException($"'{name}' cannot be a topic level: no '/', '+', '#', at most 64 characters");
        }
    }
}
