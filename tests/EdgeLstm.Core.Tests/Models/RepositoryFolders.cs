// Where the repository and the fixtures beside it lie when tests run.

namespace EdgeLstm.Core.Tests.Models;

internal static class RepositoryFolders
{
    /// <summary>The folder that holds EdgeLstm.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The shared fixtures: what EDGELSTM_SHARED names, else the folder 'shared' beside the repository.</summary>
    public static string Shared { get; } =
        Environment.GetEnvironmentVariable("EDGELSTM_SHARED") ?? Path.GetFullPath(Path.Combine(Root, "..", "shared"));

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "EdgeLstm.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("EdgeLstm.sln is in no folder above the tests.");
    }
}
