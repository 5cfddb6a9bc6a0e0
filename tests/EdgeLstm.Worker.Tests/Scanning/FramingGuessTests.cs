// The guess on streams of every framing, on noise, and on text that is none.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Scanning;

namespace EdgeLstm.Worker.Tests.Scanning;

public sealed class FramingGuessTests
{
    private const int Cut = 5;   // the port is opened in the middle of a record

    private static readonly Dictionary<string, (byte[] Bytes, string Kind, int Least, int Channels)> Streams = new()
    {
        ["three numbers a line"] = (SensorTraffic.Csv(), "csv", 95, 3),
        ["one number a line"] = (SensorTraffic.Ecg(), "csv", 95, 1),
        ["plotter"] = (SensorTraffic.Plotter(), "plotter", 95, 2),
        ["JSON lines"] = (SensorTraffic.Json(), "json-lines", 95, 3),
        ["NMEA"] = (SensorTraffic.Nmea(), "nmea", 95, 5),
        ["COBS with CRC"] = (SensorTraffic.CobsCrc(), "cobs-crc16", 95, 4),
        ["COBS"] = (SensorTraffic.CobsPlain(), "cobs", 70, 4),
        ["COBS with floats"] = (SensorTraffic.CobsFloats(), "cobs", 70, 3),
        ["SLIP with CRC"] = (SensorTraffic.SlipCrc(), "slip", 95, 4),
        ["SLIP"] = (SensorTraffic.SlipPlain(), "slip", 50, 4),
        ["HDLC with CRC"] = (SensorTraffic.Hdlc(), "hdlc", 95, 4),
        ["PMS5003"] = (SensorTraffic.Pms5003(), "fixed", 90, 14),
        ["9 bytes with a sum"] = (SensorTraffic.SumRecords(), "fixed", 90, 3),
        ["records without checksum"] = (SensorTraffic.BareRecords(), "fixed", 40, 4),
        ["Modbus RTU"] = (SensorTraffic.ModbusTraffic(), "modbus", 95, 3),
    };

