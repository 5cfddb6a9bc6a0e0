// The repository that the tests look at: its root, the files it tracks, and C# sources without their comments.

using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EdgeLstm.Architecture.Tests;

/// <summary>Finds the repository from the test assembly and reads it once.</summary>
public static partial class Repository
{
    /// <summary>Folder that holds EdgeLstm.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Paths relative to <see cref="Root"/> with forward slashes: what git tracks or would track.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    /// <summary>The files below <paramref name="folder"/> whose name ends with <paramref name="ending"/>.</summary>
    public static IEnumerable<string> FilesIn(string folder, string ending) =>
        Files.Where(f => f.StartsWith(folder + "/", StringComparison.Ordinal) && f.EndsWith(ending, StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static string[] ReadLines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    /// <summary>A C# source with comments blanked: documentation may name what code may not use.</summary>
    public static string ReadCode(string file) => Comment().Replace(Read(file), "");

    /// <summary>Runs a program and returns its exit code with all it printed.</summary>
    public static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.WorkingDirectory = Root;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    /// <summary>Whether a program of that name is on the search path.</summary>
    public static bool HasProgram(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, name)));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "EdgeLstm.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"no EdgeLstm.sln above {AppContext.BaseDirectory}");
    }

    private static List<string> ListFiles()
    {
        // An unpacked archive is no git repository; there every file counts but what building leaves behind.
        if (HasProgram("git"))
        {
            (int exitCode, string output) = Run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z");
            if (exitCode == 0)
            {
                return [.. output.Split('\0', StringSplitOptions.RemoveEmptyEntries)
                    .Where(f => File.Exists(Path.Combine(Root, f)))];
            }
        }

        return [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
            .Where(f => !BuildOutput().IsMatch(f))];
    }

    [GeneratedRegex(@"/\*.*?\*/|(?<!:)//[^\n]*", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(\.git|artifacts)/|(^|/)(bin|obj|__pycache__|\.vs|\.idea|node_modules)/")]
    private static partial Regex BuildOutput();
}
