// Where the repository lies, found from the tests upward.

namespace EdgeLstm.Worker.Tests;

internal static class RepositoryRoot
{
    /// <summary>The folder that holds EdgeLstm.sln.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "EdgeLstm.sln")))
        {
            folder = System.IO.Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("EdgeLstm.sln was not found above the tests");
    }
}
