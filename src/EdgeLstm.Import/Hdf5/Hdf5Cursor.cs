// Reads numbers one after the other from a block of an HDF5 file; the block's end is a fault of the file.

using System.Buffers.Binary;
using System.Text;

namespace EdgeLstm.Import.Hdf5;

/// <summary>A position in a block.</summary>
internal ref struct Hdf5Cursor
{
    private readonly Hdf5Source _source;
    private readonly string _path;
    private readonly string _part;
    private ReadOnlySpan<byte> _rest;

    /// <param name="source">The file.</param>
    /// <param name="block">The bytes to read.</param>
    /// <param name="path">The object, for messages.</param>
    /// <param name="part">The block's name, for messages.</param>
    public Hdf5Cursor(Hdf5Source source, ReadOnlySpan<byte> block, string path, string part)
    {
        _source = source;
        _rest = block;
        _path = path;
        _part = part;
    }

    /// <summary>Bytes that are left.</summary>
    public readonly int Left => _rest.Length;

    public byte Byte() => Take(1)[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    /// <summary>An address; −1 where it is undefined. It may lie outside of the file.</summary>
    public long Address()
    {
        long address = Hdf5File.Number(Take(_source.OffsetSize));
        return address >= -1
            ? address
            : throw _source.Refuse(_path, $"{_part}: address {(ulong)address} lies outside of the file");
    }

    /// <summary>A length, at least 0. It may be longer than the file.</summary>
    public long Length()
    {
        long length = Hdf5File.Number(Take(_source.LengthSize));
        return length >= 0 ? length : throw _source.Refuse(_path, $"{_part}: length {(ulong)length} is no length");
    }

    /// <summary>The next bytes.</summary>
    public ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw _source.Refuse(_path, $"{_part} is cut off: {count} bytes expected, {_rest.Length} are left");
        }

        ReadOnlySpan<byte> taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }

    /// <summary>Four letters that say what block this is.</summary>
    public void Signature(ReadOnlySpan<byte> expected)
    {
        ReadOnlySpan<byte> found = Take(4);
        if (!found.SequenceEqual(expected))
        {
            throw _source.Refuse(_path, $"{_part}: found the bytes {Convert.ToHexString(found)}, expected"
                + $" '{Encoding.ASCII.GetString(expected)}'");
        }
    }

    /// <summary>A version byte within bounds.</summary>
    public int Version(int least, int most)
    {
        int version = Byte();
        return version >= least && version <= most
            ? version
            : throw _source.Refuse(_path, $"{_part} has version {version}; expected {least}{(most > least ? $" to {most}" : "")}:"
                + " write the file with h5py's default libver ('earliest')");
    }
}
