// Check values from the catalogue of parametrised CRC algorithms (reveng.sourceforge.io) and from data sheets.

using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Tests.Framing;

public class ChecksumTests
{
    private static readonly byte[] Digits = "123456789"u8.ToArray();

    [Theory]
    [InlineData("crc-8", 0x07, 0x00, false, 0x00, 0xF4)]                    // CRC-8/SMBUS
    [InlineData("crc-8", 0x31, 0x00, true, 0x00, 0xA1)]                     // CRC-8/MAXIM-DOW, of 1-Wire
    [InlineData("crc-8", 0x31, 0xFF, false, 0x00, 0xF7)]                    // CRC-8/NRSC-5, of Sensirion
    [InlineData("crc-8", 0x1D, 0xFF, false, 0xFF, 0x4B)]                    // CRC-8/SAE-J1850
    [InlineData("crc-16", 0x1021, 0xFFFF, false, 0x0000, 0x29B1)]           // CRC-16/CCITT-FALSE
    [InlineData("crc-16", 0x8005, 0xFFFF, true, 0x0000, 0x4B37)]            // CRC-16/MODBUS
    [InlineData("crc-16", 0x1021, 0xFFFF, true, 0xFFFF, 0x906E)]            // CRC-16/X-25, of HDLC
    [InlineData("crc-16", 0x1021, 0x0000, false, 0x0000, 0x31C3)]           // CRC-16/XMODEM
    [InlineData("crc-16", 0x1021, 0xB2AA, true, 0x0000, 0x63D0)]            // CRC-16/RIELLO: a start unlike its mirror image
    [InlineData("crc-32", 0x04C11DB7, 0xFFFFFFFF, true, 0xFFFFFFFF, 0xCBF43926)]    // CRC-32/ISO-HDLC, of Ethernet
    [InlineData("crc-32", 0x04C11DB7, 0xFFFFFFFF, false, 0xFFFFFFFF, 0xFC891918)]   // CRC-32/BZIP2
    [InlineData("sum-8", 0, 0, false, 0, 0xDD)]                             // 0x31 + … + 0x39 = 0x01DD
    [InlineData("sum-8", 0, 0xFF, false, 0xFF, 0x23)]                       // two's complement: 0xDD + 0x23 = 0x100
    [InlineData("sum-16", 0, 0, false, 0, 0x01DD)]
    [InlineData("xor-8", 0, 0, false, 0, 0x31)]
    public void The_check_values_of_the_catalogue_come_out(
        string kind, long polynomial, long initial, bool reflected, long finalXor, long expected)
    {
        Checksum checksum = Checksum.From(Profile(kind, polynomial, initial, reflected, finalXor));

        Assert.Equal((uint)expected, checksum.Of(Digits));
    }

    [Fact]
    public void The_example_of_Sensirions_data_sheets_comes_out()
    {
        Checksum checksum = Checksum.From(Profile("crc-8", 0x31, 0xFF, false, 0));

        Assert.Equal(0x92u, checksum.Of([0xBE, 0xEF]));
        Assert.True(checksum.Matches([0xBE, 0xEF], [0x92]));
        Assert.False(checksum.Matches([0xBE, 0xEE], [0x92]));
    }

    [Theory]
    [InlineData("little", new byte[] { 0xB1, 0x29 })]
    [InlineData("big", new byte[] { 0x29, 0xB1 })]
    public void A_checksum_is_compared_in_its_own_byte_order(string byteOrder, byte[] sent)
    {
        Checksum checksum = Checksum.From(Profile("crc-16", 0x1021, 0xFFFF, false, 0) with { ByteOrder = byteOrder });

        Assert.True(checksum.Matches(Digits, sent));
        Assert.False(checksum.Matches(Digits, [sent[1], sent[0]]));
    }

    [Theory]
    [InlineData("crc-8", 1)]
    [InlineData("crc-16", 2)]
    [InlineData("crc-32", 4)]
    [InlineData("sum-8", 1)]
    [InlineData("sum-16", 2)]
    [InlineData("xor-8", 1)]
    public void A_checksum_of_another_width_never_matches(string kind, int bytes)
    {
        Checksum checksum = Checksum.From(Profile(kind, 0x07, 0, false, 0));

        Assert.Equal(bytes, checksum.Bytes);
        Assert.False(checksum.Matches([], []));
        Assert.False(checksum.Matches([], new byte[bytes + 1]));
        Assert.True(checksum.Matches([], new byte[bytes]));
    }

    [Fact]
    public void The_ready_made_CCITT_checksum_is_that_of_the_catalogue() => Assert.Equal(0x29B1u, Checksum.CcittFalse.Of(Digits));

    [Fact]
    public void Computing_allocates_nothing()
    {
        Checksum[] checksums =
        [
            Checksum.From(Profile("crc-16", 0x1021, 0xFFFF, false, 0)), Checksum.From(Profile("crc-32", 0x04C11DB7, 0, true, 0)),
            Checksum.From(Profile("sum-16", 0, 0, false, 0)), Checksum.From(Profile("xor-8", 0, 0, false, 0)),
        ];
        byte[] check = new byte[4];

        Allocation.AssertNone(() =>
        {
            foreach (Checksum checksum in checksums)
            {
                checksum.Matches(Digits, check);
            }
        });
    }

    private static ChecksumProfile Profile(string kind, long polynomial, long initial, bool reflected, long finalXor) =>
        new(kind, new HexNumber(polynomial), new HexNumber(initial), reflected, new HexNumber(finalXor));
}
