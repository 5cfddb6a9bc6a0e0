// Binary records: every type in every byte order, bit fields, places, checksums, lengths, noise.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class BinaryRecordDecoderTests
{
    private static readonly FramingProfile Pair = new("cobs-crc16", Fields: [new("int16", "a"), new("int16", "b")]);

    // One field in a whole message, which may be longer than its fields.
    private static double Read(FieldProfile field, string hex, string byteOrder = "little")
    {
        BinaryRecordDecoder decoder = new(["0"], new FramingProfile("binary", Fields: [field], ByteOrder: byteOrder));
        double[] channels = new double[1];
        Assert.True(decoder.TryReadChannels(Convert.FromHexString(hex), channels));
        return channels[0];
    }

    [Theory]
    [InlineData("int8", "FE", -2d)]
    [InlineData("uint8", "C8", 200d)]
    [InlineData("int16", "FED4", -300d)]
    [InlineData("uint16", "EA60", 60000d)]
    [InlineData("int24", "FFFFFE", -2d)]
    [InlineData("uint24", "800001", 8388609d)]
    [InlineData("int32", "FFFEEE90", -70000d)]
    [InlineData("uint32", "EE6B2801", 4_000_000_001d)]
    [InlineData("int64", "FFFFFFFFFFFFFFFE", -2d)]
    [InlineData("uint64", "8000000000000000", 9223372036854775808d)]
    [InlineData("float32", "3FC00000", 1.5)]
    [InlineData("float64", "C002000000000000", -2.25)]
    [InlineData("float32", "7FC00000", double.NaN)]
    [InlineData("float32", "FF800000", double.NaN)]
    [InlineData("float64", "7FF0000000000000", double.NaN)]
    public void Every_type_is_read_in_both_byte_orders(string type, string big, double expected)
    {
        Assert.Equal(expected, Read(new FieldProfile(type), big, "big"));
        string little = Convert.ToHexString([.. Convert.FromHexString(big).Reverse()]);
        Assert.Equal(expected, Read(new FieldProfile(type), little));
    }

    [Theory]
    [InlineData("uint32", "big", "01020304", 0x01020304)]
    [InlineData("uint32", "little", "04030201", 0x01020304)]
    [InlineData("uint32", "cdab", "03040102", 0x01020304)]
    [InlineData("uint32", "badc", "02010403", 0x01020304)]
    [InlineData("uint16", "cdab", "0102", 0x0102)]
    [InlineData("uint16", "badc", "0201", 0x0102)]
    [InlineData("uint8", "cdab", "01", 0x01)]
    [InlineData("uint8", "badc", "01", 0x01)]
    [InlineData("uint64", "cdab", "0708050603040102", 0x0102030405060708)]
    [InlineData("uint64", "badc", "0201040306050807", 0x0102030405060708)]
    public void Words_may_be_swapped_as_Modbus_devices_do(string type, string byteOrder, string hex, long expected)
    {
        Assert.Equal(expected, Read(new FieldProfile(type), hex, byteOrder));
        Assert.Equal(expected, Read(new FieldProfile(type, ByteOrder: byteOrder), hex, "big"));
    }

    [Theory]
    [InlineData("uint16", 0, 4, 0xD)]
    [InlineData("uint16", 4, 8, 0xBC)]
    [InlineData("uint16", 12, null, 0xA)]
    [InlineData("int16", 12, null, -6)]        // 0xA = 1010₂
    [InlineData("int16", 4, 4, -4)]            // 0xC = 1100₂
    [InlineData("int16", 1, 1, 0)]
    [InlineData("int16", 0, 1, -1)]
    [InlineData("uint16", 0, 16, 0xABCD)]
    public void A_bit_field_is_cut_out_and_signed_where_its_type_is(string type, int lowBit, int? bits, double expected) =>
        Assert.Equal(expected, Read(new FieldProfile(type, LowBit: lowBit, Bits: bits), "ABCD", "big"));

    [Fact]
    public void Fields_may_say_where_they_begin_and_share_bytes()
    {
        FramingProfile framing = new("fixed", ByteOrder: "big", Fields:
        [
            new("uint8", "late", At: 3), new("uint8", "next"),
            new("uint8", "low", At: 0, Bits: 4), new("uint8", "high", At: 0, LowBit: 4),
        ]);
        BinaryRecordDecoder decoder = new(["high", "low", "next", "late"], framing);
        double[] channels = new double[4];
        Assert.True(decoder.TryReadChannels([0xAB, 1, 2, 3, 4, 5], channels));   // longer than its fields: places are given
        Assert.Equal([0xA, 0xB, 4, 3], channels);
        Assert.False(decoder.TryReadChannels([0xAB, 1, 2, 3], channels));
        Assert.Equal((1, 1), (decoder.BadLength, decoder.Rejected));
    }

    [Theory]
    [InlineData("binary", true)]
    [InlineData("length-prefixed", true)]
    [InlineData("cobs", false)]
    [InlineData("slip", false)]
    [InlineData("hdlc", false)]
    [InlineData("delimited", false)]
    public void Only_messages_and_length_prefixed_records_may_be_longer_than_their_fields(string kind, bool mayBe)
    {
        BinaryRecordDecoder decoder = new(["0"], new FramingProfile(kind, Fields: [new("uint16")]));
        double[] channels = new double[1];
        byte[][] records = [[1], [1, 2], [1, 2, 3]];
        byte[][] frames = [.. records.Select(record => kind == "cobs" ? Stuffing.Cobs(record) : record)];
        Assert.Equal([false, true, mayBe], frames.Select(frame => decoder.TryReadChannels(frame, channels)));
        Assert.Equal(mayBe ? 1 : 2, decoder.BadLength);
    }

    [Theory]
    [InlineData("cobs")]
    [InlineData("slip")]
    [InlineData("hdlc")]
    [InlineData("delimited")]
    [InlineData("binary")]
    public void The_checksum_follows_the_fields_in_its_own_byte_order(string kind)
    {
        HexNumber ones = new(0xFFFFFFFF);
        ChecksumProfile crc32 = new("crc-32", new HexNumber(0x04C11DB7), ones, Reflected: true, ones, "big");
        byte[] digits = "123456789"u8.ToArray();
        FramingProfile framing =
            new(kind, Fields: [.. digits.Select(_ => new FieldProfile("uint8"))], Checksum: crc32);
        BinaryRecordDecoder decoder = new(["8"], framing);
        double[] channels = new double[1];
        Assert.True(decoder.TryReadChannels(Frame([.. digits, 0xCB, 0xF4, 0x39, 0x26]), channels));
        Assert.Equal('9', channels[0]);
        Assert.False(decoder.TryReadChannels(Frame([.. digits, 0x26, 0x39, 0xF4, 0xCB]), channels));
        Assert.False(decoder.TryReadChannels(Frame([1, 2]), channels));   // shorter than the checksum
        Assert.Equal((2, 2), (decoder.BadChecksum, decoder.Rejected));

        byte[] Frame(byte[] bytes) => kind switch
        {
            "cobs" => Stuffing.Cobs(bytes),
            "slip" => Stuffing.Slip(bytes),
            "hdlc" => Stuffing.Hdlc(bytes),
            _ => bytes,
        };
    }

    [Fact]
    public void Each_reason_is_counted_by_itself()
    {
        BinaryRecordDecoder decoder = new(["b"], Pair);
        double[] channels = new double[1];
        byte[] valid = Stuffing.CobsCrc16(1, 2, 3, 0);
        Assert.True(decoder.TryReadChannels(valid, channels));
        Assert.Equal(3, channels[0]);
        Assert.False(decoder.TryReadChannels([.. valid[..^1], (byte)(valid[^1] ^ 0x40)], channels));
        Assert.False(decoder.TryReadChannels(Stuffing.CobsCrc16(1, 2, 3), channels));
        Assert.False(decoder.TryReadChannels([9, 1, 2], channels));
        Assert.False(decoder.TryReadChannels([], channels));
        Assert.Equal((1, 1, 1, 3), (decoder.BadChecksum, decoder.BadLength, decoder.Malformed, decoder.Rejected));
    }

    [Fact]
    public void Every_single_bit_error_is_noticed()
    {
        BinaryRecordDecoder decoder = new(["0"], Pair);
        double[] channels = new double[1];
        byte[] valid = Stuffing.CobsCrc16(1, 2, 0, 4);
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
        byte[] stream = [.. Stuffing.CobsCrc16(1, 0, 2, 0), 0, .. noise, 0, .. Stuffing.CobsCrc16(0, 0, 255, 255), 0];
        Decoding.AssertSameWhereverSplit(stream, 0, () => new BinaryRecordDecoder(["0", "1"], Pair), [[1, 2], [0, -1]]);
    }

    [Fact]
    public void A_field_that_the_record_lacks_is_a_programming_error()
    {
        Assert.Throws<ArgumentException>(() => new BinaryRecordDecoder(["c"], Pair));
        Assert.Throws<ArgumentException>(() => new BinaryRecordDecoder(["2"], Pair));
        FramingProfile unknown = new("binary", Fields: [new("in16")]);
        Assert.Throws<ArgumentException>(() => new BinaryRecordDecoder(["0"], unknown));
    }

    [Fact]
    public void Noise_is_counted_and_never_throws() =>
        Decoding.AssertSurvivesNoise(new BinaryRecordDecoder(["0", "1"], Pair), Stuffing.CobsCrc16(1, 2, 3, 4), 2);

    [Theory]
    [InlineData("cobs-crc16")]
    [InlineData("slip")]
    [InlineData("hdlc")]
    [InlineData("binary")]
    public void Reading_a_record_allocates_nothing(string kind)
    {
        byte[] record = [1, 0xC0, 0x7E, 4];
        byte[] frame = kind switch
        {
            "cobs-crc16" => Stuffing.CobsCrc16(record),
            "slip" => Stuffing.Slip(record),
            "hdlc" => Stuffing.Hdlc(record),
            _ => record,
        };
        Assert.Equal(0, Decoding.AllocatedBytes(new BinaryRecordDecoder(["a", "b"], Pair with { Kind = kind }), frame, 2));
    }
}
