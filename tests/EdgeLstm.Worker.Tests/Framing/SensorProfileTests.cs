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
    [InlineData("""{"kind": "csv"}""", "", "channels: must have 1 to 1024 entries; got 0", "")]
    [InlineData("""{"kind": "cobs-crc16"}""", """{"name": "a", "field": 0}""", "framing.fields: is required for cobs-crc16", "")]
    [InlineData("""{"kind": "cobs-crc16", "fields": [{"type": "in16"}]}""", """{"name": "a", "field": 0}""",
        "framing.fields[0].type: must be one of ", "did you mean 'int16'?")]
    [InlineData("""{"kind": "cobs-crc16", "fields": [{"type": "int16"}], "maxFrameBytes": 4}""", """{"name": "a", "field": 0}""",
        "framing.maxFrameBytes: must hold a record of 5 bytes", "")]
    [InlineData("""{"kind": "cobs-crc16", "fields": [{"type": "int16"}], "columns": ["a", "b"]}""", """{"name": "a"}""",
        "framing.columns: is for csv and nmea only", "")]
    public void A_mistake_is_told_with_its_place(string framing, string channels, string expected, string also)
    {
        string problems = ProblemsOf(framing, channels);
        Assert.Contains(expected, problems, StringComparison.Ordinal);
        Assert.Contains(also, problems, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"kind": "slip"}""",
        "framing.fields: is required for slip: such as [{ \"name\": \"x\", \"type\": \"int16\" }]")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int16", "name": "a"}, {"type": "int8", "name": "a"}]}""",
        "framing.fields[1].name: 'a' is given twice")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "uint8", "lowBit": 4, "bits": 5}]}""",
        "framing.fields[0].bits: bits 4 to 8 are beyond the 8 bits of uint8")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "uint8", "lowBit": 8}]}""",
        "framing.fields[0].lowBit: bits 8 to 8 are beyond the 8 bits of uint8")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "float32", "bits": 5}]}""",
        "framing.fields[0].bits: is for whole numbers; float32 has no bit fields")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int24", "byteOrder": "cdab"}]}""",
        "framing.fields[0].byteOrder: must be little or big for int24; got 'cdab'")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int16", "at": 511}]}""",
        "framing.maxFrameBytes: must hold a record of 513 bytes (with all around its fields); got 512")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "start": [1]}""",
        "framing.start: is for fixed, length-prefixed only; leave it out")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "delimiter": [1]}""",
        "framing.delimiter: is for delimited, fixed, length-prefixed only; leave it out")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "length": {}}""",
        "framing.length: is for length-prefixed only; leave it out")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "sentence": "RMC"}""",
        "framing.sentence: is for nmea only; leave it out")]
    [InlineData("""{"kind": "csv", "byteOrder": "big"}""", "framing.byteOrder: is for binary records only; leave it out")]
    [InlineData("""{"kind": "csv", "checksum": {"kind": "xor-8"}}""",
        "framing.checksum: is for binary records other than cobs-crc16 only; leave it out")]
    [InlineData("""{"kind": "cobs-crc16", "fields": [{"type": "int8"}], "checksum": {"kind": "xor-8"}}""",
        "framing.checksum: is for binary records other than cobs-crc16 only; leave it out")]
    [InlineData("""{"kind": "fixed", "fields": [{"type": "int8"}]}""",
        "framing.start: is required for fixed without a checksum: nothing else tells where a record begins")]
    [InlineData("""{"kind": "fixed", "fields": [{"type": "int8"}], "start": []}""",
        "framing.start: must have 1 to 8 bytes; got 0")]
    [InlineData("""{"kind": "fixed", "fields": [{"type": "int8"}], "start": [66, 256]}""",
        "framing.start[1]: must be a byte such as 66 or \"0x42\"; got 0x100")]
    [InlineData("""{"kind": "fixed", "fields": [{"type": "int8"}], "start": ["42h"]}""",
        "framing.start[0]: must be a byte such as 66 or \"0x42\"")]
    [InlineData("""{"kind": "fixed", "fields": [{"type": "int8"}], "start": [null]}""",
        "framing.start[0]: must be a value; got null")]
    [InlineData("""{"kind": "fixed", "fields": [null], "start": [1]}""", "framing.fields[0]: ")]
    [InlineData("""{"kind": "delimited", "fields": [{"type": "int8"}]}""",
        "framing.delimiter: is required for delimited: such as [\"0x0D\", \"0x0A\"]")]
    [InlineData("""{"kind": "delimited", "fields": [{"type": "int8"}], "delimiter": [1,2,3,4,5,6,7,8,9]}""",
        "framing.delimiter: must have 1 to 8 bytes; got 9")]
    [InlineData("""{"kind": "length-prefixed", "fields": [{"type": "int8"}], "start": [1]}""",
        "framing.length: is required for length-prefixed: such as { \"type\": \"uint8\" }")]
    [InlineData("""{"kind": "length-prefixed", "fields": [{"type": "int8", "at": 255}], "start": [1], "length": {}}""",
        "framing.length.type: uint8 cannot say the 256 bytes of the fields")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "checksum": {"kind": "crc-16"}}""",
        "framing.checksum.polynomial: is required for crc-16: such as \"0x07\" or \"0x1021\"")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "checksum": {"kind": "crc-16", "polynomial": "0x11021"}}""",
        "framing.checksum.polynomial: must have at most 16 bits; got 0x11021; leave out a polynomial's highest term")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "checksum": {"kind": "crc-8", "polynomial": 0}}""",
        "framing.checksum.polynomial: must not be 0: no error would be noticed")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "checksum": {"kind": "sum-8", "initial": 256}}""",
        "framing.checksum.initial: must have at most 8 bits; got 0x100")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "checksum": {"kind": "sum-8", "finalXor": "FF"}}""",
        "framing.checksum.finalXor: must be a whole number such as 7 or \"0x07\"")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "checksum": {"kind": "sum-8", "polynomial": 7}}""",
        "framing.checksum.polynomial: is for a crc only; leave it out")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "checksum": {"kind": "xor-8", "reflected": true}}""",
        "framing.checksum.reflected: is for a crc only; leave it out")]
    [InlineData("""{"kind": "slip", "fields": [{"type": "int8"}], "checksum": {"kind": "xor-8", "fromStart": true}}""",
        "framing.checksum.fromStart: is for fixed, length-prefixed only; leave it out")]
    [InlineData("""{"kind": "nmea"}""", "framing.sentence: is required for nmea: such as \"RMC\"")]
    [InlineData("""{"kind": "nmea", "sentence": "$GPRMC"}""",
        "framing.sentence: must be 3 to 16 capital letters and digits; got '$GPRMC'")]
    public void A_mistake_in_a_framing_is_told_with_its_place(string framing, string expected) =>
        Assert.Contains(expected, ProblemsOf(framing, """{"name": "c", "field": 0}"""), StringComparison.Ordinal);

    [Fact]
    public void A_framing_of_every_kind_without_mistakes_has_no_problems()
    {
        string fields = """ "fields": [{"type": "uint16", "name": "c", "lowBit": 4, "bits": 12, "byteOrder": "badc"}] """;
        string crc = """ "checksum": {"kind": "crc-16", "polynomial": "0x8005", "initial": 65535, "reflected": true} """;
        foreach (string framing in new[]
        {
            """{"kind": "csv", "columns": ["c"]}""", """{"kind": "json-lines"}""", """{"kind": "plotter"}""",
            """{"kind": "nmea", "sentence": "GPRMC", "columns": ["a", "c"]}""",
            $$"""{"kind": "cobs", {{fields}}, {{crc}} }""", $$"""{"kind": "cobs-crc16", {{fields}} }""",
            $$"""{"kind": "slip", {{fields}}, {{crc}} }""", $$"""{"kind": "hdlc", {{fields}} }""",
            $$"""{"kind": "fixed", {{fields}}, {{crc}} }""",
            $$"""{"kind": "fixed", {{fields}}, "start": ["0x59"], "delimiter": [0] }""",
            $$"""{"kind": "delimited", {{fields}}, "delimiter": ["0x0D", 10] }""",
            $$"""{"kind": "length-prefixed", {{fields}}, "start": [66], "length": {"type": "uint16", "beyond": 2} }""",
        })
        {
            Assert.Equal("node.json: 0 problems", ProblemsOf(framing, """{"name": "c"}"""));
        }
    }

    [Fact]
    public void A_message_that_is_one_number_has_one_channel()
    {
        ProblemList problems = new("node.json");
        Parse("""
            {"name": "n", "transport": {"kind": "mqtt"}, "framing": {"kind": "number"},
             "channels": [{"name": "a"}, {"name": "b"}]}
            """, problems);
        Assert.Equal("node.json: 1 problem\n  channels: must have one entry with framing number: a message is one number; got 2",
            problems.ToString());
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
            [
                new ChannelProfile("a", new FieldPath("x"), Scale: 0.5, Offset: 3, Minimum: 0),
                new ChannelProfile("b", new FieldPath("1")),
            ],
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
