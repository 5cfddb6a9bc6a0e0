// The filters that pack a chunk: deflate, shuffle (bytes of equal weight together) and the Fletcher checksum.

using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace EdgeLstm.Import.Hdf5;

/// <summary>The filters of a dataset, in the order in which they were applied.</summary>
internal sealed class Hdf5Filters
{
    private const int Deflate = 1;
    private const int Shuffle = 2;
    private const int Fletcher = 3;
    private const int MaxFilters = 32;
    private const int ChecksumSize = 4;
    private const int ChunkCost = 1024;
    private const int FirstNamedFilter = 256;

    private readonly Hdf5Source _source;
    private readonly string _path;
    private readonly List<(int Id, int Parameter)> _filters = [];

    private Hdf5Filters(Hdf5Source source, string path)
    {
        _source = source;
        _path = path;
    }

    /// <summary>Reads the message; without one there are no filters.</summary>
    public static Hdf5Filters Read(Hdf5Source source, Hdf5Header header, string path)
    {
        Hdf5Filters filters = new(source, path);
        if (header.Find(Hdf5Header.Filters) is not { } message)
        {
            return filters;
        }

        Hdf5Cursor cursor = new(source, message.Span, path, "filters");
        int version = cursor.Version(1, 2);
        int count = cursor.Byte();
        if (count > MaxFilters)
        {
            throw source.Refuse(path, $"has {count} filters; HDF5 allows {MaxFilters}");
        }

        cursor.Take(version == 1 ? 6 : 0);
        for (int k = 0; k < count; k++)
        {
            filters._filters.Add(filters.ReadFilter(ref cursor, version));
        }

        return filters;
    }

    /// <summary>Unpacks a chunk.</summary>
    /// <param name="stored">Its bytes in the file.</param>
    /// <param name="skipped">Bit k is set where filter k was left out.</param>
    /// <param name="size">Bytes it must have unpacked.</param>
    public ReadOnlySpan<byte> Undo(ReadOnlyMemory<byte> stored, uint skipped, int size)
    {
        _source.Charge(ChunkCost, _path);
        for (int k = _filters.Count - 1; k >= 0; k--)
        {
            if ((skipped >> k & 1) == 0)
            {
                stored = _filters[k].Id switch
                {
                    Deflate => Inflate(stored, size + Checksums(k, skipped)),
                    Shuffle => Unshuffle(stored.Span, _filters[k].Parameter),
                    _ => Check(stored),
                };
            }
        }

        return stored.Length == size
            ? stored.Span
            : throw _source.Refuse(_path, $"a chunk unpacks to {stored.Length} bytes; expected {size}");
    }

    private (int Id, int Parameter) ReadFilter(ref Hdf5Cursor cursor, int version)
    {
        int id = cursor.UInt16();
        int nameSize = version == 1 || id >= FirstNamedFilter ? cursor.UInt16() : 0;
        cursor.UInt16();
        int parameters = cursor.UInt16();
        cursor.Take(version == 1 ? (nameSize + 7) & ~7 : nameSize);
        int first = 0;
        for (int k = 0; k < parameters; k++)
        {
            int parameter = (int)cursor.UInt32();
            first = k == 0 ? parameter : first;
        }

        cursor.Take(version == 1 && parameters % 2 == 1 ? 4 : 0);
        return id is Deflate or Shuffle or Fletcher
            ? (id, first)
            : throw _source.Refuse(_path, $"is packed by filter {id} ({NameOf(id)}); only gzip, shuffle and fletcher32 are read:"
                + " write it with compression='gzip' or without");
    }

    // Checksums that were applied before filter k are part of what it packed.
    private int Checksums(int k, uint skipped)
    {
        int bytes = 0;
        for (int before = 0; before < k; before++)
        {
            bytes += _filters[before].Id == Fletcher && (skipped >> before & 1) == 0 ? ChecksumSize : 0;
        }

        return bytes;
    }

    private ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> packed, int size)
    {
        _source.Charge(size, _path);
        byte[] unpacked = new byte[size];
        try
        {
            _ = MemoryMarshal.TryGetArray(packed, out ArraySegment<byte> segment);
            using MemoryStream stream = new(segment.Array!, segment.Offset, segment.Count, writable: false);
            using ZLibStream inflater = new(stream, CompressionMode.Decompress);
            int count = inflater.ReadAtLeast(unpacked, size, throwOnEndOfStream: false);
            if (count < size || inflater.ReadByte() >= 0)
            {
                throw _source.Refuse(_path, $"a gzip chunk unpacks to {(count < size ? $"{count}" : $"more than {size}")} bytes;"
                    + $" expected {size}");
            }
        }
        catch (InvalidDataException fault)
        {
            throw _source.Refuse(_path, $"a gzip chunk is damaged: {fault.Message}");
        }

        return unpacked;
    }

    // Byte j of all elements stands together: out[e·size + j] = in[j·count + e]; a rest that is no whole element stays behind.
    private byte[] Unshuffle(ReadOnlySpan<byte> shuffled, int elementSize)
    {
        if (elementSize <= 0)
        {
            throw _source.Refuse(_path, $"is shuffled with elements of {elementSize} bytes");
        }

        _source.Charge(shuffled.Length, _path);
        int count = shuffled.Length / elementSize;
        byte[] elements = shuffled.ToArray();
        for (int j = 0; count > 1 && j < elementSize; j++)
        {
            for (int element = 0; element < count; element++)
            {
                elements[(element * elementSize) + j] = shuffled[(j * count) + element];
            }
        }

        return elements;
    }

    private ReadOnlyMemory<byte> Check(ReadOnlyMemory<byte> chunk)
    {
        if (chunk.Length < ChecksumSize)
        {
            throw _source.Refuse(_path, "a chunk is too short for its checksum");
        }

        ReadOnlyMemory<byte> data = chunk[..^ChecksumSize];
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(chunk.Span[^ChecksumSize..]);
        uint found = Fletcher32(data.Span);
        return found == expected
            ? data
            : throw _source.Refuse(_path, $"a chunk is damaged: checksum {found:x8}, expected {expected:x8}");
    }

    private static uint Fletcher32(ReadOnlySpan<byte> data)
    {
        (ulong sum, ulong sumOfSums) = (0, 0);
        for (int k = 0; k < data.Length; k += 2)
        {
            sum += ((uint)data[k] << 8) | (k + 1 < data.Length ? data[k + 1] : 0u);
            sum = (sum & 0xffff) + (sum >> 16);
            sumOfSums += sum;
            sumOfSums = (sumOfSums & 0xffff) + (sumOfSums >> 16);
        }

        sumOfSums = (sumOfSums & 0xffff) + (sumOfSums >> 16);
        return (uint)((sumOfSums << 16) | sum);
    }

    private static string NameOf(int id) => id switch
    {
        4 => "szip",
        5 => "nbit",
        6 => "scaleoffset",
        32000 => "lzf",
        32001 => "blosc",
        32015 => "zstd",
        _ => "of a plugin",
    };
}
