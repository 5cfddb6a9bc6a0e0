// The entries of a .keras file, a zip archive: read by name, never unpacked to a disk.
//
//   end of central directory   "PK\5\6" … entries u16 at 10, size u32 at 12, offset u32 at 16, comment length u16 at 20
//   central entry              "PK\1\2" … flags u16 at 8, method u16 at 10, packed u32 at 20, size u32 at 24,
//                              name length u16 at 28, extra u16 at 30, comment u16 at 32, offset u32 at 42, name at 46
//   local entry                "PK\3\4" … name length u16 at 26, extra u16 at 28, data behind them

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Keras;

/// <summary>A zip archive in memory.</summary>
/// <remarks>
/// Memory: an unpacked entry has at most 32 times the bytes of the archive and 1 MiB more; a larger one is refused before it is
/// unpacked.
/// </remarks>
internal sealed class KerasZip
{
    private const int EndSize = 22;
    private const int CentralSize = 46;
    private const int LocalSize = 30;
    private const int MaxCommentBytes = 65535;
    private const int MaxEntries = 1024;
    private const int MaxRatio = 32;
    private const int Slack = 1024 * 1024;

    private readonly SourceFile _file;
    private readonly List<Entry> _entries;

    private KerasZip(SourceFile file, List<Entry> entries)
    {
        _file = file;
        _entries = entries;
    }

    private sealed record Entry(string Name, int Flags, int Method, uint Packed, uint Size, uint Offset);

    /// <summary>Whether bytes are an archive that holds an entry.</summary>
    public static bool Holds(ReadOnlySpan<byte> bytes, string name) =>
        ReadEntries(bytes)?.Exists(entry => entry.Name == name) == true;

    /// <summary>Opens an archive; refuses one without a directory.</summary>
    public static KerasZip Open(SourceFile file) => ReadEntries(file.Bytes) is { } entries
        ? new KerasZip(file, entries)
        : throw file.Refuse("is no zip archive, or cut off: its directory at the end is missing or broken; copy the file again");

    /// <summary>The entries' names, for messages.</summary>
    public string Names => string.Join(", ", _entries.Take(8).Select(entry => $"'{QuotedText.Of(entry.Name)}'"));

    /// <summary>The content of an entry; null where there is none.</summary>
    public byte[]? Read(string name)
    {
        List<Entry> found = _entries.FindAll(entry => entry.Name == name);
        return found.Count switch
        {
            0 => null,
            1 => Unpack(found[0], PackedBytes(found[0])),
            _ => throw _file.Refuse($"holds '{name}' {found.Count} times; expected it once"),
        };
    }

    private static List<Entry>? ReadEntries(ReadOnlySpan<byte> bytes)
    {
        int end = FindEnd(bytes);
        if (end < 0)
        {
            return null;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(end + 10)..]);
        uint at = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(end + 16)..]);
        if (count > MaxEntries || at > end)
        {
            return null;
        }

        var entries = new List<Entry>(count);
        ReadOnlySpan<byte> directory = bytes[(int)at..end];
        for (int k = 0; k < count; k++)
        {
            if (directory.Length < CentralSize || !directory.StartsWith("PK\u0001\u0002"u8))
            {
                return null;
            }

            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(directory[28..]);
            int size = CentralSize + nameLength + BinaryPrimitives.ReadUInt16LittleEndian(directory[30..])
                + BinaryPrimitives.ReadUInt16LittleEndian(directory[32..]);
            if (size > directory.Length)
            {
                return null;
            }

            entries.Add(ReadEntry(directory, nameLength));
            directory = directory[size..];
        }

        return entries;
    }

    private static int FindEnd(ReadOnlySpan<byte> bytes)
    {
        int first = Math.Max(0, bytes.Length - EndSize - MaxCommentBytes);
        int last = bytes.Length - EndSize;
        int found = last < 0 ? -1 : bytes[first..(last + 4)].LastIndexOf("PK\u0005\u0006"u8);
        return found < 0 ? -1 : first + found;
    }

    private static Entry ReadEntry(ReadOnlySpan<byte> entry, int nameLength) => new(
        Encoding.UTF8.GetString(entry.Slice(CentralSize, nameLength)),
        BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]),
        BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]),
        BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]),
        BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]),
        BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]));

    private ReadOnlyMemory<byte> PackedBytes(Entry entry)
    {
        ReadOnlyMemory<byte> bytes = _file.Bytes;
        if ((entry.Flags & 1) != 0)
        {
            throw _file.Refuse($"entry '{QuotedText.Of(entry.Name)}' is encrypted; save the model without a password");
        }

        bool isLocal = entry.Offset <= bytes.Length - LocalSize
            && bytes.Span[(int)entry.Offset..].StartsWith("PK\u0003\u0004"u8);
        long from = isLocal
            ? entry.Offset + (long)LocalSize + BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span[((int)entry.Offset + 26)..])
                + BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span[((int)entry.Offset + 28)..])
            : long.MaxValue;
        return from <= bytes.Length && entry.Packed <= bytes.Length - from
            ? bytes.Slice((int)from, (int)entry.Packed)
            : throw _file.Refuse($"entry '{QuotedText.Of(entry.Name)}' lies outside the archive; copy the file again");
    }

    private byte[] Unpack(Entry entry, ReadOnlyMemory<byte> packed)
    {
        if (entry.Size > Math.Min(((long)_file.Bytes.Length * MaxRatio) + Slack, SourceFile.MaxBytes))
        {
            throw _file.Refuse($"entry '{QuotedText.Of(entry.Name)}' would unpack to {entry.Size} bytes; the limit is "
                + $"{MaxRatio} times the "
                + "size of the archive. Save the model without compression");
        }

        switch (entry.Method)
        {
            case 0 when entry.Size == entry.Packed:
                return packed.ToArray();
            case 8:
                return Inflate(entry, packed);
            default:
                throw _file.Refuse(
                    $"entry '{QuotedText.Of(entry.Name)}' is packed by method {entry.Method} ({entry.Packed} of {entry.Size} "
                        + "bytes); "
                    + "expected 0 (stored) or 8 (deflate)");
        }
    }

    private byte[] Inflate(Entry entry, ReadOnlyMemory<byte> packed)
    {
        byte[] content = new byte[entry.Size];
        try
        {
            using var source = new MemoryStream(packed.ToArray(), writable: false);
            using var inflater = new DeflateStream(source, CompressionMode.Decompress);
            int read = inflater.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return read == content.Length && inflater.ReadByte() < 0
                ? content
                : throw _file.Refuse($"entry '{QuotedText.Of(entry.Name)}' does not unpack to the {entry.Size} bytes its "
                    + "directory says");
        }
        catch (InvalidDataException fault)
        {
            throw _file.Refuse($"entry '{QuotedText.Of(entry.Name)}' is damaged: {fault.Message}");
        }
    }
}
