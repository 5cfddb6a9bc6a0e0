// CRC-8 as Sensirion's and Aosong's sensors send it: polynomial 0x31, begins with 0xFF, highest bit first.

namespace EdgeLstm.Worker.Tests.Emulation.I2c;

/// <summary>The emulations' own, bit by bit, so that the product's table is not checked by itself.</summary>
public static class SensirionCrc
{
    /// <summary>CRC of 0xBE 0xEF is 0x92 (every Sensirion data sheet).</summary>
    public static byte Of(ReadOnlySpan<byte> bytes)
    {
        int crc = 0xFF;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x80) != 0 ? (crc << 1) ^ 0x131 : crc << 1;
            }
        }

        return (byte)crc;
    }

    /// <summary>16-bit words as they are sent: high byte, low byte, CRC.</summary>
    public static byte[] Words(params ReadOnlySpan<int> words)
    {
        byte[] bytes = new byte[words.Length * 3];
        for (int i = 0; i < words.Length; i++)
        {
            bytes[3 * i] = (byte)(words[i] >> 8);
            bytes[(3 * i) + 1] = (byte)words[i];
            bytes[(3 * i) + 2] = Of(bytes.AsSpan(3 * i, 2));
        }

        return bytes;
    }
}
