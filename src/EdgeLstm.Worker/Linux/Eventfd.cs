// A descriptor that becomes readable when another thread says so: how a waiting thread is woken.

namespace EdgeLstm.Worker.Linux;

/// <summary>An eventfd(2).</summary>
public sealed class Eventfd : IDisposable
{
    private readonly Lock _gate = new();   // a descriptor must not be written after it was closed: its number may be another's
    private int _fd = LinuxException.Check(LibC.EventFd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK), "eventfd");

    /// <summary>The descriptor to poll for reading; −1 after <see cref="Dispose"/>.</summary>
    public int Fd => _fd;

    /// <summary>Makes the descriptor readable until <see cref="Clear"/>. From any thread, any number of times.</summary>
    public void Set()
    {
        lock (_gate)
        {
            if (_fd >= 0)
            {
                ulong one = 1;
                Descriptor.Write(_fd, System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)));
            }
        }
    }

    /// <summary>Makes the descriptor unreadable again; true when it was set.</summary>
    public bool Clear()
    {
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        return _fd >= 0 && Descriptor.Read(_fd, count) == sizeof(ulong);
    }

    /// <inheritdoc/>
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
