// The client on MQTTnet: the promises of the one on libmosquitto, kept by the I/O thread over packets that the pool moves.

using System.Buffers;
using System.Diagnostics;
using System.Text;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>A <see cref="BrokerClient"/> on MQTTnet's packet client.</summary>
/// <remarks>
/// The packet client and not the usual one, because what is unacknowledged must be sent again after a reconnect, in order and
/// marked as a duplicate; because what arrives must wait at the broker when it cannot be taken; and because a broker that
/// acknowledges nothing must be noticed while messages are still sent to it.
/// </remarks>
internal sealed class MqttNetClient : BrokerClient
{
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(0.5);

    private readonly MqttConnectPacket _greeting;
    private readonly MqttNetTarget _target;
    private readonly WakeSignal _signal = new();
    private readonly List<MqttPublishPacket> _unacknowledged = [];   // in the order they were handed over
    private readonly HashSet<ushort> _idsInUse = [];
    private MqttNetConnection? _connection;
    private ushort _lastId;
    private long _sentAt;
    private long _heardAt;
    private long _askedAt;   // 0 where no PINGRESP is awaited

    /// <param name="options">Broker, user, certificates.</param>
    /// <param name="clientId">MQTT client id.</param>
    /// <param name="willTopic">Null-terminated; gets a retained <c>offline</c> from the broker when this client vanishes.</param>
    /// <param name="inbox">Receives requests.</param>
    /// <param name="topics">Receives the messages that streams read; null for none.</param>
    /// <exception cref="MqttException">A certificate file cannot be read.</exception>
    public MqttNetClient(MqttOptions options, string clientId, byte[] willTopic, RequestInbox inbox, TopicRouter? topics)
        : base(options, inbox, topics)
    {
        _target = new MqttNetTarget(options);
        _greeting = new MqttConnectPacket
        {
            ClientId = clientId,
            CleanSession = true,
            KeepAlivePeriod = (ushort)options.KeepAliveSeconds,
            Username = options.Username,
            Password = options.Password is { } password ? Encoding.UTF8.GetBytes(password) : null,
            WillFlag = true,
            WillTopic = TextOf(willTopic),
            WillMessage = "offline"u8.ToArray(),
            WillQoS = MqttQualityOfServiceLevel.AtLeastOnce,
            WillRetain = true,
        };
    }

    /// <inheritdoc/>
    public override int Socket => Phase == ConnectionPhase.Idle ? -1 : _signal.Fd;

    /// <inheritdoc/>
    public override short WantedEvents => LibC.POLLIN;

    private bool IsKeptAlive => Options.KeepAliveSeconds > 0;

    /// <inheritdoc/>
    public override void BeginConnect(bool ipv6)
    {
        _connection?.Dispose();
        _signal.Clear();
        Phase = ConnectionPhase.Connecting;
        _connection = new MqttNetConnection(_target.OverFamily(ipv6), _greeting, _signal);
    }

    /// <inheritdoc/>
    public override void Advance(short happened)
    {
        if (Phase == ConnectionPhase.Idle || happened == 0)
        {
            return;
        }

        _signal.Clear();
        bool hasEnded = _connection!.HasEnded;   // before the look at the queue: what came before the end is still taken
        int taken = 0;
        while (Phase != ConnectionPhase.Idle && taken < MqttNetConnection.PacketsWaiting
            && _connection.TryReceive(out MqttPacket? packet))
        {
            taken++;
            _heardAt = Stopwatch.GetTimestamp();
            Take(packet!);
        }

        if (taken == MqttNetConnection.PacketsWaiting)
        {
            _signal.Set();   // the thread has others to serve before it takes more
        }
        else if (hasEnded && Phase != ConnectionPhase.Idle)
        {
            Fail(_connection);
        }
    }

    /// <inheritdoc/>
    public override void Misc()
    {
        if (Phase != ConnectionPhase.Connected || !IsKeptAlive)
        {
            return;
        }

        TimeSpan keepAlive = TimeSpan.FromSeconds(Options.KeepAliveSeconds);
        if (_askedAt != 0)
        {
            if (Stopwatch.GetElapsedTime(_askedAt) >= keepAlive)
            {
                End(ConnectionFailure.Lost, "the broker did not answer a ping");
            }
        }
        else if (Stopwatch.GetElapsedTime(_sentAt) >= keepAlive || Stopwatch.GetElapsedTime(_heardAt) >= keepAlive)
        {
            _askedAt = Stopwatch.GetTimestamp();
            Send(MqttPingReqPacket.Instance);
        }
    }

    /// <inheritdoc/>
    public override void Abandon(string reason)
    {
        bool isTlsSuspect = Options.Tls is not null && _connection is { IsOpen: true };
        End(isTlsSuspect ? ConnectionFailure.Tls : ConnectionFailure.Unreachable, reason);
    }

