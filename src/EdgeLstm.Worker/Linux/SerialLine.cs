// Opening and configuring a serial port through termios: raw, 8 data bits, any baud rate, parity, stop bits, RS-485, exclusive.

namespace EdgeLstm.Worker.Linux;

/// <summary>One open serial port; reads are non-blocking.</summary>
/// <remarks>
/// Source: termios(3), ioctl_tty(2), Documentation/driver-api/serial/serial-rs485.rst; BOTHER of asm-generic/termbits.h takes any
/// rate as a number.
/// </remarks>
internal sealed class SerialLine : IDisposable
{
    private const string PseudoTerminals = "/dev/pts/";

    private SerialLine(int fd, int baud, bool lacksRs485)
    {
        Fd = fd;
        Baud = baud;
        LacksRs485 = lacksRs485;
    }

    /// <summary>The descriptor; −1 after <see cref="Dispose"/>.</summary>
    public int Fd { get; private set; }

    /// <summary>The rate the driver says it set, in bits per second.</summary>
    public int Baud { get; }

    /// <summary>True when the kernel was to turn an RS-485 transceiver and this driver cannot: the adapter must do so by
    /// itself, as most USB ones do.</summary>
    public bool LacksRs485 { get; }

    /// <summary>Opens and configures a port; null with the failed call and errno when that is not possible now.</summary>
    /// <param name="path">The port.</param>
    /// <param name="settings">Rate and format.</param>
    /// <param name="call">The call that failed.</param>
    /// <param name="errno">Its error number.</param>
    public static SerialLine? TryOpen(string path, SerialSettings settings, out string call, out int errno)
    {
        call = "open";
        errno = 0;
        int fd = LibC.Open(path, LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        int set = settings.Baud;
        bool opened = fd >= 0
            && Succeeds(LibC.FLock(fd, LibC.LOCK_EX | LibC.LOCK_NB), "flock", ref call)
            && Succeeds(SetRaw(fd, settings, out set), "TCSETS2", ref call);
        if (!opened)
        {
            errno = LinuxException.LastErrno;
            if (fd >= 0)
            {
                LibC.Close(fd);
            }

            return null;
        }

        AskForExclusiveUse(fd, path);
        AskForLowLatency(fd);
        return new SerialLine(fd, set, settings.Rs485 && !AskForRs485(fd));
    }

    /// <summary>True when the path is, or links to, the slave end of a pseudo-terminal.</summary>
    public static bool IsPseudoTerminal(string path)
    {
        string real = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        return real.StartsWith(PseudoTerminals, StringComparison.Ordinal);
    }

    /// <summary>Sets raw mode with 8 data bits, the rate and the format, and reads back what was set; −1 with errno when the
    /// port has no such settings.</summary>
    /// <param name="fd">An open terminal.</param>
    /// <param name="settings">Rate and format.</param>
    /// <param name="set">Bits per second as the driver reports them.</param>
    public static unsafe int SetRaw(int fd, SerialSettings settings, out int set)
    {
        // All flags off but these: no echo, no translation, no modem lines, and no HUPCL, which would reset an Arduino at each
        // close.
        LibC.Termios2 mode = new()
        {
            InputFlags = settings.Parity == Parity.None ? 0 : LibC.INPCK,
            ControlFlags = ControlFlags(settings),
            InputSpeed = (uint)settings.Baud,
            OutputSpeed = (uint)settings.Baud,
        };
        mode.ControlCharacters[LibC.VMIN] = 1;   // with 0 an idle read returns 0, which is how an unplugged port looks
        set = settings.Baud;
        int result = LibC.IoCtl(fd, LibC.TCSETS2, &mode);
        if (result == 0 && LibC.IoCtl(fd, LibC.TCGETS2, &mode) == 0)
        {
            set = (int)mode.OutputSpeed;
        }

        return result;
    }

    /// <inheritdoc/>
    public unsafe void Dispose()
    {
        if (Fd >= 0)
        {
            _ = LibC.IoCtl(Fd, LibC.TIOCNXCL, null);
            LibC.Close(Fd);
            Fd = -1;
        }
    }

    /// <summary>The flags that stand for a format. A byte of wrong parity is read as 0 (INPCK without IGNPAR): were it left out,
    /// the record around it would be a shorter one that may still be read, and be wrong.</summary>
    internal static uint ControlFlags(SerialSettings settings) =>
        LibC.CS8 | LibC.CREAD | LibC.CLOCAL | LibC.BOTHER
        | (settings.StopBits == 2 ? LibC.CSTOPB : 0)
        | settings.Parity switch
        {
            Parity.Even => LibC.PARENB,
            Parity.Odd => LibC.PARENB | LibC.PARODD,
            _ => 0,
        };

    private static bool Succeeds(int result, string name, ref string call)
    {
        call = name;
        return result >= 0;
    }

    // Keeps out programs that know no flock. Not on a pty: there it outlives the process, and a killed reader would lock out the
    // next.
    private static unsafe void AskForExclusiveUse(int fd, string path)
    {
        if (!IsPseudoTerminal(path))
        {
            _ = LibC.IoCtl(fd, LibC.TIOCEXCL, null);
        }
    }

    // A driver that was set up by the device tree (rs485-rts-active-low, delays) knows its board better and stays as it is.
    private static unsafe bool AskForRs485(int fd)
    {
        LibC.SerialRs485 settings = default;
        if (LibC.IoCtl(fd, LibC.TIOCGRS485, &settings) == 0 && (settings.Flags & LibC.SER_RS485_ENABLED) != 0)
        {
            return true;
        }

        settings.Flags = LibC.SER_RS485_ENABLED | LibC.SER_RS485_RTS_ON_SEND;
        return LibC.IoCtl(fd, LibC.TIOCSRS485, &settings) == 0
            && LibC.IoCtl(fd, LibC.TIOCGRS485, &settings) == 0
            && (settings.Flags & LibC.SER_RS485_ENABLED) != 0;
    }

    // An FTDI adapter otherwise holds bytes back for up to 16 ms; other drivers refuse, which is no error.
    private static unsafe void AskForLowLatency(int fd)
    {
        LibC.SerialStruct settings;
        if (LibC.IoCtl(fd, LibC.TIOCGSERIAL, &settings) == 0)
        {
            settings.Flags |= LibC.ASYNC_LOW_LATENCY;
            _ = LibC.IoCtl(fd, LibC.TIOCSSERIAL, &settings);
        }
    }
}
