// Type strings of scan elements: every form that drivers use, and the numbers they stand for.

using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.Kernel;

public class IioScanTypeTests
{
    private static IioScanType Parse(string text)
    {
        Assert.True(IioScanType.TryParse(text, out IioScanType type), text);
        return type;
    }

    [Theory]
    [InlineData("le:s12/16>>4", "F07F", 2047)]
    [InlineData("le:s12/16>>4", "0080", -2048)]
    [InlineData("le:u12/16>>4", "0080", 2048)]
    [InlineData("le:s12/16>>0", "FF0F", -1)]
    [InlineData("le:u12/16>>0", "FFFF", 4095)]         // bits above the number are not the number's
    [InlineData("be:s16/16>>0", "8000", -32768)]
    [InlineData("be:s16/16", "7FFF", 32767)]           // without a shift
    [InlineData("be:u24/32>>8", "12345600", 0x123456)]
    [InlineData("be:s24/32>>8", "FFFFFF00", -1)]
    [InlineData("le:u24/32>>0", "563412AB", 0x123456)]
    [InlineData("le:s20/32>>12", "00F0FF7F", 0x7FFFF)]
    [InlineData("le:u8/8>>0", "FF", 255)]
    [InlineData("le:s8/8>>0", "FF", -1)]
    [InlineData("le:s32/32>>0", "FEFFFFFF", -2)]
    [InlineData("le:s64/64>>0", "FFFFFFFFFFFFFFFF", -1)]
    [InlineData("be:s64/64>>0", "0000000000000100", 256)]
    [InlineData("le:u64/64>>0", "FFFFFFFFFFFFFFFF", 18446744073709551615.0)]
    [InlineData("le:s16/16X2>>0", "0100FFFF", 1)]      // of a repeated number the first
    [InlineData("le:f32/32>>0", "0000C03F", 1.5)]
    [InlineData("be:f64/64>>0", "C004000000000000", -2.5)]
    [InlineData("le:f16/16>>0", "003E", 1.5)]
    public void A_type_string_says_what_number_the_bytes_are(string type, string bytes, double expected) =>
        Assert.Equal(expected, Parse(type).ToDouble(Convert.FromHexString(bytes)));

    [Theory]
    [InlineData("le:s12/16>>4", 2)]
    [InlineData("be:u24/32>>8", 4)]
    [InlineData("le:s16/16X2>>0", 4)]
    [InlineData("le:s32/32X4>>0", 16)]
    [InlineData("le:u24/24>>0", 3)]
    [InlineData("le:s64/64>>0", 8)]
    public void The_size_counts_storage_and_repetitions(string type, int bytes) => Assert.Equal(bytes, Parse(type).Bytes);

    [Theory]
    [InlineData("")]
    [InlineData("s12/16>>4")]
    [InlineData("xe:s12/16>>4")]
    [InlineData("le:x12/16>>4")]
    [InlineData("le:s12/16>>5")]       // beyond the storage
    [InlineData("le:s0/16>>0")]
    [InlineData("le:s12/12>>0")]       // no whole bytes
    [InlineData("le:s12/72>>0")]
    [InlineData("le:s16/16X0>>0")]
    [InlineData("le:f24/32>>8")]
    [InlineData("le:s12/16>>4 ")]
    [InlineData("le:s999/999>>999")]
    public void What_is_no_type_string_is_refused(string text) => Assert.False(IioScanType.TryParse(text, out _));

    [Fact]
    public void Decoding_allocates_nothing()
    {
        IioScanType type = Parse("be:s24/32>>8");
        byte[] bytes = [1, 2, 3, 0];
        double sum = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                sum += type.ToDouble(bytes);
            }
        });
        Assert.NotEqual(0, sum);
    }
}
