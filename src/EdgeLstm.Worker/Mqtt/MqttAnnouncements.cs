// What the link says of itself: status, health, Home Assistant discovery, and the answers to requests.

using System.Diagnostics;
using System.Text.Json;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Counters of the link at one moment, for the health topic.</summary>
internal readonly record struct LinkCounters(
    long Published,
    long Acknowledged,
    long Rejected,
    long Reconnects,
    long DroppedRecords,
    long DroppedEvents,
    long BacklogRecords,
    long AllocatedBytes);

/// <summary>Everything but records. Used by the I/O thread only, except <see cref="Add"/>.</summary>
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
    private readonly PayloadBuffer _buffer = new();
    private readonly int _healthPeriodSeconds;
    private volatile HomeAssistantDiscovery? _discovery;
    private IReadOnlyList<StreamOutlet> _streams;
    private HomeAssistantDiscovery? _announced;
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
        TopicRouter? sources)
    {
        _options = options;
        _device = device;
        _topics = topics;
        _streams = streams;
        _sources = sources;
        _boot = boot;
        _healthPeriodSeconds = options.HealthPeriodSeconds;
        _statusTopic = topics.Status;
        _healthTopic = topics.Health;
        _pingResponse = topics.Response("ping");
        _healthResponse = topics.Response("health");
        _writeHealth = writeHealth;
        _inbox = inbox;
        _discovery = CreateDiscovery();
        List<byte[]> subscriptions = options.Requests ? [topics.Request("ping"), topics.Request("health")] : [];
        if (options.HomeAssistant)
        {
            subscriptions.Add(MqttTopics.Encode($"{options.HomeAssistantPrefix}/status"));
        }

        _subscriptions = [.. subscriptions];
    }

    /// <summary>A new connection: everything is due.</summary>
    public void Restart() => _isNew = true;

    /// <summary>Whether <see cref="Publish"/> has something to do.</summary>
    public bool AreDue(long now) => _isNew || now >= _healthAt || _inbox.Count > 0 || _discovery != _announced;

    /// <summary>Takes up a stream that began after the link did. By one thread at a time, any one.</summary>
    public void Add(StreamOutlet stream)
    {
        _streams = [.. _streams, stream];
        _discovery = CreateDiscovery();
    }

    /// <summary>Milliseconds until health is due.</summary>
    public int WaitMs(long now) => (int)Math.Max(0, Math.Ceiling((_healthAt - now) * 1000.0 / Stopwatch.Frequency));

    /// <summary>Publishes what is due; at most 11 messages, whatever the window says.</summary>
    public void Publish(MosquittoClient client, long now, in LinkCounters counters)
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

        if (now >= _healthAt)
        {
            _healthAt = now + (_healthPeriodSeconds * Stopwatch.Frequency);
            client.Publish(_healthTopic, WriteHealth(counters, null, isResponse: false), retain: true);
        }

        while (_inbox.TryTake(out Request request))
        {
            Answer(client, request, counters);
        }
    }

    /// <summary>The last message before a wanted disconnect.</summary>
    public void PublishOffline(MosquittoClient client) => client.Publish(_statusTopic, "offline"u8, retain: true);

    // A device without streams has nothing to announce; its streams may come later.
    private HomeAssistantDiscovery? CreateDiscovery() => _options.HomeAssistant && _streams.Count > 0
        ? new HomeAssistantDiscovery(_options.HomeAssistantPrefix, _device, _topics, _streams)
        : null;

    private void Subscribe(MosquittoClient client)
    {
        foreach (byte[] filter in _subscriptions)
        {
            client.Subscribe(filter);
        }

        for (int i = 0; i < _sources?.Filters.Count; i++)
        {
            _sources.Ask(i, client.Subscribe(_sources.Filters[i]));
        }
    }

    private void Announce(MosquittoClient client)
    {
        _announced = _discovery;
        if (_announced is not null)
        {
            client.Publish(_announced.Topic, _announced.Payload, retain: true);
        }
    }

    private void Answer(MosquittoClient client, Request request, in LinkCounters counters)
    {
        switch (request)
        {
            case { Kind: RequestKind.Announce }:
                Announce(client);
                break;
            case { Kind: RequestKind.Health, Error: null }:
                client.Publish(_healthResponse, WriteHealth(counters, request.Id, isResponse: true), retain: false);
                break;
            default:
                byte[] topic = request.Kind == RequestKind.Ping ? _pingResponse : _healthResponse;
                client.Publish(topic, WritePing(request), retain: false);
                break;
        }
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

        json.WriteStartObject("mqtt");
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
