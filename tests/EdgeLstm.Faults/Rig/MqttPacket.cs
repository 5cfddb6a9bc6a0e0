// MQTT 3.1.1 on the wire: a byte of kind and flags, the length in 7-bit groups, a body. Packets are cut out of a byte stream.

using System.Buffers.Binary;
using System.Text;

namespace EdgeLstm.Faults.Rig;

/// <summary>The packets that the tests look at. Source: MQTT 3.1.1, table 2.1.</summary>
internal enum PacketKind
{
    Connect = 1,
    Connack = 2,
    Publish = 3,
    Puback = 4,
    Subscribe = 8,
    Suback = 9,
}

/// <summary>One whole packet inside a buffer; valid until more bytes are received.</summary>
internal readonly ref struct MqttPacket(Span<byte> bytes, int bodyStart)
{
    /// <summary>All bytes, as they go over the wire.</summary>
    public Span<byte> Bytes { get; } = bytes;

    /// <summary>Bytes after the length.</summary>
    public Span<byte> Body => Bytes[bodyStart..];

    public PacketKind Kind => (PacketKind)(Bytes[0] >> 4);

    /// <summary>Quality of service of a PUBLISH, 0 to 2.</summary>
    public int Qos => (Bytes[0] >> 1) & 3;

    /// <summary>Whether a PUBLISH says that it is sent again.</summary>
    public bool IsRepeat => (Bytes[0] & 8) != 0;

    /// <summary>Topic of a PUBLISH.</summary>
    public ReadOnlySpan<byte> Topic => Body.Slice(2, TopicLength);

    /// <summary>Packet id of a PUBACK, or of a PUBLISH with QoS 1.</summary>
    public ushort Id => BinaryPrimitives.ReadUInt16BigEndian(Kind == PacketKind.Publish ? Body[(2 + TopicLength)..] : Body);

    /// <summary>Payload of a PUBLISH.</summary>
    public ReadOnlySpan<byte> Payload => Body[(2 + TopicLength + (Qos > 0 ? 2 : 0))..];

    private int TopicLength => BinaryPrimitives.ReadUInt16BigEndian(Body);

    /// <summary>A packet of a kind with its flags.</summary>
    public static byte[] Write(byte kindAndFlags, ReadOnlySpan<byte> body)
    {
        List<byte> packet = [kindAndFlags];
        int length = body.Length;
        do
        {
            packet.Add((byte)((length & 0x7F) | (length > 0x7F ? 0x80 : 0)));
            length >>= 7;
        }
        while (length > 0);

        packet.AddRange(body);
        return [.. packet];
    }

    /// <summary>A text with its length before it.</summary>
    public static byte[] Text(string text)
    {
        byte[] bytes = new byte[2 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(bytes.Length - 2));
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(2));
        return bytes;
    }
}

/// <summary>Collects received bytes and gives whole packets out. Grows with the longest packet.</summary>
internal sealed class PacketSplitter
{
    private const int FirstBytes = 64 * 1024;
    private const int LengthGroups = 4;

    private byte[] _buffer = new byte[FirstBytes];
    private int _start;
    private int _end;

    /// <summary>Where to receive; after it call <see cref="Received"/>.</summary>
    public Span<byte> Free
    {
        get
        {
            _buffer.AsSpan(_start.._end).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            if (_end == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * _buffer.Length);
            }

            return _buffer.AsSpan(_end);
        }
    }

    public void Received(int count) => _end += count;

    /// <summary>Takes the next whole packet; false when it has not come yet.</summary>
    public bool TryTake(out MqttPacket packet)
    {
        Span<byte> bytes = _buffer.AsSpan(_start.._end);
        int length = 0;
        for (int i = 1; i <= LengthGroups && i < bytes.Length; i++)
        {
            length |= (bytes[i] & 0x7F) << (7 * (i - 1));
            if ((bytes[i] & 0x80) != 0)
            {
                continue;
            }

            if (bytes.Length - 1 - i < length)
            {
                break;
            }

            packet = new MqttPacket(bytes[..(1 + i + length)], 1 + i);
            _start += packet.Bytes.Length;
            return true;
        }

        packet = default;
        return false;
    }
}
