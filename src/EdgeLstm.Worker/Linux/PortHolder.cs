// Which process has a device open, as far as /proc tells this user.

namespace EdgeLstm.Worker.Linux;

/// <summary>Looks through /proc/*/fd.</summary>
internal static class PortHolder
{
    /// <summary>"process 812 (minicom)", or null when no other process is seen to have the device open.</summary>
    /// <param name="path">The device or a link to it.</param>
    public static string? Find(string path)
    {
        string device = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            string id = Path.GetFileName(process);
            if (int.TryParse(id, out int number) && number != Environment.ProcessId && HasOpen(process, device))
            {
                return $"process {id} ({NameOf(process)})";
            }
        }

        return null;
    }

    private static bool HasOpen(string process, string device)
    {
        try
        {
            foreach (string fd in Directory.EnumerateFileSystemEntries($"{process}/fd"))
            {
                if (new FileInfo(fd).LinkTarget == device)
                {
                    return true;
                }
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // another user's process, or one that has just ended
        }

        return false;
    }

    private static string NameOf(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/comm").Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "name unknown";
        }
    }
}
