// The sensor profiles that lie beside the program, to recognise sensors by.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>A profile with the file it was read from.</summary>
/// <param name="File">Its path.</param>
/// <param name="Profile">The profile, without problems.</param>
internal sealed record KnownProfile(string File, SensorProfile Profile)
{
    /// <summary>The sensor's name as data sheets write it.</summary>
    public string Title => Profile.Name.ToUpperInvariant();
}

/// <summary>Reads all profiles of a folder.</summary>
internal static class KnownProfiles
{
    private const string PackageFolder = "firmware-configs";
    private const int FileLimit = 1000;

    private const string InstalledFolder = "/etc/edgelstm/" + PackageFolder;

    /// <summary>The folder of the package: beside the program, or where its installer puts it.</summary>
    public static string DefaultFolder => FolderOf(AppContext.BaseDirectory, InstalledFolder);

    /// <summary>The folder beside a program where there is one, else the installed one.</summary>
    internal static string FolderOf(string programFolder, string installedFolder)
    {
        string beside = Path.Combine(programFolder, PackageFolder);
        return Directory.Exists(beside) ? beside : installedFolder;
    }

    /// <summary>Reads the profiles of a folder and of those in it, by their files' names; files that are no profiles are left
    /// out.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    public static IReadOnlyList<KnownProfile> Load(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        string[] files = Directory.GetFiles(folder, "*.json", SearchOption.AllDirectories);
        Array.Sort(files, StringComparer.Ordinal);
        List<KnownProfile> profiles = [];
        foreach (string file in files.AsSpan(0, Math.Min(files.Length, FileLimit)))
        {
            if (SensorProfile.Load(file, new ProblemList(file)) is { } profile)
            {
                profiles.Add(new KnownProfile(file, profile));
            }
        }

        return profiles;
    }
}
