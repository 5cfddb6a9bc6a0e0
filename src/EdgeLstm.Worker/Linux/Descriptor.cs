// Reading, writing and waiting on file descriptors with spans, without allocating.

using System.Diagnostics;

namespace EdgeLstm.Worker.Linux;

/// <summary>Calls on bare descriptors. Interrupted calls are made again.</summary>
internal static class Descriptor
{
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>Bytes read, 0 at the end, or −1 with errno.</summary>
    public static unsafe int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* first = buffer)
        {
            nint count;
            do
            {
                count = LibC.Read(fd, first, (nuint)buffer.Length);
            }
            while (count < 0 && LinuxException.LastErrno == LibC.EINTR);
            return (int)count;
        }
    }

    /// <summary>Bytes written, which may be fewer than given, or −1 with errno.</summary>
    public static unsafe int Write(int fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            nint count;
            do
            {
                count = LibC.Write(fd, first, (nuint)bytes.Length);
            }
            while (count < 0 && LinuxException.LastErrno == LibC.EINTR);
            return (int)count;
        }
    }

    /// <summary>Waits until one of two descriptors can be read or has failed.</summary>
    /// <param name="first">A descriptor, or −1 to wait for the other only.</param>
    /// <param name="second">A descriptor.</param>
    /// <param name="timeoutNs">How long at most, in nanoseconds; 0 or less does not wait.</param>
    /// <param name="firstEvents">POLLIN, POLLHUP, POLLERR or 0.</param>
    /// <returns>True when <paramref name="second"/> can be read.</returns>
    public static unsafe bool Wait(int first, int second, long timeoutNs, out short firstEvents)
    {
        LibC.PollFd* fds = stackalloc LibC.PollFd[2];
        fds[0] = new LibC.PollFd { Fd = first, Events = LibC.POLLIN };
        fds[1] = new LibC.PollFd { Fd = second, Events = LibC.POLLIN };
        long start = Stopwatch.GetTimestamp();
        long leftNs = Math.Max(0, timeoutNs);
        int ready;
        while (true)
        {
            LibC.TimeSpec timeout = new() { Seconds = (nint)(leftNs / NsPerSecond), Nanoseconds = (nint)(leftNs % NsPerSecond) };
            ready = LibC.PPoll(fds, 2, &timeout, null);
            if (ready >= 0 || LinuxException.LastErrno != LibC.EINTR)
            {
                break;
            }

            leftNs = Math.Max(0, timeoutNs - (long)Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }

        firstEvents = ready > 0 ? fds[0].Revents : (short)0;
        return ready > 0 && fds[1].Revents != 0;
    }

    /// <summary>The pending error of a socket: 0 once its connect(2) has succeeded, otherwise an errno value.</summary>
    public static unsafe int SocketError(int socket)
    {
        int error = 0;
        uint length = sizeof(int);
        return LibC.GetSockOpt(socket, LibC.SOL_SOCKET, LibC.SO_ERROR, &error, &length) == 0 ? error : LinuxException.LastErrno;
    }

    /// <summary>Libraries that write with write(2), OpenSSL among them, must not end the process when the peer closed
    /// first.</summary>
    public static void IgnoreBrokenPipes() => _ = LibC.Signal(LibC.SIGPIPE, 1);   // 1 is SIG_IGN
}
