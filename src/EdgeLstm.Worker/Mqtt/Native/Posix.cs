// The system calls of the I/O thread: poll(2), eventfd(2), getsockopt(2) and signal(2), as on 32-bit and 64-bit Linux.

using System.Runtime.InteropServices;

namespace EdgeLstm.Worker.Mqtt.Native;

/// <summary>Entry points of the C library of the system. Results below zero mean errno is set.</summary>
internal static unsafe partial class Posix
{
    public const short PollIn = 0x1;
    public const short PollOut = 0x4;
    public const short PollError = 0x8;
    public const short PollHangUp = 0x10;
    public const short PollPeerClosed = 0x2000;

    private const string Library = "libc";
    private const int EventFdCloseOnExec = 0x80000;
    private const int EventFdNonBlocking = 0x800;
    private const int SolSocket = 1;
    private const int SoError = 4;
    private const int SigPipe = 13;

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Wanted;
        public short Happened;
    }

    /// <summary>A non-blocking eventfd with count 0; below zero when the system has no descriptor left.</summary>
    public static int CreateEvent() => EventFd(0, EventFdCloseOnExec | EventFdNonBlocking);

    /// <summary>The pending error of a socket: 0 once its connect(2) has succeeded, otherwise an errno value.</summary>
    public static int SocketError(int socket)
    {
        int error = 0;
        uint length = sizeof(int);
        return GetSocketOption(socket, SolSocket, SoError, &error, &length) == 0 ? error : Marshal.GetLastPInvokeError();
    }

    /// <summary>libmosquitto writes with write(2) and OpenSSL: a broker that closes first must not end the process.</summary>
    public static void IgnoreBrokenPipes() => Signal(SigPipe, 1);

    [LibraryImport(Library, EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMs);

    [LibraryImport(Library, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, void* destination, nuint bytes);

    [LibraryImport(Library, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, void* source, nuint bytes);

    [LibraryImport(Library, EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport(Library, EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetSocketOption(int socket, int level, int name, void* value, uint* length);

    [LibraryImport(Library, EntryPoint = "signal")]
    private static partial nint Signal(int number, nint handler);
}
