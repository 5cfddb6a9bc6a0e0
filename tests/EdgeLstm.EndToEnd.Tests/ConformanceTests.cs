// The published program over every fixture: each row of models/CONFORMANCE.md, and every hostile or broken file.

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Tests;
using Xunit.Abstractions;

namespace EdgeLstm.EndToEnd.Tests;

public sealed partial class ConformanceTests(ITestOutputHelper output) : IDisposable
{
    private const double Tolerance = 1e-5;

    // Hexadecimal, as the runtime wants it: 48 MiB of heap, so that with code and stacks the process stays below 64 MB.
    private static readonly Dictionary<string, string> SmallHeap = new() { ["DOTNET_GCHeapHardLimit"] = "3000000" };

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-conformance-").FullName;

    private string Imported => Path.Combine(_folder, "model.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public void Every_row_of_the_table_holds_for_the_program()
    {
        _ = SharedFixture.Path("gen");
        List<string> problems = [];
        Dictionary<string, int> outcomes = [];
        foreach (string line in File.ReadLines(Path.Combine(RepositoryRoot.Path, "models", "CONFORMANCE.md")))
        {
            if (Row().Match(line) is { Success: true } row)
            {
                string outcome = row.Groups["outcome"].Value;
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                if (Problem(row.Groups["file"].Value, row.Groups["options"].Value, outcome) is { } problem)
                {
                    problems.Add($"{row.Groups["file"].Value}: {problem}");
                }
            }
        }

        output.WriteLine(string.Join(", ", outcomes.Select(pair => $"{pair.Value} {pair.Key}")));
        Assert.Equal(["equal", "imported", "refused"], outcomes.Keys.Order(StringComparer.Ordinal));
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [SkippableFact]
    public void Hostile_and_broken_files_are_refused_in_one_message_and_little_memory()
    {
        string[] files = Directory.GetFiles(SharedFixture.Path("gen/bad"));
        Assert.True(files.Length > 40);
        List<string> problems = [];
        foreach (string file in files)
        {
            using EdgeProcess process = new(["import", file, "-o", Imported], SmallHeap);
            process.Input.Close();
            int code = process.WaitForExit(20);
            bool isOneMessage = process.Log.Count == 1 && process.Log[0].StartsWith($"{file}: ", StringComparison.Ordinal);
            if (code != 3 || !isOneMessage || process.Output.Count > 0 || File.Exists(Imported))
            {
                problems.Add($"{file}: exit code {code}: {string.Join('\n', process.Log)}");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private string? Problem(string file, string options, string outcome)
    {
        List<string> arguments = ["import", SharedFixture.Path(file), "-o", Imported, "--json"];
        foreach (Match option in Option().Matches(options))
        {
            string value = option.Groups["value"].Value;
            arguments.AddRange([option.Groups["name"].Value,
                option.Groups["name"].Value == "--io" ? SharedFixture.Path(value) : value]);
        }

        (int code, string printed, string log) = EdgeProcess.Execute([.. arguments]);
        int expected = outcome == "refused" ? 3 : 0;
        if (code != expected)
        {
            return $"exit code {code}; expected {expected}: {log}";
        }

        if (outcome != "equal")
        {
            return null;
        }

        double deviation = JsonDocument.Parse(printed).RootElement.GetProperty("maxScaledDeviation").GetDouble();
        return deviation <= Tolerance ? null : string.Create(CultureInfo.InvariantCulture, $"off by {deviation:G3}");
    }

    [GeneratedRegex(@"^\| `(?<file>[^`]+)` \| (?<options>[^|]*) \| (?<outcome>equal|imported|refused) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"`(?<name>--\S+) (?<value>[^`]+)`")]
    private static partial Regex Option();
}
