// A small MQTT 3.1.1 client on a plain socket that comes back by itself; independent of the program's library.

using System.Net.Sockets;

namespace EdgeLstm.Faults.Rig;

/// <summary>Takes one message.</summary>
internal delegate void MessageHandler(MqttPacket packet);

/// <summary>Subscribes with QoS 1, or only holds a client id.</summary>
internal sealed class MqttClient : IDisposable
{
    private const int ReadyLimitSeconds = 20;
    private const int AgainMs = 20;

    private readonly int _port;
    private readonly string _clientId;
    private readonly string? _filter;
    private readonly bool _persistent;
    private readonly (string User, string Password)? _login;
    private readonly MessageHandler _received;
    private readonly ManualResetEventSlim _ready = new();
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Thread _thread;
    private Socket? _socket;
    private int _connections;

    /// <param name="port">Port of the broker on 127.0.0.1.</param>
    /// <param name="clientId">MQTT client id.</param>
    /// <param name="filter">Topic filter; null to subscribe to nothing.</param>
    /// <param name="received">Gets every message, on this client's thread.</param>
    /// <param name="persistent">Whether the broker queues messages while this client is away.</param>
    /// <param name="login">User and password; null for none.</param>
    public MqttClient(int port, string clientId, string? filter, MessageHandler received, bool persistent = false,
        (string User, string Password)? login = null)
    {
        _port = port;
        _clientId = clientId;
        _filter = filter;
        _persistent = persistent;
        _login = login;
        _received = received;
        _thread = new Thread(Run) { IsBackground = true, Name = clientId };
        _thread.Start();
        Assert.True(_ready.Wait(TimeSpan.FromSeconds(ReadyLimitSeconds)), $"{clientId}: no answer of the broker on port {port}");
    }

    /// <summary>Times that the broker has let this client in.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public void Dispose()
    {
        _stopping.Set();
        _socket?.Dispose();
        _thread.Join();
        _ready.Dispose();
        _stopping.Dispose();
    }

    private void Run()
    {
        while (!_stopping.IsSet)
        {
            try
            {
                using Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                _socket = socket;
                socket.Connect("127.0.0.1", _port);
                socket.Send(Greeting());
                Receive(socket);
            }
            catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
            {
                // The broker is away.
            }

            _stopping.Wait(AgainMs);
        }
    }

    // Protocol name and level 4; flags: user, password, clean session; keep-alive 0.
    private byte[] Greeting()
    {
        byte flags = (byte)((_login is null ? 0 : 0xC0) | (_persistent ? 0 : 2));
        List<byte> body = [.. MqttPacket.Text("MQTT"), 4, flags, 0, 0, .. MqttPacket.Text(_clientId)];
        if (_login is { } login)
        {
            body.AddRange([.. MqttPacket.Text(login.User), .. MqttPacket.Text(login.Password)]);
        }

        return MqttPacket.Write(0x10, [.. body]);
    }

    private void Receive(Socket socket)
    {
        PacketSplitter packets = new();
        List<byte> answers = [];
        int count;
        while ((count = socket.Receive(packets.Free)) > 0)
        {
            packets.Received(count);
            while (packets.TryTake(out MqttPacket packet))
            {
                Answer(packet, answers);
            }

            if (answers.Count > 0)
            {
                socket.Send([.. answers]);
                answers.Clear();
            }
        }
    }

    private void Answer(MqttPacket packet, List<byte> answers)
    {
        switch (packet.Kind)
        {
            case PacketKind.Connack when packet.Body[1] == 0:
                Interlocked.Increment(ref _connections);
                if (_filter is null)
                {
                    _ready.Set();
                    break;
                }

                answers.AddRange(MqttPacket.Write(0x82, [0, 1, .. MqttPacket.Text(_filter), 1]));
                break;
            case PacketKind.Suback:
                _ready.Set();
                break;
            case PacketKind.Publish:
                _received(packet);
                if (packet.Qos > 0)
                {
                    answers.AddRange([0x40, 2, (byte)(packet.Id >> 8), (byte)packet.Id]);
                }

                break;
            default:
                break;
        }
    }
}
