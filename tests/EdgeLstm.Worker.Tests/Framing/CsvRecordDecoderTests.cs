// CSV lines by position and by header, whole, broken and half.

using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class CsvRecordDecoderTests
{
    private static double[]? Read(RecordDecoder decoder, string line, int channels = 2)
    {
        double[] values = new double[channels];
        return decoder.TryReadChannels(Encoding.UTF8.GetBytes(line), values) ? values : null;
    }

    [Theory]
    [InlineData("1.5,2", 1.5, 2d)]
    [InlineData(" -1e-3 ,\t+7 ", -0.001, 7d)]
    [InlineData("\"1.5\",\"2\"", 1.5, 2d)]
    [InlineData("1,2,", 1d, 2d)]
    [InlineData("1,2,3", 1d, 2d)]
    [InlineData("1,", 1d, double.NaN)]
    [InlineData("nan,2", double.NaN, 2d)]
    [InlineData("ovf,-inf", double.NaN, double.NaN)]
    [InlineData("1e999,2\r", double.NaN, 2d)]
    public void Fields_are_read_by_position(string line, double first, double second)
    {
        CsvRecordDecoder decoder = new(["0", "1"]);
        Assert.Equal([first, second], Read(decoder, line)!);
        Assert.Equal(0, decoder.Rejected);
    }

    [Fact]
    public void Each_reason_is_counted_by_itself()
    {
        CsvRecordDecoder decoder = new(["0", "1"], columns: ["a", "b"]);
        Assert.Null(Read(decoder, "1"));
        Assert.Null(Read(decoder, "1,2x"));
        Assert.Null(Read(decoder, "1,2.5.5"));
        Assert.Null(Read(decoder, "1,2,3"));
        Assert.Equal((1, 2, 1, 4), (decoder.MissingField, decoder.NotANumber, decoder.ExtraField, decoder.Rejected));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r")]
    [InlineData("  ")]
    public void A_blank_line_is_neither_a_record_nor_rejected(string line)
    {
        CsvRecordDecoder decoder = new(["0"]);
        Assert.Null(Read(decoder, line, 1));
        Assert.Equal(0, decoder.Rejected);
    }

    [Fact]
    public void A_header_says_the_order_and_says_it_again_after_new_firmware()
    {
        CsvRecordDecoder decoder = new(["t", "rh"], hasHeader: true);
        Assert.Null(Read(decoder, "1,2,3"));
        Assert.Equal(1, decoder.AwaitingHeader);
        Assert.Null(Read(decoder, "time,rh,t"));
        Assert.Equal([3d, 2d], Read(decoder, "1,2,3")!);
        Assert.Null(Read(decoder, "t , \"rh\""));
        Assert.Equal([1d, 2d], Read(decoder, "1,2")!);
        Assert.Equal((2, 1), (decoder.HeaderLines, decoder.Rejected));
        decoder.Restart();
        Assert.Null(Read(decoder, "1,2"));
        Assert.Equal(2, decoder.AwaitingHeader);
    }

    [Fact]
    public void Columns_of_the_profile_hold_until_a_header_is_seen()
    {
        CsvRecordDecoder decoder = new(["b", "a"], hasHeader: true, columns: ["a", "b"]);
        Assert.Equal([2d, 1d], Read(decoder, "1,2")!);
        Assert.Null(Read(decoder, "b,a"));
        Assert.Equal([1d, 2d], Read(decoder, "1,2")!);
        decoder.Restart();
        Assert.Equal([2d, 1d], Read(decoder, "1,2")!);
    }

    [Fact]
    public void A_header_without_a_wanted_name_makes_records_lack_a_field_until_it_is_back()
    {
        CsvRecordDecoder decoder = new(["a", "b"], hasHeader: true);
        Assert.Null(Read(decoder, "a,c"));
        Assert.Null(Read(decoder, "1,2"));
        Assert.Equal(1, decoder.MissingField);
        Assert.Null(Read(decoder, "a,b"));
        Assert.Equal([1d, 2d], Read(decoder, "1,2")!);
    }

    [Fact]
    public void Words_at_boot_do_not_pass_for_a_header_that_is_expected()
    {
        CsvRecordDecoder decoder = new(["a", "b"], hasHeader: true, columns: ["a", "b"]);
        Assert.Null(Read(decoder, "ready"));
        Assert.Equal((0, 1), (decoder.HeaderLines, decoder.NotANumber));
        Assert.Equal([1d, 2d], Read(decoder, "1,2")!);
    }

    [Fact]
    public void A_header_where_none_is_expected_is_counted_but_not_rejected()
    {
        CsvRecordDecoder decoder = new(["0"]);
        Assert.Null(Read(decoder, "value", 1));
        Assert.Equal((1, 0), (decoder.HeaderLines, decoder.Rejected));
        Assert.Equal([5d], Read(decoder, "5", 1)!);
    }

    [Theory]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData(' ')]
    [InlineData('|')]
    public void The_separator_is_a_setting(char separator)
    {
        CsvRecordDecoder decoder = new(["0", "1"], (byte)separator);
        Assert.Equal([1d, 2d], Read(decoder, $"1{separator}2")!);
    }

    [Fact]
    public void Records_survive_being_split_at_any_byte()
    {
        byte[] stream = "a,b\r\n1,2\nnoise,3\n\n4,5,6\n-7.5,8\n"u8.ToArray();
        Decoding.AssertSameWhereverSplit(
            stream, (byte)'\n', () => new CsvRecordDecoder(["a", "b"], hasHeader: true), [[1, 2], [-7.5, 8]]);
    }

    [Fact]
    public void Noise_is_counted_and_never_throws() =>
        Decoding.AssertSurvivesNoise(new CsvRecordDecoder(["0", "1"], columns: ["a", "b"]), "12.5,13.25"u8.ToArray(), 2);

    [Fact]
    public void Reading_a_record_allocates_nothing() =>
        Assert.Equal(0, Decoding.AllocatedBytes(new CsvRecordDecoder(["2", "0"]), "12.5,13.25,-1e-3"u8.ToArray(), 2));
}
