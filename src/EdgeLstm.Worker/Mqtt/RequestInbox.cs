// Requests that arrived and were not answered yet:  <prefix>/<device>/request/<verb>  →  response/<verb>.

using System.Text.Json;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>What a subscribed message asks for.</summary>
internal enum RequestKind
{
    Ping,
    Health,

    /// <summary>Home Assistant has started and wants to hear of all devices again.</summary>
    Announce,
}

/// <summary>One request. <paramref name="Id"/> is given back in the response, <paramref name="Error"/> says why
/// there is none.</summary>
internal readonly record struct Request(RequestKind Kind, string? Id, string? Error);

/// <summary>Holds 8 requests at most; when full the newest is refused and counted. Payloads may have 4096 bytes.</summary>
/// <remarks>Used by the I/O thread only: the library calls <see cref="Put"/> from inside its read.</remarks>
internal sealed class RequestInbox(MqttTopics topics, string homeAssistantStatusTopic)
{
    public const int PayloadLimitBytes = 4096;
    private const int Capacity = 8;
    private const int IdLimitCharacters = 64;

    private readonly byte[] _ping = topics.Request("ping");
    private readonly byte[] _health = topics.Request("health");
    private readonly byte[] _announce = MqttTopics.Encode(homeAssistantStatusTopic);
    private readonly Queue<Request> _waiting = new(Capacity);

    /// <summary>Messages dropped: the inbox was full, or they were retained and thus not meant for now.</summary>
    public long Refused { get; private set; }

    /// <summary>Requests waiting.</summary>
    public int Count => _waiting.Count;

    /// <summary>Takes a message in; false when its topic is none of a request.</summary>
    public bool Put(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, bool retained)
    {
        if (topic.SequenceEqual(WithoutZero(_announce)))
        {
            // A retained birth message counts too, but the link has announced itself on connect anyway.
            if (payload.SequenceEqual("online"u8) && !retained)
            {
                Add(new Request(RequestKind.Announce, null, null));
            }

            return true;
        }

        bool isPing = topic.SequenceEqual(WithoutZero(_ping));
        if (!isPing && !topic.SequenceEqual(WithoutZero(_health)))
        {
            return false;
        }

        if (retained)
        {
            Refused++;
        }
        else
        {
            Add(Read(isPing ? RequestKind.Ping : RequestKind.Health, payload));
        }

        return true;
    }

    /// <summary>The oldest request; false when there is none.</summary>
    public bool TryTake(out Request request) => _waiting.TryDequeue(out request);

    private void Add(Request request)
    {
        if (_waiting.Count == Capacity)
        {
            Refused++;
            return;
        }

        _waiting.Enqueue(request);
    }

    // An empty payload is a request without an id; otherwise {"id":"…"}, where other keys are ignored.
    private static Request Read(RequestKind kind, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > PayloadLimitBytes)
        {
            return new Request(kind, null, $"the payload has {payload.Length} bytes; at most {PayloadLimitBytes} are read");
        }

        try
        {
            return new Request(kind, payload.IsEmpty ? null : ReadId(payload), null);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return new Request(kind, null, "the payload is neither empty nor a JSON object like {\"id\":\"1\"}");
        }
    }

    private static string? ReadId(ReadOnlySpan<byte> payload)
    {
        Utf8JsonReader reader = new(payload);
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        if (!document.RootElement.TryGetProperty("id", out JsonElement id) || id.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        string text = id.GetString()!;
        return text.Length <= IdLimitCharacters ? text : text[..IdLimitCharacters];
    }

    private static ReadOnlySpan<byte> WithoutZero(byte[] topic) => topic.AsSpan(0, topic.Length - 1);
}
