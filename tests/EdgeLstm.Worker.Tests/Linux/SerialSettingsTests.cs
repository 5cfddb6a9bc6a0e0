// Rate and format of a serial line, as the kernel takes them and as people read them.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Tests.Linux;

public class SerialSettingsTests
{
    private const uint Raw8 = 0x30 | 0x80 | 0x800 | 0x1000;   // CS8, CREAD, CLOCAL, BOTHER

    [Theory]
    [InlineData("None", 1, 0)]
    [InlineData("None", 2, 0x40)]
    [InlineData("Even", 1, 0x100)]
    [InlineData("Odd", 1, 0x300)]
    [InlineData("Even", 2, 0x140)]
    public void Parity_and_stop_bits_are_the_kernels_flags(string parity, int stopBits, uint flags) => Assert.Equal(
        Raw8 | flags, SerialLine.ControlFlags(new SerialSettings(9600, Enum.Parse<Parity>(parity), stopBits)));

    [Theory]
    [InlineData("None", 1, 10)]
    [InlineData("None", 2, 11)]
    [InlineData("Odd", 1, 11)]
    [InlineData("Odd", 2, 12)]
    public void A_byte_takes_its_bits(string parity, int stopBits, int bits) =>
        Assert.Equal(bits, new SerialSettings(9600, Enum.Parse<Parity>(parity), stopBits).BitsPerByte);

    [Fact]
    public void Settings_are_written_as_people_write_them()
    {
        Assert.Equal("9600 baud", new SerialSettings(9600).ToString());
        Assert.Equal("2400 baud 8E1", new SerialSettings(2400, Parity.Even).ToString());
        Assert.Equal("19200 baud 8N2", new SerialSettings(19200, StopBits: 2).ToString());
        Assert.Equal("9600 baud 8N1 RS-485", new SerialSettings(9600, Rs485: true).ToString());
    }

    [Fact]
    public void A_port_takes_the_format_and_one_without_RS485_switch_says_so()
    {
        using Pty pty = new();
        SerialSettings settings = new(9600, Parity.Odd, 2, Rs485: true);
        using SerialLine line = SerialLine.TryOpen(pty.SlavePath, settings, out _, out _)!;
        Assert.True(line.LacksRs485);
        Assert.Equal(9600, line.Baud);

        // A pseudo-terminal has no parity bit and clears PARENB; the other flags stay.
        (uint control, uint input) = ReadFlags(line.Fd);
        Assert.Equal(LibC.CSTOPB | LibC.PARODD, control & (LibC.CSTOPB | LibC.PARODD));
        Assert.Equal(LibC.INPCK, input);
        using Pty plain = new();
        using SerialLine without = SerialLine.TryOpen(plain.SlavePath, new SerialSettings(9600), out _, out _)!;
        Assert.False(without.LacksRs485);
        Assert.Equal((0u, 0u), (ReadFlags(without.Fd).Control & (LibC.CSTOPB | LibC.PARODD), ReadFlags(without.Fd).Input));
    }

    private static unsafe (uint Control, uint Input) ReadFlags(int fd)
    {
        LibC.Termios2 mode;
        Assert.Equal(0, LibC.IoCtl(fd, LibC.TCGETS2, &mode));
        return (mode.ControlFlags, mode.InputFlags);
    }
}
