// A pseudo-terminal pair: what is written to the master arrives at the slave's path as from a serial port.

using System.Text;

namespace EdgeLstm.Worker.Linux;

/// <summary>Plays the microcontroller's end of a serial line. For demonstrations and tests.</summary>
/// <remarks>The kernel holds about 4 KB between the ends; a write that finds it full waits, and none of it is lost.</remarks>
public sealed class Pty : IDisposable
{
    private const int PathBytes = 128;

    private int _master;
    private int _slave;

    /// <summary>Opens a pair whose slave is in raw mode: bytes pass unchanged and are not echoed.</summary>
    /// <exception cref="LinuxException">The system has no pseudo-terminals left.</exception>
    public Pty()
    {
        _master = LinuxException.Check(LibC.PosixOpenPt(LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC), "posix_openpt");
        LinuxException.Check(LibC.GrantPt(_master), "grantpt");
        LinuxException.Check(LibC.UnlockPt(_master), "unlockpt");
        SlavePath = ReadSlavePath(_master);

        // The slave is held open so that the master can be written before a reader opens it, and between readers.
        _slave = LinuxException.Check(LibC.Open(SlavePath, LibC.O_RDWR | LibC.O_NOCTTY | LibC.O_CLOEXEC), $"open {SlavePath}");
        LinuxException.Check(SerialLine.SetRaw(_slave, new SerialSettings(115200), out _), $"TCSETS2 {SlavePath}");
    }

    /// <summary>The path that a reader opens, such as /dev/pts/5.</summary>
    public string SlavePath { get; }

    /// <summary>Sends bytes to the reader; waits while the line's buffer is full.</summary>
    /// <exception cref="LinuxException">The pair is closed.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[LinuxException.Check(Descriptor.Write(_master, bytes), $"write {SlavePath}")..];
        }
    }

    /// <summary>Sends text as UTF-8.</summary>
    public void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Takes what the other end has sent; 0 when nothing came within the time.</summary>
    /// <param name="buffer">Receives the bytes; must not be empty.</param>
    /// <param name="timeoutMs">How long to wait at most, in milliseconds.</param>
    /// <exception cref="LinuxException">The pair is closed.</exception>
    public int Read(Span<byte> buffer, int timeoutMs)
    {
        Descriptor.Wait(_master, -1, timeoutMs * 1_000_000L, out short events);
        return events == 0 ? 0 : LinuxException.Check(Descriptor.Read(_master, buffer), $"read {SlavePath}");
    }

    /// <summary>Closes both ends: to the reader the device was unplugged.</summary>
    public void Dispose()
    {
        foreach (int fd in new[] { _slave, _master })
        {
            if (fd >= 0)
            {
                LibC.Close(fd);
            }
        }

        _master = -1;
        _slave = -1;
    }

    private static unsafe string ReadSlavePath(int master)
    {
        Span<byte> path = stackalloc byte[PathBytes];
        fixed (byte* first = path)
        {
            int errno = LibC.PtsName(master, first, PathBytes);
            if (errno != 0)
            {
                throw new LinuxException("ptsname_r", LinuxException.LastErrno);
            }
        }

        return Encoding.UTF8.GetString(path[..path.IndexOf((byte)0)]);
    }
}
