// The command line of evaluate: a configuration as ever, or a suite; the verb run over small corpora.

using System.CommandLine;
using System.Text.Json;
using EdgeLstm.Worker.Tests.Evaluation.Suites;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Tests.Verbs;

[Collection(RunsAlone.Name)]
public sealed class EvaluateOptionsTests : IDisposable
{
    private readonly TemporaryCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Theory]
    [InlineData("a.json", null, null, false, "a.json")]
    [InlineData("a.json", "b.csv", null, false, "a.json", "b.csv")]
    [InlineData("a.json", "b.csv", "pump", true, "a.json", "b.csv", "--stream", "pump", "--json")]
    [InlineData("a.json", null, null, true, "--json", "a.json")]
    [InlineData("a.json", "b.csv", null, true, "--json", "a.json", "b.csv")]
    [InlineData("a.json", "b.csv", null, true, "a.json", "--json", "b.csv")]
    [InlineData("a.json", "a.json", "a.json", true, "--stream", "a.json", "--json", "a.json", "a.json")]
    public void A_configuration_and_a_recording_may_stand_anywhere(
        string configuration, string? recording, string? stream, bool json, params string[] arguments)
    {
        EvaluateOptions options = new();
        ParseResult parsed = options.Command("evaluate", "").Parse(arguments);

        Assert.Empty(parsed.Errors);
        Assert.Equal(new RecordingWishes(configuration, recording, stream, json), options.Recording(parsed));
    }

    [Fact]
    public void A_suite_has_options_of_its_own()
    {
        EvaluateOptions options = new();
        ParseResult parsed = options.Command("evaluate", "").Parse(
            ["--suite", "csv", "a.csv", "--labels", "l.json", "--detector", "x", "--detector", "y", "--seeds", "3",
                "--category", "c",
                "--json", "o.json", "--results", "r", "--html", "h.html"]);

        Assert.Empty(parsed.Errors);
        Assert.Null(options.Recording(parsed));
        SuiteWishes wishes = options.Suite(parsed);
        Assert.Equal(["x", "y"], wishes.Detectors);
        Assert.Equal(["c"], wishes.Categories);
        Assert.Equal(
            new SuiteWishes(
                "csv", "a.csv", "l.json", wishes.Detectors, wishes.Categories, 3, true, "o.json", "r", "h.html"), wishes);
    }

    [Theory]
    [InlineData("Name a configuration")]
    [InlineData("got 3 files", "a", "b", "--json", "c")]
    [InlineData("--suite needs one folder or file; got 0", "--suite", "nab")]
    [InlineData("--suite needs one folder or file; got 2", "--suite", "nab", "a", "b")]
    [InlineData("'ucr'", "--suite", "ucr", "a")]
    [InlineData("--seeds must be 1 to 100; got 0", "--suite", "nab", "a", "--seeds", "0")]
    [InlineData("--html goes with --suite only", "a.json", "--html", "x")]
    [InlineData("--seeds goes with --suite only", "a.json", "--seeds", "2")]
    [InlineData("--labels goes with --suite only", "a.json", "--labels", "x")]
    [InlineData("Unknown option '--jsn'", "a.json", "--jsn")]
    public void A_wrong_command_line_is_refused_with_the_reason(string expected, params string[] arguments)
    {
        ParseResult parsed = EvaluateVerb.Command().Parse(arguments);

        Assert.Contains(parsed.Errors, error => error.Message.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_recording_with_labels_is_scored_and_everything_asked_for_is_written()
    {
        string recording = _corpus.WriteMinutes("pump.csv", 1000, i => i is >= 600 and < 610 ? 50 : Math.Sin(i));
        string labels = _corpus.Write("labels.csv", "start,end\n2020-01-01 09:50:00,2020-01-01 10:20:00\n");
        string Out(string name) => Path.Combine(_corpus.Folder, name);

        (int code, string output, string log) = Run(
            "--suite", "csv", recording, "--labels", labels, "--results", Out("r"), "--html", Out("h.html"),
            "--json", Out("o.json"));

        Assert.Equal((0, ""), (code, log));
        Assert.Contains("rangeRule", output, StringComparison.Ordinal);
        Assert.Equal(1001, File.ReadAllLines(Out("r/rangeRule_pump.csv")).Length);
        Assert.Contains("pump", File.ReadAllText(Out("h.html")), StringComparison.Ordinal);
        JsonElement root = JsonDocument.Parse(File.ReadAllText(Out("o.json"))).RootElement;
        JsonElement rule = root.GetProperty("detectors").EnumerateArray()
            .Single(one => one.GetProperty("name").GetString() == "rangeRule");
        Assert.InRange(rule.GetProperty("nab").GetProperty("standard").GetProperty("value").GetDouble(), 80, 100);
        Assert.Equal(100, rule.GetProperty("eventsFound").GetProperty("value").GetDouble());
    }

    [Fact]
    public void Json_without_a_file_goes_to_standard_output_and_the_table_does_not()
    {
        string recording = _corpus.Write("own.csv", "value,anomaly\n" + string.Concat(
            Enumerable.Range(0, 100).Select(i => $"{i % 5},{(i == 60 ? 1 : 0)}\n")));

        // Standard output is written past Console.Out: only that the table is not there can be seen.
        (int code, string output, _) = Run("--suite", "csv", recording, "--detector", "rangeRule", "--json");

        Assert.Equal((0, ""), (code, output));
    }

    [Fact]
    public void A_detector_that_is_not_there_is_named_with_those_that_are()
    {
        (int code, _, string log) = Run("--suite", "nab", _corpus.Folder, "--detector", "magic");

        Assert.Equal(2, code);
        Assert.Contains("there is no detector 'magic'", log, StringComparison.Ordinal);
        Assert.Contains("windowedGaussian", log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_corpus_that_is_not_there_is_refused()
    {
        (int code, _, string log) = Run("--suite", "nab", _corpus.Folder);

        Assert.Equal(3, code);
        Assert.Contains("combined_windows.json: is not there", log, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_can_be_kept_by_their_category()
    {
        foreach (string category in new[] { "fans", "pumps" })
        {
            _corpus.WriteMinutes($"{category}/a.csv", 100, i => i % 5);
        }

        _corpus.Write(
            "combined_windows.json", """{"fans/a.csv": [], "pumps/a.csv": [["2020-01-01 01:00", "2020-01-01 01:05"]]}""");

        (int code, string output, _) = Run("--suite", "nab", _corpus.Folder, "--category", "pumps", "--detector", "rangeRule");
        (int wrong, _, string log) = Run("--suite", "nab", _corpus.Folder, "--category", "valves");

        Assert.Equal(0, code);
        Assert.StartsWith("nab: 1 file, 100 rows, 1 labelled window,", output, StringComparison.Ordinal);
        Assert.Equal(3, wrong);
        Assert.Contains("has no category 'valves'; known are fans, pumps", log, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Log) Run(params string[] arguments) =>
        CapturedConsole.Run(() => EvaluateVerb.Command().Parse(arguments).Invoke());
}
