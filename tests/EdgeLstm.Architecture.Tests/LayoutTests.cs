// What lies where: the agreed top level, a solution that lists every project, no trace of where the project was made.

using System.Text;
using System.Text.RegularExpressions;

namespace EdgeLstm.Architecture.Tests;

public sealed partial class LayoutTests
{
    private static readonly string[] TopLevel =
        ["src", "tests", "firmware-configs", "models", "eng", ".ci", "EdgeLstm.sln", "publish.ps1", "README.md"];

    private static readonly string[] BuildFiles =
        ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", ".editorconfig",
         ".gitignore", ".gitattributes"];

    [Fact]
    public void The_top_level_holds_what_was_agreed_and_no_more()
    {
        string[] found = [.. Repository.Files.Select(f => f.Split('/')[0]).Distinct()];

        Findings.AssertNone(
            [.. found.Except(TopLevel).Except(BuildFiles).Select(f => $"{f}: not in the agreed list"),
             .. TopLevel.Except(found).Select(f => $"{f}: missing")]);
    }

    [Fact]
    public void The_solution_is_classic_and_lists_every_project()
    {
        string solution = Repository.Read("EdgeLstm.sln");
        string[] listed = [.. ProjectPath().Matches(solution).Select(m => m.Groups[1].Value.Replace('\\', '/'))];

        Assert.Contains("Microsoft Visual Studio Solution File, Format Version 12.00", solution, StringComparison.Ordinal);
        Assert.Equal(Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)).Order(), listed.Order());
        Assert.DoesNotContain(Repository.Files, f => f.EndsWith(".slnx", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_project_has_its_lock_file()
    {
        Findings.AssertNone(from project in Repository.Files
                            where project.EndsWith(".csproj", StringComparison.Ordinal)
                            let lockFile = Path.GetDirectoryName(project)!.Replace('\\', '/') + "/packages.lock.json"
                            where !Repository.Files.Contains(lockFile)
                            select $"{project}: no packages.lock.json beside it");
    }

    [Fact]
    public void Lock_files_are_those_of_the_default_framework()
    {
        Findings.AssertNone(from file in Repository.Files
                            where Path.GetFileName(file) == "packages.lock.json"
                            from Match match in LockedFramework().Matches(Repository.Read(file))
                            where match.Groups[1].Value != "net10.0"
                            select $"{file}: locked for {match.Groups[1].Value}; run dotnet restore --force-evaluate");
    }

    [Fact]
    public void No_file_names_a_package_registry_or_the_machine_it_was_made_on()
    {
        // In pieces, so that this file does not name them either.
        string[] forbidden =
            [
                "nuget" + ".org", "pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".", "crates" + ".io", "docker" + ".io",
                "ghcr" + ".io", "conda" + ".anaconda", "/work" + "/main", "/work" + "/shared", "/tmp" + "/wt",
            ];

        Findings.AssertNone(from file in Repository.Files
                            let text = Encoding.Latin1.GetString(File.ReadAllBytes(Path.Combine(Repository.Root, file)))
                            from needle in forbidden
                            where text.Contains(needle, StringComparison.OrdinalIgnoreCase)
                            select $"{file}: names {needle}");
    }

    [GeneratedRegex("\"([^\"]+\\.csproj)\"")]
    private static partial Regex ProjectPath();

    [GeneratedRegex("^    \"(net[^\"]*)\": \\{", RegexOptions.Multiline)]
    private static partial Regex LockedFramework();
}
