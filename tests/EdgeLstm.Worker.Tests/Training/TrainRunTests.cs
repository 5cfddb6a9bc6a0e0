// A training from file to file: what the model says of itself, that the pipeline forecasts as well as it says, and Ctrl+C.

using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Training;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Evaluation;
using EdgeLstm.Worker.Evaluation.Suites;
using EdgeLstm.Worker.Streams;
using EdgeLstm.Worker.Tests.Evaluation.Report;
using EdgeLstm.Worker.Training;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Tests.Training;

public sealed class TrainRunTests : IDisposable
{
    private static readonly string[] Small =
    [
        "--hidden", "8", "--epochs", "30", "--steps", "8", "--average", "0.9", "--horizon", "1,4min", "--target", "level",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-train-").FullName;

    private string Output => Path.Combine(_folder, "pump-level.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_model_says_what_it_is_made_of_and_how_well_it_does()
    {
        string recording = new MadeRecording(1500).Write(_folder);

        TrainReport report = Run(recording, [.. Small, "--unit", "mm,load=%"]);

        ModelManifest manifest = ModelFile.Load(Output).Manifest;
        Assert.Equal(("pump-level", ModelTask.Forecast, 60_000.0, 52), (
            manifest.Name, manifest.Task, manifest.SamplePeriodMs, manifest.WarmUpSamples));
        Assert.Equal([("Level", "mm"), ("load", "%")], manifest.Inputs.Select(input => (input.Name, input.Unit)));
        Assert.Equal(
            [("Level", 1, "Level"), ("Level", 4, "Level")],
            manifest.Outputs.Select(output => (output.Name, output.Horizon, output.RelativeTo!)));
        Assert.All(manifest.Outputs, output => Assert.InRange(output.Residuals!.Samples, 200, 225));
        Assert.Null(manifest.Window);
        Assert.Equal(
            ("pump.csv", ModelHash.OfFile(recording), "edgelstm train"),
            (manifest.Provenance.Source, manifest.Provenance.Sha256, manifest.Provenance.Tool));
        Assert.Equal(
            Errors(report).SelectMany(one => new[] { one.Model.Mae, one.Model.Rmse }), manifest.Results!.Select(r => r.Model));
        Assert.All(Errors(report), errors => Assert.True(errors.Model.Mae < 0.7 * errors.Persistence.Mae, $"{errors}"));
        Assert.Equal(
            ["model", "persistence", "seasonal naive", "linear autoregression"],
            report.Forecasts.Test!.Forecasters.Select(forecaster => forecaster.Name));
        Assert.Equal(20, report.Forecasts.Test.Seasons[0]);
    }

    [Fact]
    public void The_same_command_writes_the_same_file()
    {
        string recording = new MadeRecording(600).Write(_folder);
        _ = Run(recording, [.. Small, "--threads", "1"]);
        byte[] first = File.ReadAllBytes(Output);

        _ = Run(recording, [.. Small, "--threads", "2"]);

        Assert.Equal(first, File.ReadAllBytes(Output));
    }

    [Theory]
    [InlineData]
    [InlineData("--time-features", "day,week")]
    public void The_pipeline_of_the_service_forecasts_as_well_as_the_results_say(params string[] options)
    {
        MadeRecording recording = new(1500);
        TrainReport report = Run(recording.Write(_folder), [.. Small, .. options]);

        RecordedStream played = Stream(recording.From(1275 - report.Start.Settings.Lead).Write(_folder, "test.csv"));
        PrecisionErrors measured = PrecisionComparison.Measure(played, out string? problem)[0];

        Assert.Null(problem);
        ForecastError[] mae = [.. measured.Errors.Where(error => error.Metric == "mae")];
        Assert.Equal(2, mae.Length);
        for (int k = 0; k < mae.Length; k++)
        {
            Assert.InRange(mae[k].Forecasts, Errors(report)[k].Model.Count, Errors(report)[k].Model.Count + 2);
            Assert.Equal(Errors(report)[k].Model.Mae, mae[k].Value, 0.02 * mae[k].Value);
        }
    }

    [Fact]
    public void Inspect_shows_the_model()
    {
        _ = Run(new MadeRecording(600).Write(_folder), Small);

        using StringWriter text = new();
        InspectText.Write(text, ModelFile.Load(Output));
        Assert.All(
            (string[])["gru, reset after", "Residuals of Level, 4 samples (4 min)", "edgelstm train, version", "persistence"],
            part => Assert.Contains(part, text.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("lstm-peepholes")]
    [InlineData("gru-reset-before")]
    [InlineData("rnn")]
    [InlineData("rnn-relu")]
    public void Every_cell_becomes_a_model_that_proves_itself(string cell)
    {
        _ = Run(new MadeRecording(400).Write(_folder),
            [.. Small, "--cell", cell, "--layers", "2", "--head", "6,5", "--dropout", "0.2", "--epochs", "2"]);

        Model model = ModelFile.Load(Output);
        Assert.Equal(5, model.Manifest.Layers.Count);
        Assert.True(model.GoldenDeviation.MaxScaled < 1e-5);
    }

    [Fact]
    public void A_windowed_training_makes_a_windowed_model()
    {
        TrainReport report = Run(new MadeRecording(900).Write(_folder), [.. Small, "--window", "20", "--epochs", "15"]);

        ModelManifest manifest = ModelFile.Load(Output).Manifest;
        Assert.Equal((20, 20), (manifest.Window, manifest.WarmUpSamples));
        Assert.All(Errors(report), errors => Assert.True(errors.Model.Mae < errors.Persistence.Mae, $"{errors}"));
    }

    [Fact]
    public void Quantiles_make_bands()
    {
        TrainReport report = Run(
            new MadeRecording(1500).Write(_folder), [.. Small, "--quantiles", "0.05,0.5,0.95", "--epochs", "60"]);

        Assert.Equal(
            [0.05, 0.5, 0.95, 0.05, 0.5, 0.95],
            ModelFile.Load(Output).Manifest.Outputs.Select(output => output.Quantile!.Value));
        Assert.All(Errors(report), errors => Assert.InRange(errors.Model.Band!.Achieved, 0.75, 1));
    }

    [Fact]
    public void Gaps_holes_and_labels_are_no_obstacle()
    {
        MadeRecording recording = new MadeRecording(1200).Add("anomaly", row => row is >= 300 and < 320 ? "1" : "0");
        for (int row = 50; row < 1100; row += 90)
        {
            _ = recording.Set(row, 1, "").Set(row + 7, 2, "");
        }

        TrainReport report = Run(recording.Without(700, 30).Write(_folder), Small);

        Assert.Equal(2, report.Start.Problem.Table.Stretches.Count);
        Assert.Equal(["Level", "load"], report.Start.Problem.Inputs.Select(input => input.Name));
        Assert.All(Errors(report), errors => Assert.True(errors.Model.Mae < errors.Persistence.Mae, $"{errors}"));
    }

    [Fact]
    public void Features_of_time_are_inputs_that_the_service_reads_from_no_channel()
    {
        MadeRecording recording = new(400);
        _ = Run(recording.Write(_folder), [.. Small, "--time-features", "day,week", "--epochs", "1"]);

        StreamPlan plan = Stream(recording.Write(_folder, "test.csv")).Stream;
        Assert.Equal(["Level", "load"], plan.ProfileChannels);
        Assert.Equal(
            ["time_day_sin", "time_day_cos", "time_week_sin", "time_week_cos"], plan.ClockInputs.Select(input => input.Name));
        Assert.Equal(6, plan.Manifest.Inputs.Count);
    }

    [Fact]
    public void Stopped_after_two_epochs_the_best_model_so_far_is_written()
    {
        string recording = new MadeRecording(600).Write(_folder);
        using CancellationTokenSource stop = new();

        TrainReport report = new TrainRun(Request(recording, [.. Small, "--epochs", "500"]), TimeProvider.System).Run(
            _ => { },
            epoch =>
            {
                if (epoch.Epoch == 2)
                {
                    stop.Cancel();
                }
            },
            stop.Token);

        Assert.Equal((StopReason.Cancelled, 2), (report.History.Reason, report.History.Epochs.Count));
        byte[] written = File.ReadAllBytes(Output);
        _ = Run(recording, [.. Small, "--epochs", "2", "--decay", "none"]);
        Assert.Equal(File.ReadAllBytes(Output), written);
        using StringWriter text = new();
        TrainText.Write(text, report);
        Assert.StartsWith("stopped in epoch 2; ", text.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{Output} is written", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Stopped_before_anything_was_learned_nothing_is_written()
    {
        TrainRequest request = Request(new MadeRecording(300).Write(_folder), Small);

        Assert.Throws<OperationCanceledException>(() => new TrainRun(request, TimeProvider.System).Run(
            _ => { }, _ => { }, new CancellationToken(canceled: true)));
        Assert.Equal([request.Recording], Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("has no column 'levl'; did you mean 'Level'?", "--target", "levl")]
    [InlineData("has no column 'speed'; known are Level, load", "--inputs", "speed")]
    [InlineData("horizon 60 is longer than a part of the recording", "--horizon", "60")]
    [InlineData("'90s' is no whole number of sample periods of 60000 ms", "--horizon", "90s")]
    [InlineData("training ends at row 250, validation at 300 of 300", "--split", "250,300")]
    [InlineData("no window of 250 rows without a gap has a target", "--window", "250")]
    [InlineData("cannot become a model: name", "--name", "Pump 1")]
    [InlineData("cannot be read", "--labels", "nowhere.json")]
    public void What_cannot_be_trained_is_refused_and_nothing_is_written(string expected, params string[] arguments)
    {
        string recording = new MadeRecording(300).Write(_folder);
        File.WriteAllText(Output, "the model before");

        Exception refused = Assert.ThrowsAny<Exception>(() => Run(recording, [.. Small, .. arguments]));

        Assert.True(refused is CorpusException or ModelFileException, refused.ToString());
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Equal("the model before", File.ReadAllText(Output));
    }

    [Fact]
    public void A_constant_channel_that_is_asked_for_is_refused()
    {
        string recording = new MadeRecording(300).Add("mode", _ => "7").Write(_folder);

        Assert.Contains("channel 'mode' is constant (7) in the 210 training rows", Assert.Throws<CorpusException>(
            () => Run(recording, [.. Small, "--inputs", "level,mode"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Divergence_in_the_first_epoch_is_refused_with_what_may_help()
    {
        string recording = new MadeRecording(300).Write(_folder);

        Assert.Contains("a lower --learning-rate", Assert.Throws<CorpusException>(() => Run(recording,
            [.. Small, "--optimiser", "sgd", "--learning-rate", "1e30", "--clip", "1e30", "--loss", "mse"])).Message,
            StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_noticed_before_the_training()
    {
        string recording = new MadeRecording(300).Write(_folder);
        string output = Path.Combine(_folder, "missing", "m.safetensors");
        bool isBegun = false;

        TrainRequest request = Request(recording, Small);
        Assert.Throws<ModelFileException>(() => new TrainRun(request with { Output = output }, TimeProvider.System)
            .Run(_ => isBegun = true, _ => { }, default));
        Assert.False(isBegun);
        Assert.Contains("is the recording", Assert.Throws<ModelFileException>(
            () => new TrainRun(request with { Output = recording }, TimeProvider.System)
                .Run(_ => { }, _ => { }, default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_and_its_json_show_the_test_part_with_the_learning_curve()
    {
        (string html, string json) = (Path.Combine(_folder, "r.html"), Path.Combine(_folder, "r.json"));
        string recording = new MadeRecording(600).Write(_folder);

        int code = TrainVerb.Run(
            Request(recording, [.. Small, "--epochs", "3", "--split", "400,500", "--time-features", "day", "--html", html,
                "--report", json]), json: false, default);

        Assert.Equal(0, code);
        Assert.Contains(
            "pump-level over pump.csv", HtmlReportTests.Parsed(File.ReadAllText(html)).Value, StringComparison.Ordinal);
        JsonElement root = JsonDocument.Parse(File.ReadAllText(json)).RootElement;
        Assert.Equal(3, root.GetProperty("gates").GetArrayLength());
        Assert.Contains("\"bestEpoch\"", root.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_part_that_cannot_be_measured_is_a_warning_and_the_model_is_written()
    {
        MadeRecording recording = new MadeRecording(605).Without(585, 5);
        for (int row = 510; row < 585; row++)
        {
            _ = recording.Set(row, 1, "");   // behind them a gap, and fewer rows than the state needs to warm up
        }

        TrainReport report = Run(recording.Write(_folder), [.. Small, "--epochs", "2"]);

        Assert.Null(report.Forecasts.Test);
        Assert.Contains(report.Warnings, warning => warning.Contains("could be measured", StringComparison.Ordinal));
        Assert.Null(ModelFile.Load(Output).Manifest.Results);
    }

    private static (ForecastScores Model, ForecastScores Persistence)[] Errors(TrainReport report) =>
    [
        .. report.Forecasts.Test!.Forecasters[0].Scores.Zip(report.Forecasts.Test.Forecasters[1].Scores),
    ];

    private TrainReport Run(string recording, string[] arguments) =>
        new TrainRun(Request(recording, arguments), TimeProvider.System).Run(_ => { }, _ => { }, default);

    private TrainRequest Request(string recording, string[] arguments)
    {
        TrainCommandLine line = new();
        System.CommandLine.ParseResult parsed = line.Command().Parse([recording, "-o", Output, .. Latest(arguments)]);
        Assert.Empty(parsed.Errors);
        return line.Read(parsed);
    }

    // An option said twice: as it is said last.
    private static List<string> Latest(string[] arguments)
    {
        List<string> words = [];
        for (int k = 0; k < arguments.Length; k++)
        {
            if (arguments[k].StartsWith("--", StringComparison.Ordinal) && Array.LastIndexOf(arguments, arguments[k]) != k)
            {
                k++;
            }
            else
            {
                words.Add(arguments[k]);
            }
        }

        return words;
    }

    private RecordedStream Stream(string file)
    {
        File.WriteAllText(Path.Combine(_folder, "profile.json"), """
            {
              "name": "pump-csv", "description": "test", "transport": { "kind": "serial", "baud": 9600 },
              "framing": { "kind": "csv" }, "rateHz": 0.016666666666666666,
              "channels": [{ "name": "Level", "field": 0, "unit": "1" }, { "name": "load", "field": 1, "unit": "1" }]
            }
            """);
        string path = Path.Combine(_folder, "edgelstm.json");
        File.WriteAllText(path, """
            {
              "device": "test", "mqtt": { "host": "localhost" },
              "streams": [{
                "name": "pump", "source": { "kind": "replay", "file": "test.csv", "profile": "profile.json" },
                "model": "pump-level.safetensors", "clock": { "resample": "each" }
              }]
            }
            """);
        ProblemList problems = new(path);
        DevicePlan? plan = DevicePlan.Load(path, problems);
        Assert.True(plan is not null, problems.ToString());
        return new RecordedStream(plan.Streams[0], file);
    }
}
