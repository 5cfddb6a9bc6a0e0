// COBS and CRC-16 against their published vectors, records in both byte orders, noise.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class CobsRecordDecoderTests
{
    private static readonly string[] Types = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"];

    // A textbook encoder, for the tests only: the firmware has its own, which is tested beside its sketch.
    private static byte[] Encode(params byte[] record)
    {
        ushort crc = CobsRecordDecoder.Crc16(record);
        return Stuff([.. record, (byte)crc, (byte)(crc >> 8)]);
    }

    private static byte[] Stuff(byte[] bytes)
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

    [Fact]
    public void The_checksum_is_CRC_16_CCITT_FALSE()
    {
        Assert.Equal(0x29B1, CobsRecordDecoder.Crc16("123456789"u8));
        Assert.Equal(0xFFFF, CobsRecordDecoder.Crc16([]));
        Assert.Equal(0xE1F0, CobsRecordDecoder.Crc16([0]));
    }

    [Theory]
    [InlineData("01", "")]
    [InlineData("0101", "00")]
    [InlineData("010101", "0000")]
    [InlineData("0311220233", "11220033")]
    [InlineData("0511223344", "11223344")]
    [InlineData("0211010101", "11000000")]
    public void Stuffing_is_removed_as_published(string encoded, string expected)
    {
        byte[] decoded = new byte[16];
        Assert.True(CobsRecordDecoder.TryUnstuff(Convert.FromHexString(encoded), decoded, out int length));
        Assert.Equal(expected, Convert.ToHexString(decoded, 0, length));
    }

    [Fact]
    public void Blocks_of_254_bytes_and_every_length_around_them_come_back()
    {
        byte[] decoded = new byte[600];
        foreach (int length in Enumerable.Range(250, 12).Concat(Enumerable.Range(505, 8)))
        {
            foreach (int zeroEvery in new[] { 1000, 254, 255, 256, 3 })
            {
                byte[] bytes = [.. Enumerable.Range(1, length).Select(i => i % zeroEvery == 0 ? (byte)0 : (byte)((i % 255) + 1))];
                byte[] encoded = Stuff(bytes);
                Assert.DoesNotContain((byte)0, encoded);
                Assert.True(CobsRecordDecoder.TryUnstuff(encoded, decoded, out int count));
                Assert.Equal(bytes, decoded[..count]);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_field_type_is_read_in_both_byte_orders(bool bigEndian)
    {
        byte[][] fields =
        [
            [0xFE], [200], BitConverter.GetBytes((short)-300), BitConverter.GetBytes((ushort)60000),
                BitConverter.GetBytes(-70000),
            BitConverter.GetBytes(4_000_000_000u), BitConverter.GetBytes(1.5f), BitConverter.GetBytes(-2.25),
        ];
        byte[] record = [.. fields.SelectMany(field => bigEndian ? field.Reverse() : field)];
        CobsRecordDecoder decoder = new(["0", "1", "2", "3", "4", "5", "6", "7"], Types, bigEndian: bigEndian);
        float[] channels = new float[8];
        Assert.True(decoder.TryReadChannels(Encode(record), channels));
        Assert.Equal([-2, 200, -300, 60000, -70000, 4_000_000_000f, 1.5f, -2.25f], channels);
    }

    [Fact]
    public void Each_reason_is_counted_by_itself()
    {
        CobsRecordDecoder decoder = new(["b"], ["int16", "int16"], ["a", "b"]);
        float[] channels = new float[1];
        byte[] valid = Encode(1, 2, 3, 0);
        Assert.True(decoder.TryReadChannels(valid, channels));
        Assert.Equal(3, channels[0]);
        Assert.False(decoder.TryReadChannels([.. valid[..^1], (byte)(valid[^1] ^ 0x40)], channels));
        Assert.False(decoder.TryReadChannels(Encode(1, 2, 3), channels));
        Assert.False(decoder.TryReadChannels([9, 1, 2], channels));
        Assert.False(decoder.TryReadChannels([], channels));
        Assert.Equal((1, 1, 1, 3), (decoder.BadChecksum, decoder.BadLength, decoder.Malformed, decoder.Rejected));
    }

    [Fact]
    public void Every_single_bit_error_is_noticed()
    {
        CobsRecordDecoder decoder = new(["0"], ["int16", "int16"]);
        float[] channels = new float[1];
        byte[] valid = Encode(1, 2, 0, 4);
        for (int bit = 0; bit < valid.Length * 8; bit++)
        {
            byte[] broken = [.. valid];
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(decoder.TryReadChannels(broken, channels));
        }
    }

    [Fact]
    public void Records_survive_being_split_at_any_byte()
    {
        byte[] noise = [0x13, 0x37, 0];
        byte[] stream = [.. Encode(1, 0, 2, 0), 0, .. noise, 0, .. Encode(0, 0, 255, 255), 0];
        Decoding.AssertSameWhereverSplit(stream, 0, () => new CobsRecordDecoder(["0", "1"], ["int16", "int16"]),
            [[1, 2], [0, -1]]);
    }

    [Fact]
    public void Noise_is_counted_and_never_throws() =>
        Decoding.AssertSurvivesNoise(new CobsRecordDecoder(["0", "1"], ["int16", "int16"]), Encode(1, 2, 3, 4), 2);

    [Fact]
    public void Reading_a_record_allocates_nothing() =>
        Assert.Equal(0, Decoding.AllocatedBytes(new CobsRecordDecoder(["0", "1"], ["int16", "int16"]), Encode(1, 2, 3, 4), 2));
}
