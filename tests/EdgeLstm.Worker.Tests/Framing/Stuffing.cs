// Textbook encoders of byte stuffing, for the tests only: firmware has its own, which are tested beside its sketches.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

internal static class Stuffing
{
    /// <summary>COBS of the record and its CRC-16/CCITT-FALSE, without the 0x00 behind it.</summary>
    public static byte[] CobsCrc16(params byte[] record)
    {
        uint crc = Checksum.CcittFalse.Of(record);
        return Cobs([.. record, (byte)crc, (byte)(crc >> 8)]);
    }

    public static byte[] Cobs(params byte[] bytes)
    {
        List<byte> encoded = [0];
        int code = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != 0)
            {
                encoded.Add(bytes[i]);
                encoded[code]++;
            }

            if (bytes[i] == 0 || encoded.Count - code == 255)
            {
                encoded[code] = (byte)(encoded.Count - code);
                if (bytes[i] == 0 || i < bytes.Length - 1)
                {
                    code = encoded.Count;
                    encoded.Add(0);
                }
            }
        }

        encoded[code] = (byte)(encoded.Count - code);
        return [.. encoded];
    }

    public static byte[] Slip(params byte[] bytes) => [.. bytes.SelectMany(value => value switch
    {
        0xC0 => new byte[] { 0xDB, 0xDC },
        0xDB => [0xDB, 0xDD],
        _ => [value],
    })];

    public static byte[] Hdlc(params byte[] bytes) =>
        [.. bytes.SelectMany(value => value is 0x7E or 0x7D ? new byte[] { 0x7D, (byte)(value ^ 0x20) } : [value])];
}
