// A profile at work: order, scaling, ranges, and nothing allocated from bytes to units.

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
