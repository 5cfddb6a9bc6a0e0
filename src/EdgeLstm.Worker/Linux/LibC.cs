// The C library's calls and the kernel's constants and layouts that sources need, for Linux on x64, arm64 and arm.

using System.Runtime.InteropServices;

namespace EdgeLstm.Worker.Linux;

/// <summary>Bindings to libc. Each call sets errno, read by <see cref="LinuxException"/>.</summary>
/// <remarks>
/// open and ioctl are variadic in C; on these three platforms whole numbers and pointers are passed to a variadic function as to
/// any other. All values below are the same on the three (asm-generic); the layouts follow the width of a pointer where the
/// kernel's do.
/// </remarks>
internal static partial class LibC
{
    public const int EPERM = 1, ENOENT = 2, EINTR = 4, EIO = 5, ENXIO = 6, EAGAIN = 11, EACCES = 13, EBUSY = 16, ENODEV = 19;
    public const int ENOTDIR = 20, EINVAL = 22, ENOTTY = 25, EROFS = 30, ENODATA = 61, EBADMSG = 74, ETIMEDOUT = 110;
    public const int EREMOTEIO = 121;

    public const int O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_NOCTTY = 0x100, O_TRUNC = 0x200, O_NONBLOCK = 0x800;
    public const int O_CLOEXEC = 0x80000;
    public const short POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16, POLLNVAL = 32, POLLRDHUP = 0x2000;
    public const int SOL_SOCKET = 1, SO_ERROR = 4, SIGPIPE = 13, SIGTERM = 15;
    public const int LOCK_EX = 2, LOCK_NB = 4;
    public const int MADV_DONTNEED = 4, PRIO_PROCESS = 0;
    public const int R_OK = 4, W_OK = 2;
    public const int EFD_CLOEXEC = O_CLOEXEC, EFD_NONBLOCK = O_NONBLOCK;
    public const uint IN_ATTRIB = 4, IN_MOVED_TO = 0x80, IN_CREATE = 0x100, IN_DELETE_SELF = 0x400, IN_MOVE_SELF = 0x800;

    public const nuint TCGETS2 = 0x802C542A, TCSETS2 = 0x402C542B;
    public const nuint TIOCEXCL = 0x540C, TIOCNXCL = 0x540D, TIOCGSERIAL = 0x541E, TIOCSSERIAL = 0x541F;
    public const nuint TIOCGRS485 = 0x542E, TIOCSRS485 = 0x542F;
    public const uint CS8 = 0x30, CSTOPB = 0x40, CREAD = 0x80, PARENB = 0x100, PARODD = 0x200, CLOCAL = 0x800, BOTHER = 0x1000;
    public const uint INPCK = 0x10;
    public const uint SER_RS485_ENABLED = 1, SER_RS485_RTS_ON_SEND = 2;
    public const int VTIME = 5, VMIN = 6;
    public const int ASYNC_LOW_LATENCY = 0x2000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static unsafe partial nint Read(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    public static unsafe partial nint PRead(int fd, byte* buffer, nuint count, nint offset);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static unsafe partial nint Write(int fd, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static unsafe partial int PPoll(PollFd* fds, nuint count, TimeSpec* timeout, void* signalMask);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static unsafe partial int IoCtl(int fd, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int FLock(int fd, int operation);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    public static unsafe partial int AdjTimeX(TimeX* clock);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    public static partial int INotifyInit1(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int INotifyAddWatch(int fd, string path, uint mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch", SetLastError = true)]
    public static partial int INotifyRemoveWatch(int fd, int watch);

    [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    public static partial int PosixOpenPt(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    public static partial int GrantPt(int fd);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    public static partial int UnlockPt(int fd);

    [LibraryImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    public static unsafe partial int PtsName(int fd, byte* buffer, nuint size);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Revents;
    }

    /// <summary>struct timespec; on 32-bit arm ppoll is the 32-bit-time entry of glibc, so both words are pointer-sized
    /// everywhere.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    /// <summary>struct timex of sys/timex.h, 208 bytes on 64-bit machines and 128 on 32-bit arm; only its beginning is
    /// named.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct TimeX
    {
        public uint Modes;
        public nint Offset, Frequency, MaxErrorUs, EstimatedErrorUs;
        public int Status;
        public fixed byte Rest[208];
    }

    /// <summary>struct termios2 [44 bytes].</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct Termios2
    {
        public uint InputFlags;
        public uint OutputFlags;
        public uint ControlFlags;
        public uint LocalFlags;
        public byte Line;
        public fixed byte ControlCharacters[19];
        public uint InputSpeed;
        public uint OutputSpeed;
    }

    /// <summary>struct serial_struct of linux/serial.h; only the flags are changed, the rest is handed back as it came.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct SerialStruct
    {
        public int Type, Line;
        public uint Port;
        public int Irq, Flags, TransmitFifoSize, CustomDivisor, BaudBase;
        public ushort CloseDelay;
        public byte IoType, Reserved;
        public int Hub6;
        public ushort ClosingWait, ClosingWait2;
        public nint MemoryBase;
        public ushort MemoryRegisterShift;
        public uint PortHigh;
        public nuint MapBase;
    }

    /// <summary>struct serial_rs485 of linux/serial.h [32 bytes].</summary>
    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct SerialRs485
    {
        public uint Flags;
        public uint DelayRtsBeforeSendMs;
        public uint DelayRtsAfterSendMs;
        public fixed uint Reserved[5];
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static unsafe partial int Poll(PollFd* fds, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static unsafe partial int GetSockOpt(int socket, int level, int name, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "signal")]
    public static partial nint Signal(int number, nint handler);

    /// <summary>Of the calling thread alone where <paramref name="who"/> is 0.</summary>
    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    public static partial int SetPriority(int which, int who, int niceness);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    public static partial int MAdvise(nuint start, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);
}
