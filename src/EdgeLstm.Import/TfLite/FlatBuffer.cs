// FlatBuffers, as far as a reader needs them. Everything is little-endian.
//
//   file      u32 offset of the root table from byte 0; at byte 4 four letters that identify the schema ("TFL3")
//   offset    u32, from the place where it stands, forward (uoffset)
//   table     i32 distance back to its vtable (the vtable is at table − distance; it may lie on either side), then its fields
//   vtable    u16 size of the vtable in bytes, u16 size of the table in bytes, then for field 0, 1, 2 …
//             u16 offset of the field from the table's start; 0, or a vtable too short, means that the field has its default
//   scalar    stands in the table itself
//   vector    the field holds an offset to: u32 count, then the elements one after the other; of tables, offsets
//   string    a vector of bytes, UTF-8
//   union     two fields: u8 type, then an offset to a table
//
// Offsets are all that leads from one part to the next, so that a hostile file may point anywhere, and at the same place many
// times. Here every table, field, vector and string is checked to lie within the file when it is looked up; nothing is followed
// or allocated before. Nesting is as deep as the code that asks: nothing here recurses.
//
// Source: FlatBuffers internals, flatbuffers.dev.

using System.Buffers.Binary;
using System.Text;

namespace EdgeLstm.Import.TfLite;

/// <summary>A file in the FlatBuffers format.</summary>
/// <param name="File">The file; all of it is the buffer.</param>
internal sealed record FlatBuffer(SourceFile File)
{
    private const int IdentifierAt = 4;

    /// <summary>The content.</summary>
    public ReadOnlySpan<byte> Bytes => File.Bytes;

    /// <summary>Whether bytes 4 to 7 are the identifier.</summary>
    public static bool HasIdentifier(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> identifier) =>
        bytes.Length >= IdentifierAt + identifier.Length
        && bytes.Slice(IdentifierAt, identifier.Length).SequenceEqual(identifier);

    /// <summary>The root table.</summary>
    public FlatTable Root() => TableAt("the root table", Follow("the root table", 0));

    /// <summary>The place an offset at <paramref name="at"/> leads to.</summary>
    public int Follow(string item, int at)
    {
        Require(item, at, sizeof(uint));
        long target = at + (long)BinaryPrimitives.ReadUInt32LittleEndian(Bytes[at..]);
        Require(item, target, sizeof(uint));
        return (int)target;
    }

    /// <summary>The table at a place.</summary>
    public FlatTable TableAt(string item, int at)
    {
        Require(item, at, sizeof(int));
        long vtable = at - (long)BinaryPrimitives.ReadInt32LittleEndian(Bytes[at..]);
        Require(item, vtable, 2 * sizeof(ushort));
        int vtableSize = BinaryPrimitives.ReadUInt16LittleEndian(Bytes[(int)vtable..]);
        int size = BinaryPrimitives.ReadUInt16LittleEndian(Bytes[((int)vtable + sizeof(ushort))..]);
        if (vtableSize < 2 * sizeof(ushort) || size < sizeof(int))
        {
            throw File.Refuse($"{item}: its vtable at byte {vtable} says {vtableSize} and {size} bytes; expected at least 4 and "
                + "4. The file is damaged");
        }

        Require(item, vtable, vtableSize);
        Require(item, at, size);
        return new FlatTable(this, item, at, (int)vtable, vtableSize, size);
    }

    /// <summary>Refuses what lies outside the file.</summary>
    public void Require(string item, long at, long length)
    {
        if (at < 0 || length < 0 || at > Bytes.Length - length)
        {
            throw File.Refuse($"{item} points at bytes {at} to {at + length}; the file has {Bytes.Length}. It is cut off or "
                + "damaged: copy or convert it again");
        }
    }
}

