// One number of a binary record: its type, its width and how it is read in either byte order.

using System.Buffers.Binary;

namespace EdgeLstm.Worker.Framing;

/// <summary>The type of one field of a binary record.</summary>
/// <param name="Kind">Index into <see cref="Names"/>.</param>
/// <param name="Bytes">Width in bytes.</param>
internal readonly record struct BinaryField(int Kind, int Bytes)
{
    private static readonly int[] Widths = [1, 1, 2, 2, 4, 4, 4, 8];

    /// <summary>The types a profile may name.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"];

    public static bool TryParse(string name, out BinaryField field)
    {
        for (int kind = 0; kind < Names.Count; kind++)
        {
            if (Names[kind] == name)
            {
                field = new BinaryField(kind, Widths[kind]);
                return true;
            }
        }

        field = default;
        return false;
    }

    /// <summary>Reads the field from the first bytes of <paramref name="at"/>.</summary>
    public float Read(ReadOnlySpan<byte> at, bool bigEndian) => Kind switch
    {
        0 => (sbyte)at[0],
        1 => at[0],
        2 => bigEndian ? BinaryPrimitives.ReadInt16BigEndian(at) : BinaryPrimitives.ReadInt16LittleEndian(at),
        3 => bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at),
        4 => bigEndian ? BinaryPrimitives.ReadInt32BigEndian(at) : BinaryPrimitives.ReadInt32LittleEndian(at),
        5 => bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at),
        6 => bigEndian ? BinaryPrimitives.ReadSingleBigEndian(at) : BinaryPrimitives.ReadSingleLittleEndian(at),
        _ => (float)(bigEndian ? BinaryPrimitives.ReadDoubleBigEndian(at) : BinaryPrimitives.ReadDoubleLittleEndian(at)),
    };
}
