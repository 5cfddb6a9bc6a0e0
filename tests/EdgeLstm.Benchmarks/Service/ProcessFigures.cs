// Processor time and resident memory of a process as the kernel counts them.

using System.Globalization;

namespace EdgeLstm.Benchmarks.Service;

/// <summary>Reads /proc/PID.</summary>
internal static class ProcessFigures
{
    private const double TicksPerSecond = 100;   // USER_HZ, the same on every Linux that .NET runs on

    /// <summary>Seconds of processor time so far, user and system, all threads. Source: proc(5), fields utime and
    /// stime.</summary>
    public static double CpuSeconds(int process)
    {
        string stat = File.ReadAllText($"/proc/{process}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');   // the name in parentheses may hold blanks
        return (long.Parse(fields[11], CultureInfo.InvariantCulture)
            + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Resident memory in bytes (VmRSS).</summary>
    public static long ResidentBytes(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(
            line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal).Trim(),
            CultureInfo.InvariantCulture);
    }
}
