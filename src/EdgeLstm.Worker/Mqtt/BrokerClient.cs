// One client of a broker, driven by one thread: connect, read, write, publish. What happened is kept here; what to do about it is
// decided by BrokerConnection and MqttLink. The seam between them and the library that speaks MQTT.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>How far a connection has come.</summary>
internal enum ConnectionPhase
{
    /// <summary>No connection and none on its way.</summary>
    Idle,

    /// <summary>TCP connect is under way.</summary>
    Connecting,

    /// <summary>TLS handshake, or CONNECT sent and CONNACK awaited.</summary>
    Greeting,

    /// <summary>CONNACK received.</summary>
    Connected,
}

/// <summary>Why the last connection or attempt ended.</summary>
internal enum ConnectionFailure
{
    None,
    Unreachable,
    Refused,
    Tls,
    Lost,
}

/// <summary>MQTT 3.1.1 with clean sessions, QoS 1 both ways and a last will. All members belong to the I/O thread, except the
/// counters.</summary>
/// <remarks>3.1.1 because every broker speaks it, and what version 5 would add is not needed: the window of unacknowledged
/// messages is ours (Receive Maximum exists in 5 only), and a refused CONNACK is one reason code in both.</remarks>
/// <param name="options">Broker, user, certificates.</param>
/// <param name="inbox">Receives requests.</param>
/// <param name="topics">Receives the messages that streams read; null for none.</param>
internal abstract class BrokerClient(MqttOptions options, RequestInbox inbox, TopicRouter? topics) : IDisposable
{
    /// <summary>Above it SUBACK carries 0x80: refused.</summary>
    private const int HighestQos = 2;

    private long _published;
    private long _acknowledged;
    private long _rejected;
    private Action<int>? _acknowledge;

    /// <summary>How far the connection has come.</summary>
    public ConnectionPhase Phase { get; protected set; }

    /// <summary>Why the phase went back to idle.</summary>
    public ConnectionFailure Failure { get; protected set; }

    /// <summary>The same in words.</summary>
    public string FailureText { get; protected set; } = "";

    /// <summary>Takes retained messages before all others do; null for nobody.</summary>
    public RetainedMessages? Retained { private get; set; }

    /// <summary>Messages handed over, sent again or not.</summary>
    public long Published => Interlocked.Read(ref _published);

    /// <summary>PUBACKs received.</summary>
    public long Acknowledged => Interlocked.Read(ref _acknowledged);

    /// <summary>Messages the library refused to take (too large for the broker, out of memory): lost.</summary>
    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Messages held until their PUBACK; after a reconnect they are sent again.</summary>
    public int InFlight => (int)(Published - Acknowledged);

    /// <summary>The descriptor to poll, −1 for none.</summary>
    public abstract int Socket { get; }

    /// <summary>The poll(2) events to wait for.</summary>
    public abstract short WantedEvents { get; }

    /// <summary>Broker, user, certificates.</summary>
    protected MqttOptions Options { get; } = options;

    /// <summary>The client that the options ask for.</summary>
    /// <param name="options">Broker, user, certificates, driver.</param>
    /// <param name="clientId">MQTT client id.</param>
    /// <param name="willTopic">Null-terminated; gets a retained <c>offline</c> from the broker when this client vanishes.</param>
    /// <param name="inbox">Receives requests.</param>
    /// <param name="topics">Receives the messages that streams read; null for none.</param>
    /// <exception cref="MqttException">The library is missing, or a certificate file cannot be read.</exception>
    public static BrokerClient Create(MqttOptions options, string clientId, byte[] willTopic, RequestInbox inbox,
        TopicRouter? topics = null) =>
#if FIELD_PACKAGES
        Drivers.Mqtt.IsNamed(options.Driver)
            ? new FieldPackages.MqttNetClient(options, clientId, willTopic, inbox, topics) :
#endif
        Drivers.Mqtt.FindProblem(options.Driver) is { } problem
            ? throw new MqttException($"mqtt.driver: {problem}")
            : new MosquittoClient(options, clientId, willTopic, inbox, topics);

    /// <summary>Is told each packet id that has its PUBACK, perhaps inside a library's lock: it may only take note.</summary>
    public void OnAcknowledged(Action<int> take) => _acknowledge = take;

    /// <summary>Starts a connection over one address family and returns at once; only the name lookup may take time.</summary>
    public abstract void BeginConnect(bool ipv6);

    /// <summary>Does what the descriptor is ready for.</summary>
    /// <param name="happened">poll(2) events of <see cref="Socket"/>.</param>
    public abstract void Advance(short happened);

    /// <summary>Keep-alive; call about once a second.</summary>
    public abstract void Misc();

    /// <summary>Gives an attempt up.</summary>
    public abstract void Abandon(string reason);

    /// <summary>Hands one QoS 1 message over; it counts as in flight until its PUBACK, whatever becomes of the
    /// connection.</summary>
    /// <param name="topic">Null-terminated.</param>
    /// <param name="payload">Copied.</param>
    /// <param name="retain">Whether the broker keeps it for later subscribers.</param>
    /// <returns>Its packet id; 0 where the library refused it.</returns>
    public abstract int Publish(byte[] topic, ReadOnlySpan<byte> payload, bool retain);

    /// <summary>Subscribes with QoS 1; needed again after every reconnect, as sessions are clean. Returns the packet id that the
    /// broker answers with.</summary>
    /// <param name="filter">Null-terminated.</param>
    public abstract int Subscribe(byte[] filter);

    /// <summary>Asks for a filter no more.</summary>
    /// <param name="filter">Null-terminated.</param>
    public abstract void Unsubscribe(byte[] filter);

    /// <summary>Sends DISCONNECT, so that the broker drops the last will.</summary>
    public abstract void Disconnect();

    /// <summary>Frees what the library holds; without <see cref="Disconnect"/> the broker publishes the will.</summary>
    public abstract void Dispose();

    /// <summary>Counts a message that was taken.</summary>
    protected void CountPublished() => Interlocked.Increment(ref _published);

    /// <summary>Counts a message that was refused.</summary>
    protected void CountRejected() => Interlocked.Increment(ref _rejected);

    /// <summary>Takes note of a PUBACK.</summary>
    protected void Acknowledge(int packetId)
    {
        Interlocked.Increment(ref _acknowledged);
        _acknowledge?.Invoke(packetId);
    }

    /// <summary>Takes note of a SUBACK for one filter.</summary>
    /// <param name="packetId">Of the SUBSCRIBE.</param>
    /// <param name="granted">The QoS granted, above 2 for a refusal; −1 where the broker said nothing.</param>
    protected void Answer(int packetId, int granted) => topics?.Answer(packetId, granted is >= 0 and <= HighestQos);

    /// <summary>Hands a message to whoever asked for it.</summary>
    protected void Deliver(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, bool retained)
    {
        if (!(retained && Retained?.TryTake(topic, payload) == true) && !inbox.Put(topic, payload, retained))
        {
            topics?.Put(topic, payload, retained);
        }
    }
}