    /// <inheritdoc/>
    public override int Publish(byte[] topic, ReadOnlySpan<byte> payload, bool retain)
    {
        MqttPublishPacket message = new()
        {
            PacketIdentifier = NextId(),
            Topic = TextOf(topic),
            PayloadSegment = payload.ToArray(),
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
            Retain = retain,
        };
        _unacknowledged.Add(message);
        CountPublished();
        Send(message);
        return message.PacketIdentifier;
    }

    /// <inheritdoc/>
    public override int Subscribe(byte[] filter)
    {
        MqttSubscribePacket request = new() { PacketIdentifier = NextId() };
        request.TopicFilters.Add(new MqttTopicFilter
        {
            Topic = TextOf(filter),
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        });
        Send(request);
        return request.PacketIdentifier;
    }

    /// <inheritdoc/>
    public override void Unsubscribe(byte[] filter)
    {
        MqttUnsubscribePacket request = new() { PacketIdentifier = NextId() };
        request.TopicFilters.Add(TextOf(filter));
        Send(request);
    }

    /// <inheritdoc/>
    public override void Disconnect()
    {
        if (Phase == ConnectionPhase.Connected)
        {
            Send(new MqttDisconnectPacket());
            _connection!.Finish(FarewellLimit);
        }

        _connection?.Dispose();
        Phase = ConnectionPhase.Idle;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _connection?.Dispose();
        _signal.Dispose();
    }

    private static string TextOf(byte[] terminated) => Encoding.UTF8.GetString(terminated.AsSpan(..^1));

    private void Take(MqttPacket packet)
    {
        switch (packet)
        {
            case MqttConnAckPacket greeted when Phase == ConnectionPhase.Connecting:
                Enter(greeted.ReturnCode);
                break;
            case MqttPublishPacket message:
                Receive(message);
                break;
            case MqttPubAckPacket answer:
                Settle(answer.PacketIdentifier);
                break;
            case MqttSubAckPacket answer:
                _idsInUse.Remove(answer.PacketIdentifier);
                Answer(answer.PacketIdentifier, answer.ReasonCodes is [var granted, ..] ? (int)granted : -1);
                break;
            case MqttUnsubAckPacket answer:
                _idsInUse.Remove(answer.PacketIdentifier);
                break;
            case MqttPingRespPacket:
                _askedAt = 0;
                break;
            default:
                break;
        }
    }

    private void Enter(MqttConnectReturnCode answer)
    {
        if (answer != MqttConnectReturnCode.ConnectionAccepted)
        {
            End(ConnectionFailure.Refused, MqttNetTarget.Explain(answer));
            return;
        }

        Phase = ConnectionPhase.Connected;
        _askedAt = 0;
        _sentAt = _heardAt;

        // Ids of subscriptions died with the last connection; those of messages live until their PUBACK.
        _idsInUse.Clear();
        foreach (MqttPublishPacket message in _unacknowledged)
        {
            _idsInUse.Add(message.PacketIdentifier);
            message.Dup = true;
            Send(message);
        }
    }

    private void Receive(MqttPublishPacket message)
    {
        ReadOnlySequence<byte> payload = message.Payload;
        Deliver(Encoding.UTF8.GetBytes(message.Topic), payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray(),
            message.Retain);
    }

    private void Settle(ushort packetId)
    {
        int place = _unacknowledged.FindIndex(message => message.PacketIdentifier == packetId);
        if (place >= 0)
        {
            _unacknowledged.RemoveAt(place);
            _idsInUse.Remove(packetId);
            Acknowledge(packetId);
        }
    }

    private void Send(MqttPacket packet)
    {
        if (Phase == ConnectionPhase.Connected)
        {
            _sentAt = Stopwatch.GetTimestamp();
            _connection!.Send(packet);
        }
    }

    // 1 to 65535, none that is in use: far more than there may be under way.
    private ushort NextId()
    {
        do
        {
            _lastId++;
        }
        while (_lastId == 0 || !_idsInUse.Add(_lastId));
        return _lastId;
    }

    private void Fail(MqttNetConnection connection)
    {
        bool wasConnected = Phase == ConnectionPhase.Connected;
        string reason = _target.Explain(connection.Failure, connection.IsOpen);
        ConnectionFailure kind = wasConnected ? ConnectionFailure.Lost
            : Options.Tls is not null && MqttNetTarget.IsTlsSuspect(connection.Failure, connection.IsOpen) ? ConnectionFailure.Tls
            : ConnectionFailure.Unreachable;
        End(kind, reason);
    }

    private void End(ConnectionFailure kind, string reason)
    {
        _connection?.Dispose();
        Failure = kind;
        FailureText = reason;
        Phase = ConnectionPhase.Idle;
    }
}
