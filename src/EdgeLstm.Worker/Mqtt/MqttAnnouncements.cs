// What the link says of itself: status, health, Home Assistant discovery, and the answers to requests.

using System.Diagnostics;
using System.Text.Json;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Counters of the link at one moment, for the health topic.</summary>
internal readonly record struct LinkCounters(
    bool Connected,
    long Published,
    long Acknowledged,
    long Rejected,
    long Reconnects,
    long DroppedRecords,
    long DroppedEvents,
    long BacklogRecords,
    long AllocatedBytes);

/// <summary>Everything but records. Used by the I/O thread only, but for members that say
/// otherwise.</summary>
internal sealed class MqttAnnouncements
{
    private readonly string _boot;
    private readonly byte[] _statusTopic;
    private readonly byte[] _healthTopic;
    private readonly byte[] _pingResponse;
    private readonly byte[] _healthResponse;
    private readonly byte[][] _subscriptions;
    private readonly MqttOptions _options;
    private readonly string _device;
    private readonly MqttTopics _topics;
    private readonly Action<Utf8JsonWriter> _writeHealth;
    private readonly RequestInbox _inbox;
    private readonly TopicRouter? _sources;
    private readonly ReloadDesk? _reloads;
    private readonly byte[] _reloadResponse;
    private readonly PayloadBuffer _buffer = new();
    private readonly int _healthPeriodSeconds;
    private volatile HomeAssistantDiscovery? _discovery;
    private IReadOnlyList<StreamOutlet> _streams;
    private HomeAssistantDiscovery? _announced;
    private IReadOnlyList<byte[]>? _asked;
    private long _healthAt;
    private bool _isNew;

    public MqttAnnouncements(
        MqttOptions options,
        string device,
        string boot,
        MqttTopics topics,
        IReadOnlyList<StreamOutlet> streams,
        Action<Utf8JsonWriter> writeHealth,
        RequestInbox inbox,
        TopicRouter? sources,
        ReloadDesk? reloads)
    {
        _options = options;
        _device = device;
        _topics = topics;
        _streams = streams;
        _sources = sources;
        _reloads = reloads;
        _reloadResponse = topics.Response("reload");
        _boot = boot;
        _healthPeriodSeconds = options.HealthPeriodSeconds;
        _statusTopic = topics.Status;
        _healthTopic = topics.Health;
        _pingResponse = topics.Response("ping");
        _healthResponse = topics.Response("health");
        _writeHealth = writeHealth;
        _inbox = inbox;
        _discovery = CreateDiscovery();
        List<byte[]> subscriptions = options.Requests
            ? [topics.Request("ping"), topics.Request("health"), topics.Request("reload")]
            : [];
        if (options.HomeAssistant)
        {
            subscriptions.Add(MqttTopics.Encode($"{options.HomeAssistantPrefix}/status"));
        }

        _subscriptions = [.. subscriptions];
    }

    /// <summary>A new connection: everything is due.</summary>
    public void Restart() => _isNew = true;

    /// <summary>Whether <see cref="Publish"/> has something to do.</summary>
    public bool AreDue(long now) => _isNew || now >= _healthAt || _inbox.Count > 0 || _discovery != _announced
        || _reloads is { HasAnswer: true } || _sources?.Filters != _asked;

    /// <summary>Takes up a stream that began after the link did, or has changed. By one thread at a time, any one.</summary>
    public void Add(StreamOutlet stream)
    {
        _streams = [.. _streams.Where(other => other.Name != stream.Name), stream];
        _discovery = CreateDiscovery();
    }

    /// <summary>Forgets a stream; Home Assistant is told to. By one thread at a time, any one.</summary>
    public void Remove(string stream)
    {
        _streams = [.. _streams.Where(other => other.Name != stream)];
        _discovery = CreateDiscovery();
    }

    /// <summary>Milliseconds until health is due.</summary>
    public int WaitMs(long now) => (int)Math.Max(0, Math.Ceiling((_healthAt - now) * 1000.0 / Stopwatch.Frequency));

    /// <summary>Publishes what is due; at most 21 messages, whatever the window says.</summary>
    public void Publish(BrokerClient client, long now, in LinkCounters counters)
    {
        if (_isNew)
        {
            _isNew = false;
            _healthAt = now;
            client.Publish(_statusTopic, "online"u8, retain: true);
            Announce(client);
            Subscribe(client);
        }
        else if (_discovery != _announced)
        {
            Announce(client);
        }

        if (_sources is not null && _sources.Filters != _asked)
        {
            Ask(client, _sources);
        }

        if (now >= _healthAt)
        {
            _healthAt = now + (_healthPeriodSeconds * Stopwatch.Frequency);
            client.Publish(_healthTopic, WriteHealth(counters, null, isResponse: false), retain: true);
        }

        while (_inbox.TryTake(out Request request))
        {
            Answer(client, request, counters);
        }

        while (_reloads is { HasAnswer: true } && _reloads.TryTakeAnswer(out ReloadAnswer? answer))
        {
            client.Publish(_reloadResponse, WriteReload(answer!), retain: false);
        }
    }

