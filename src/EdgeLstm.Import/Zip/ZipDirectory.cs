// The entries of a zip archive, as places in the file: end record "PK\5\6" → central directory "PK\1\2" → local headers "PK\3\4"
// → data. Nothing is copied or unpacked.
//
//   end of central directory   entries u16 at 10, size u32 at 12, offset u32 at 16, comment length u16 at 20
//   central entry              flags u16 at 8, method u16 at 10, checksum u32 at 16, packed u32 at 20, size u32 at 24,
//                              name length u16 at 28, extra u16 at 30, comment u16 at 32, local offset u32 at 42, name at 46
//   local entry                name length u16 at 26, extra u16 at 28, data behind them

using System.Buffers.Binary;
using System.Text;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Zip;

/// <summary>Where an entry's bytes lie in the file, as they are stored.</summary>
/// <param name="Begin">The first byte.</param>
/// <param name="Length">How many.</param>
/// <param name="Size">How many it has when unpacked; differs where it is compressed.</param>
/// <param name="Method">How it is compressed: 0 not at all, 8 deflate.</param>
/// <param name="IsEncrypted">Whether it has a password.</param>
/// <param name="Checksum">CRC-32 of the unpacked bytes.</param>
internal readonly record struct ZipEntry(int Begin, int Length, uint Size, int Method, bool IsEncrypted, uint Checksum)
{
    /// <summary>Whether the bytes would have to be unpacked.</summary>
    public bool IsCompressed => Method != 0 || Length != Size;
}

/// <summary>The directory of an archive, read as if written by an enemy.</summary>
/// <remarks>
/// Limits: 65 535 entries, 1 GiB; archives in several parts and names given twice are refused.
/// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
/// </remarks>
internal static class ZipDirectory
{
    private const uint EndSignature = 0x06054b50;
    private const uint DirectorySignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int EndBytes = 22;
    private const int DirectoryBytes = 46;
    private const int LocalBytes = 30;
    private const int MaxCommentBytes = ushort.MaxValue;

    /// <summary>All entries by name.</summary>
    /// <exception cref="ModelFileException">The archive is damaged.</exception>
    public static Dictionary<string, ZipEntry> Read(SourceFile file)
    {
        ReadOnlySpan<byte> end = file.Bytes.AsSpan(FindEnd(file));
        ushort count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
        uint begin = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end[4..]) != 0 || BinaryPrimitives.ReadUInt16LittleEndian(end[8..]) != count)
        {
            throw file.Refuse("is one part of a zip archive in several; expected the whole archive in one file");
        }

        if ((ulong)begin + size > (ulong)file.Bytes.Length)
        {
            throw file.Refuse($"says its zip directory lies at byte {begin} with {size} bytes, but the file has "
                + $"{file.Bytes.Length}; it is cut short or damaged");
        }

        ReadOnlySpan<byte> directory = file.Bytes.AsSpan((int)begin, (int)size);
        var entries = new Dictionary<string, ZipEntry>(StringComparer.Ordinal);
        long total = 0;
        for (int k = 0; k < count; k++)
        {
            total += ReadEntry(file, ref directory, entries);
        }

        // Entries that share bytes would make an archive seem larger than its file.
        if (total > file.Bytes.Length)
        {
            throw file.Refuse($"has zip entries of {total} bytes in a file of {file.Bytes.Length}; they overlap, so it is "
                + $"damaged");
        }

        return entries;
    }

    // The end record is the last one: only a comment follows it.
    private static int FindEnd(SourceFile file)
    {
        byte[] bytes = file.Bytes;
        int last = bytes.Length - EndBytes;
        for (int at = last; at >= Math.Max(0, last - MaxCommentBytes); at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at)) == EndSignature
                && BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at + 20)) == last - at)
            {
                return at;
            }
        }

        throw file.Refuse("begins as a zip archive but has no end record; it is cut short or damaged: copy it again");
    }

    private static int ReadEntry(SourceFile file, ref ReadOnlySpan<byte> directory, Dictionary<string, ZipEntry> entries)
    {
        if (directory.Length < DirectoryBytes || BinaryPrimitives.ReadUInt32LittleEndian(directory) != DirectorySignature)
        {
            throw file.Refuse($"has a zip directory that breaks off after {entries.Count} entries; it is damaged");
        }

        bool isEncrypted = (directory[8] & 1) != 0;
        ushort method = BinaryPrimitives.ReadUInt16LittleEndian(directory[10..]);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(directory[16..]);
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(directory[20..]);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(directory[24..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
        int length = DirectoryBytes + nameLength + BinaryPrimitives.ReadUInt16LittleEndian(directory[30..])
            + BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
        uint local = BinaryPrimitives.ReadUInt32LittleEndian(directory[42..]);
        if (length > directory.Length)
        {
            throw file.Refuse($"has a zip directory that breaks off after {entries.Count} entries; it is damaged");
        }

        string name = Encoding.UTF8.GetString(directory.Slice(DirectoryBytes, nameLength));
        directory = directory[length..];
        ZipEntry entry = Locate(file, name, local, stored) with
        {
            Size = size,
            Method = method,
            IsEncrypted = isEncrypted,
            Checksum = checksum,
        };
        return entries.TryAdd(name, entry) ? entry.Length : throw file.Refuse($"names zip entry '{QuotedText.Of(name)}' twice");
    }

    private static ZipEntry Locate(SourceFile file, string name, uint local, uint length)
    {
        byte[] bytes = file.Bytes;
        if (local > (uint)bytes.Length || bytes.Length - local < LocalBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)local)) != LocalSignature)
        {
            throw file.Refuse($"entry '{QuotedText.Of(name)}' is said to lie at byte {local}, where none begins; it is damaged");
        }

        ReadOnlySpan<byte> header = bytes.AsSpan((int)local, LocalBytes);
        long begin = local + LocalBytes + (long)BinaryPrimitives.ReadUInt16LittleEndian(header[26..])
            + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        return begin + length <= bytes.Length
            ? new ZipEntry((int)begin, (int)length, length, 0, false, 0)
            : throw file.Refuse($"entry '{QuotedText.Of(name)}' ends at byte {begin + length}; the file has {bytes.Length}");
    }
}
