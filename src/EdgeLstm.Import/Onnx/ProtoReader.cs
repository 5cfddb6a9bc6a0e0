// One message of a protocol buffer, field by field:  message = (tag value)*, tag = varint(field number · 8 + wire type),
// value = varint | 8 bytes | varint length and bytes | 4 bytes. A list of numbers is packed into one field or repeated.

using System.Buffers.Binary;
using Google.Protobuf;

namespace EdgeLstm.Import.Onnx;

/// <summary>Reads the fields of a message that lies in memory, without copying it.</summary>
/// <remarks>
/// Every bound is checked by <see cref="CodedInputStream"/>. A fault is an <see cref="InvalidProtocolBufferException"/>, a field
/// of the wrong wire type an <see cref="InvalidDataException"/>; the caller turns both into a refusal of the file.
/// Source: protobuf.dev, "Encoding".
/// </remarks>
#pragma warning disable CA1001 // A stream over an array holds nothing that must be given back.
internal sealed class ProtoReader
#pragma warning restore CA1001
{
    private const int MaxDepth = 32;

    private readonly byte[] _bytes;
    private readonly int _depth;
    private readonly CodedInputStream _stream;
    private uint _tag;

    /// <summary>The message of a whole file.</summary>
    public ProtoReader(byte[] bytes)
        : this(bytes, 0, bytes.Length, 0)
    {
    }

    private ProtoReader(byte[] bytes, int offset, int length, int depth)
    {
        _bytes = bytes;
        _depth = depth;
        _stream = new CodedInputStream(bytes, offset, length);
    }

    /// <summary>Where the reader stands in the file.</summary>
    public long Position => _stream.Position;

    /// <summary>Number of the field that <see cref="Next"/> found.</summary>
    public int Field => WireFormat.GetTagFieldNumber(_tag);

    private WireFormat.WireType Wire => WireFormat.GetTagWireType(_tag);

    /// <summary>Goes to the next field; false at the end. Its value must be read or skipped.</summary>
    public bool Next()
    {
        _tag = _stream.ReadTag();
        return _tag != 0;
    }

    public void Skip() => _stream.SkipLastField();

    public long Integer()
    {
        Expect(WireFormat.WireType.Varint);
        return _stream.ReadInt64();
    }

    public float Float()
    {
        Expect(WireFormat.WireType.Fixed32);
        return _stream.ReadFloat();
    }

    public string Text()
    {
        Expect(WireFormat.WireType.LengthDelimited);
        return _stream.ReadString();
    }

    /// <summary>The bytes of the field as they lie in the file.</summary>
    public ReadOnlyMemory<byte> Bytes()
    {
        (int offset, int length) = Content();
        return _bytes.AsMemory(offset, length);
    }

    /// <summary>The message within this field; at most 32 lie within one another.</summary>
    public ProtoReader Message()
    {
        (int offset, int length) = Content();
        return _depth < MaxDepth
            ? new ProtoReader(_bytes, offset, length, _depth + 1)
            : throw new InvalidDataException($"more than {MaxDepth} messages lie within one another");
    }

    /// <summary>Adds the integers of the field, packed or single.</summary>
    public void Integers(List<long> list)
    {
        if (Wire == WireFormat.WireType.Varint)
        {
            list.Add(_stream.ReadInt64());
            return;
        }

        (int offset, int length) = Content();
        var packed = new CodedInputStream(_bytes, offset, length);
        while (!packed.IsAtEnd)
        {
            list.Add(packed.ReadInt64());
        }
    }

    /// <summary>Adds the floats of the field, packed or single.</summary>
    public void Floats(List<float> list)
    {
        if (Wire == WireFormat.WireType.Fixed32)
        {
            list.Add(_stream.ReadFloat());
            return;
        }

        ReadOnlySpan<byte> packed = Packed(sizeof(float));
        list.EnsureCapacity(list.Count + (packed.Length / sizeof(float)));
        for (; packed.Length > 0; packed = packed[sizeof(float)..])
        {
            list.Add(BinaryPrimitives.ReadSingleLittleEndian(packed));
        }
    }

    /// <summary>Adds the doubles of the field, packed or single, as floats.</summary>
    public void Doubles(List<float> list)
    {
        if (Wire == WireFormat.WireType.Fixed64)
        {
            list.Add((float)_stream.ReadDouble());
            return;
        }

        ReadOnlySpan<byte> packed = Packed(sizeof(double));
        list.EnsureCapacity(list.Count + (packed.Length / sizeof(double)));
        for (; packed.Length > 0; packed = packed[sizeof(double)..])
        {
            list.Add((float)BinaryPrimitives.ReadDoubleLittleEndian(packed));
        }
    }

    private ReadOnlySpan<byte> Packed(int size)
    {
        ReadOnlyMemory<byte> bytes = Bytes();
        return bytes.Length % size == 0
            ? bytes.Span
            : throw new InvalidDataException($"{bytes.Length} bytes hold no whole numbers of {size}");
    }

    // CodedInputStream can only skip a field or copy it: it is skipped, which checks the bound, and its length is read once more.
    private (int Offset, int Length) Content()
    {
        Expect(WireFormat.WireType.LengthDelimited);
        int start = (int)_stream.Position;
        _stream.SkipLastField();
        int end = (int)_stream.Position;
        int length = new CodedInputStream(_bytes, start, end - start).ReadLength();
        return (end - length, length);
    }

    private void Expect(WireFormat.WireType wire)
    {
        if (Wire != wire)
        {
            throw new InvalidDataException($"field {Field} has wire type {Wire}; expected {wire}");
        }
    }
}
