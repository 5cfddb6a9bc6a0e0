// An I²C bus of Linux: /dev/i2c-N, plain transfers through I2C_RDWR, SMBus calls where the adapter has no more.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>A bus that may be absent, vanish (a USB adapter) and come back: the file is opened by the first transfer, closed when
/// the bus is gone, and opened again by a later one.</summary>
/// <remarks>
/// I2C_RDWR goes past the kernel's drivers: it would disturb the sensor under them and not say EBUSY. So each address is asked
/// for with I2C_SLAVE first, which touches no wire and says who owns it; I2C_SLAVE_FORCE is never used. A transfer takes 50 ms at
/// most, and longer only for what is too long for that at 10 kHz; the driver does not repeat it. Allocates nothing.
/// </remarks>
/// <param name="path">The device, such as /dev/i2c-1; it need not exist yet.</param>
internal sealed unsafe class LinuxI2cBus(string path) : I2cBus
{
    private const int AddressCount = 128;
    private const int F_OK = 0;
    private const int TimeoutUnits = 5;        // of 10 ms
    private const int ShortBytes = 32;         // 29 ms at 10 kHz
    private const int BytesPerUnit = 11;       // 10 ms at 10 kHz

    private readonly bool[] _free = new bool[AddressCount];   // no driver owned the address when it was asked for
    private int _fd = -1;
    private uint _functions;
    private int _selected = -1;                // the address of SMBus calls
    private int _timeoutUnits;

    /// <inheritdoc/>
    public override string Description => path;

    private bool IsPlain => (_functions & I2cDev.I2C_FUNC_I2C) != 0;

    /// <inheritdoc/>
    public override int Transfer(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)address, (uint)AddressCount, nameof(address));
        int errno = _fd >= 0 ? 0 : Open();
        errno = errno == 0 ? Select(address) : errno;
        if (errno == 0)
        {
            errno = IsPlain ? TransferPlain(address, write, read) : TransferSmbus(write, read);
        }

        if (errno != 0 && IsGone(errno))
        {
            Close();
        }

        return errno;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Close();

    private int Open()
    {
        int fd = LibC.Open(path, LibC.O_RDWR | LibC.O_CLOEXEC);
        if (fd < 0)
        {
            return LinuxException.LastErrno;
        }

        nuint functions = 0;
        if (LibC.IoCtl(fd, I2cDev.I2C_FUNCS, &functions) < 0)
        {
            int errno = LinuxException.LastErrno;
            LibC.Close(fd);
            return errno;
        }

        _fd = fd;
        _functions = (uint)functions;
        _selected = -1;
        Array.Clear(_free);
        _ = LibC.IoCtl(fd, I2cDev.I2C_RETRIES, null);
        SetTimeout(TimeoutUnits);
        return 0;
    }

    // Asked once for each address: a driver that binds later has to be told by its user. A busy one is asked again each time,
    // since its driver may have been removed.
    private int Select(int address)
    {
        if (_free[address] && (IsPlain || _selected == address))
        {
            return 0;
        }

        if (LibC.IoCtl(_fd, I2cDev.I2C_SLAVE, (void*)address) < 0)
        {
            return LinuxException.LastErrno;
        }

        _free[address] = true;
        _selected = address;
        return 0;
    }

    private int TransferPlain(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        int units = TimeoutUnits + (Math.Max(0, write.Length + read.Length - ShortBytes) / BytesPerUnit);
        if (units > _timeoutUnits)
        {
            SetTimeout(units);
        }

        fixed (byte* writes = write, reads = read)
        {
            I2cDev.Message* messages = stackalloc I2cDev.Message[2];
            uint count = 0;
            if (write.Length > 0 || read.Length == 0)
            {
                messages[count++] = new I2cDev.Message
                {
                    Address = (ushort)address,
                    Length = (ushort)write.Length,
                    Buffer = writes,
                };
            }

            if (read.Length > 0)
            {
                messages[count++] = new I2cDev.Message
                {
                    Address = (ushort)address,
                    Flags = I2cDev.I2C_M_RD,
                    Length = (ushort)read.Length,
                    Buffer = reads,
                };
            }

            I2cDev.Transfer transfer = new() { Messages = messages, Count = count };
            return LibC.IoCtl(_fd, I2cDev.I2C_RDWR, &transfer) < 0 ? LinuxException.LastErrno : 0;
        }
    }

    // union i2c_smbus_data: a byte, a word low byte first, or a block that begins with its length.
    private int TransferSmbus(ReadOnlySpan<byte> write, Span<byte> read)
    {
        if (!SmbusCall.TryFrom(write, read.Length, _functions, out SmbusCall call))
        {
            return I2cDev.EOPNOTSUPP;
        }

        byte* data = stackalloc byte[I2cDev.I2C_SMBUS_BLOCK_MAX + 2];
        int at = call.Size == I2cDev.I2C_SMBUS_I2C_BLOCK_DATA ? 1 : 0;
        data[0] = (byte)call.DataBytes;
        if (!call.IsRead && write.Length > 1)
        {
            write[1..].CopyTo(new Span<byte>(data + at, call.DataBytes));
        }

        I2cDev.SmbusTransfer transfer = new()
        {
            ReadWrite = call.IsRead ? I2cDev.I2C_SMBUS_READ : I2cDev.I2C_SMBUS_WRITE,
            Command = call.Command,
            Size = call.Size,
            Data = data,
        };
        if (LibC.IoCtl(_fd, I2cDev.I2C_SMBUS, &transfer) < 0)
        {
            return LinuxException.LastErrno;
        }

        new ReadOnlySpan<byte>(data + at, read.Length).CopyTo(read);
        return 0;
    }

    private void SetTimeout(int units)
    {
        _timeoutUnits = units;
        _ = LibC.IoCtl(_fd, I2cDev.I2C_TIMEOUT, (void*)units);
    }

    // The node of an unplugged adapter vanishes while its driver waits for the last user to close it; some drivers say only EIO.
    private bool IsGone(int errno) =>
        errno is LibC.ENODEV or LibC.ENOENT or I2cDev.EBADF
        || (!I2cDev.IsNoAnswer(errno) && errno != LibC.EBUSY && LibC.Access(path, F_OK) != 0);

    private void Close()
    {
        if (_fd >= 0)
        {
            LibC.Close(_fd);
            _fd = -1;
        }
    }
}
