// CRC-32 of zip: reflected polynomial EDB88320, start and end inverted, eight bytes at a time.

using System.Buffers.Binary;

namespace EdgeLstm.Import.Zip;

/// <summary>The checksum of zip entries.</summary>
/// <remarks>Source: ISO 3309; Kounavis and Berry (2005) for taking eight bytes at a time.</remarks>
internal static class Crc32
{
    private static readonly uint[] Tables = CreateTables();

    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint[] tables = Tables;
        uint crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = tables[(7 * 256) + (low & 0xff)] ^ tables[(6 * 256) + ((low >> 8) & 0xff)]
                ^ tables[(5 * 256) + ((low >> 16) & 0xff)] ^ tables[(4 * 256) + (low >> 24)]
                ^ tables[(3 * 256) + (high & 0xff)] ^ tables[(2 * 256) + ((high >> 8) & 0xff)]
                ^ tables[256 + ((high >> 16) & 0xff)] ^ tables[high >> 24];
        }

        foreach (byte value in bytes)
        {
            crc = (crc >> 8) ^ tables[(crc ^ value) & 0xff];
        }

        return ~crc;
    }

    // Table k moves a byte k places further than the first one.
    private static uint[] CreateTables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
            }

            tables[value] = crc;
        }

        for (int k = 256; k < tables.Length; k++)
        {
            uint before = tables[k - 256];
            tables[k] = (before >> 8) ^ tables[before & 0xff];
        }

        return tables;
    }
}
