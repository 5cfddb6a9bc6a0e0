// One record on its way to the broker, as the outbox keeps it: (stream, kind, boot, seq, ts) and its payload.

using System.Buffers.Binary;
using System.Numerics;

namespace EdgeLstm.Worker.Outbox;

/// <summary>What a record is; the values are those of the file's column <c>kind</c>.</summary>
internal enum OutboxKind : byte
{
    /// <summary>One step of a stream: the first to go where room is short.</summary>
    Sample = 0,

    /// <summary>An alarm raised or cleared, a stream lost or back: goes only when no sample is left.</summary>
    Event = 1,
}

/// <summary>A row of the outbox. What is read from the store lies in SQLite's memory, until the next row.</summary>
/// <param name="stream">Name of the stream.</param>
/// <param name="kind">Sample or event.</param>
/// <param name="boot">Names the process start that made the record: its 8 hexadecimal digits.</param>
/// <param name="sequence">Counts the stream's steps since then.</param>
/// <param name="timestampUnixMs">When the sample was taken, in milliseconds since 1970 UTC; 0 where the clock was not right, so
/// that it has no age.</param>
/// <param name="payload">The message as it is published, at most 1,000,000,000 bytes.</param>
internal readonly ref struct OutboxRow(string stream, OutboxKind kind, uint boot, long sequence, long timestampUnixMs,
    ReadOnlySpan<byte> payload)
{
    /// <summary>The timestamp of a row whose age cannot be told: it goes for want of room alone.</summary>
    public const long NoTime = 0;

    /// <summary>Place in the order of all rows; given by the store, never used twice in one outbox.</summary>
    public long Id { get; init; }

    public string Stream { get; } = stream;

    public OutboxKind Kind { get; } = kind;

    public uint Boot { get; } = boot;

    public long Sequence { get; } = sequence;

    public long TimestampUnixMs { get; } = timestampUnixMs;

    public ReadOnlySpan<byte> Payload { get; } = payload;

    /// <summary>CRC-32C of every field: SQLite notices a damaged page, but not a damaged payload.</summary>
    /// <param name="id">The row's id.</param>
    /// <param name="stream">The stream's name in UTF-8, as the file has it.</param>
    public uint Checksum(long id, ReadOnlySpan<byte> stream)
    {
        uint crc = BitOperations.Crc32C(~0u, (ulong)id);
        crc = BitOperations.Crc32C(crc, (ulong)Sequence);
        crc = BitOperations.Crc32C(crc, (ulong)TimestampUnixMs);
        crc = BitOperations.Crc32C(crc, ((ulong)Boot << 8) | (byte)Kind);
        crc = Checksum(crc, stream);
        return ~Checksum(crc, Payload);
    }

    /// <summary>Continues a CRC-32C over some bytes.</summary>
    public static uint Checksum(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return crc;
    }
}
