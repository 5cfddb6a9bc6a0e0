// Messages that are one number.

using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class NumberRecordDecoderTests
{
    private static double? Read(RecordDecoder decoder, string message)
    {
        double[] values = new double[1];
        return decoder.TryReadChannels(Encoding.UTF8.GetBytes(message), values) ? values[0] : null;
    }

    [Theory]
    [InlineData("23.5", 23.5)]
    [InlineData(" -1e-3\r\n", -0.001)]
    [InlineData("\"7\"", 7d)]
    [InlineData("4294967295", 4294967295d)]
    [InlineData("nan", double.NaN)]
    [InlineData("ON", 1d)]
    [InlineData("off", 0d)]
    [InlineData("true", 1d)]
    [InlineData("False", 0d)]
    public void A_message_is_one_number_or_what_a_switch_says(string message, double expected)
    {
        NumberRecordDecoder decoder = new(1);
        Assert.Equal(expected, Read(decoder, message));
        Assert.Equal(0, decoder.Rejected);
    }

    [Theory]
    [InlineData("23.5 °C")]
    [InlineData("1,2")]
    [InlineData("unavailable")]
    [InlineData("{\"t\":1}")]
    public void Anything_else_is_counted(string message)
    {
        NumberRecordDecoder decoder = new(1);
        Assert.Null(Read(decoder, message));
        Assert.Null(Read(decoder, " "));   // an empty message says nothing: a retained one that was cleared
        Assert.Equal((1, 1), (decoder.NotANumber, decoder.Rejected));
    }

    [Fact]
    public void Noise_is_counted_and_never_throws() =>
        Decoding.AssertSurvivesNoise(new NumberRecordDecoder(1), "-123.456"u8.ToArray(), 1);

    [Fact]
    public void Reading_a_message_allocates_nothing() =>
        Assert.Equal(0, Decoding.AllocatedBytes(new NumberRecordDecoder(1), "-123.456"u8.ToArray(), 1));
}