/// <summary>A table.</summary>
/// <param name="Buffer">The file.</param>
/// <param name="Item">What it is, for messages.</param>
/// <param name="At">Where it starts.</param>
/// <param name="Vtable">Where its vtable starts.</param>
/// <param name="VtableSize">In bytes, within the file.</param>
/// <param name="Size">In bytes, within the file.</param>
internal readonly record struct FlatTable(FlatBuffer Buffer, string Item, int At, int Vtable, int VtableSize, int Size)
{
    private const int MaxTextBytes = 4096;

    /// <summary>Whether the field is there.</summary>
    public bool Has(int field) => Place(field, 1) > 0;

    public byte Byte(int field) => Place(field, sizeof(byte)) is var at and > 0 ? Buffer.Bytes[at] : (byte)0;

    public bool Boolean(int field) => Byte(field) != 0;

    public int Int32(int field) =>
        Place(field, sizeof(int)) is var at and > 0 ? BinaryPrimitives.ReadInt32LittleEndian(Buffer.Bytes[at..]) : 0;

    public ulong UInt64(int field) =>
        Place(field, sizeof(ulong)) is var at and > 0 ? BinaryPrimitives.ReadUInt64LittleEndian(Buffer.Bytes[at..]) : 0;

    public float Single(int field) =>
        Place(field, sizeof(float)) is var at and > 0 ? BinaryPrimitives.ReadSingleLittleEndian(Buffer.Bytes[at..]) : 0;

    /// <summary>The table a field leads to; null where the field is missing.</summary>
    public FlatTable? Table(int field, string item) =>
        Place(field, sizeof(uint)) is var at and > 0 ? Buffer.TableAt(item, Buffer.Follow(item, at)) : null;

    /// <summary>The vector a field leads to; empty where the field is missing.</summary>
    public FlatVector Vector(int field, string item, int elementSize)
    {
        int at = Place(field, sizeof(uint));
        if (at == 0)
        {
            return new FlatVector(Buffer, item, 0, 0);
        }

        int start = Buffer.Follow(item, at);
        uint count = BinaryPrimitives.ReadUInt32LittleEndian(Buffer.Bytes[start..]);
        Buffer.Require(item, (long)start + sizeof(uint), (long)count * elementSize);
        return new FlatVector(Buffer, item, start + sizeof(uint), (int)count);
    }

    /// <summary>The text of a field, its first 4096 bytes; empty where the field is missing.</summary>
    public string Text(int field, string item)
    {
        FlatVector bytes = Vector(field, item, sizeof(byte));
        return Encoding.UTF8.GetString(Buffer.Bytes.Slice(bytes.At, Math.Min(bytes.Count, MaxTextBytes)));
    }

    // 0 where the field is missing: no table starts at byte 0, which holds the root's offset.
    private int Place(int field, int width)
    {
        int slot = (2 + field) * sizeof(ushort);
        if (slot + sizeof(ushort) > VtableSize)
        {
            return 0;
        }

        int offset = BinaryPrimitives.ReadUInt16LittleEndian(Buffer.Bytes[(Vtable + slot)..]);
        if (offset == 0)
        {
            return 0;
        }

        return offset + width <= Size
            ? At + offset
            : throw Buffer.File.Refuse($"{Item}: field {field} lies at byte {offset} of a table of {Size}. The file is damaged");
    }
}

/// <summary>A vector; all its elements lie within the file.</summary>
/// <param name="Buffer">The file.</param>
/// <param name="Item">What it is, for messages.</param>
/// <param name="At">Where its elements start.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct FlatVector(FlatBuffer Buffer, string Item, int At, int Count)
{
    /// <summary>Element <paramref name="index"/> of a vector of whole numbers.</summary>
    public int Int32(int index) => BinaryPrimitives.ReadInt32LittleEndian(Buffer.Bytes[(Checked(index) + At)..]);

    /// <summary>Element <paramref name="index"/> of a vector of tables.</summary>
    public FlatTable Table(int index, string item) => Buffer.TableAt(item, Buffer.Follow(item, At + Checked(index)));

    /// <summary>All of a vector of whole numbers; refuses more than <paramref name="most"/>.</summary>
    public int[] ToArray(int most)
    {
        if (Count > most)
        {
            throw Buffer.File.Refuse($"{Item} has {Count} entries; the limit is {most}");
        }

        int[] values = new int[Count];
        for (int k = 0; k < values.Length; k++)
        {
            values[k] = Int32(k);
        }

        return values;
    }

    // Both kinds of element take four bytes.
    private int Checked(int index) => (uint)index < (uint)Count
        ? index * sizeof(int)
        : throw Buffer.File.Refuse($"{Item} has {Count} entries; entry {index} is asked for. The file is damaged");
}
