// A pseudo-terminal: what is written here, the program reads as from a serial port.

using System.Runtime.InteropServices;
using System.Text;

namespace EdgeLstm.Faults.Rig;

/// <summary>Raw in both directions. The kernel holds 4 KB between the ends; a write that finds it full waits.</summary>
internal sealed unsafe partial class SerialPair : IDisposable
{
    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;
    private const int CloseOnExec = 0x80000;
    private const int PathBytes = 128;
    private const int TermiosBytes = 256;

    private readonly int _master;
    private readonly int _slave;

    public SerialPair()
    {
        _master = OpenMaster(ReadWrite | NoControllingTerminal | CloseOnExec);
        byte* path = stackalloc byte[PathBytes];
        byte* mode = stackalloc byte[TermiosBytes];
        Assert.True(_master >= 0 && Grant(_master) == 0 && Unlock(_master) == 0 && PathOf(_master, path, PathBytes) == 0,
            $"no pseudo-terminal: {Marshal.GetLastPInvokeErrorMessage()}");
        Path = Marshal.PtrToStringUTF8((nint)path)!;

        // Held open, so that what is written between two runs of the program waits for the next.
        _slave = Open(Path, ReadWrite | NoControllingTerminal | CloseOnExec);
        Assert.True(_slave >= 0 && GetMode(_slave, mode) == 0, $"{Path}: {Marshal.GetLastPInvokeErrorMessage()}");
        MakeRaw(mode);
        Assert.Equal(0, SetMode(_slave, 0, mode));
    }

    /// <summary>What the program opens, such as /dev/pts/5.</summary>
    public string Path { get; }

    public void Write(string text)
    {
        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(text);
        while (bytes.Length > 0)
        {
            fixed (byte* first = bytes)
            {
                nint count = Write(_master, first, bytes.Length);
                Assert.True(count > 0, $"{Path}: {Marshal.GetLastPInvokeErrorMessage()}");
                bytes = bytes[(int)count..];
            }
        }
    }

    public void Dispose()
    {
        _ = Close(_slave);
        _ = Close(_master);
    }

    [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    private static partial int OpenMaster(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    private static partial int Grant(int fd);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    private static partial int Unlock(int fd);

    [LibraryImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    private static partial int PathOf(int fd, byte* path, nint size);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int GetMode(int fd, byte* mode);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void MakeRaw(byte* mode);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int SetMode(int fd, int when, byte* mode);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int fd, byte* bytes, nint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
