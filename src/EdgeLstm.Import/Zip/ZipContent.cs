// The content of an entry of a zip archive, unpacked in memory and never to a disk.

using System.IO.Compression;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Zip;

/// <summary>Unpacks entries.</summary>
/// <remarks>
/// Memory: an unpacked entry has at most 32 times the bytes of the archive and 1 MiB more; a larger one is refused before it is
/// unpacked.
/// </remarks>
internal static class ZipContent
{
    private const int Stored = 0;
    private const int Deflated = 8;
    private const int MaxRatio = 32;
    private const int Slack = 1024 * 1024;

    /// <summary>The unpacked bytes of an entry.</summary>
    /// <exception cref="ModelFileException">It is encrypted, packed in another way, too large, or not what its checksum says.
    /// </exception>
    public static byte[] Read(SourceFile file, string name, ZipEntry entry)
    {
        string shown = $"entry '{QuotedText.Of(name)}'";
        if (entry.IsEncrypted)
        {
            throw file.Refuse($"{shown} is encrypted; save the model without a password");
        }

        if (entry.Size > Math.Min(((long)file.Bytes.Length * MaxRatio) + Slack, SourceFile.MaxBytes))
        {
            throw file.Refuse($"{shown} would unpack to {entry.Size} bytes; the limit is {MaxRatio} times the size of the "
                + "archive. Save the model without compression");
        }

        ReadOnlySpan<byte> packed = file.Bytes.AsSpan(entry.Begin, entry.Length);
        byte[] content = entry.Method switch
        {
            Stored when !entry.IsCompressed => packed.ToArray(),
            Deflated => Inflate(file, shown, packed.ToArray(), (int)entry.Size),
            _ => throw file.Refuse($"{shown} is packed by method {entry.Method} ({entry.Length} of {entry.Size} bytes); expected "
                + $"{Stored} (stored) or {Deflated} (deflate)"),
        };
        return Crc32.Of(content) == entry.Checksum
            ? content
            : throw file.Refuse($"{shown} does not have the checksum that the archive says; it is damaged: copy the file again");
    }

    private static byte[] Inflate(SourceFile file, string shown, byte[] packed, int size)
    {
        byte[] content = new byte[size];
        try
        {
            using var source = new MemoryStream(packed, writable: false);
            using var inflater = new DeflateStream(source, CompressionMode.Decompress);
            int read = inflater.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return read == content.Length && inflater.ReadByte() < 0
                ? content
                : throw file.Refuse($"{shown} does not unpack to the {size} bytes its directory says");
        }
        catch (InvalidDataException fault)
        {
            throw file.Refuse($"{shown} is damaged: {fault.Message}");
        }
    }
}
