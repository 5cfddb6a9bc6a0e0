// Dependencies run one way: Worker → Training, Import → Core; inside Core Forecasting, Anomaly → Models → Layers → Kernels.

using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EdgeLstm.Architecture.Tests;

public sealed partial class DependencyTests
{
    private static readonly Dictionary<string, string[]> ProjectMayUse = new()
    {
        ["EdgeLstm.Core"] = [],
        ["EdgeLstm.Import"] = ["EdgeLstm.Core"],
        ["EdgeLstm.Training"] = ["EdgeLstm.Core"],
        ["EdgeLstm.Worker"] = ["EdgeLstm.Core", "EdgeLstm.Import", "EdgeLstm.Training"],
    };

    private static readonly Dictionary<string, string[]> CoreFolderMayUse = new()
    {
        ["Collections"] = [],
        ["Json"] = [],
        ["State"] = [],
        ["Kernels"] = [],
        ["Layers"] = ["Kernels"],
        ["Models"] = ["Collections", "Kernels", "Layers", "Json"],
        ["Anomaly"] = ["Collections", "Kernels", "Layers", "Models", "State"],
        ["Forecasting"] = ["Collections", "Kernels", "Layers", "Models", "State", "Anomaly"],
    };

    [Fact]
    public void Projects_use_only_what_lies_below_them()
    {
        List<string> problems = [];
        foreach (string file in Repository.FilesIn("src", ".csproj"))
        {
            string project = Path.GetFileNameWithoutExtension(file);
            if (!ProjectMayUse.TryGetValue(project, out string[]? allowed))
            {
                problems.Add($"{file}: unknown project; say in {nameof(ProjectMayUse)} what it may use");
                continue;
            }

            problems.AddRange(from used in Included(file, "ProjectReference").Select(FileNameOnly)
                              where !allowed.Contains(used)
                              select $"{file}: uses {used}; allowed are [{string.Join(", ", allowed)}]");
        }

        Findings.AssertNone(problems);
    }

    [Fact]
    public void Core_needs_no_package_and_no_other_framework()
    {
        const string core = "src/EdgeLstm.Core/EdgeLstm.Core.csproj";

        Findings.AssertNone(Included(core, "PackageReference"));
        Findings.AssertNone(Included(core, "FrameworkReference"));
    }

    [Fact]
    public void Folders_of_core_use_only_what_lies_below_them()
    {
        List<string> problems = [];
        foreach (string file in Repository.FilesIn("src/EdgeLstm.Core", ".cs"))
        {
            string folder = CoreFolder(file);
            if (!CoreFolderMayUse.TryGetValue(folder, out string[]? allowed))
            {
                problems.Add($"{file}: unknown folder; say in {nameof(CoreFolderMayUse)} what it may use");
                continue;
            }

            problems.AddRange(from used in FoldersNamed(Repository.ReadCode(file))
                              where used != folder && !allowed.Contains(used)
                              select $"{file}: uses {used}; allowed are [{string.Join(", ", allowed)}]");
        }

        Findings.AssertNone(problems);
    }

    [Fact]
    public void Core_touches_files_only_where_it_loads_models()
    {
        Findings.AssertNone(Finds("src/EdgeLstm.Core", f => CoreFolder(f) != "Models", Files()));
    }

    [Fact]
    public void Core_has_no_threads_and_no_clock()
    {
        Findings.AssertNone(Finds("src/EdgeLstm.Core", _ => true, ThreadsAndClocks()));
    }

    [Theory]
    [InlineData("using EdgeLstm.Core.Models;", "Models")]
    [InlineData("EdgeLstm.Core.Layers.Network network", "Layers")]
    [InlineData("Models.ModelFile.Read(x)", "Models")]
    [InlineData("using EdgeLstm.Core.Json;", "Json")]
    [InlineData("using System.Text.Json;", null)]
    [InlineData("manifest.Layers.Count", null)]
    [InlineData("State.Length", null)]
    public void What_counts_as_using_a_folder(string code, string? expected) =>
        Assert.Equal(expected, FoldersNamed(code).SingleOrDefault());

    [Theory]
    [InlineData("File.ReadAllBytes(path)", true)]
    [InlineData("new FileStream(path)", true)]
    [InlineData("Profile.Read(x)", false)]
    [InlineData("_path.Length", false)]
    public void What_counts_as_touching_files(string code, bool expected) => Assert.Equal(expected, Files().IsMatch(code));

    [Theory]
    [InlineData("Thread.Yield()", true)]
    [InlineData("await step", true)]
    [InlineData("lock (_gate)", true)]
    [InlineData("Stopwatch.GetTimestamp()", true)]
    [InlineData("ModelTask.Forecast", false)]
    [InlineData("Block(x)", false)]
    public void What_counts_as_threads_and_clocks(string code, bool expected) =>
        Assert.Equal(expected, ThreadsAndClocks().IsMatch(code));

    private static List<string> Finds(string folder, Func<string, bool> applies, Regex forbidden) =>
        [.. from file in Repository.FilesIn(folder, ".cs")
            where applies(file)
            from Match match in forbidden.Matches(Repository.ReadCode(file))
            select $"{file}: '{match.Value.Trim()}'"];

    private static List<string> Included(string project, string item) =>
        [.. XDocument.Parse(Repository.Read(project)).Descendants(item).Select(e => e.Attribute("Include")?.Value ?? "")];

    private static string FileNameOnly(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));

    // A file directly in the project has no folder and therefore no place in the order.
    private static string CoreFolder(string file) => file.Split('/') is [_, _, string folder, _, ..] ? folder : "";

    private static IEnumerable<string> FoldersNamed(string code) =>
        FolderName().Matches(code).Select(m => m.Groups["folder"].Value).Distinct();

    // Fully named, named from inside the library, or by a using. `Text.Json` and a property called State are others.
    [GeneratedRegex(
        @"(\bCore\.|(?<![\w.]))(?<folder>Kernels|Layers|Models|Anomaly|Forecasting)(\.[A-Z]|;)" +
        @"|\bCore\.(?<folder>Json|State)(\.[A-Z]|;)")]
    private static partial Regex FolderName();

    [GeneratedRegex(
        @"\b(File|Directory|Path|Console|Environment|System\.IO)\." +
        @"|\b(FileInfo|DirectoryInfo|FileStream|StreamReader|StreamWriter|BinaryReader|BinaryWriter|Socket)\b" +
        @"|\b(MemoryMappedFile|RandomAccess|SafeFileHandle)\b")]
    private static partial Regex Files();

    [GeneratedRegex(
        @"\b(Thread|ThreadPool|Task|Parallel|Interlocked|Monitor|Volatile)\.|\b(async|await)\s|\block\s*\(" +
        @"|\b(Timer|TimeProvider|Stopwatch|TickCount(64)?)\b" +
        @"|\b(SemaphoreSlim|ManualResetEvent\w*|AutoResetEvent|ConcurrentQueue)\b")]
    private static partial Regex ThreadsAndClocks();
}
