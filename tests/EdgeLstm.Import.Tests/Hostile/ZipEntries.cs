// Finds the stored entries of a zip archive and repairs their checksums after a change.

using System.Buffers.Binary;

namespace EdgeLstm.Import.Tests.Hostile;

/// <summary>A stored entry: its bytes lie in the archive as they are.</summary>
/// <param name="Central">Position of its record in the directory.</param>
/// <param name="Local">Position of its local header.</param>
/// <param name="Start">Position of its bytes.</param>
/// <param name="Length">Number of its bytes.</param>
internal readonly record struct ZipEntry(int Central, int Local, int Start, int Length)
{
    private const uint Polynomial = 0xedb88320;

    /// <summary>The stored entries of an archive; none where it is none.</summary>
    public static List<ZipEntry> Find(ReadOnlySpan<byte> bytes)
    {
        List<ZipEntry> entries = [];
        int end = bytes.LastIndexOf("PK\u0005\u0006"u8);
        for (int at = end < 0 || end + 22 > bytes.Length ? -1 : (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[(end + 16)..]);
            at >= 0 && at + 46 <= bytes.Length && bytes[at..].StartsWith("PK\u0001\u0002"u8);
            at += 46 + U16(bytes, at + 28) + U16(bytes, at + 30) + U16(bytes, at + 32))
        {
            int local = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 42)..]);
            if (U16(bytes, at + 10) == 0 && local >= 0 && local + 30 <= bytes.Length)
            {
                int start = local + 30 + U16(bytes, local + 26) + U16(bytes, local + 28);
                int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 20)..]);
                if (length > 0 && start + (long)length <= bytes.Length)
                {
                    entries.Add(new ZipEntry(at, local, start, length));
                }
            }
        }

        return entries;
    }

    /// <summary>Writes the checksum of the entry's bytes into both of its records.</summary>
    public void Repair(Span<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes.Slice(Start, Length))
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (Polynomial & (0 - (crc & 1)));
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes[(Central + 16)..], ~crc);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[(Local + 14)..], ~crc);
    }

    private static int U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
}