    /// <summary>Writes the link's member of the health message. Any thread.</summary>
    public void WriteCounters(Utf8JsonWriter json, in LinkCounters counters)
    {
        json.WriteStartObject("mqtt");
        json.WriteBoolean("connected", counters.Connected);
        json.WriteNumber("published", counters.Published);
        json.WriteNumber("acknowledged", counters.Acknowledged);
        json.WriteNumber("rejected", counters.Rejected);
        json.WriteNumber("reconnects", counters.Reconnects);
        json.WriteNumber("droppedRecords", counters.DroppedRecords);
        json.WriteNumber("droppedEvents", counters.DroppedEvents);
        json.WriteNumber("backlogRecords", counters.BacklogRecords);
        json.WriteNumber("allocatedBytes", counters.AllocatedBytes);
        json.WriteNumber("refusedRequests", _inbox.Refused);
        json.WriteNumber("received", _sources?.Routed ?? 0);
        json.WriteNumber("receivedRetained", _sources?.Retained ?? 0);
        json.WriteEndObject();
    }

    /// <summary>The last message before a wanted disconnect.</summary>
    public void PublishOffline(BrokerClient client) => client.Publish(_statusTopic, "offline"u8, retain: true);

    // A device without streams has nothing to announce; its streams may come later.
    private HomeAssistantDiscovery? CreateDiscovery() => _options.HomeAssistant && _streams.Count > 0
        ? new HomeAssistantDiscovery(_options.HomeAssistantPrefix, _device, _topics, _streams)
        : null;

    private void Subscribe(BrokerClient client)
    {
        foreach (byte[] filter in _subscriptions)
        {
            client.Subscribe(filter);
        }

        _asked = null;
        if (_sources is not null)
        {
            Ask(client, _sources);
        }
    }

    // All of them, as what one filter covers changes with the others; the broker replaces a subscription that it has.
    private void Ask(BrokerClient client, TopicRouter sources)
    {
        byte[][] filters = sources.Filters;
        foreach (byte[] gone in _asked?.Where(old => !filters.Any(filter => filter.AsSpan().SequenceEqual(old))) ?? [])
        {
            client.Unsubscribe(gone);
        }

        _asked = filters;
        for (int i = 0; i < filters.Length; i++)
        {
            sources.Ask(filters, i, client.Subscribe(filters[i]));
        }
    }

    private void Announce(BrokerClient client)
    {
        HomeAssistantDiscovery? former = _announced;
        _announced = _discovery;
        if (_announced is not null)
        {
            if (former is not null && former != _announced && _announced.PayloadWithout(former) is { } removal)
            {
                client.Publish(_announced.Topic, removal, retain: true);
            }

            client.Publish(_announced.Topic, _announced.Payload, retain: true);
        }
        else if (former is not null)
        {
            client.Publish(former.Topic, [], retain: true);   // the device has no streams: it goes as a whole
        }
    }

    private void Answer(BrokerClient client, Request request, in LinkCounters counters)
    {
        // Nobody subscribed to requests where they are off; a stream's topic must not bring them in either.
        if (!_options.Requests && request.Kind != RequestKind.Announce)
        {
            return;
        }

        switch (request)
        {
            case { Kind: RequestKind.Announce }:
                Announce(client);
                break;
            case { Kind: RequestKind.Health, Error: null }:
                client.Publish(_healthResponse, WriteHealth(counters, request.Id, isResponse: true), retain: false);
                break;
            case { Kind: RequestKind.Reload }:
                Pass(client, request);
                break;
            default:
                byte[] topic = request.Kind == RequestKind.Ping ? _pingResponse : _healthResponse;
                client.Publish(topic, WritePing(request), retain: false);
                break;
        }
    }

    private void Pass(BrokerClient client, Request request)
    {
        string? problem = request.Error;
        problem ??= _reloads is null ? "nothing here can be reloaded" : null;
        problem ??= _reloads!.TryAsk(request.Reload!) ? null : "too many requests to reload wait already; ask again later";
        if (problem is not null)
        {
            client.Publish(_reloadResponse, WriteReload(new ReloadAnswer(request.Id, [problem], [], 0)), retain: false);
        }
    }

    private ReadOnlySpan<byte> WriteReload(ReloadAnswer answer)
    {
        Utf8JsonWriter json = Open();
        json.WriteString("id", answer.Id);
        json.WriteBoolean("done", answer.Problems.Count == 0);
        json.WriteStartArray("problems");
        foreach (string problem in answer.Problems)
        {
            json.WriteStringValue(problem);
        }

        json.WriteEndArray();
        json.WriteStartObject("streams");
        foreach ((string stream, string done) in answer.Changed)
        {
            json.WriteString(stream, done);
        }

        json.WriteEndObject();
        json.WriteNumber("unchanged", answer.Unchanged);
        json.WriteEndObject();
        return _buffer.End();
    }

    private ReadOnlySpan<byte> WritePing(Request request)
    {
        Utf8JsonWriter json = Open();
        json.WriteString("id", request.Id);
        if (request.Error is not null)
        {
            json.WriteString("error", request.Error);
        }

        json.WriteEndObject();
        return _buffer.End();
    }

    private ReadOnlySpan<byte> WriteHealth(in LinkCounters counters, string? id, bool isResponse)
    {
        Utf8JsonWriter json = Open();
        if (isResponse)
        {
            json.WriteString("id", id);
        }

        WriteCounters(json, counters);
        _writeHealth(json);
        json.WriteEndObject();
        return _buffer.End();
    }

    private Utf8JsonWriter Open()
    {
        Utf8JsonWriter json = _buffer.Begin();
        json.WriteStartObject();
        json.WriteString("boot", _boot);
        json.WriteNumber("ts", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        return json;
    }
}
