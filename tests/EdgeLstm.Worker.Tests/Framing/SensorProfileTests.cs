// Profiles: what is accepted, and how each mistake is told.

using System.Text;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class SensorProfileTests
{
    private static SensorProfile? Parse(string json, ProblemList problems)
    {
        SensorProfile? profile = JsonFile.Parse(Encoding.UTF8.GetBytes(json), ProfileJson.Default.SensorProfile, problems);
        profile?.FindProblems(problems);
        return profile;
    }

    private static string ProblemsOf(string framing, string channel)
    {
        ProblemList problems = new("node.json");
        Parse($$"""{"name": "n", "framing": {{framing}}, "channels": [{{channel}}]}""", problems);
        return problems.ToString();
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        ProblemList problems = new("node.json");
        SensorProfile profile =
            Parse("""{"name": "n", "framing": {"kind": "json-lines"}, "channels": [{"name": "a"}]}""", problems)!;
        Assert.False(problems.Any);
        Assert.Equal((115200, 0d, ""), (profile.TransportOrSerial.Baud, profile.RateHz, profile.Description));
        Assert.Equal(("a", 1d, 0d, null),
            (profile.Channels[0].FieldText, profile.Channels[0].Scale, profile.Channels[0].Offset, profile.Channels[0].Minimum));
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("12", "12")]
    [InlineData("\"3\"", "3")]
    [InlineData("\"bme.t\"", "bme.t")]
    public void A_field_is_text_or_an_index(string json, string expected)
    {
        ProblemList problems = new("node.json");
        string framing = """{"kind": "json-lines"}""";
        SensorProfile profile =
            Parse($$"""{"name": "n", "framing": {{framing}}, "channels": [{"name": "a", "field": {{json}}}]}""", problems)!;
        Assert.False(problems.Any);
        Assert.Equal(expected, profile.Channels[0].FieldText);
    }

    [Theory]
    [InlineData("""{"kind": "cvs"}""", """{"name": "a", "field": 0}""", "framing.kind: must be one of ", "did you mean 'csv'?")]
    [InlineData("""{"kind": "csv", "seperator": ";"}""", """{"name": "a", "field": 0}""",
        "framing.seperator: unknown key; did you mean 'separator'?", "")]
    [InlineData("""{"kind": "csv", "separator": "||"}""", """{"name": "a", "field": 0}""",
        "framing.separator: must be one ASCII character", "got '||'")]
    [InlineData("""{"kind": "plotter", "header": true}""", """{"name": "a"}""", "framing.header: is for csv only", "")]
    [InlineData("""{"kind": "csv"}""", """{"name": "a"}""",
        "channels[0].field: 'a' is a name: set framing.columns or framing.header", "")]
    [InlineData("""{"kind": "csv", "columns": ["temp"]}""", """{"name": "tmp"}""",
        "channels[0].field: no column has the name 'tmp'; did you mean 'temp'?", "")]
    [InlineData("""{"kind": "csv", "columns": ["a", "a"]}""", """{"name": "a"}""",
        "framing.columns[1]: must be a name that no other column has; got 'a'", "")]
    [InlineData("""{"kind": "csv", "columns": ["a"]}""", """{"name": "a", "field": 1}""",
        "channels[0].field: index 1 is beyond the last of 1 fields", "")]
    [InlineData("""{"kind": "csv"}""", """{"name": "a", "field": 1.5}""",
        "channels[0].field: must be a name, a dotted path or a 0-based index", "")]
    [InlineData("""{"kind": "csv"}""", """{"name": "a", "field": [0]}""",
        "channels[0].field: must be a name, a dotted path or a 0-based index", "")]
    [InlineData("""{"kind": "csv"}""", """{"name": "a", "field": 0, "scale": 0}""", "channels[0].scale: must not be 0", "")]
    [InlineData("""{"kind": "csv"}""", """{"name": "a", "field": 0, "minimum": 5, "maximum": 4}""",
        "channels[0].minimum: must be below maximum 4; got 5", "")]
    [InlineData("""{"kind": "csv"}""", """{"name": "a", "field": 0}, {"name": "a", "field": 1}""",
        "channels[1].name: 'a' is given twice", "")]
    [InlineData("""{"kind": "csv"}""", "", "channels: must have 1 to 256 entries; got 0", "")]
    [InlineData("""{"kind": "cobs-crc16"}""", """{"name": "a", "field": 0}""", "framing.fields: is required for cobs-crc16", "")]
    [InlineData("""{"kind": "cobs-crc16", "fields": [{"type": "in16"}]}""", """{"name": "a", "field": 0}""",
        "framing.fields[0].type: must be one of ", "did you mean 'int16'?")]
    [InlineData("""{"kind": "cobs-crc16", "fields": [{"type": "int16"}], "maxFrameBytes": 4}""", """{"name": "a", "field": 0}""",
        "framing.maxFrameBytes: must hold a record of 5 bytes", "")]
    [InlineData("""{"kind": "cobs-crc16", "fields": [{"type": "int16"}], "columns": ["a", "b"]}""", """{"name": "a"}""",
        "framing.columns: is for csv only", "")]
    public void A_mistake_is_told_with_its_place(string framing, string channels, string expected, string also)
    {
        string problems = ProblemsOf(framing, channels);
        Assert.Contains(expected, problems, StringComparison.Ordinal);
        Assert.Contains(also, problems, StringComparison.Ordinal);
    }

    [Fact]
    public void Channels_that_a_model_asks_for_in_vain_are_told()
    {
        ProblemList problems = new("edgelstm.json");
        SensorProfile profile =
            Parse("""{"name": "n", "framing": {"kind": "json-lines"}, "channels": [{"name": "temp"}]}""", problems)!;
        profile.FindMissingChannels(["temp", "tepm"], "streams[0].channels", problems);
        Assert.Equal("edgelstm.json: 1 problem\n  streams[0].channels: profile 'n' has no channel 'tepm'; did you mean 'temp'?",
            problems.ToString());
    }

    [Theory]
    [InlineData("time,b,a\n", "7,2,1", 1f, 2f)]
    [InlineData("", "1,2", 1f, 2f)]
    public void A_recording_of_binary_records_holds_channels_by_name_or_in_order_in_their_units(
        string header, string line, float a, float b)
    {
        SensorProfile binary = new("n",
            [new ChannelProfile("a", new FieldPath("x"), Scale: 0.5, Offset: 3, Minimum: 0), new ChannelProfile("b", new FieldPath("1"))],
            new FramingProfile("cobs-crc16", Fields: [new FieldProfile("int16", "x"), new FieldProfile("int16")]));
        ProfileReader reader = new(binary.OfRecording(), ["a", "b"]);
        FrameDecoder frames = reader.CreateFrameDecoder(atFrameStart: true);
        ReadOnlySpan<byte> received = Encoding.ASCII.GetBytes(header + line + "\n");
        float[] channels = new float[2];
        bool read = false;
        while (frames.TryRead(ref received, out ReadOnlySpan<byte> payload))
        {
            read = reader.TryReadChannels(payload, channels);
        }

        Assert.True(read);
        Assert.Equal([a, b], channels);
    }

    [Fact]
    public void A_recording_of_text_holds_what_the_firmware_sends()
    {
        SensorProfile text = new("n", [new ChannelProfile("a", new FieldPath("0"), Scale: 0.5)], new FramingProfile("csv"));
        Assert.Same(text, text.OfRecording());
    }
}
