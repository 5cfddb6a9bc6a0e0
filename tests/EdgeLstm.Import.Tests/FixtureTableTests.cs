// The whole way of every fixture: read, made a model file, loaded, stepped by the kernels, held against its source's outputs.
// The outcome of each is listed in models/CONFORMANCE.md, which EDGELSTM_WRITE_TABLE=1 writes anew.

using System.Globalization;
using System.Text;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Assembly;
using Xunit.Abstractions;

namespace EdgeLstm.Import.Tests;

public sealed class FixtureTableTests(ITestOutputHelper output)
{
    private const string NoFixtures = "the fixtures are not there: set EDGELSTM_SHARED to the folder that holds fixtures/";

    private static readonly string Table = Path.Combine(Fixture.Root, "models", "CONFORMANCE.md");

    [SkippableFact]
    public void Every_fixture_is_imported_and_equal_or_refused_for_the_right_reason()
    {
        string[] files = [.. FixtureCases.Files()];
        Skip.If(files.Length == 0, NoFixtures);
        List<string> problems = [];
        var rows = new StringBuilder();
        int equal = 0, loaded = 0, refused = 0;
        foreach (string file in files)
        {
            FixtureCase fixture = FixtureCases.Of(file);
            (string outcome, string detail, string? problem) = Import(fixture);
            if (problem is not null)
            {
                problems.Add($"{file}: {problem}");
            }

            equal += outcome == "equal" ? 1 : 0;
            loaded += outcome == "imported" ? 1 : 0;
            refused += outcome == "refused" ? 1 : 0;
            rows.Append(CultureInfo.InvariantCulture, $"| `{file}` | {fixture.CommandLine} | {outcome} | {detail} |\n");
        }

        string summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{files.Length} files: {equal} imported and equal to their reference, {loaded} imported without a reference, ")
            + string.Create(CultureInfo.InvariantCulture, $"{refused} refused.");
        output.WriteLine(summary);
        output.WriteLine(rows.ToString());
        Assert.True(problems.Count == 0, string.Join('\n', problems));
        WriteTable(summary, rows.ToString());
    }

    [SkippableFact]
    public void The_committed_table_lists_every_fixture()
    {
        string[] files = [.. FixtureCases.Files()];
        Skip.If(files.Length == 0, NoFixtures);
        string table = File.ReadAllText(Table);

        Assert.DoesNotContain(files, file => !table.Contains($"| `{file}` |", StringComparison.Ordinal));
    }

    private static (string Outcome, string Detail, string? Problem) Import(FixtureCase fixture)
    {
        string folder = Directory.CreateTempSubdirectory("edgelstm-fixture").FullName;
        try
        {
            var import = new FileImport(ModelImporter.Read, TimeProvider.System);
            ImportReport report = import.Run(new ImportRequest(
                Path.Combine(Fixture.Folder, fixture.File), Path.Combine(folder, "model.safetensors"),
                fixture.Options ?? ImportOptions.None, new ImportChoices(),
                IoPath: fixture.Io is null ? null : Path.Combine(Fixture.Folder, fixture.Io)));
            string layers = string.Join("; ", report.Imported.Layers.Select(layer => layer.Found));
            if (fixture.Refused is not null)
            {
                return ("imported", layers, $"must be refused with '{fixture.Refused}'");
            }

            if (report.Replay is not { } replay)
            {
                return ("imported", layers, null);
            }

            double worst = replay.Kernel.MaxScaled;
            string? problem = worst <= Conformance.Tolerance ? null : FormattableString.Invariant($"off by {worst:G3}");
            return ("equal", $"{report.Imported.Format}: {layers}; off by {Power(worst)}", problem);
        }
        catch (ModelFileException refusal)
        {
            string reason = refusal.Message[(refusal.Message.IndexOf(": ", StringComparison.Ordinal) + 2)..].ReplaceLineEndings(
                " ");
            bool isExpected = fixture.Refused is { } words && refusal.Message.Contains(words, StringComparison.Ordinal)
                && refusal.Message.Contains(Path.GetFileName(fixture.File), StringComparison.Ordinal);
            return ("refused", reason.Replace("|", "\\|", StringComparison.Ordinal), isExpected
                ? null
                : $"refused: {refusal.Message}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // To the next power of ten: the last digits depend on the width of the processor's vectors.
    private static string Power(double deviation) => deviation <= 1e-7
        ? "at most 1e-7"
        : FormattableString.Invariant($"at most 1e{(int)Math.Ceiling(Math.Log10(deviation))}");

    private static void WriteTable(string summary, string rows)
    {
        if (Environment.GetEnvironmentVariable("EDGELSTM_WRITE_TABLE") != "1")
        {
            return;
        }

        File.WriteAllText(
            Table,
            $"""
            # What becomes of every fixture

            Written by `EDGELSTM_WRITE_TABLE=1 dotnet test tests/EdgeLstm.Import.Tests --filter FixtureTable` and checked by every
            run of the tests that finds the fixtures. Each file goes the whole way: read, made a model file, loaded, stepped by
            the kernels in float32, held against the outputs of the engine it comes from (float64 where there are such) within
            1e-5 of max(1, |output|). `ConformanceTests` does the same with the published program, row by row, as `edgelstm
            import FILE OPTIONS`.

            The nodes of `onnx-node` have their weights as inputs, so as files they are refused; `OnnxSuiteTests` binds the
            weights of their test data, and all are equal. Of `onnx-gen` those that run backward or in both directions are
            refused. The hostile and broken files of `gen/bad` are all refused; `BadFilesTests` lists them with their reasons.

            {summary}

            | File | Options | Outcome | What was found, or the reason |
            |---|---|---|---|
            {rows}
            """);
    }
}
