// edgelstm evaluate MODEL RECORDING over a shipped model, and what it refuses.

using System.CommandLine;
using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Tests.Evaluation.Report;
using EdgeLstm.Worker.Tests.Evaluation.Suites;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Tests.Verbs;

[Collection(RunsAlone.Name)]
public sealed class EvaluateModelTests : IDisposable
{
    private static readonly string Models = Path.Combine(RepositoryRoot.Path, "models");
    private static readonly string Gru = Path.Combine(Models, "machine-temperature-gru.safetensors");
    private static readonly string Temperatures = Path.Combine(Models, "recordings", "machine-temperature.csv");

    private readonly TemporaryCorpus _corpus = new();

    public void Dispose() => _corpus.Dispose();

    [Fact]
    public void A_shipped_model_is_measured_beside_all_baselines()
    {
        string html = Path.Combine(_corpus.Folder, "e.html");
        string json = Path.Combine(_corpus.Folder, "e.json");

        (int code, string output, string log) = Run(
            Gru, Temperatures, "--season", "288", "--folds", "2", "--html", html, "--json", json);

        Assert.Equal((0, ""), (code, log));
        foreach (string name in (string[])["model", "persistence", "seasonal naive", "linear autoregression"])
        {
            Assert.Equal(3, output.Split('\n').Count(line => line.Contains($"  {name} ", StringComparison.Ordinal)
                && !line.Contains(" to ", StringComparison.Ordinal) && !line.Contains("target", StringComparison.Ordinal)));
        }

        Assert.Contains("rows 1,750 to 2,499 are measured", output, StringComparison.Ordinal);
        Assert.Contains("the season of temperature is 288 rows", output, StringComparison.Ordinal);
        Assert.Contains("machine-temperature-gru over machine-temperature.csv",
            HtmlReportTests.Parsed(File.ReadAllText(html)).Value, StringComparison.Ordinal);
        JsonElement root = JsonDocument.Parse(File.ReadAllText(json)).RootElement;
        Assert.Equal(3, root.GetProperty("gates").GetArrayLength());
        Assert.Equal(2, root.GetProperty("folds").GetArrayLength());
    }

    [Fact]
    public void Its_errors_over_the_whole_recording_are_those_of_its_card()
    {
        // models/machine-temperature-gru.md, narrow weights: float32, measured by the service's own pipeline behind its warm-up.
        EvaluationReport report = EvaluateModel.Evaluate(Wishes(Gru, Temperatures) with { From = 64 });

        double[] mae = [0.77167, 1.2889, 2.2282];
        double[] rmse = [1.0864, 3.0657, 5.1089];
        for (int g = 0; g < 3; g++)
        {
            Assert.Equal(mae[g], report.Forecasters[0].Scores[g].Mae, 6e-5);
            Assert.Equal(rmse[g], report.Forecasters[0].Scores[g].Rmse, 6e-5);
        }
    }

    [Fact]
    public void Values_behind_a_row_change_no_forecast_before_it()
    {
        string[] lines = File.ReadAllLines(Temperatures);
        string changed = _corpus.Write("machine-temperature.csv", string.Join('\n', lines.Select(
            (line, index) => index > 2001 ? line.Split(',')[0] + ",12" : line)));

        ForecastSeries one = EvaluateModel.Evaluate(Wishes(Gru, Temperatures)).Request.Forecasts;
        ForecastSeries other = EvaluateModel.Evaluate(Wishes(Gru, changed)).Request.Forecasts;

        Assert.Equal(one.Values[..(2001 * 3)], other.Values[..(2001 * 3)]);
        Assert.NotEqual(one[2001, 0], other[2001, 0]);
    }

    [Fact]
    public void The_recording_a_model_was_made_from_is_recognised()
    {
        SafetensorsFile file = SafetensorsFile.Open(Gru);
        ModelManifest manifest = ModelFile.Load(Gru).Manifest;
        List<Tensor> tensors = [];
        foreach ((string name, TensorInfo info) in file.Tensors)
        {
            file.TryGet(name, out _, out float[] values);
            tensors.Add(new Tensor(name, [.. info.Shape], values));
        }

        string path = Path.Combine(_corpus.Folder, "own.safetensors");
        ModelFile.Save(path, manifest with
        {
            Provenance = manifest.Provenance with { Sha256 = ModelHash.OfFile(Temperatures) },
        }, tensors);

        EvaluationReport unnamed = EvaluateModel.Evaluate(Wishes(path, Temperatures));
        EvaluationReport named = EvaluateModel.Evaluate(Wishes(path, Temperatures) with { From = 2000, NamesRows = true });
        EvaluationReport other = EvaluateModel.Evaluate(Wishes(Gru, Temperatures));

        Assert.Equal(WarningKind.SeenRows, unnamed.Warnings[0].Kind);
        Assert.DoesNotContain(named.Warnings, warning => warning.Kind == WarningKind.SeenRows);
        Assert.Contains(named.Request.Notes, note => note.Contains("made from this recording", StringComparison.Ordinal));
        Assert.DoesNotContain(other.Warnings, warning => warning.Kind == WarningKind.SeenRows);
    }

