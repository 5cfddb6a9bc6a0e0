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

    // Two records 01 0203 of a uint8 and a big-endian uint16, joined in front of the first.
    public static TheoryData<string, string> Streams => new()
    {
        { "cobs", "0004010203000401020300" },
        { "slip", "C0010203C0C0010203C0" },
        { "hdlc", "7E0102037E0102037E" },
        { "delimited", "00AA55010203AA55010203AA55" },
        { "fixed", "0300AA55010203AA55010203" },
        { "length-prefixed", "00AA5503010203AA5503010203" },
    };

    private static ProfileReader Binary(string kind)
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
        return new ProfileReader(profile, ["b"]);
    }

    private static int Feed(FrameDecoder frames, ProfileReader reader, ReadOnlySpan<byte> received, float[] channels)
    {
        int records = 0;
        while (frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
        {
            records += reader.TryReadChannels(payload, channels) ? 1 : 0;
        }

        return records;
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Every_binary_kind_is_cut_and_read(string kind, string stream)
    {
        ProfileReader reader = Binary(kind);
        float[] channels = new float[1];
        Assert.Equal(2, Feed(reader.CreateFrameDecoder(), reader, Convert.FromHexString(stream), channels));
        Assert.Equal([515f], channels);   // 0x0203
        Assert.Equal(0, reader.Rejected);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Noise_of_every_kind_in_random_pieces_never_throws_nor_hides_the_records_behind_it(string kind, string stream)
    {
        ProfileReader reader = Binary(kind);
        FrameDecoder frames = reader.CreateFrameDecoder();
        float[] channels = new float[1];
        byte[] record = Convert.FromHexString(stream);
        byte[] alphabet = [.. record, 0x7D, 0xDB, 0xDC, 0xFF];
        Random random = new(17);
        byte[] noise = new byte[3000];
        for (int round = 0; round < 200; round++)
        {
            int length = random.Next(noise.Length);
            random.NextBytes(noise);
            for (int i = 0; round % 2 == 0 && i < length; i++)
            {
                noise[i] = alphabet[random.Next(alphabet.Length)];
            }

            for (int at = 0; at < length;)
            {
                int piece = Math.Min(random.Next(1, 40), length - at);
                Feed(frames, reader, noise.AsSpan(at, piece), channels);
                at += piece;
            }
        }

        Assert.True(reader.Rejected + frames.OverLong + frames.Partial > 100);
        channels[0] = 0;
        Assert.NotEqual(0, Enumerable.Range(0, 100).Sum(_ => Feed(frames, reader, record, channels)));   // a false length ends
        Assert.Equal(2, Feed(frames, reader, record, channels));
        Assert.Equal([515f], channels);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void Every_binary_kind_allocates_nothing(string kind, string stream)
    {
        ProfileReader reader = Binary(kind);
        FrameDecoder frames = reader.CreateFrameDecoder();
        float[] channels = new float[1];
        byte[] bytes = Convert.FromHexString(stream);
        int records = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 2000; i++)
            {
                records += Feed(frames, reader, bytes.AsSpan(0, 7), channels);
                records += Feed(frames, reader, bytes.AsSpan(7), channels);
            }
        });
        Assert.Equal(6 * 2000 * 2, records);
    }

    [Fact]
    public void The_example_packet_of_a_lidars_data_sheet_is_read()
    {
        // LDROBOT LD06 development manual V1.0, 4.3: 2152 °/s, from 324.27° to 334.70°, first points at 224 and 220 mm.
        byte[] packet = Convert.FromHexString("542C6808AB7EE000E4DC00E2D900E5D500E3D300E4D000E9CD00E4"
            + "CA00E2C700E9C500E5C200E5C000E5BE823A1A50");
        FramingProfile framing = new(
            "fixed", Start: [new(0x54), new(0x2C)], Checksum: new("crc-8", new(0x4D), FromStart: true), Fields:
            [
                new("uint16", "speed"), new("uint16", "from"), new("uint16", "point0"), new("uint16", "point1", At: 7),
                new("uint16", "to", At: 40), new("uint16", "ms"),
            ]);
        ChannelProfile[] fields = [.. framing.Fields!.Select(field => new ChannelProfile(field.Name!))];
        ProfileReader reader = new(new SensorProfile("ld06", fields, framing), [.. fields.Select(field => field.Name)]);
        float[] channels = new float[fields.Length];
        FrameDecoder frames = reader.CreateFrameDecoder();
        Assert.Equal(1, Feed(frames, reader, packet, channels));
        Assert.Equal([2152, 32427, 224, 220, 33470, 6714], channels);
        packet[20] ^= 1;
        Assert.Equal(0, Feed(frames, reader, packet, channels));
        Assert.Equal(1, reader.Records.BadChecksum);
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
