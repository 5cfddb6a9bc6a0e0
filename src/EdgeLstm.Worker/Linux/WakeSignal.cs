// Wakes a thread out of poll(2): an eventfd, written at most once between two wake-ups.

using System.Runtime.InteropServices;

namespace EdgeLstm.Worker.Linux;

/// <summary>A one-bit mailbox with a descriptor to poll on. Any thread sets it; one thread clears it.</summary>
/// <remarks>
/// No wake-up is lost: <see cref="Clear"/> drains the descriptor first, then lowers the flag behind a full fence, and only then
/// does its caller look for work. A <see cref="Set"/> that still sees the flag raised has stored its work before that look.
/// </remarks>
public sealed class WakeSignal : IDisposable
{
    private readonly Lock _gate = new();   // a descriptor must not be written after it was closed: its number may be another's
    private int _fd = LinuxException.Check(LibC.EventFd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK), "eventfd");
    private int _raised;

    /// <summary>Readable from the first <see cref="Set"/> until <see cref="Clear"/>; −1 after <see cref="Dispose"/>.</summary>
    public int Fd => _fd;

    /// <summary>Never waits for the other side, allocates nothing; one system call at most.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _raised, 1) != 0)
        {
            return;
        }

        lock (_gate)
        {
            if (_fd >= 0)
            {
                ulong one = 1;
                Descriptor.Write(_fd, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)));
            }
        }
    }

    /// <summary>Called by the polling thread before it looks for work; true when the signal was set.</summary>
    public bool Clear()
    {
        if (Volatile.Read(ref _raised) == 0)
        {
            return false;
        }

        Span<byte> count = stackalloc byte[sizeof(ulong)];
        bool wasSet = _fd >= 0 && Descriptor.Read(_fd, count) == sizeof(ulong);
        Interlocked.Exchange(ref _raised, 0);
        return wasSet;
    }

    /// <summary>Closes the descriptor; a later <see cref="Set"/> does nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_fd >= 0)
            {
                LibC.Close(_fd);
                _fd = -1;
            }
        }
    }
}
