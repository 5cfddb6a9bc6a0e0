// What stands between this process and a serial port, in one line that says what to do.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>Looks at a port without opening it for reading, and puts failures into words.</summary>
public static class SerialPortAdvice
{
    /// <summary>Null when the port can be used; else what is wrong and what to do. Does not disturb a process that uses
    /// it.</summary>
    /// <param name="port">Path of the port.</param>
    public static string? FindProblem(string port)
    {
        if (!File.Exists(port))
        {
            return Explain(port, "open", LibC.ENOENT);
        }

        if (LibC.Access(port, LibC.R_OK | LibC.W_OK) != 0)
        {
            return Explain(port, "open", LibC.EACCES);
        }

        // A simulator keeps both ends of a pseudo-terminal open; that does not keep anyone from reading it.
        return !SerialLine.IsPseudoTerminal(port) && PortHolder.Find(port) is { } holder
            ? $"{port} is held by {holder}: stop it, or read another port"
            : null;
    }

    /// <summary>One line for a port that was open and is gone.</summary>
    /// <param name="port">Path of the port.</param>
    public static string Unplugged(string port) =>
        $"{port} was unplugged, or the program behind it closed it: waiting for it to come back";

    /// <summary>One line for a failed call on a port: what was found and what to do.</summary>
    /// <param name="port">Path of the port.</param>
    /// <param name="call">The call that failed, such as "open".</param>
    /// <param name="errno">Its error number.</param>
    public static string Explain(string port, string call, int errno) => errno switch
    {
        LibC.ENOENT or LibC.ENOTDIR =>
            $"{port} does not exist: plug the device in, or look for its name with ls /dev/serial/by-id/{Others()}",
        LibC.EACCES or LibC.EPERM =>
            $"{port} may not be read and written by user {Environment.UserName}: add the user to group dialout"
            + $" (sudo usermod -aG dialout {Environment.UserName}, then log in again)",
        LibC.EBUSY or LibC.EAGAIN =>
            $"{port} is held by {PortHolder.Find(port) ?? "another reader"}: stop it, or read another port",
        LibC.ENXIO or LibC.ENODEV or LibC.EIO =>
            $"{port} is there but its device does not answer ({LinuxException.Text(errno)}): plug it in again",
        LibC.ENOTTY or LibC.EINVAL =>
            $"{port} is not a serial port, or cannot be set to this rate ({call}: {LinuxException.Text(errno)})",
        _ => $"{port}: {call}: {LinuxException.Text(errno)}",
    };

    // The ports that are there, so that a mistyped one can be mended from the message.
    private static string Others()
    {
        string[] ports = Directory.Exists("/dev/serial/by-id") ? Directory.GetFileSystemEntries("/dev/serial/by-id") : [];
        return ports.Length == 0 ? "" : $"; there now: {string.Join(", ", ports.Take(4))}";
    }
}
