// The bytes of an HDF5 file, addressed as the file does, and the memory that its reader may still take.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Hdf5;

/// <summary>What every reader of a part of the file shares.</summary>
/// <remarks>
/// Blocks may be named again and again and chunks unpack to a thousand times their size, so a small file could ask for any
/// amount of memory and time. All that is allocated or unpacked is charged: 64 times the file's size and 16 MiB in total; a file
/// that wants more is refused.
/// </remarks>
internal sealed class Hdf5Source
{
    private const long FreeBytes = 16 << 20;
    private const int BytesPerByte = 64;

    private readonly int _start;
    private long _left;

    /// <param name="file">The file.</param>
    /// <param name="start">Where its superblock lies: addresses count from here.</param>
    public Hdf5Source(SourceFile file, int start)
    {
        File = file;
        _start = start;
        _left = FreeBytes + ((long)file.Bytes.Length * BytesPerByte);
    }

    /// <summary>The file.</summary>
    public SourceFile File { get; }

    /// <summary>Bytes from the superblock to the end.</summary>
    public long Size => File.Bytes.Length - _start;

    /// <summary>Bytes of an address: 2, 4 or 8.</summary>
    public int OffsetSize { get; set; } = 8;

    /// <summary>Bytes of a length: 2, 4 or 8.</summary>
    public int LengthSize { get; set; } = 8;

    /// <summary>Collections of the global heap that were read, by address.</summary>
    public Dictionary<long, Dictionary<int, ReadOnlyMemory<byte>>> Heaps { get; } = [];

    /// <summary>A cursor from an address to the end of the file.</summary>
    /// <param name="address">The address.</param>
    /// <param name="path">The object it belongs to, for messages.</param>
    /// <param name="part">What lies there, for messages.</param>
    public Hdf5Cursor At(long address, string path, string part) =>
        new(this, Block(address, Math.Max(0, Size - Math.Max(0, address)), path, part).Span, path, part);

    /// <summary>The bytes of a block.</summary>
    public ReadOnlyMemory<byte> Block(long address, long length, string path, string part)
    {
        if (address < 0)
        {
            throw Refuse(path, $"{part} has no address");
        }

        return address <= Size && length >= 0 && length <= Size - address
            ? File.Bytes.AsMemory(_start + (int)address, (int)length)
            : throw Refuse(path, $"{part} lies outside of the file: {length} bytes at {address}, the file has {Size}");
    }

    /// <summary>Counts memory or work before it is taken.</summary>
    public void Charge(long bytes, string path)
    {
        if (bytes < 0 || bytes > _left)
        {
            throw Refuse(path, $"wants {bytes} bytes more than a file of {Size} bytes justifies"
                + " (the limit is 64 times its size and 16 MiB in total)");
        }

        _left -= bytes;
    }

    /// <summary>The fault of an object of the file.</summary>
    public ModelFileException Refuse(string path, string fault) => File.Refuse($"HDF5 object '{QuotedText.Of(path)}': {fault}");
}
