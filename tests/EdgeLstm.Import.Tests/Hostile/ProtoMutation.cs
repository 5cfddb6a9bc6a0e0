// Damages protocol buffers (ONNX) so that they stay such: fields go, come twice, take the value of another, or an unexpected one.

namespace EdgeLstm.Import.Tests.Hostile;

/// <summary>Changes one field somewhere in the tree of messages and writes the lengths around it anew.</summary>
internal sealed class ProtoMutation
{
    private const int MaxTextBytes = 48;
    private const int VarintWire = 0;
    private const int LengthWire = 2;

    private static readonly ulong[] Numbers =
        [0, 1, 2, 3, 6, 7, 8, 11, 16, 64, 255, 65536, 0x7fffffff, 0x80000000, 1UL << 40, long.MaxValue, ulong.MaxValue];

    private readonly Random _random;
    private readonly List<byte[]> _texts = [];

    private ProtoMutation(Random random) => _random = random;

    private sealed record Field(int Number, int Wire, ulong Value, byte[] Payload);

    /// <summary>The message with one change; itself where it is no message.</summary>
    public static byte[] Of(byte[] message, Random random)
    {
        var mutation = new ProtoMutation(random);
        return Parse(message) is { Count: > 0 } fields
            ? mutation.Change(fields, mutation.Collect(fields), isRoot: true)
            : message;
    }

    // Names of nodes, tensors and operators, to be exchanged for each other.
    private int Collect(List<Field> fields)
    {
        foreach (Field field in fields)
        {
            if (field.Wire == LengthWire)
            {
                if (IsText(field.Payload))
                {
                    _texts.Add(field.Payload);
                }

                Collect(Parse(field.Payload) ?? []);
            }
        }

        return _texts.Count;
    }

    private byte[] Change(List<Field> fields, int texts, bool isRoot)
    {
        // Of the few fields of a model the graph is nearly all.
        int at = isRoot && _random.Next(16) > 0 ? Longest(fields) : _random.Next(fields.Count);
        Field field = fields[at];
        if (field.Wire == LengthWire && _random.Next(5) > 0 && Parse(field.Payload) is { Count: > 0 } inner)
        {
            fields[at] = field with { Payload = Change(inner, texts, isRoot: false) };
            return Write(fields);
        }

        switch (_random.Next(isRoot ? 6 : 12))
        {
            case 0:
                fields.RemoveAt(at);
                break;
            case 1:
                fields.Insert(_random.Next(fields.Count + 1), field);
                break;
            case 2:
                List<Field> same = _random.Next(8) == 0 ? fields : fields.FindAll(other => other.Number == field.Number);
                fields[at] = same[_random.Next(same.Count)] with { Number = field.Number };
                break;
            case 3:
                fields[at] = field with { Number = 1 + _random.Next(21) };
                break;
            default:
                fields[at] = field with
                {
                    Value = _random.Next(3) == 0 ? field.Value + 1 : Numbers[_random.Next(Numbers.Length)],
                    Payload = IsText(field.Payload) ? _texts[_random.Next(texts)] : Shortened(field),
                };
                break;
        }

        return Write(fields);
    }

    // Raw numbers lose some bytes; messages and numbers of fixed size stay whole.
    private byte[] Shortened(Field field) => field.Wire == LengthWire && Parse(field.Payload) is null
        ? field.Payload[..^_random.Next(Math.Min(9, field.Payload.Length + 1))]
        : field.Payload;

    private static bool IsText(byte[] payload) =>
        payload.Length is > 0 and <= MaxTextBytes && !payload.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~');

    private static int Longest(List<Field> fields)
    {
        int longest = 0;
        for (int k = 1; k < fields.Count; k++)
        {
            longest = fields[k].Payload.Length > fields[longest].Payload.Length ? k : longest;
        }

        return longest;
    }

    // Null where the bytes are no message; a text is taken for one only by chance, which does no harm.
    private static List<Field>? Parse(ReadOnlySpan<byte> bytes)
    {
        List<Field> fields = [];
        while (!bytes.IsEmpty)
        {
            if (!TryVarint(ref bytes, out ulong tag) || tag >> 3 is 0 or > 1000)
            {
                return null;
            }

            (int number, int wire) = ((int)(tag >> 3), (int)(tag & 7));
            ulong value = 0;
            int size = wire switch { 1 => 8, 5 => 4, _ => 0 };
            bool isRead = wire switch
            {
                VarintWire => TryVarint(ref bytes, out value),
                LengthWire => TryVarint(ref bytes, out value) && value <= (ulong)bytes.Length,
                _ => size > 0,
            };
            size = wire == LengthWire && isRead ? (int)value : size;
            if (!isRead || size > bytes.Length)
            {
                return null;
            }

            fields.Add(new Field(number, wire, value, bytes[..size].ToArray()));
            bytes = bytes[size..];
        }

        return fields;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (int k = 0; k < Math.Min(10, bytes.Length); k++)
        {
            value |= (ulong)(bytes[k] & 127) << (7 * k);
            if (bytes[k] < 128)
            {
                bytes = bytes[(k + 1)..];
                return true;
            }
        }

        return false;
    }

    private static byte[] Write(List<Field> fields)
    {
        using var stream = new MemoryStream();
        foreach (Field field in fields)
        {
            Varint(stream, ((ulong)field.Number << 3) | (uint)field.Wire);
            if (field.Wire is VarintWire or LengthWire)
            {
                Varint(stream, field.Wire == VarintWire ? field.Value : (ulong)field.Payload.Length);
            }

            stream.Write(field.Payload);
        }

        return stream.ToArray();
    }

    private static void Varint(MemoryStream stream, ulong value)
    {
        for (; value >= 128; value >>= 7)
        {
            stream.WriteByte((byte)(value | 128));
        }

        stream.WriteByte((byte)value);
    }
}
