// Saved state: what was written is read back; anything of another shape is refused before it is used.

using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.State;

public class StateReaderTests
{
    [Fact]
    public void What_was_written_is_read_back_bit_for_bit()
    {
        byte[] bytes = Written();
        StateReader reader = new(bytes);
        Assert.Equal(long.MinValue, reader.ReadInt64());
        Assert.Equal(BitConverter.DoubleToInt64Bits(-0.0), BitConverter.DoubleToInt64Bits(reader.ReadDouble()));
        float[] row = new float[3];
        reader.Read(row);
        Assert.Equal([float.NaN, 1.5f, float.NegativeInfinity], row);
        Assert.False(reader.AtEnd);
        reader.Read([]);
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void The_bytes_are_little_endian_with_the_length_before_a_row()
    {
        StateWriter writer = new();
        writer.Write(0x0102L);
        writer.Write([1f]);
        Assert.Equal("0201000000000000" + "0100000000000000" + "0000803F", Convert.ToHexString(writer.Written));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void A_row_of_another_length_is_refused_and_says_both_lengths(int length)
    {
        StateWriter writer = new();
        writer.Write(new float[3]);
        FormatException failure = Assert.Throws<FormatException>(() => new StateReader(writer.Written).Read(new float[length]));
        Assert.Contains("3", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{length}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_or_huge_length_is_refused()
    {
        foreach (long length in new[] { -1, long.MinValue, long.MaxValue, 1L << 33 })
        {
            StateWriter writer = new();
            writer.Write(length);
            Assert.Throws<FormatException>(() => new StateReader(writer.Written).Read(new float[2]));
        }
    }

    [Fact]
    public void State_cut_short_anywhere_is_refused()
    {
        byte[] bytes = Written();
        for (int length = 0; length < bytes.Length; length++)
        {
            byte[] cut = bytes[..length];
            Assert.Throws<FormatException>(() => ReadAll(cut));
        }

        ReadAll(bytes);
    }

    private static byte[] Written()
    {
        StateWriter writer = new();
        writer.Write(long.MinValue);
        writer.Write(-0.0);
        writer.Write([float.NaN, 1.5f, float.NegativeInfinity]);
        writer.Write([]);
        return writer.Written.ToArray();
    }

    private static void ReadAll(byte[] bytes)
    {
        StateReader reader = new(bytes);
        reader.ReadInt64();
        reader.ReadDouble();
        reader.Read(new float[3]);
        reader.Read([]);
    }
}
