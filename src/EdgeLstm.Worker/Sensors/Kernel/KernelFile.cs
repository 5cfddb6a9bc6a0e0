// A text file of sysfs or procfs: opened once, read anew each time; the one place where its text becomes a number.

using System.Globalization;
using System.Text;
using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>One open file of the kernel's. Reading allocates nothing; every read asks the driver anew.</summary>
/// <remarks>Source: Linux, Documentation/filesystems/sysfs.rst: a pread at offset 0 calls the driver's show again.</remarks>
internal sealed class KernelFile : IDisposable
{
    /// <summary>Longest text of a number that is read, in bytes.</summary>
    private const int NumberBytes = 64;

    private int _fd;

    private KernelFile(string path, int fd)
    {
        Path = path;
        _fd = fd;
    }

    /// <summary>Where the file lies.</summary>
    public string Path { get; }

    /// <summary>Opens a file for reading; null with errno when that is not possible now.</summary>
    public static KernelFile? TryOpen(string path, out int errno)
    {
        int fd = LibC.Open(path, LibC.O_RDONLY | LibC.O_CLOEXEC);
        errno = fd < 0 ? LinuxException.LastErrno : 0;
        return fd < 0 ? null : new KernelFile(path, fd);
    }

    /// <summary>The text of a file without blanks around it; null when it cannot be read. Allocates: for names and
    /// types.</summary>
    public static string? ReadText(string path)
    {
        using KernelFile? file = TryOpen(path, out _);
        Span<byte> text = stackalloc byte[1024];
        int count = file?.Read(text) ?? -1;
        return count < 0 ? null : Encoding.UTF8.GetString(text[..count]).Trim();
    }

    /// <summary>Writes a setting; 0 or errno.</summary>
    public static int Write(string path, string text)
    {
        int fd = LibC.Open(path, LibC.O_WRONLY | LibC.O_TRUNC | LibC.O_CLOEXEC);
        int written = fd < 0 ? -1 : Descriptor.Write(fd, Encoding.ASCII.GetBytes(text));
        int errno = written < 0 ? LinuxException.LastErrno : 0;
        if (fd >= 0)
        {
            LibC.Close(fd);
        }

        return errno;
    }

    /// <summary>Reads the file from its start.</summary>
    /// <param name="text">Receives the text; what is longer is cut off.</param>
    /// <returns>Bytes read, or −errno.</returns>
    public unsafe int Read(Span<byte> text)
    {
        fixed (byte* first = text)
        {
            nint count;
            do
            {
                count = LibC.PRead(_fd, first, (nuint)text.Length, 0);
            }
            while (count < 0 && LinuxException.LastErrno == LibC.EINTR);
            return count < 0 ? -LinuxException.LastErrno : (int)count;
        }
    }

    /// <summary>Reads the file's number, the first where it holds several.</summary>
    /// <param name="value">The number.</param>
    /// <param name="errno">Why there is none: what the driver said, EBADMSG for text that is no number; 0 on success.</param>
    public bool TryReadNumber(out double value, out int errno)
    {
        Span<byte> text = stackalloc byte[NumberBytes];
        int count = Read(text);
        value = double.NaN;
        bool read = count >= 0 && TryParse(text[..count], out value);
        errno = count < 0 ? -count : read ? 0 : LibC.EBADMSG;
        return read;
    }

    /// <summary>The number at the start of a text such as <c>"25080\n"</c>, <c>"0.000598\n"</c> or <c>"0.08 0.03 0.01
    /// 1/93"</c>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        text = text.TrimStart(" \t"u8);
        int end = text.IndexOfAny(" \t\n\0"u8);
        return double.TryParse(end < 0 ? text : text[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_fd >= 0)
        {
            LibC.Close(_fd);
            _fd = -1;
        }
    }
}
