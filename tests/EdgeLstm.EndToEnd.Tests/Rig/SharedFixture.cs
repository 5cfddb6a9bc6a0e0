// The shared fixtures and data, which need not be there: a test that wants one is skipped then, and says why.

using EdgeLstm.Worker.Tests;

namespace EdgeLstm.EndToEnd.Tests.Rig;

internal static class SharedFixture
{
    private static readonly string Root = Environment.GetEnvironmentVariable("EDGELSTM_SHARED")
        ?? System.IO.Path.GetFullPath(System.IO.Path.Combine(RepositoryRoot.Path, "..", "shared"));

    /// <summary>The file or folder fixtures/<paramref name="name"/>; skips the test where it is missing.</summary>
    public static string Path(string name) => Find("fixtures", name);

    /// <summary>The file or folder data/<paramref name="name"/>; skips the test where it is missing.</summary>
    public static string Data(string name) => Find("data", name);

    private static string Find(string folder, string name)
    {
        string path = System.IO.Path.Combine(Root, folder, name);
        Skip.IfNot(
            System.IO.Path.Exists(path), $"{path} is not there: set EDGELSTM_SHARED to the folder that holds {folder}/");
        return path;
    }
}
