// One number of a binary record: where its bytes lie, in which order, and which of its bits count.
//   32-bit ABCD as sent by   big ABCD   little DCBA   cdab CDAB (lower word first)   badc BADC (bytes of each word swapped)

using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Framing;

/// <summary>One field of a binary record. Immutable; reading allocates nothing.</summary>
internal sealed class BinaryField
{
    private enum Form
    {
        Unsigned,
        Signed,
        Float32,
        Float64,
    }

    private readonly Form _form;
    private readonly int[] _places;       // [bytes] positions in the record, the number's highest byte first
    private readonly int _bitsAbove;      // of 64: cut off first
    private readonly int _bitsUnused;     // of 64: what then remains below

    private BinaryField(FieldProfile profile, int at, string byteOrder)
    {
        int bytes = WidthOf(profile.Type);
        int bits = profile.Bits ?? (8 * bytes) - profile.LowBit;
        _form = profile.Type switch
        {
            "float32" => Form.Float32,
            "float64" => Form.Float64,
            _ => profile.Type[0] == 'u' ? Form.Unsigned : Form.Signed,
        };
        _places = ArrayProjection.Of(bytes, i => at + Place(i, bytes, byteOrder));
        _bitsAbove = 64 - profile.LowBit - bits;
        _bitsUnused = 64 - bits;
        End = at + bytes;
    }

    /// <summary>First byte after the field.</summary>
    public int End { get; }

    /// <summary>Bytes of a type; 0 when there is no such type.</summary>
    public static int WidthOf(string type) => type switch
    {
        "int8" or "uint8" => 1,
        "int16" or "uint16" => 2,
        "int24" or "uint24" => 3,
        "int32" or "uint32" or "float32" => 4,
        "int64" or "uint64" or "float64" => 8,
        _ => 0,
    };

    /// <summary>The fields of a record, each placed.</summary>
    /// <param name="framing">A framing without problems.</param>
    /// <exception cref="ArgumentException">A type is unknown: a profile with problems.</exception>
    public static BinaryField[] LayOut(FramingProfile framing)
    {
        BinaryField[] fields = new BinaryField[framing.Fields?.Count ?? 0];
        int at = 0;
        for (int i = 0; i < fields.Length; i++)
        {
            FieldProfile field = framing.Fields![i];
            if (WidthOf(field.Type) == 0)
            {
                throw new ArgumentException($"unknown field type '{field.Type}'", nameof(framing));
            }

            fields[i] = new BinaryField(field, field.At ?? at, field.ByteOrder ?? framing.ByteOrder);
            at = fields[i].End;
        }

        return fields;
    }

    /// <summary>Bytes that a record needs for all its fields; unknown types count nothing.</summary>
    public static int RecordBytes(FramingProfile framing)
    {
        int needed = 0;
        int at = 0;
        foreach (FieldProfile field in framing.Fields ?? [])
        {
            at = (field.At ?? at) + WidthOf(field.Type);
            needed = Math.Max(needed, at);
        }

        return needed;
    }

    /// <summary>Reads the field; infinity counts as missing. Beyond 2⁵³ the lowest digits of 64-bit numbers are lost.</summary>
    /// <param name="record">At least <see cref="End"/> bytes.</param>
    public double Read(ReadOnlySpan<byte> record)
    {
        ulong value = 0;
        foreach (int place in _places)
        {
            value = (value << 8) | record[place];
        }

        double number = _form switch
        {
            Form.Unsigned => value << _bitsAbove >> _bitsUnused,
            Form.Signed => (long)(value << _bitsAbove) >> _bitsUnused,
            Form.Float32 => BitConverter.UInt32BitsToSingle((uint)value),
            _ => BitConverter.UInt64BitsToDouble(value),
        };
        return double.IsInfinity(number) ? double.NaN : number;
    }

    // Where the i-th highest byte lies. A single byte is everywhere; a pair is one word.
    private static int Place(int i, int bytes, string byteOrder) => byteOrder switch
    {
        "big" => i,
        "cdab" when bytes % 2 == 0 => bytes - 2 - (i & ~1) + (i & 1),
        "badc" when bytes % 2 == 0 => i ^ 1,
        _ => bytes - 1 - i,
    };
}
