// Records of numbers by name.

using System.Buffers.Binary;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class ValuesRecordDecoderTests
{
    private static byte[] Numbers(params double[] values)
    {
        byte[] record = new byte[8 * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(record.AsSpan(8 * i), values[i]);
        }

        return record;
    }

    [Fact]
    public void The_numbers_are_those_of_the_channels_asked_for_in_their_order()
    {
        ValuesRecordDecoder decoder = new(3);
        double[] channels = new double[3];
        Assert.True(decoder.TryReadChannels(Numbers(1.5, double.NaN, double.NegativeInfinity), channels));
        Assert.Equal([1.5, double.NaN, double.NaN], channels);
        Assert.Equal(0, decoder.Rejected);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(7, 1)]
    [InlineData(8, 1)]
    [InlineData(17, 1)]
    [InlineData(24, 1)]
    public void A_record_of_another_length_is_counted(int bytes, int counted)
    {
        ValuesRecordDecoder decoder = new(2);
        Assert.False(decoder.TryReadChannels(new byte[bytes], new double[2]));
        Assert.Equal((counted, counted), (decoder.BadLength, decoder.Rejected));
    }

    [Fact]
    public void Reading_numbers_allocates_nothing() =>
        Assert.Equal(0, Decoding.AllocatedBytes(new ValuesRecordDecoder(2), Numbers(1, 2), 2));
}
