// Which SMBus call stands for a transfer, by what the adapter offers.

using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.I2c;

public class SmbusCallTests
{
    private const uint Bytes = I2cDev.I2C_FUNC_SMBUS_READ_BYTE | I2cDev.I2C_FUNC_SMBUS_WRITE_BYTE
        | I2cDev.I2C_FUNC_SMBUS_READ_BYTE_DATA | I2cDev.I2C_FUNC_SMBUS_WRITE_BYTE_DATA;

    private const uint Words = I2cDev.I2C_FUNC_SMBUS_READ_WORD_DATA | I2cDev.I2C_FUNC_SMBUS_WRITE_WORD_DATA;
    private const uint Blocks = I2cDev.I2C_FUNC_SMBUS_READ_I2C_BLOCK | I2cDev.I2C_FUNC_SMBUS_WRITE_I2C_BLOCK;
    private const uint All = I2cDev.I2C_FUNC_SMBUS_QUICK | Bytes | Words | Blocks;

    [Theory]
    [InlineData(0, 0, All, I2cDev.I2C_SMBUS_QUICK)]
    [InlineData(1, 0, All, I2cDev.I2C_SMBUS_BYTE)]
    [InlineData(2, 0, All, I2cDev.I2C_SMBUS_BYTE_DATA)]
    [InlineData(3, 0, All, I2cDev.I2C_SMBUS_WORD_DATA)]
    [InlineData(4, 0, All, I2cDev.I2C_SMBUS_I2C_BLOCK_DATA)]
    [InlineData(33, 0, All, I2cDev.I2C_SMBUS_I2C_BLOCK_DATA)]
    [InlineData(0, 1, All, I2cDev.I2C_SMBUS_BYTE)]
    [InlineData(1, 1, All, I2cDev.I2C_SMBUS_BYTE_DATA)]
    [InlineData(1, 2, All, I2cDev.I2C_SMBUS_WORD_DATA)]
    [InlineData(1, 3, All, I2cDev.I2C_SMBUS_I2C_BLOCK_DATA)]
    [InlineData(1, 32, All, I2cDev.I2C_SMBUS_I2C_BLOCK_DATA)]
    [InlineData(2, 0, Blocks, I2cDev.I2C_SMBUS_I2C_BLOCK_DATA)]
    [InlineData(3, 0, Bytes | Blocks, I2cDev.I2C_SMBUS_I2C_BLOCK_DATA)]
    [InlineData(1, 1, Blocks, I2cDev.I2C_SMBUS_I2C_BLOCK_DATA)]
    [InlineData(1, 2, Bytes | Blocks, I2cDev.I2C_SMBUS_I2C_BLOCK_DATA)]
    public void The_shortest_call_that_the_adapter_has_is_taken(int writes, int reads, uint functions, uint size)
    {
        byte[] write = [.. Enumerable.Range(0x50, writes).Select(value => (byte)value)];
        Assert.True(SmbusCall.TryFrom(write, reads, functions, out SmbusCall call));
        Assert.Equal((size, reads > 0, writes > 0 ? 0x50 : 0), (call.Size, call.IsRead, call.Command));
        Assert.Equal(reads > 0 ? reads : Math.Max(0, writes - 1), call.DataBytes);
    }

    [Theory]
    [InlineData(34, 0, All)]       // a block of 33 bytes
    [InlineData(1, 33, All)]
    [InlineData(0, 2, All)]        // no register, more than one byte
    [InlineData(2, 6, All)]        // a command of two bytes, then a repeated start
    [InlineData(3, 0, Bytes)]
    [InlineData(1, 2, Bytes)]
    [InlineData(1, 6, Bytes | Words)]
    [InlineData(0, 0, Bytes)]
    [InlineData(1, 0, Words)]
    public void What_no_call_can_do_is_refused(int writes, int reads, uint functions) =>
        Assert.False(SmbusCall.TryFrom(new byte[writes], reads, functions, out _));
}
