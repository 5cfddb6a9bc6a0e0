// The terminal that the program was started from: while it is there, /dev/tty can be opened.

namespace EdgeLstm.Worker.Linux;

/// <summary>Tells SIGHUP of a terminal that was closed from SIGHUP that somebody sent: a service has no terminal at
/// all.</summary>
internal sealed class ControllingTerminal
{
    private const string Path = "/dev/tty";

    private readonly bool _wasThere = CanOpen();

    /// <summary>True when there was a terminal at the start and it is gone.</summary>
    public bool IsGone => _wasThere && !CanOpen();

    private static bool CanOpen()
    {
        int fd = LibC.Open(Path, LibC.O_RDONLY | LibC.O_NOCTTY | LibC.O_CLOEXEC);
        if (fd < 0)
        {
            return false;
        }

        LibC.Close(fd);
        return true;
    }
}
