// A transfer in the words of SMBus, for adapters that cannot do plain I²C (PC chipsets, some USB bridges).

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>One call of I2C_SMBUS.</summary>
/// <remarks>
/// <code>
/// write                    read                 SMBus
/// []                       0                    quick
/// [b]                      0                    send byte
/// [r, v]                   0                    write byte data
/// [r, low, high]           0                    write word data
/// [r, up to 32 bytes]      0                    write I2C block
/// []                       1                    receive byte
/// [r]                      1                    read byte data
/// [r]                      2, low byte first    read word data
/// [r]                      up to 32             read I2C block
/// </code>
/// On the wires each is the same as the plain transfer. Where the adapter lacks the short form the block takes its place; what is
/// in no row cannot be done. Source: Linux, Documentation/i2c/smbus-protocol.rst.
/// </remarks>
/// <param name="IsRead">Direction of the data.</param>
/// <param name="Command">The register, or the byte sent.</param>
/// <param name="Size">I2C_SMBUS_QUICK, _BYTE, _BYTE_DATA, _WORD_DATA or _I2C_BLOCK_DATA.</param>
/// <param name="DataBytes">Bytes of data beside the command.</param>
internal readonly record struct SmbusCall(bool IsRead, byte Command, uint Size, int DataBytes)
{
    /// <summary>Puts a transfer into a call; false where the adapter has none for it.</summary>
    /// <param name="write">Bytes to write.</param>
    /// <param name="readBytes">Bytes to read.</param>
    /// <param name="functions">What I2C_FUNCS says.</param>
    /// <param name="call">The call.</param>
    public static bool TryFrom(ReadOnlySpan<byte> write, int readBytes, uint functions, out SmbusCall call)
    {
        byte command = write.Length > 0 ? write[0] : (byte)0;
        bool isRead = readBytes > 0;
        int dataBytes = isRead ? readBytes : Math.Max(0, write.Length - 1);
        call = new SmbusCall(isRead, command, I2cDev.I2C_SMBUS_I2C_BLOCK_DATA, dataBytes);
        if (isRead && write.Length > 1)
        {
            return false;   // two bytes before a repeated start: no such call
        }

        return isRead ? TryRead(ref call, write.Length, functions) : TryWrite(ref call, write.Length, functions);
    }

    private static bool TryRead(ref SmbusCall call, int writeBytes, uint functions)
    {
        if (writeBytes == 0)
        {
            return call.DataBytes == 1 && Fits(ref call, I2cDev.I2C_SMBUS_BYTE, functions, I2cDev.I2C_FUNC_SMBUS_READ_BYTE);
        }

        return call.DataBytes switch
        {
            1 when Fits(ref call, I2cDev.I2C_SMBUS_BYTE_DATA, functions, I2cDev.I2C_FUNC_SMBUS_READ_BYTE_DATA) => true,
            2 when Fits(ref call, I2cDev.I2C_SMBUS_WORD_DATA, functions, I2cDev.I2C_FUNC_SMBUS_READ_WORD_DATA) => true,
            _ => FitsBlock(call.DataBytes, functions, I2cDev.I2C_FUNC_SMBUS_READ_I2C_BLOCK),
        };
    }

    private static bool TryWrite(ref SmbusCall call, int writeBytes, uint functions) => writeBytes switch
    {
        0 => Fits(ref call, I2cDev.I2C_SMBUS_QUICK, functions, I2cDev.I2C_FUNC_SMBUS_QUICK),
        1 => Fits(ref call, I2cDev.I2C_SMBUS_BYTE, functions, I2cDev.I2C_FUNC_SMBUS_WRITE_BYTE),
        2 when Fits(ref call, I2cDev.I2C_SMBUS_BYTE_DATA, functions, I2cDev.I2C_FUNC_SMBUS_WRITE_BYTE_DATA) => true,
        3 when Fits(ref call, I2cDev.I2C_SMBUS_WORD_DATA, functions, I2cDev.I2C_FUNC_SMBUS_WRITE_WORD_DATA) => true,
        _ => FitsBlock(call.DataBytes, functions, I2cDev.I2C_FUNC_SMBUS_WRITE_I2C_BLOCK),
    };

    private static bool Fits(ref SmbusCall call, uint size, uint functions, uint needed)
    {
        bool fits = (functions & needed) != 0;
        call = fits ? call with { Size = size } : call;
        return fits;
    }

    private static bool FitsBlock(int bytes, uint functions, uint needed) =>
        (functions & needed) != 0 && bytes <= I2cDev.I2C_SMBUS_BLOCK_MAX;
}
