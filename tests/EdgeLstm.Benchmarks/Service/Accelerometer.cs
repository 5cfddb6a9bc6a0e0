// The sensor node of the throughput benchmarks: three axes as lines of text, or as binary records under COBS with a checksum.
//
//   csv         0.1234,-0.5678,0.9012\n
//   cobs-crc16  COBS(int16 x, int16 y, int16 z, CRC low byte, CRC high byte), 0x00      in thousandths, little endian

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeLstm.Benchmarks.Service;

/// <summary>What a node sends, and the profile that reads it.</summary>
/// <param name="Kind">The profile's framing.</param>
/// <param name="Prefix">How its figures' names begin.</param>
internal sealed record Accelerometer(string Kind, string Prefix)
{
    private const int RecordKinds = 5000;
    private const double RawPerUnit = 1000;

    /// <summary>Lines of text.</summary>
    public static readonly Accelerometer Csv = new("csv", "throughput");

    /// <summary>Binary records.</summary>
    public static readonly Accelerometer Cobs = new("cobs-crc16", "cobs");

    /// <summary>Ends whatever was half sent before.</summary>
    public byte[] Boundary => Kind == "csv" ? "\n"u8.ToArray() : [0];

    /// <summary>The records, each with its end.</summary>
    public byte[][] Records() => [.. Enumerable.Range(0, RecordKinds).Select(
        k => Record(Math.Sin(k / 10.0), Math.Cos(k / 17.0), Math.Sin(k / 31.0)))];

    /// <summary>The profile.</summary>
    /// <param name="rateHz">Records per second.</param>
    public JsonObject Profile(int rateHz)
    {
        bool text = Kind == "csv";
        JsonObject framing = new() { ["kind"] = Kind };
        if (!text)
        {
            framing["fields"] = new JsonArray([.. WideModel.Channels.Select(
                name => (JsonNode)new JsonObject { ["name"] = name, ["type"] = "int16" })]);
        }

        return new JsonObject
        {
            ["name"] = "accelerometer",
            ["rateHz"] = rateHz,
            ["framing"] = framing,
            ["channels"] = new JsonArray([.. WideModel.Channels.Select((name, index) => (JsonNode)new JsonObject
            {
                ["name"] = name,
                ["field"] = index,
                ["scale"] = text ? 1 : 1 / RawPerUnit,
            })]),
        };
    }

    private byte[] Record(double x, double y, double z)
    {
        if (Kind == "csv")
        {
            return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{x:0.0000},{y:0.0000},{z:0.0000}\n"));
        }

        byte[] record = new byte[8];
        BinaryPrimitives.WriteInt16LittleEndian(record, (short)(x * RawPerUnit));
        BinaryPrimitives.WriteInt16LittleEndian(record.AsSpan(2), (short)(y * RawPerUnit));
        BinaryPrimitives.WriteInt16LittleEndian(record.AsSpan(4), (short)(z * RawPerUnit));
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(6), Crc16(record.AsSpan(0, 6)));
        return Stuff(record);
    }

    // CRC-16/CCITT-FALSE, bit by bit as the textbook has it.
    private static ushort Crc16(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFF;
        foreach (byte value in bytes)
        {
            crc ^= (uint)value << 8;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x8000) != 0 ? ((crc << 1) ^ 0x1021) & 0xFFFF : crc << 1;
            }
        }

        return (ushort)crc;
    }

    // Fewer than 254 bytes: a block ends at each zero and at the end only.
    private static byte[] Stuff(ReadOnlySpan<byte> bytes)
    {
        List<byte> encoded = [0];
        int block = 0;
        foreach (byte value in bytes)
        {
            encoded[block]++;
            if (value == 0)
            {
                block = encoded.Count;
            }

            encoded.Add(value);   // a zero is the place of the next block's length
        }

        encoded[block]++;
        encoded.Add(0);
        return [.. encoded];
    }
}