    public static TheoryData<string> Names => [.. Streams.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_framing_is_recognised_from_the_middle_of_a_record(string name)
    {
        (byte[] bytes, string kind, int least, int channels) = Streams[name];

        FramingGuess guess = FramingGuess.Of(bytes.AsSpan(Cut));

        Assert.Equal(kind, guess.Kind);
        Assert.InRange(guess.Confidence, least, 100);
        Assert.True(guess.IsRecognised);
        Assert.Equal(channels, guess.Channels.Count);
        Assert.True(guess.FirstEnd > 0 && guess.LastEnd <= bytes.Length - Cut);
        Assert.NotEqual("", guess.Evidence);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Noise_between_the_records_does_not_change_the_guess(string name)
    {
        (byte[] bytes, string kind, _, _) = Streams[name];
        byte[] noise = SensorTraffic.Random(bytes.Length / 10);

        FramingGuess guess = FramingGuess.Of([.. bytes, .. noise, .. bytes]);

        Assert.Equal(kind, guess.Kind);
        Assert.InRange(guess.Confidence, 30, 100);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_draft_is_a_profile_without_problems(string name)
    {
        (byte[] bytes, string kind, _, int channels) = Streams[name];
        FramingGuess guess = FramingGuess.Of(bytes.AsSpan(Cut));
        ProblemList problems = new("draft.json");

        byte[] json = ProfileDraft.ToJson(ProfileDraft.Of("draft", guess, 9600, 12.5));
        SensorProfile? profile = JsonFile.Parse(json, ProfileJson.Default.SensorProfile, problems);
        profile?.FindProblems(problems);

        Assert.Equal("", problems.Any ? problems.ToString() : "");
        Assert.Equal(channels, profile!.Channels.Count);
        Assert.Equal(9600, profile.TransportOrSerial.Baud);
        Assert.Equal(12.5, profile.RateHz);
        Assert.Equal(kind == "modbus" ? "binary" : kind, profile.FramingOrValues.Kind);
    }

    /// <summary>Without Modbus: a draft for a master cannot listen to another one.</summary>
    public static TheoryData<string> NamesOfNodes =>
        [.. Streams.Where(stream => stream.Value.Kind != "modbus").Select(stream => stream.Key)];

    [Theory]
    [MemberData(nameof(NamesOfNodes))]
    public void The_draft_reads_the_stream_that_it_was_guessed_from(string name)
    {
        (byte[] bytes, _, _, _) = Streams[name];
        FramingGuess guess = FramingGuess.Of(bytes.AsSpan(Cut));
        SensorProfile profile = ProfileDraft.Of("draft", guess, 9600, 0);

        ProfileReader reader = new(profile, [.. profile.Channels.Select(channel => channel.Name)]);
        FrameDecoder frames = reader.CreateFrameDecoder();
        float[] channels = new float[profile.Channels.Count];
        ReadOnlySpan<byte> rest = bytes.AsSpan(Cut);
        int records = 0;
        while (frames.TryRead(ref rest, out ReadOnlySpan<byte> payload))
        {
            records += reader.TryReadChannels(payload, channels) ? 1 : 0;
        }

        Assert.InRange(records, guess.Records - 1, guess.Records + 1);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(3_000)]
    [InlineData(40_000)]
    public void Random_bytes_are_recognised_as_nothing(int count)
    {
        for (int seed = 0; seed < 8; seed++)
        {
            FramingGuess guess = FramingGuess.Of(SensorTraffic.Random(count, seed));

            Assert.False(guess.IsRecognised, $"{guess.Kind} at {guess.Confidence} %: {guess.Evidence}");
        }
    }

    [Fact]
    public void A_wrong_rate_is_recognised_as_nothing_and_named()
    {
        foreach (double ratio in new[] { 1 / 12.0, 0.5, 2, 6, 12 })
        {
            FramingGuess guess = FramingGuess.Of(SensorTraffic.AtWrongRate(SensorTraffic.Csv(200), ratio));

            Assert.False(guess.IsRecognised, $"{guess.Kind} at {guess.Confidence} %, ratio {ratio}: {guess.Evidence}");
        }

        FramingGuess slow = FramingGuess.Of(SensorTraffic.AtWrongRate(SensorTraffic.Csv(200), 1 / 12.0));
        Assert.Contains("as at a wrong rate", slow.Evidence, StringComparison.Ordinal);
        Assert.Equal("csv", FramingGuess.Of(SensorTraffic.AtWrongRate(SensorTraffic.Csv(200), 1)).Kind);
    }

    [Fact]
    public void A_log_is_text_and_no_sensor()
    {
        FramingGuess guess = FramingGuess.Of(SensorTraffic.Log());

        Assert.Equal("text", guess.Kind);
        Assert.InRange(guess.Confidence, 1, 29);
        Assert.Contains(
            "wifi: connected", FramingGuess.Of([(byte)'\n', .. SensorTraffic.Log()]).Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_nothing()
    {
        Assert.Equal(("", 0), (FramingGuess.Of([]).Kind, FramingGuess.Of([]).Confidence));
        Assert.False(FramingGuess.Of(new byte[5000]).IsRecognised);
        Assert.False(FramingGuess.Of("12"u8).IsRecognised);
    }

    [Fact]
    public void The_evidence_counts_the_lines()
    {
        byte[] lines = [.. SensorTraffic.Csv(20), .. "12,\xF8"u8, .. SensorTraffic.Csv(20)];

        Assert.Equal("38 of 39 lines have 3 numbers", FramingGuess.Of(lines).Evidence);
    }

    [Fact]
    public void More_records_make_a_guess_surer()
    {
        int two = FramingGuess.Of(SensorTraffic.Csv(3)).Confidence;
        int many = FramingGuess.Of(SensorTraffic.Csv(60)).Confidence;

        Assert.InRange(two, 30, 70);
        Assert.InRange(many, 95, 100);
    }

    [Theory]
    [InlineData("temperature,humidity\n1.5,2\n1.6,3\n1.7,2\n", "temperature", "humidity")]
    [InlineData("\ntemperature;humidity\n1.5;2\n1.6;3\n", "temperature", "humidity")]
    [InlineData("\n1.5\t2\n1.6\t3\n1.5\t3\n", "channel1", "channel2")]
    public void Columns_have_the_names_of_a_header(string text, params string[] names)
    {
        FramingGuess guess = FramingGuess.Of(System.Text.Encoding.ASCII.GetBytes(text));

        Assert.Equal("csv", guess.Kind);
        Assert.Equal(names, guess.Channels.Select(channel => channel.Name));
    }

    [Fact]
    public void Columns_of_text_are_no_channels()
    {
        FramingGuess guess = FramingGuess.Of(SensorTraffic.Lines(30, k => $"node-7,{20 + (k % 3)},ok,{k % 2}"));

        Assert.Equal(["1", "3"], guess.Channels.Select(channel => channel.FieldText));
        Assert.Contains("2 numbers among 4 fields", guess.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_and_keys_name_the_channels()
    {
        Assert.Equal(["Motor Temp", "rpm"], FramingGuess.Of(SensorTraffic.Plotter()).Channels.Select(channel => channel.Name));
        FramingGuess json = FramingGuess.Of(SensorTraffic.Json());
        Assert.Equal(["temperature", "humidity", "battery"], json.Channels.Select(channel => channel.Name));
        Assert.Equal(["sht31.temperature", "sht31.humidity", "battery"], json.Channels.Select(channel => channel.FieldText));
    }

    [Fact]
    public void Fields_and_checksums_of_binary_records_are_found()
    {
        FramingProfile pms = FramingGuess.Of(SensorTraffic.Pms5003()).Framing!;
        Assert.Equal("0x42 0x4D", string.Join(' ', pms.Start!));
        Assert.Equal(("sum-16", "big", true), (pms.Checksum!.Kind, pms.Checksum.ByteOrder, pms.Checksum.FromStart));
        Assert.Equal("big", pms.ByteOrder);

        FramingProfile floats = FramingGuess.Of(SensorTraffic.CobsFloats()).Framing!;
        Assert.All(floats.Fields!, field => Assert.Equal("float32", field.Type));

        FramingProfile axes = FramingGuess.Of(SensorTraffic.CobsCrc()).Framing!;
        Assert.Equal(("little", null), (axes.ByteOrder, axes.Checksum));
        Assert.All(axes.Fields!, field => Assert.Equal("int16", field.Type));

        ChecksumProfile hdlc = FramingGuess.Of(SensorTraffic.Hdlc()).Framing!.Checksum!;
        Assert.Equal((0x1021L, true, 0xFFFFL), (hdlc.Polynomial!.Value, hdlc.Reflected, hdlc.FinalXor!.Value));
    }

    [Fact]
    public void Registers_that_a_master_asks_for_become_blocks()
    {
        FramingGuess guess = FramingGuess.Of(SensorTraffic.ModbusTraffic());

        Assert.Equal([new ModbusBlock(0, 2, 4, 1), new ModbusBlock(16, 1, 3, 2)], guess.Modbus!.Blocks);
        Assert.Equal(20, guess.Records);
    }
}
