// The serial ports of a machine by their most stable names, each once.

using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Finds ports below a root folder; pseudo-terminals are not looked for.</summary>
internal static class SerialPorts
{
    // Of several names for one device the first of these folders and patterns gives the one that is shown.
    private static readonly (string Folder, string Pattern)[] Places =
    [
        ("dev/serial/by-id", "*"), ("dev", "serial0"), ("dev", "ttyAMA*"), ("dev", "ttyUSB*"), ("dev", "ttyACM*"),
    ];

    /// <summary>Paths of all ports.</summary>
    /// <param name="root">The folder that stands for /.</param>
    public static IReadOnlyList<string> Find(string root)
    {
        List<string> found = [];
        HashSet<string> devices = new(StringComparer.Ordinal);
        foreach ((string folder, string pattern) in Places)
        {
            string path = Path.Combine(root, folder);
            string[] entries = Directory.Exists(path) ? Directory.GetFileSystemEntries(path, pattern) : [];
            Array.Sort(entries, StringComparer.Ordinal);
            foreach (string entry in entries)
            {
                if (devices.Add(DeviceOf(entry)))
                {
                    found.Add(entry);
                }
            }
        }

        return found;
    }

    /// <summary>True where the rate means nothing: pseudo-terminals and CDC-ACM devices.</summary>
    public static bool IgnoresBaud(string port) =>
        SerialLine.IsPseudoTerminal(port) || Path.GetFileName(DeviceOf(port)).StartsWith("ttyACM", StringComparison.Ordinal);

    /// <summary>Why a port is left alone; null when it can be listened to.</summary>
    /// <param name="port">The port.</param>
    /// <param name="root">The folder that stands for /.</param>
    public static string? FindProblem(string port, string root) => SerialPortAdvice.FindProblem(port) ?? FindConsole(port, root);

    private static string DeviceOf(string path) => File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;

    // Whoever reads the console takes keystrokes from its login. Lines of /proc/consoles: "ttyAMA0  -W- (EC p a)  204:64".
    private static string? FindConsole(string port, string root)
    {
        string consoles = Path.Combine(root, "proc/consoles");
        string name = Path.GetFileName(DeviceOf(port));
        foreach (string line in File.Exists(consoles) ? File.ReadAllLines(consoles) : [])
        {
            if (line.StartsWith(name + " ", StringComparison.Ordinal))
            {
                return $"{port} is the system's console: switch that off with raspi-config (Interface Options, Serial Port) and "
                    + "restart";
            }
        }

        return null;
    }
}
