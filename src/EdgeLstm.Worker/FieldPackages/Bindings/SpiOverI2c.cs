// A sensor with both wirings whose binding knows SPI only: its register transfers, made on I²C.

using System.Device.Spi;

namespace EdgeLstm.Worker.FieldPackages;

/// <summary>SPI sends the register with two flags in its first byte, bit 7 for a read and bit 6 for several bytes; on I²C the
/// direction is the transfer's and several bytes are the rule.</summary>
/// <param name="device">The sensor on I²C.</param>
internal sealed class SpiOverI2c(BusDevice device) : SpiDevice
{
    private const byte ReadFlag = 0x80, RegisterMask = 0x3F;
    private const int LongestWrite = 32;

    /// <summary>There is no SPI bus.</summary>
    public override SpiConnectionSettings ConnectionSettings { get; } = new(0);

    /// <inheritdoc/>
    public override void Read(Span<byte> buffer) => device.Read(buffer);

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Span<byte> bytes = stackalloc byte[LongestWrite];
        buffer.CopyTo(bytes);
        bytes[0] &= RegisterMask;
        device.Write(bytes[..buffer.Length]);
    }

    /// <inheritdoc/>
    public override void TransferFullDuplex(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer)
    {
        if ((writeBuffer[0] & ReadFlag) == 0)
        {
            Write(writeBuffer);
            return;
        }

        byte register = (byte)(writeBuffer[0] & RegisterMask);
        readBuffer[0] = 0;   // on SPI a byte comes in while the register goes out
        device.WriteRead([register], readBuffer[1..]);
    }
}
