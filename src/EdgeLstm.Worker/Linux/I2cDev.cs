// The kernel's i2c-dev interface: /dev/i2c-N with I2C_FUNCS, I2C_RDWR for plain transfers and I2C_SMBUS where the adapter has no
// more.

using System.Runtime.InteropServices;

namespace EdgeLstm.Worker.Linux;

/// <summary>Constants and layouts of linux/i2c.h and linux/i2c-dev.h, and the calls made with them.</summary>
/// <remarks>Source: Linux, Documentation/i2c/dev-interface.rst and smbus-protocol.rst.</remarks>
internal static unsafe class I2cDev
{
    public const int EBADF = 9, EOPNOTSUPP = 95, ETIMEDOUT = 110, EREMOTEIO = 121;

    public const nuint I2C_RETRIES = 0x0701, I2C_TIMEOUT = 0x0702, I2C_SLAVE = 0x0703, I2C_FUNCS = 0x0705;
    public const nuint I2C_RDWR = 0x0707, I2C_SMBUS = 0x0720;

    public const uint I2C_FUNC_I2C = 0x00000001;
    public const uint I2C_FUNC_SMBUS_QUICK = 0x00010000;
    public const uint I2C_FUNC_SMBUS_READ_BYTE = 0x00020000, I2C_FUNC_SMBUS_WRITE_BYTE = 0x00040000;
    public const uint I2C_FUNC_SMBUS_READ_BYTE_DATA = 0x00080000, I2C_FUNC_SMBUS_WRITE_BYTE_DATA = 0x00100000;
    public const uint I2C_FUNC_SMBUS_READ_WORD_DATA = 0x00200000, I2C_FUNC_SMBUS_WRITE_WORD_DATA = 0x00400000;
    public const uint I2C_FUNC_SMBUS_READ_I2C_BLOCK = 0x04000000, I2C_FUNC_SMBUS_WRITE_I2C_BLOCK = 0x08000000;

    public const ushort I2C_M_RD = 0x0001;
    public const byte I2C_SMBUS_WRITE = 0, I2C_SMBUS_READ = 1;
    public const uint I2C_SMBUS_QUICK = 0, I2C_SMBUS_BYTE = 1, I2C_SMBUS_BYTE_DATA = 2, I2C_SMBUS_WORD_DATA = 3;
    public const uint I2C_SMBUS_I2C_BLOCK_DATA = 8;

    /// <summary>Data bytes of an SMBus block at most.</summary>
    public const int I2C_SMBUS_BLOCK_MAX = 32;

    /// <summary>struct i2c_msg.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Message
    {
        public ushort Address;
        public ushort Flags;
        public ushort Length;
        public byte* Buffer;
    }

    /// <summary>struct i2c_rdwr_ioctl_data.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Transfer
    {
        public Message* Messages;
        public uint Count;
    }

    /// <summary>struct i2c_smbus_ioctl_data.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SmbusTransfer
    {
        public byte ReadWrite;
        public byte Command;
        public uint Size;
        public byte* Data;
    }

    /// <summary>True where a transfer failed because nobody acknowledged the address, as the drivers of different adapters say
    /// it.</summary>
    public static bool IsNoAnswer(int errno) => errno is LibC.ENXIO or EREMOTEIO;
}
