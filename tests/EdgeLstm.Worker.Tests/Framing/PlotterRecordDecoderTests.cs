// Arduino plotter lines with labels, without, and with both.

using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class PlotterRecordDecoderTests
{
    private static double[]? Read(RecordDecoder decoder, string line, int channels = 2)
    {
        double[] values = new double[channels];
        return decoder.TryReadChannels(Encoding.UTF8.GetBytes(line), values) ? values : null;
    }

    [Theory]
    [InlineData("Motor Temp:23.5 rpm:1480")]
    [InlineData("rpm:1480\tMotor Temp:23.5")]
    [InlineData("rpm:1480,Motor Temp:23.5\r")]
    [InlineData("rpm: 1480, Motor Temp: 23.5,")]
    [InlineData("99 other:5 rpm:1480  Motor Temp:23.5")]
    [InlineData("7,8\tMotor Temp :23.5\trpm:1480")]
    public void A_channel_is_found_by_its_label(string line)
    {
        PlotterRecordDecoder decoder = new(["Motor Temp", "rpm"]);
        Assert.Equal([23.5, 1480d], Read(decoder, line)!);
        Assert.Equal(0, decoder.Rejected);
    }

    [Theory]
    [InlineData("23.5 1480")]
    [InlineData("23.5\t1480")]
    [InlineData("23.5, 1480 , 3")]
    [InlineData("a:23.5 b b:1480")]
    [InlineData("23.5 b:1480")]
    public void A_channel_is_found_by_its_position(string line)
    {
        PlotterRecordDecoder decoder = new(["0", "1"]);
        Assert.Equal([23.5, 1480d], Read(decoder, line)!);
        Assert.Equal(0, decoder.Rejected);
    }

    [Fact]
    public void A_missing_reading_is_NaN()
    {
        PlotterRecordDecoder decoder = new(["a", "b"]);
        Assert.Equal([double.NaN, 2d], Read(decoder, "a:nan b:2")!);
        Assert.Equal([1d, double.NaN], Read(decoder, "a:1,b:,c:3")!);
        Assert.Equal(0, decoder.Rejected);
    }

    [Fact]
    public void Each_reason_is_counted_by_itself()
    {
        PlotterRecordDecoder decoder = new(["a", "b"]);
        Assert.Null(Read(decoder, "a:1"));
        Assert.Null(Read(decoder, "a:1 b:2x"));
        Assert.Null(Read(decoder, "sensor ready"));
        Assert.Null(Read(decoder, " \t"));
        Assert.Equal((1, 2, 3), (decoder.MissingField, decoder.NotANumber, decoder.Rejected));
    }

    [Fact]
    public void Records_survive_being_split_at_any_byte()
    {
        byte[] stream = "a b:1\tc:2\r\nmp:3 noise\n\nc:4,a b:3\n"u8.ToArray();
        Decoding.AssertSameWhereverSplit(stream, (byte)'\n', () => new PlotterRecordDecoder(["a b", "c"]), [[1, 2], [3, 4]]);
    }

    [Fact]
    public void Noise_is_counted_and_never_throws() =>
        Decoding.AssertSurvivesNoise(new PlotterRecordDecoder(["a", "b"]), "a:12.5 b:13.25"u8.ToArray(), 2);

    [Fact]
    public void Reading_a_record_allocates_nothing() =>
        Assert.Equal(0, Decoding.AllocatedBytes(new PlotterRecordDecoder(["Motor Temp", "1"]),
            "Motor Temp:12.5\trpm:1480"u8.ToArray(), 2));
}