    [Fact]
    public void A_validation_share_is_neither_fitted_on_nor_measured()
    {
        EvaluationReport report = EvaluateModel.Evaluate(
            Wishes(Gru, Temperatures) with { TrainingShare = 0.5, ValidationShare = 0.2, NamesRows = true });

        Assert.Equal((1250, 1750), (report.Request.Training.End, report.Request.Measured.Begin));
        Assert.Equal(["validation", "measured"], report.Shifts.Select(shift => shift.Part));
    }

    [Theory]
    [InlineData(3, "is empty", "empty.csv", "")]
    [InlineData(3, "the model was trained at 300000 ms", "slow.csv", "time,temperature\n2020-01-01,1\n2020-01-02,2\n")]
    [InlineData(3, "could be measured", "short.csv", "temperature\n1\n2\n3\n4\n5\n")]
    [InlineData(3, "has no column 'temperature'", "wide.csv", "a,b\n1,2\n3,4\n")]
    public void A_recording_that_does_not_serve_is_refused_with_the_reason(int expected, string reason, string name, string text)
    {
        (int code, string output, string log) = Run(Gru, _corpus.Write(name, text));

        Assert.Equal((expected, ""), (code, output));
        Assert.Contains(reason, log, StringComparison.Ordinal);
        Assert.Contains(name, log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_model_is_refused()
    {
        (int code, _, string log) = Run(_corpus.Write("no.safetensors", "nothing at all"), Temperatures);

        Assert.Equal(3, code);
        Assert.Contains("no.safetensors", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("m.safetensors", "r.csv", null, false, "m.safetensors", "r.csv")]
    [InlineData("m.safetensors", "r.csv", "o.json", true, "m.safetensors", "r.csv", "--json", "o.json")]
    [InlineData("m.safetensors", "r.csv", "o.json", true, "--json", "o.json", "m.safetensors", "r.csv")]
    [InlineData("m.safetensors", "r.csv", null, true, "m.safetensors", "r.csv", "--json")]
    [InlineData("m.safetensors", "r.csv", null, true, "--json", "m.safetensors", "r.csv")]
    [InlineData("m.safetensors", "r.csv", null, true, "m.safetensors", "--json", "r.csv")]
    public void A_model_and_a_recording_may_stand_anywhere(
        string model, string recording, string? jsonFile, bool json, params string[] arguments)
    {
        EvaluateOptions options = new();
        ParseResult parsed = options.Command("evaluate", "").Parse(arguments);

        Assert.Empty(parsed.Errors);
        Assert.Null(options.Recording(parsed));
        ModelWishes wishes = options.Model(parsed)!;
        Assert.Equal((model, recording, jsonFile, json), (wishes.Model, wishes.Recording, wishes.JsonFile, wishes.Json));
        Assert.Equal((0.7, 0, false, 1), (wishes.TrainingShare, wishes.ValidationShare, wishes.NamesRows, wishes.Folds));
    }

    [Fact]
    public void Its_options_are_read()
    {
        EvaluateOptions options = new();
        ParseResult parsed = options.Command("evaluate", "").Parse(
            ["m.safetensors", "r.csv", "--season", "24", "--split", "0.6,0.2", "--folds", "4", "--labels", "l.csv", "--html",
                "h.html"]);

        Assert.Empty(parsed.Errors);
        Assert.Equal(
            new ModelWishes("m.safetensors", "r.csv", 24, 0.6, 0.2, null, true, 4, "l.csv", false, null, "h.html"),
            options.Model(parsed));
        ParseResult from = options.Command("evaluate", "").Parse(["m.safetensors", "r.csv", "--from", "900"]);
        Assert.Equal((900, true), (options.Model(from)!.From, options.Model(from)!.NamesRows));
    }

    [Theory]
    [InlineData("Name a recording", "m.safetensors")]
    [InlineData("--folds must be 1 to 100; got 0", "m.safetensors", "r.csv", "--folds", "0")]
    [InlineData("--season must be at least 1; got -3", "m.safetensors", "r.csv", "--season", "-3")]
    [InlineData("--split must be", "m.safetensors", "r.csv", "--split", "0.8,0.3")]
    [InlineData("--split must be", "m.safetensors", "r.csv", "--split", "half")]
    [InlineData("name one of them", "m.safetensors", "r.csv", "--split", "0.8", "--from", "9")]
    [InlineData("--stream goes with a configuration only", "m.safetensors", "r.csv", "--stream", "x")]
    [InlineData("--detector goes with --suite only", "m.safetensors", "r.csv", "--detector", "x")]
    [InlineData("--season goes with a model", "a.json", "--season", "3")]
    [InlineData("--folds goes with a model", "--suite", "nab", "a", "--folds", "3")]
    public void A_wrong_command_line_is_refused_with_the_reason(string expected, params string[] arguments)
    {
        ParseResult parsed = EvaluateVerb.Command().Parse(arguments);

        Assert.Contains(parsed.Errors, error => error.Message.Contains(expected, StringComparison.Ordinal));
    }

    private static ModelWishes Wishes(string model, string recording) =>
        new(model, recording, null, 0.7, 0, null, false, 1, null, false, null, null);

    private static (int Code, string Output, string Log) Run(params string[] arguments) =>
        CapturedConsole.Run(() => EvaluateVerb.Command().Parse(arguments).Invoke());
}
