// JSON lines: keys, dotted paths, array positions, and everything that is not quite JSON.

using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class JsonLinesRecordDecoderTests
{
    private static double? Read(RecordDecoder decoder, string line)
    {
        double[] values = new double[1];
        return decoder.TryReadChannels(Encoding.UTF8.GetBytes(line), values) ? values[0] : null;
    }

    [Theory]
    [InlineData("t", """{"t": 21.5}""", 21.5)]
    [InlineData("t", """{"a": {"t": 1}, "b": [{"t": 2}], "t": 3}""", 3d)]
    [InlineData("t", """{"t": 3, "a": {"t": 1}}""", 3d)]
    [InlineData("bme.t", """{"x": {"t": 1}, "bme": {"h": 2, "t": -4e1}, "t": 3}""", -40d)]
    [InlineData("a.b.c", """{"a": {"c": 1, "b": {"b": 2, "c": 7}, "c": 9}}""", 7d)]
    [InlineData("accel.2", """{"accel": [1, 2, 9.8, 4]}""", 9.8)]
    [InlineData("accel.1", """{"accel": [[5, 6], 7], "x": 1}""", 7d)]
    [InlineData("m.0.v", """{"m": [{"u": 1, "v": 2}, {"v": 3}]}""", 2d)]
    [InlineData("1", "[4, 5]", 5d)]
    [InlineData("t", """{"t": "21.5"}""", 21.5)]
    [InlineData("t", """{"t": true}""", 1d)]
    [InlineData("t", """{"t": "ON"}""", 1d)]
    [InlineData("t", """{"t": "off"}""", 0d)]
    [InlineData("t", "{\n  \"t\": 5\n}\n", 5d)]
    [InlineData("t", """{"t": null}""", double.NaN)]
    [InlineData("t", """{"t": "nan"}""", double.NaN)]
    [InlineData("t", """ {"\u0074" : 5} """, 5d)]
    [InlineData("°C", """{"°C": 5}""", 5d)]
    public void A_channel_is_found_by_its_path(string path, string line, double expected)
    {
        JsonLinesRecordDecoder decoder = new([path]);
        Assert.Equal(expected, Read(decoder, line));
        Assert.Equal(0, decoder.Rejected);
    }

    [Theory]
    [InlineData("""{"t": 1""")]
    [InlineData("""{"t": 1} {"t": 2}""")]
    [InlineData("""{"t": nan}""")]
    [InlineData("""{"\uD800": 1, "t": 1}""")]
    [InlineData("boot ok")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]")]
    public void A_broken_line_counts_as_malformed(string line)
    {
        JsonLinesRecordDecoder decoder = new(["t"]);
        Assert.Null(Read(decoder, line));
        Assert.Equal((1, 1), (decoder.Malformed, decoder.Rejected));
        Assert.Equal(5d, Read(decoder, """{"t": 5}"""));
    }

    [Fact]
    public void Each_reason_is_counted_by_itself()
    {
        JsonLinesRecordDecoder decoder = new(["t"]);
        Assert.Null(Read(decoder, """{"status": "boot"}"""));
        Assert.Null(Read(decoder, """{"t": {"v": 1}}"""));
        Assert.Null(Read(decoder, "17"));
        Assert.Null(Read(decoder, """{"t": "warm"}"""));
        Assert.Null(Read(decoder, " \r"));
        Assert.Equal((3, 1, 4), (decoder.MissingField, decoder.NotANumber, decoder.Rejected));
    }

    [Fact]
    public void Records_survive_being_split_at_any_byte()
    {
        byte[] stream = "{\"t\":1,\"h\":{\"r\":2}}\r\n{\"t\":3,\n\n{\"h\":{\"r\":4},\"t\":3}\n"u8.ToArray();
        Decoding.AssertSameWhereverSplit(stream, (byte)'\n', () => new JsonLinesRecordDecoder(["t", "h.r"]), [[1, 2], [3, 4]]);
    }

    [Fact]
    public void Noise_is_counted_and_never_throws() =>
        Decoding.AssertSurvivesNoise(new JsonLinesRecordDecoder(["t", "h.r"]), "{\"t\":1,\"h\":{\"r\":2}}"u8.ToArray(), 2);

    [Fact]
    public void Reading_a_record_allocates_nothing() => Assert.Equal(
        0, Decoding.AllocatedBytes(new JsonLinesRecordDecoder(["t", "h.r"]),
            "{\"t\":21.25,\"h\":{\"x\":[1,2],\"r\":2}}"u8.ToArray(), 2));
}
