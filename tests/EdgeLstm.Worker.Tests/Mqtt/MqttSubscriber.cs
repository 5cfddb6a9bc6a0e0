// A small MQTT 3.1.1 client on a plain socket: subscribes, acknowledges, remembers everything. Independent of libmosquitto.

using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace EdgeLstm.Worker.Tests.Mqtt;

/// <summary>One message as it arrived.</summary>
public sealed record MqttMessage(string Topic, byte[] Payload, bool Retained, bool Duplicate, long ReceivedTicks)
{
    public string Text => Encoding.UTF8.GetString(Payload);

    public JsonElement Json => JsonDocument.Parse(Payload).RootElement;

    public long Sequence => Json.GetProperty("seq").GetInt64();
}

/// <summary>Subscribes with QoS 1 and comes back by itself when the broker was away.</summary>
public sealed class MqttSubscriber : IDisposable
{
    private readonly int _port;
    private readonly string _filter;
    private readonly string _clientId;
    private readonly bool _persistent;
    private readonly (string User, string Password)? _login;
    private readonly List<MqttMessage> _messages = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly ManualResetEventSlim _ready = new();
    private readonly ManualResetEventSlim _stopping = new();
    private readonly Thread _thread;
    private Socket? _socket;

    /// <param name="port">Port on 127.0.0.1.</param>
    /// <param name="filter">Topic filter.</param>
    /// <param name="persistent">Whether the broker queues messages while this subscriber is away.</param>
    /// <param name="login">User and password.</param>
    public MqttSubscriber(int port, string filter = "#", bool persistent = false, (string User, string Password)? login = null)
    {
        _port = port;
        _filter = filter;
        _persistent = persistent;
        _login = login;
        _clientId = string.Create(CultureInfo.InvariantCulture, $"subscriber-{Random.Shared.Next()}");
        _thread = new Thread(Run) { IsBackground = true, Name = "subscriber" };
        _thread.Start();
        Assert.True(_ready.Wait(TimeSpan.FromSeconds(10)), "The subscription was not granted within 10 s.");
    }

    /// <summary>Everything so far, in order of arrival.</summary>
    public IReadOnlyList<MqttMessage> Messages
    {
        get { lock (_messages) { return [.. _messages]; } }
    }

    /// <summary>Messages so far of topics that end in <paramref name="suffix"/>.</summary>
    public IReadOnlyList<MqttMessage> Of(string suffix) =>
        [.. Messages.Where(message => message.Topic.EndsWith(suffix, StringComparison.Ordinal))];

    /// <summary>Number of messages of exactly this topic.</summary>
    public int Count(string topic)
    {
        lock (_messages)
        {
            return _counts.GetValueOrDefault(topic);
        }
    }

    /// <summary>Waits until the condition holds; it is looked at after each arrival.</summary>
    public bool Wait(Func<MqttSubscriber, bool> condition, int seconds = 20)
    {
        long until = Environment.TickCount64 + (seconds * 1000L);
        lock (_messages)
        {
            while (!condition(this))
            {
                int leftMs = (int)(until - Environment.TickCount64);
                if (leftMs <= 0 || !Monitor.Wait(_messages, leftMs))
                {
                    return condition(this);
                }
            }
        }

        return true;
    }

    /// <summary>Publishes with QoS 0.</summary>
    public void Publish(string topic, ReadOnlySpan<byte> payload, bool retain = false)
    {
        byte[] body = new byte[2 + Encoding.UTF8.GetByteCount(topic) + payload.Length];
        int length = 2 + WriteText(body, topic);
        payload.CopyTo(body.AsSpan(length));
        Send(_socket!, retain ? (byte)0x31 : (byte)0x30, body);
    }

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
                using NetworkStream network = new(socket);
                using BufferedStream stream = new(network, 65536);
                Greet(socket, stream);
                while (true)
                {
                    Receive(socket, stream);
                }
            }
            catch (Exception problem) when (problem is IOException or SocketException or ObjectDisposedException)
            {
                _stopping.Wait(20);
            }
        }
    }

    private void Greet(Socket socket, Stream stream)
    {
        List<byte> body = [0, 4, .. "MQTT"u8, 4, (byte)((_login is null ? 0 : 0xC0) | (_persistent ? 0 : 2)), 0, 0];
        string[] texts = _login is { } login ? [_clientId, login.User, login.Password] : [_clientId];
        foreach (string text in texts)
        {
            AddText(body, text);
        }

        Send(socket, 0x10, [.. body]);
        (_, byte[] connack) = ReadPacket(stream);
        if (connack[1] != 0)
        {
            throw new IOException($"refused with {connack[1]}");
        }

        List<byte> subscribe = [0, 1];
        AddText(subscribe, _filter);
        subscribe.Add(1);
        Send(socket, 0x82, [.. subscribe]);
    }

    private void Receive(Socket socket, Stream stream)
    {
        (byte header, byte[] body) = ReadPacket(stream);
        if (header >> 4 == 9)
        {
            _ready.Set();
        }
        else if (header >> 4 == 3)
        {
            Remember(socket, header, body, Stopwatch.GetTimestamp());
        }
    }

    private void Remember(Socket socket, byte header, byte[] body, long now)
    {
        int qos = (header >> 1) & 3;
        int topicLength = BinaryPrimitives.ReadUInt16BigEndian(body);
        string topic = Encoding.UTF8.GetString(body, 2, topicLength);
        int start = 2 + topicLength + (qos > 0 ? 2 : 0);
        lock (_messages)
        {
            _messages.Add(new MqttMessage(topic, body[start..], (header & 1) != 0, (header & 8) != 0, now));
            _counts[topic] = _counts.GetValueOrDefault(topic) + 1;
            Monitor.PulseAll(_messages);
        }

        if (qos > 0)
        {
            Send(socket, 0x40, body.AsSpan(2 + topicLength, 2));
        }
    }

    private static (byte Header, byte[] Body) ReadPacket(Stream stream)
    {
        byte header = ReadByte(stream);
        int length = 0;
        int shift = 0;
        byte part;
        do
        {
            part = ReadByte(stream);
            length |= (part & 0x7F) << shift;
            shift += 7;
        }
        while ((part & 0x80) != 0);

        byte[] body = new byte[length];
        stream.ReadExactly(body);
        return (header, body);
    }

    private static byte ReadByte(Stream stream)
    {
        int value = stream.ReadByte();
        return value >= 0 ? (byte)value : throw new IOException("closed");
    }

    private static void Send(Socket socket, byte header, ReadOnlySpan<byte> body)
    {
        List<byte> packet = [header];
        int length = body.Length;
        do
        {
            packet.Add((byte)((length & 0x7F) | (length > 0x7F ? 0x80 : 0)));
            length >>= 7;
        }
        while (length > 0);

        packet.AddRange(body);
        socket.Send([.. packet]);
    }

    private static void AddText(List<byte> body, string text)
    {
        byte[] bytes = new byte[2 + Encoding.UTF8.GetByteCount(text)];
        WriteText(bytes, text);
        body.AddRange(bytes);
    }

    private static int WriteText(Span<byte> destination, string text)
    {
        int length = Encoding.UTF8.GetBytes(text, destination[2..]);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)length);
        return length;
    }
}
