// The figures of the machine itself: load, memory, processor time, temperatures, by name.

using EdgeLstm.Worker.Linux;

namespace EdgeLstm.Worker.Sensors;

/// <summary>The names of the figures and the files they are read from.</summary>
/// <remarks>Source: Linux, proc(5); Documentation/filesystems/proc.rst; ABI/testing/sysfs-class-thermal.</remarks>
internal static class SystemFigures
{
    /// <summary>A field "thermal.T" is the temperature of the first thermal zone of type T, such as
    /// thermal.cpu-thermal.</summary>
    public const string ThermalPrefix = "thermal.";

    private const double MiBPerKiB = 1.0 / 1024;

    /// <summary>The fields known beside temperatures.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "load1", "load5", "load15", "memoryAvailable", "memoryTotal", "memoryUsedPercent", "swapUsedPercent", "cpuBusyPercent",
        "uptimeSeconds", "cpuFrequencyMHz",
    ];

    /// <summary>True for a field that <see cref="TryOpen"/> knows, whether this machine has it or not.</summary>
    public static bool IsKnown(string field) =>
        Names.Contains(field)
        || (field.StartsWith(ThermalPrefix, StringComparison.Ordinal) && field.Length > ThermalPrefix.Length);

    /// <summary>Opens the files of a field; null with a problem when this machine does not have them.</summary>
    /// <param name="root">The folder that stands for /.</param>
    /// <param name="field">One of <see cref="Names"/>, or thermal.T.</param>
    /// <param name="problem">What is missing; empty when all is well.</param>
    public static KernelReading? TryOpen(string root, string field, out string problem)
    {
        string path = Path.Combine(root, PathOf(field));
        bool isThermal = field.StartsWith(ThermalPrefix, StringComparison.Ordinal);
        string? zone = isThermal ? FindZone(root, field[ThermalPrefix.Length..]) : null;
        path = zone is null ? path : Path.Combine(zone, "temp");
        KernelFile? file = KernelFile.TryOpen(path, out int errno);
        problem = file is not null ? "" : isThermal && zone is null
            ? $"{path}: no thermal zone has the type '{field[ThermalPrefix.Length..]}'; see /sys/class/thermal/thermal_zone*/type"
            : $"{path}: {LinuxException.Text(errno)}; this machine has no {field}";
        return file is null ? null : CreateReading(field, file);
    }

    private static string PathOf(string field) => field switch
    {
        "load1" or "load5" or "load15" => "proc/loadavg",
        "memoryAvailable" or "memoryTotal" or "memoryUsedPercent" or "swapUsedPercent" => "proc/meminfo",
        "cpuBusyPercent" => "proc/stat",
        "uptimeSeconds" => "proc/uptime",
        "cpuFrequencyMHz" => "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq",
        _ => "sys/class/thermal/thermal_zone*",
    };

    private static KernelReading CreateReading(string field, KernelFile file) => field switch
    {
        "load1" or "uptimeSeconds" => new NumberReading(file, 1),
        "load5" => new WordReading(file, 1),
        "load15" => new WordReading(file, 2),
        "memoryAvailable" => new MemoryReading(file, free => free.Available * MiBPerKiB),
        "memoryTotal" => new MemoryReading(file, free => free.Total * MiBPerKiB),
        "memoryUsedPercent" => new MemoryReading(file, free => UsedPercent(free.Available, free.Total)),
        "swapUsedPercent" => new MemoryReading(file, free => UsedPercent(free.SwapFree, free.SwapTotal)),
        "cpuBusyPercent" => new BusyReading(file),
        _ => new NumberReading(file, 1e-3),   // kHz → MHz, m°C → °C
    };

    // A machine without swap uses none of it.
    private static double UsedPercent(double free, double total) => total == 0 ? 0 : 100 * (total - free) / total;

    private static string? FindZone(string root, string type)
    {
        string folder = Path.Combine(root, "sys/class/thermal");
        return Directory.Exists(folder)
            ? Directory.GetDirectories(folder, "thermal_zone*").Order(StringComparer.Ordinal)
                .FirstOrDefault(zone => KernelFile.ReadText(Path.Combine(zone, "type")) == type)
            : null;
    }
}
