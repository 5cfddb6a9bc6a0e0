// A profile at work: order, scaling, ranges, and nothing allocated from bytes to units.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class ProfileReaderTests
{
    private static readonly SensorProfile Profile = new(
        "node",
        [
            new ChannelProfile("temperature", new FieldPath("t"), "°C", Scale: 0.1, Offset: -40, Minimum: -30, Maximum: 100),
            new ChannelProfile("pressure", new FieldPath("1"), "hPa"),
            new ChannelProfile("humidity", new FieldPath("rh"), "%", Minimum: 0, Maximum: 100),
        ],
        new FramingProfile("csv", Columns: ["t", "p", "rh"]));

    [Fact]
    public void Channels_come_in_the_order_asked_for_and_in_their_unit()
    {
        ProfileReader reader = new(Profile, ["humidity", "temperature"]);
        float[] channels = new float[2];
        Assert.True(reader.TryReadChannels("615,1013,45"u8, channels));
        Assert.Equal([45f, 21.5f], channels);
        Assert.Equal(2, reader.ChannelCount);
    }

    [Fact]
    public void A_reading_out_of_range_is_missing_and_counted_and_one_at_the_edge_is_not()
    {
        ProfileReader reader = new(Profile, ["temperature", "humidity"]);
        float[] channels = new float[2];
        Assert.True(reader.TryReadChannels("99,1013,100"u8, channels));
        Assert.Equal([float.NaN, 100f], channels);
        Assert.True(reader.TryReadChannels("nan,1013,100.1"u8, channels));
        Assert.Equal([float.NaN, float.NaN], channels);
        Assert.Equal((2, 0), (reader.OutOfRange, reader.Rejected));
    }

    [Fact]
    public void A_counter_keeps_its_digits_until_it_is_scaled()
    {
        FramingProfile framing = new("binary", Fields: [new FieldProfile("uint32", "count")]);
        SensorProfile profile =
            new("meter", [new ChannelProfile("count", Scale: 1, Offset: -4_000_000_000)], framing, new TransportProfile("mqtt"));
        ProfileReader reader = new(profile, ["count"]);
        float[] channels = new float[1];
        Assert.True(reader.TryReadChannels(BitConverter.GetBytes(4_000_000_001u), channels));
        Assert.Equal([1f], channels);
    }

    [Fact]
    public void A_number_beyond_what_a_model_computes_with_is_missing()
    {
        ProfileReader reader = new(Profile, ["pressure"]);
        float[] channels = new float[1];
        Assert.True(reader.TryReadChannels("1,1e99,3"u8, channels));
        Assert.Equal([float.NaN], channels);
    }

    [Theory]
    [InlineData("cobs", "0004010203000401020300")]
    [InlineData("slip", "C0010203C0C0010203C0")]
    [InlineData("hdlc", "7E0102037E0102037E")]
    [InlineData("delimited", "00AA55010203AA55010203AA55")]
    [InlineData("fixed", "0300AA55010203AA55010203")]
    [InlineData("length-prefixed", "00AA5503010203AA5503010203")]
    public void Every_binary_kind_is_cut_and_read(string kind, string stream)
    {
        HexNumber[] mark = [new(0xAA), new(0x55)];
        FramingProfile framing = new(
            kind, Fields: [new FieldProfile("uint8"), new FieldProfile("uint16")], ByteOrder: "big",
            Start: kind is "fixed" or "length-prefixed" ? mark : null, Delimiter: kind == "delimited" ? mark : null,
            Length: kind == "length-prefixed" ? new LengthProfile() : null);
        SensorProfile profile = new("node", [new ChannelProfile("b", new FieldPath("1"))], framing);
        ProblemList problems = new("node.json");
        profile.FindProblems(problems);
        Assert.False(problems.Any, problems.ToString());
        ProfileReader reader = new(profile, ["b"]);
        FrameDecoder frames = reader.CreateFrameDecoder();
        float[] channels = new float[1];
        int records = 0;
        ReadOnlySpan<byte> received = Convert.FromHexString(stream);
        while (frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
        {
            Assert.True(reader.TryReadChannels(payload, channels));
            Assert.Equal([515f], channels);   // 0x0203
            records++;
        }

        Assert.Equal(2, records);
    }

    [Fact]
    public void A_channel_that_the_profile_lacks_is_a_programming_error() =>
        Assert.Throws<ArgumentException>(() => new ProfileReader(Profile, ["speed"]));

    [Fact]
    public void Frames_are_lines_of_1024_or_records_of_512_bytes_unless_the_profile_says_otherwise()
    {
        Assert.Equal(1024, LongestFrame(new FramingProfile("csv"), (byte)'\n'));
        Assert.Equal(512, LongestFrame(new FramingProfile("cobs-crc16", Fields: [new FieldProfile("int8")]), 0));
        Assert.Equal(99, LongestFrame(new FramingProfile("plotter", MaxFrameBytes: 99), (byte)'\n'));

        static int LongestFrame(FramingProfile framing, byte delimiter)
        {
            ProfileReader reader =
                new(Profile with { Framing = framing, Channels = [new ChannelProfile("c", new FieldPath("0"))] }, ["c"]);
            FrameDecoder frames = reader.CreateFrameDecoder(atFrameStart: true);
            int longest = 0;
            for (int length = 1; length < 1100; length++)
            {
                byte[] bytes = [.. Enumerable.Repeat((byte)'1', length), delimiter];
                ReadOnlySpan<byte> received = bytes;
                longest = frames.TryRead(ref received, out _) ? length : longest;
            }

            return longest;
        }
    }

    [Fact]
    public void From_bytes_to_units_allocates_nothing()
    {
        ProfileReader reader = new(Profile, ["temperature", "pressure", "humidity"]);
        FrameDecoder frames = reader.CreateFrameDecoder(atFrameStart: true);
        float[] channels = new float[3];
        byte[] bytes = "615,1013.25,45.5\r\n61"u8.ToArray();
        byte[] more = "6,1013.5,45\n"u8.ToArray();
        int records = 0;
        long allocated = Allocation.LeastOf(3, () =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                Feed(bytes);
                Feed(more);
            }
        });
        Assert.Equal(0, allocated);
        Assert.Equal(40_000, records);
        Assert.Equal(21.6f, channels[0], 1e-5f);

        void Feed(ReadOnlySpan<byte> received)
        {
            while (frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
            {
                records += reader.TryReadChannels(payload, channels) ? 1 : 0;
            }
        }
    }
}
