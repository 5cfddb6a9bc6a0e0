// Notices that a path may have appeared: inotify on its directory, or on the nearest parent that exists.

namespace EdgeLstm.Worker.Linux;

/// <summary>An inotify(7) watch. It says "look again", not what happened: events in between are of no use.</summary>
internal sealed class PathWatch : IDisposable
{
    private const uint Events = LibC.IN_CREATE | LibC.IN_MOVED_TO | LibC.IN_ATTRIB | LibC.IN_DELETE_SELF | LibC.IN_MOVE_SELF;

    private readonly string _path;
    private readonly byte[] _events = new byte[4096];
    private int _fd;
    private int _watch = -1;

    /// <param name="path">The path waited for; neither it nor its directory need exist.</param>
    public PathWatch(string path)
    {
        _path = Path.GetFullPath(path);
        // −1 when the system has no more: then the backoff alone finds it
        _fd = LibC.INotifyInit1(LibC.O_NONBLOCK | LibC.O_CLOEXEC);
    }

    /// <summary>The descriptor to poll for reading, or −1.</summary>
    public int Fd => _fd;

    /// <summary>Forgets past events and watches the nearest directory that exists now. Call before looking whether the path is
    /// there.</summary>
    public void Rearm()
    {
        while (_fd >= 0 && Descriptor.Read(_fd, _events) > 0)
        {
        }

        // /dev/serial/by-id itself goes when the last adapter is unplugged, so the watch moves up and down the path.
        string directory = Path.GetDirectoryName(_path) ?? "/";
        while (!Directory.Exists(directory))
        {
            directory = Path.GetDirectoryName(directory) ?? "/";
        }

        int watch = _fd < 0 ? -1 : LibC.INotifyAddWatch(_fd, directory, Events);
        if (_watch >= 0 && watch != _watch)
        {
            _ = LibC.INotifyRemoveWatch(_fd, _watch);
        }

        _watch = watch;
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
