// Finds the shared fixtures; where they are not, the test says so and is skipped.

using System.Text.Json;

namespace EdgeLstm.Import.Tests;

/// <summary>Files of the shared folder: what EDGELSTM_SHARED names, else 'shared' beside the repository.</summary>
internal static class Fixture
{
    /// <summary>The folder that holds EdgeLstm.sln.</summary>
    public static string Root { get; } = FindRoot();

    private static readonly string Shared =
        Environment.GetEnvironmentVariable("EDGELSTM_SHARED") ?? System.IO.Path.GetFullPath(
            System.IO.Path.Combine(Root, "..", "shared"));

    /// <summary>The folder fixtures/; it may not exist.</summary>
    public static string Folder => System.IO.Path.Combine(Shared, "fixtures");

    /// <summary>The path of a fixture; skips the test where it is not there.</summary>
    public static string Path(string name)
    {
        string path = System.IO.Path.Combine(Folder, name);
        Skip.IfNot(File.Exists(path), $"{path} is not there: set EDGELSTM_SHARED to the folder that holds fixtures/");
        return path;
    }

    /// <summary>A fixture's file.</summary>
    public static SourceFile Open(string name) => SourceFile.Open(Path(name));

    /// <summary>A fixture's JSON.</summary>
    public static JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllBytes(Path(name))).RootElement;

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "EdgeLstm.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"no EdgeLstm.sln above {AppContext.BaseDirectory}");
    }
}
