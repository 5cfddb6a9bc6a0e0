// Requests that arrived and were not answered yet:  <prefix>/<device>/request/<verb>  →  response/<verb>.

namespace EdgeLstm.Worker.Mqtt;

/// <summary>What a subscribed message asks for.</summary>
internal enum RequestKind
{
    Ping,
    Health,
    Reload,

    /// <summary>Home Assistant has started and wants to hear of all devices again.</summary>
    Announce,
}

/// <summary>One request. <paramref name="Id"/> is given back in the response, <paramref name="Error"/> says why
/// there is none, <paramref name="Reload"/> is what a request of that kind says.</summary>
internal readonly record struct Request(RequestKind Kind, string? Id, string? Error, ReloadRequest? Reload = null);

/// <summary>Holds 8 requests at most; when full the newest is refused and counted.</summary>
/// <remarks>Used by the I/O thread only: the library calls <see cref="Put"/> from inside its read.</remarks>
internal sealed class RequestInbox(MqttTopics topics, string homeAssistantStatusTopic)
{
    private const int Capacity = 8;

    private readonly (RequestKind Kind, byte[] Topic)[] _topics =
    [
        (RequestKind.Ping, topics.Request("ping")),
        (RequestKind.Health, topics.Request("health")),
        (RequestKind.Reload, topics.Request("reload")),
    ];

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

        foreach ((RequestKind kind, byte[] asked) in _topics)
        {
            if (topic.SequenceEqual(WithoutZero(asked)))
            {
                Take(kind, payload, retained);
                return true;
            }
        }

        return false;
    }

    /// <summary>The oldest request; false when there is none.</summary>
    public bool TryTake(out Request request) => _waiting.TryDequeue(out request);

    private void Take(RequestKind kind, ReadOnlySpan<byte> payload, bool retained)
    {
        if (retained)
        {
            Refused++;
        }
        else
        {
            Add(RequestReader.Read(kind, payload));
        }
    }

    private void Add(Request request)
    {
        if (_waiting.Count == Capacity)
        {
            Refused++;
            return;
        }

        _waiting.Enqueue(request);
    }

    private static ReadOnlySpan<byte> WithoutZero(byte[] topic) => topic.AsSpan(0, topic.Length - 1);
}
