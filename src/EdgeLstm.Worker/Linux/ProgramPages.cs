// Pages of the program's own files, in memory because start-up ran through them, handed back to the kernel.

using System.Globalization;

namespace EdgeLstm.Worker.Linux;

/// <summary>The mapped files of this process: program and libraries.</summary>
/// <remarks>Source: proc_pid_smaps(5), madvise(2).</remarks>
internal static class ProgramPages
{
    private const string MappedMemory = "/proc/self/smaps";

    /// <summary>Unmaps the pages of every mapping that only mirrors a file. What is used again is mapped again at its first use,
    /// from the page cache; what only start-up used (reading configuration and models, initialising libraries) stays
    /// out.</summary>
    /// <remarks>A mapping that can be written, or holds a page of its own (relocated addresses), is left alone: nothing can be
    /// lost.</remarks>
    public static void GiveBack()
    {
        (nuint Start, nuint Length) mapping = default;
        foreach (string line in File.ReadLines(MappedMemory))
        {
            if (TryReadHead(line, out bool mirrorsFile, out (nuint Start, nuint Length) found))
            {
                mapping = mirrorsFile ? found : default;
            }
            else if (mapping.Length > 0 && IsCount(line, "Anonymous:", out bool isZero))
            {
                if (isZero)
                {
                    _ = LibC.MAdvise(mapping.Start, mapping.Length, LibC.MADV_DONTNEED);   // refused: nothing is gained or lost
                }

                mapping = default;
            }
        }
    }

    // "7f1c2a000000-7f1c2a021000 r-xp 00001000 fe:00 1234   /usr/lib/libc.so.6"; all other lines are "Name:   12 kB".
    private static bool TryReadHead(string line, out bool mirrorsFile, out (nuint Start, nuint Length) mapping)
    {
        mirrorsFile = false;
        mapping = default;
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        if (dash < 0 || space < dash
            || !nuint.TryParse(line.AsSpan(0, dash), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out nuint start)
            || !nuint.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out nuint end))
        {
            return false;
        }

        ReadOnlySpan<char> rights = line.AsSpan(space + 1);
        mirrorsFile = rights.Length > 4 && rights[0] == 'r' && rights[1] == '-' && rights[3] == 'p'
            && line.Contains(" /", StringComparison.Ordinal);
        mapping = (start, end - start);
        return true;
    }

    private static bool IsCount(string line, string name, out bool isZero)
    {
        bool isIt = line.StartsWith(name, StringComparison.Ordinal);
        isZero = isIt && line.EndsWith(" 0 kB", StringComparison.Ordinal);
        return isIt;
    }
}
