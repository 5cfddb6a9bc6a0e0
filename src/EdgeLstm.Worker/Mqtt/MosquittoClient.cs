// The client on libmosquitto: what every build has. Allocates nothing per message.

using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Mqtt.Native;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>The native client.</summary>
internal sealed unsafe class MosquittoClient : BrokerClient
{
    private readonly GCHandle _self;
    private readonly nint _client;
    private string? _libraryError;
    private int _connack;

    /// <param name="options">Broker, user, certificates.</param>
    /// <param name="clientId">MQTT client id.</param>
    /// <param name="willTopic">Gets a retained <c>offline</c> from the broker when this client vanishes.</param>
    /// <param name="inbox">Receives requests.</param>
    /// <param name="topics">Receives the messages that streams read; null for none.</param>
    /// <exception cref="MqttException">The library is missing, or a certificate file cannot be read.</exception>
    public MosquittoClient(MqttOptions options, string clientId, byte[] willTopic, RequestInbox inbox,
        TopicRouter? topics = null)
        : base(options, inbox, topics)
    {
        Descriptor.IgnoreBrokenPipes();
        InitializeLibrary();
        _self = GCHandle.Alloc(this);
        _client = LibMosquitto.New(clientId, 1, GCHandle.ToIntPtr(_self));
        _ = LibMosquitto.SetOption(_client, LibMosquitto.OptionProtocolVersion, LibMosquitto.ProtocolVersion311);
        _ = LibMosquitto.SetOption(_client, LibMosquitto.OptionTcpNoDelay, 1);

        // Above our own window, so that the library never holds back a message that we handed over: its queue is quadratic.
        _ = LibMosquitto.SetMaxInFlight(_client, (uint)options.InFlight + 64);
        _ = LibMosquitto.SetUser(_client, options.Username, options.Password);
        SetWill(willTopic);
        SetCallbacks();
        try
        {
            MosquittoTls.Set(_client, options.Tls);
        }
        catch (MqttException)
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override int Socket => Phase == ConnectionPhase.Idle ? -1 : LibMosquitto.Socket(_client);

    /// <inheritdoc/>
    public override short WantedEvents => Phase switch
    {
        ConnectionPhase.Connecting => LibC.POLLOUT,

        // The library keeps asking to write for as long as a TLS handshake lasts; what it waits for is the broker's answer.
        ConnectionPhase.Greeting when Options.Tls is not null => LibC.POLLIN | LibC.POLLRDHUP,
        _ when LibMosquitto.WantsWrite(_client) != 0 => LibC.POLLIN | LibC.POLLRDHUP | LibC.POLLOUT,
        _ => LibC.POLLIN | LibC.POLLRDHUP,
    };

    // A broker that dislikes the certificate may reset the connection before its alert is read: all that is left to see is that
    // TCP worked and CONNACK never came.
    private bool IsTlsSuspect => Options.Tls is not null && (_libraryError is not null || Phase == ConnectionPhase.Greeting);

    /// <inheritdoc/>
    /// <remarks>
    /// The family is chosen by the local address that the library binds. Without that, a name with an IPv6 address that nobody
    /// listens on (localhost, often) would never be tried over IPv4: only a blocking connect walks through all addresses, and a
    /// blocking connect to a broker that is switched off holds the thread for two minutes.
    /// </remarks>
    public override void BeginConnect(bool ipv6)
    {
        _connack = 0;
        _libraryError = null;
        Phase = ConnectionPhase.Connecting;
        _ = LibMosquitto.SetOption(_client, LibMosquitto.OptionBindAddress, ipv6 ? "::" : "0.0.0.0");
        int result = LibMosquitto.Connect(_client, Options.Host, Options.Port, Options.KeepAliveSeconds);
        int errno = Marshal.GetLastPInvokeError();
        if (result is not (LibMosquitto.Success or LibMosquitto.ConnectionPending))
        {
            Fail(result, errno);
        }
    }

    /// <inheritdoc/>
    public override void Advance(short happened)
    {
        bool begins = Phase == ConnectionPhase.Connecting && happened != 0;
        if (begins)
        {
            FinishTcp();
        }

        if (Phase is ConnectionPhase.Idle or ConnectionPhase.Connecting || happened == 0)
        {
            return;
        }

        // The first read of a TLS connection is what sends its first message.
        if (begins || (happened & ~LibC.POLLOUT) != 0)
        {
            Check(LibMosquitto.LoopRead(_client, 1));
        }

        if (Phase != ConnectionPhase.Idle && LibMosquitto.WantsWrite(_client) != 0)
        {
            Check(LibMosquitto.LoopWrite(_client, 1));
        }

        // In a TLS handshake the library takes a closed socket for one that is not ready yet, for ever.
        if (Phase == ConnectionPhase.Greeting && (happened & (LibC.POLLERR | LibC.POLLHUP | LibC.POLLRDHUP)) != 0)
        {
            Abandon("the broker closed the connection before it answered");
        }
    }

    /// <inheritdoc/>
    public override void Misc()
    {
        if (Phase is ConnectionPhase.Greeting or ConnectionPhase.Connected)
        {
            Check(LibMosquitto.LoopMisc(_client));
        }
    }

    /// <inheritdoc/>
    public override void Abandon(string reason)
    {
        // The socket is closed by the library when the next attempt begins.
        Failure = IsTlsSuspect ? ConnectionFailure.Tls : ConnectionFailure.Unreachable;
        FailureText = _libraryError is null ? reason : $"{reason} ({_libraryError})";
        Phase = ConnectionPhase.Idle;
    }

    /// <inheritdoc/>
    public override int Publish(byte[] topic, ReadOnlySpan<byte> payload, bool retain)
    {
        int packetId = 0;
        int result;
        fixed (byte* topicBytes = topic, payloadBytes = payload)
        {
            result = LibMosquitto.Publish(
                _client, &packetId, topicBytes, payload.Length, payloadBytes, 1, retain ? (byte)1 : (byte)0);
        }

        if (result is LibMosquitto.OutOfMemory or LibMosquitto.Invalid or LibMosquitto.PayloadTooLarge
            or LibMosquitto.MalformedUtf8 or LibMosquitto.QosNotSupported or LibMosquitto.PacketTooLarge)
        {
            CountRejected();
            return 0;
        }

        // Every other error is one of the connection, and comes after the message was queued: the library will send it again.
        CountPublished();
        Check(result);
        return packetId;
    }

    /// <inheritdoc/>
    public override int Subscribe(byte[] filter)
    {
        int packetId = 0;
        fixed (byte* filterBytes = filter)
        {
            Check(LibMosquitto.Subscribe(_client, &packetId, filterBytes, 1));
        }

        return packetId;
    }

    /// <inheritdoc/>
    public override void Unsubscribe(byte[] filter)
    {
        fixed (byte* filterBytes = filter)
        {
            Check(LibMosquitto.Unsubscribe(_client, null, filterBytes));
        }
    }

    /// <inheritdoc/>
    public override void Disconnect()
    {
        _ = LibMosquitto.Disconnect(_client);
        Phase = LibMosquitto.Socket(_client) < 0 ? ConnectionPhase.Idle : Phase;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        LibMosquitto.Destroy(_client);
        _self.Free();
    }

    private static void InitializeLibrary()
    {
        try
        {
            _ = LibMosquitto.Initialize();
        }
        catch (DllNotFoundException missing)
        {
            throw new MqttException("libmosquitto.so.1 was not found; install it with: sudo apt install libmosquitto1", missing);
        }
    }

    private void SetWill(byte[] topic)
    {
        fixed (byte* topicBytes = topic, payload = "offline"u8)
        {
            _ = LibMosquitto.SetWill(_client, topicBytes, 7, payload, 1, 1);
        }
    }

    private void SetCallbacks()
    {
        LibMosquitto.OnConnect(_client, &Connack);
        LibMosquitto.OnPublish(_client, &Puback);
        LibMosquitto.OnSubscribe(_client, &Suback);
        LibMosquitto.OnMessage(_client, &Received);
        LibMosquitto.OnLog(_client, &Logged);
    }

    private void FinishTcp()
    {
        int errno = Descriptor.SocketError(LibMosquitto.Socket(_client));
        if (errno != 0)
        {
            Abandon(Marshal.GetPInvokeErrorMessage(errno));
            return;
        }

        Phase = ConnectionPhase.Greeting;
    }

    private void Check(int result)
    {
        if (result != LibMosquitto.Success)
        {
            Fail(result, Marshal.GetLastPInvokeError());
        }
        else if (LibMosquitto.Socket(_client) < 0)
        {
            Fail(LibMosquitto.ConnectionLost, 0);
        }
    }

    private void Fail(int result, int errno)
    {
        bool wasConnected = Phase == ConnectionPhase.Connected;
        bool isTlsSuspect = IsTlsSuspect;
        Phase = ConnectionPhase.Idle;
        Failure = result switch
        {
            LibMosquitto.ConnectionRefused => ConnectionFailure.Refused,
            LibMosquitto.TlsFailed => ConnectionFailure.Tls,
            _ when _connack != 0 => ConnectionFailure.Refused,
            _ when wasConnected => ConnectionFailure.Lost,
            _ when isTlsSuspect => ConnectionFailure.Tls,
            _ => ConnectionFailure.Unreachable,
        };
        string reason = Failure switch
        {
            ConnectionFailure.Refused => Text(LibMosquitto.ConnackText(_connack)),
            _ when result == LibMosquitto.SystemError && errno != 0 => Marshal.GetPInvokeErrorMessage(errno),
            _ => Text(LibMosquitto.ErrorText(result)),
        };
        FailureText = _libraryError is null ? reason : $"{reason} ({_libraryError})";
    }

    private static string Text(nint text) => (Marshal.PtrToStringUTF8(text) ?? "").TrimEnd('.');

    private static MosquittoClient Of(nint owner) => (MosquittoClient)GCHandle.FromIntPtr(owner).Target!;

    // The callbacks run inside LoopRead and under a lock of the library: they only note what happened.
    [UnmanagedCallersOnly]
    private static void Connack(nint client, nint owner, int code)
    {
        MosquittoClient self = Of(owner);
        self._connack = code;
        if (code == 0)
        {
            self.Phase = ConnectionPhase.Connected;
        }
    }

    [UnmanagedCallersOnly]
    private static void Puback(nint client, nint owner, int packetId) => Of(owner).Acknowledge(packetId);

    [UnmanagedCallersOnly]
    private static void Suback(nint client, nint owner, int packetId, int count, int* granted) =>
        Of(owner).Answer(packetId, count > 0 ? *granted : -1);

    [UnmanagedCallersOnly]
    private static void Received(nint client, nint owner, LibMosquitto.Message* message)
    {
        Debug.Assert(message->PayloadLength >= 0, "The library never hands over a negative length.");
        ReadOnlySpan<byte> topic = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(message->Topic);
        ReadOnlySpan<byte> payload = new(message->Payload, message->PayloadLength);
        Of(owner).Deliver(topic, payload, message->Retain != 0);
    }

    [UnmanagedCallersOnly]
    private static void Logged(nint client, nint owner, int level, byte* text)
    {
        if (level == LibMosquitto.LogLevelError)
        {
            Of(owner)._libraryError = Marshal.PtrToStringUTF8((nint)text);
        }
    }
}
