// What a source file looks like: how it begins, how long it may be, what its types may be called.

using System.Text.RegularExpressions;

namespace EdgeLstm.Architecture.Tests;

public sealed partial class SourceFileTests
{
    private const int LineLimit = 400;
    private const int LineLengthLimit = 130;

    private static IEnumerable<string> Sources => Repository.FilesIn("src", ".cs").Concat(Repository.FilesIn("tests", ".cs"));

    [Fact]
    public void Files_have_at_most_400_lines()
    {
        Findings.AssertNone(from file in Sources
                            let lines = Repository.ReadLines(file).Length
                            where lines > LineLimit
                            select $"{file}: {lines} lines; at most {LineLimit}");
    }

    [Fact]
    public void Lines_have_at_most_130_characters()
    {
        Findings.AssertNone(from file in Sources
                            from line in Repository.ReadLines(file).Index()
                            where line.Item.Length > LineLengthLimit
                            select $"{file}:{line.Index + 1}: {line.Item.Length} characters; at most {LineLengthLimit}");
    }

    [Fact]
    public void Files_open_with_a_sentence_that_says_what_they_are()
    {
        // A sentence: begins with a word, a number or a name in backquotes, and goes on.
        Findings.AssertNone(from file in Repository.FilesIn("src", ".cs")
                            let first = Repository.ReadLines(file).FirstOrDefault("")
                            where !OpeningSentence().IsMatch(first)
                            select $"{file}:1: '{first}'; expected '// ' and a sentence that says what the file is");
    }

    [Fact]
    public void Namespaces_follow_the_folders()
    {
        Findings.AssertNone(from file in Repository.FilesIn("src", ".cs")
                            from Match match in Namespace().Matches(Repository.ReadCode(file))
                            let expected = Path.GetDirectoryName(file)!.Replace('\\', '/')["src/".Length..].Replace('/', '.')
                            where !IsNamespaceOf(expected, match.Groups[1].Value)
                            select $"{file}: namespace {match.Groups[1].Value}; expected {expected}");
    }

    [Fact]
    public void Type_names_say_what_the_type_is()
    {
        Findings.AssertNone(from file in Sources
                            from Match match in TypeName().Matches(Repository.ReadCode(file))
                            where VagueEnding().IsMatch(match.Groups["name"].Value)
                            select $"{file}: type {match.Groups["name"].Value}; name what it does, in the field's words");
    }

    // Folders below the first may group files of one namespace: Sensors/Serial/ is EdgeLstm.Worker.Sensors.
    private static bool IsNamespaceOf(string folders, string name) =>
        folders == name || (folders.StartsWith(name + ".", StringComparison.Ordinal) && name.Split('.').Length >= 3);

    [GeneratedRegex(@"^// [\p{L}\d`].*\w.* .*\w")]
    private static partial Regex OpeningSentence();

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\b(class|struct|interface|enum|record(\s+(class|struct))?)\s+(?<name>[A-Z]\w*)")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"(Manager|Helpers?|Utils?|Utilit(y|ies)|Common|Base)$")]
    private static partial Regex VagueEnding();
}
