// One program's opened bus: what i2c-dev does with each request. Packets as in tests/shim/i2c-shim.c, little-endian machines.

using System.Buffers.Binary;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Emulation.I2c;

namespace EdgeLstm.EndToEnd.Tests.Rig;

/// <summary>Answers requests one by one.</summary>
/// <param name="bus">The bus.</param>
/// <param name="functions">What its adapter can.</param>
/// <param name="kernelOwned">Addresses that I2C_SLAVE refuses.</param>
/// <param name="transfers">Counts the transfers to each address [<see cref="AddressCount"/>].</param>
/// <param name="line">Held during a transfer: a bus carries one at a time.</param>
/// <remarks>Source: Linux, drivers/i2c/i2c-dev.c and Documentation/i2c/smbus-protocol.rst.</remarks>
internal sealed class I2cConnection(
    EmulatedI2cBus bus, uint functions, IReadOnlySet<int> kernelOwned, int[] transfers, Lock line)
{
    /// <summary>7-bit addresses.</summary>
    public const int AddressCount = 128;

    /// <summary>Longest packet.</summary>
    public const int MaxPacketBytes = 16 * 1024;

    /// <summary>Errno of a bus that is held.</summary>
    public const int ETIMEDOUT = 110;

    private const int EIO = 5, EBUSY = 16, EINVAL = 22, EOPNOTSUPP = 95;
    private const int RequestHeader = 8, MessageHeader = 6, ReplyHeader = 4, SmbusDataBytes = 34;
    private const int TimeoutUnitMs = 10, DefaultTimeoutMs = 1000;

    private int _address;

    /// <summary>How long the adapter waits for the bus: I2C_TIMEOUT, one second at first.</summary>
    public int TimeoutMs { get; private set; } = DefaultTimeoutMs;

    /// <summary>Answers a packet.</summary>
    /// <param name="packet">The request.</param>
    /// <param name="reply">Receives the reply.</param>
    /// <returns>Bytes of the reply.</returns>
    public int Answer(ReadOnlySpan<byte> packet, Span<byte> reply)
    {
        uint argument = BinaryPrimitives.ReadUInt32LittleEndian(packet[4..]);
        ReadOnlySpan<byte> rest = packet[RequestHeader..];
        Span<byte> read = reply[ReplyHeader..];
        int length = 0;
        int result = (nuint)BinaryPrimitives.ReadUInt32LittleEndian(packet) switch
        {
            I2cDev.I2C_FUNCS => TellFunctions(read, out length),
            I2cDev.I2C_SLAVE => ChooseAddress(argument),
            I2cDev.I2C_TIMEOUT => SetTimeout(argument),
            I2cDev.I2C_RETRIES => 0,
            I2cDev.I2C_RDWR => Transfer((int)argument, rest, read, out length),
            I2cDev.I2C_SMBUS => TransferSmbus(rest, read, out length),
            _ => -EINVAL,
        };
        BinaryPrimitives.WriteInt32LittleEndian(reply, result);
        return ReplyHeader + length;
    }

    private int TellFunctions(Span<byte> read, out int length)
    {
        length = sizeof(ulong);
        BinaryPrimitives.WriteUInt64LittleEndian(read, functions);
        return 0;
    }

    private int ChooseAddress(uint address)
    {
        if (address >= AddressCount)
        {
            return -EINVAL;
        }

        if (kernelOwned.Contains((int)address))
        {
            return -EBUSY;
        }

        _address = (int)address;
        return 0;
    }

    private int SetTimeout(uint units)
    {
        TimeoutMs = (int)units * TimeoutUnitMs;
        return 0;
    }

    // A message that writes and one that reads from the same address after it are one transfer, without a stop between.
    private int Transfer(int count, ReadOnlySpan<byte> messages, Span<byte> read, out int length)
    {
        length = 0;
        if ((functions & I2cDev.I2C_FUNC_I2C) == 0)
        {
            return -EOPNOTSUPP;
        }

        ReadOnlySpan<byte> write = [];
        for (int k = 0; k < count; k++)
        {
            int address = BinaryPrimitives.ReadUInt16LittleEndian(messages);
            bool reads = (BinaryPrimitives.ReadUInt16LittleEndian(messages[2..]) & I2cDev.I2C_M_RD) != 0;
            int bytes = BinaryPrimitives.ReadUInt16LittleEndian(messages[4..]);
            write = reads ? write : messages.Slice(MessageHeader, bytes);
            messages = messages[(MessageHeader + (reads ? 0 : bytes))..];
            if (!reads && k + 1 < count && IsRead(messages, address))
            {
                continue;   // goes with the message after it
            }

            Span<byte> destination = read.Slice(length, reads ? bytes : 0);
            length += destination.Length;
            int error = Exchange(address, write, destination);
            write = [];
            if (error != 0)
            {
                length = 0;
                return -error;
            }
        }

        return count;
    }

    private static bool IsRead(ReadOnlySpan<byte> message, int address) =>
        BinaryPrimitives.ReadUInt16LittleEndian(message) == address
        && (BinaryPrimitives.ReadUInt16LittleEndian(message[2..]) & I2cDev.I2C_M_RD) != 0;

    private int TransferSmbus(ReadOnlySpan<byte> request, Span<byte> read, out int length)
    {
        bool reads = request[0] == I2cDev.I2C_SMBUS_READ;
        ReadOnlySpan<byte> command = request.Slice(1, 1);
        uint size = BinaryPrimitives.ReadUInt16LittleEndian(request[2..]);
        ReadOnlySpan<byte> data = request.Slice(4, SmbusDataBytes);
        length = SmbusDataBytes;
        data.CopyTo(read);
        if ((functions & FunctionOf(size, reads)) == 0)
        {
            return -EOPNOTSUPP;
        }

        // The data of a block stand after their number, those of a byte or a word, lower byte first, at the start.
        int count = data[0];
        return size switch
        {
            I2cDev.I2C_SMBUS_QUICK => -Exchange(_address, [], []),
            I2cDev.I2C_SMBUS_BYTE when reads => -Exchange(_address, [], read[..1]),
            I2cDev.I2C_SMBUS_BYTE => -Exchange(_address, command, []),
            I2cDev.I2C_SMBUS_BYTE_DATA => Register(command, reads, data[..1], read[..1]),
            I2cDev.I2C_SMBUS_WORD_DATA => Register(command, reads, data[..2], read[..2]),
            _ when count is 0 or > I2cDev.I2C_SMBUS_BLOCK_MAX => -EINVAL,
            _ => Register(command, reads, data.Slice(1, count), read.Slice(1, count)),
        };
    }

    private static uint FunctionOf(uint size, bool reads) => size switch
    {
        I2cDev.I2C_SMBUS_QUICK => I2cDev.I2C_FUNC_SMBUS_QUICK,
        I2cDev.I2C_SMBUS_BYTE => reads ? I2cDev.I2C_FUNC_SMBUS_READ_BYTE : I2cDev.I2C_FUNC_SMBUS_WRITE_BYTE,
        I2cDev.I2C_SMBUS_BYTE_DATA => reads ? I2cDev.I2C_FUNC_SMBUS_READ_BYTE_DATA : I2cDev.I2C_FUNC_SMBUS_WRITE_BYTE_DATA,
        I2cDev.I2C_SMBUS_WORD_DATA => reads ? I2cDev.I2C_FUNC_SMBUS_READ_WORD_DATA : I2cDev.I2C_FUNC_SMBUS_WRITE_WORD_DATA,
        I2cDev.I2C_SMBUS_I2C_BLOCK_DATA => reads
            ? I2cDev.I2C_FUNC_SMBUS_READ_I2C_BLOCK
            : I2cDev.I2C_FUNC_SMBUS_WRITE_I2C_BLOCK,
        _ => 0,
    };

    private int Register(ReadOnlySpan<byte> command, bool reads, ReadOnlySpan<byte> data, Span<byte> read)
    {
        if (reads)
        {
            return -Exchange(_address, command, read);
        }

        Span<byte> bytes = stackalloc byte[1 + SmbusDataBytes];
        bytes[0] = command[0];
        data.CopyTo(bytes[1..]);
        return -Exchange(_address, bytes[..(1 + data.Length)], []);
    }

    private int Exchange(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        try
        {
            lock (line)
            {
                transfers[address]++;
                return bus.Transfer(address, write, read);
            }
        }
        // An emulated sensor that fails must show as a failing bus, not end the tests.
        catch (Exception failure) when (failure is ArgumentException or IndexOutOfRangeException)
        {
            Console.Error.WriteLine(failure);
            return EIO;
        }
    }
}
