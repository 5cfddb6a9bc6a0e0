// How many rows the outbox holds, written by every transaction beside its rows, and found again in a damaged file's raw bytes.
//
//     "ELSTally" [8] | revision i64 | next id i64 | samples i64 | events i64 | CRC-32C u32      little endian, 44 bytes, twice

using System.Buffers.Binary;

namespace EdgeLstm.Worker.Outbox;

/// <summary>The state of the table after one transaction.</summary>
/// <remarks>
/// Kept as one blob, so that it can be searched for without any of SQLite's structures being whole: in a damaged file and in a
/// damaged log. Each of them holds many; the one of the highest revision tells how many rows there should be. Written twice in a
/// row, so that one flipped bit does not bring an older one up.
/// </remarks>
/// <param name="Revision">Counts the transactions; 0 for none found.</param>
/// <param name="NextId">The id that the next row gets.</param>
/// <param name="Samples">Samples in the table.</param>
/// <param name="Events">Events in the table.</param>
internal readonly record struct OutboxTally(long Revision, long NextId, long Samples, long Events)
{
    /// <summary>Bytes of the blob: two copies.</summary>
    public const int ByteCount = 2 * CopyBytes;

    private const int CopyBytes = 44;

    private static ReadOnlySpan<byte> Magic => "ELSTally"u8;

    /// <summary>Rows in the table.</summary>
    public long Rows => Samples + Events;

    /// <summary>The tally with one row more or fewer.</summary>
    public OutboxTally Plus(OutboxKind kind, int rows) => kind == OutboxKind.Event
        ? this with { Events = Events + rows }
        : this with { Samples = Samples + rows };

    /// <summary>Writes the blob.</summary>
    /// <param name="blob">At least <see cref="ByteCount"/> bytes.</param>
    public void Write(Span<byte> blob)
    {
        WriteCopy(blob);
        blob[..CopyBytes].CopyTo(blob[CopyBytes..]);
    }

    /// <summary>Reads the blob; false when neither copy is whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> blob, out OutboxTally tally)
    {
        tally = default;
        return blob.Length == ByteCount && (TryReadCopy(blob, out tally) || TryReadCopy(blob[CopyBytes..], out tally));
    }

    /// <summary>The newest whole tally anywhere in a file; default when there is none, or no file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limitBytes">Bytes of it to look through.</param>
    /// <exception cref="IOException">The file cannot be read; damaged sectors are skipped.</exception>
    public static OutboxTally FindNewest(string path, long limitBytes = long.MaxValue)
    {
        OutboxTally newest = default;
        if (!File.Exists(path))
        {
            return newest;
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        byte[] chunk = new byte[1 << 18];
        long length = Math.Min(file.Length, limitBytes);
        for (long offset = 0; offset < length; offset += chunk.Length - CopyBytes)
        {
            newest = Newer(newest, Newest(ReadChunk(file, offset, chunk)));
        }

        return newest;
    }

    /// <summary>The one of the higher revision.</summary>
    public static OutboxTally Newer(OutboxTally one, OutboxTally other) => one.Revision >= other.Revision ? one : other;

    private void WriteCopy(Span<byte> blob)
    {
        Magic.CopyTo(blob);
        BinaryPrimitives.WriteInt64LittleEndian(blob[8..], Revision);
        BinaryPrimitives.WriteInt64LittleEndian(blob[16..], NextId);
        BinaryPrimitives.WriteInt64LittleEndian(blob[24..], Samples);
        BinaryPrimitives.WriteInt64LittleEndian(blob[32..], Events);
        BinaryPrimitives.WriteUInt32LittleEndian(blob[40..], OutboxRow.Checksum(~0u, blob[..40]));
    }

    private static bool TryReadCopy(ReadOnlySpan<byte> blob, out OutboxTally tally)
    {
        tally = default;
        if (blob.Length < CopyBytes || !blob.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt32LittleEndian(blob[40..]) != OutboxRow.Checksum(~0u, blob[..40]))
        {
            return false;
        }

        tally = new OutboxTally(
            BinaryPrimitives.ReadInt64LittleEndian(blob[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(blob[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(blob[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(blob[32..]));
        return true;
    }

    private static ReadOnlySpan<byte> ReadChunk(FileStream file, long offset, byte[] chunk)
    {
        try
        {
            file.Position = offset;
            return chunk.AsSpan(0, file.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false));
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static OutboxTally Newest(ReadOnlySpan<byte> bytes)
    {
        OutboxTally newest = default;
        for (int at = bytes.IndexOf(Magic); at >= 0; at = bytes.IndexOf(Magic))
        {
            bytes = bytes[at..];
            if (TryReadCopy(bytes, out OutboxTally tally))
            {
                newest = Newer(newest, tally);
            }

            bytes = bytes[Magic.Length..];
        }

        return newest;
    }
}
