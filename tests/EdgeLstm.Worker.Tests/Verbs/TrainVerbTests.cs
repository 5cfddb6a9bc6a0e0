// The verb train: what it prints as text and as JSON, its exit codes, and options that are written wrongly.

using System.CommandLine;
using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Losses;
using EdgeLstm.Training.Optimisation;
using EdgeLstm.Worker.Tests.Training;
using EdgeLstm.Worker.Training;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Tests.Verbs;

[Collection(RunsAlone.Name)]
public sealed class TrainVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-trainverb-").FullName;

    private string Output => Path.Combine(_folder, "pump.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_text_says_what_is_trained_how_far_it_is_and_what_came_of_it()
    {
        (int code, string output, string log) = Run(new MadeRecording(500), "--epochs", "3", "--target", "level");

        Assert.Equal(0, code);
        string[] expected =
        [
            "500 rows every 60 s: Level from Level, load", "  training    350   2026-01-05 00:00:00  2026-01-05 05:49:00",
            "gru, reset after 32 → dense, linear 3: 3,491 parameters; 16 lanes in chunks of 16 rows, state carried; ",
            "MB of rows, activations, gradients and moments", "all 3 epochs are done; ", "the weights of epoch 3 are kept",
            "  Level   12 samples (12 min)  test  ", $"{Output} is written, ",
        ];
        Assert.All(expected, part => Assert.Contains(part, output, StringComparison.Ordinal));
        string[] lines = log.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.All(lines, line => Assert.Matches("^[123]/3: loss .*, validation .* \\(best .* at [123]\\)", line));
        Assert.Equal(3, ModelFile.Load(Output).Manifest.Outputs.Count);
    }

    [Fact]
    public void The_json_is_one_object()
    {
        TrainReport report = new TrainRun(Read(new MadeRecording(300).Write(_folder), "--epochs", "2"), TimeProvider.System).Run(
            _ => { }, _ => { }, default);
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, ImportText.JsonOptions))
        {
            writer.WriteStartObject();
            TrainText.WriteJson(writer, report);
            writer.WriteEndObject();
        }

        JsonElement root = JsonDocument.Parse(stream.ToArray()).RootElement;
        Assert.Equal((Output, "maxEpochs", 2), (
            root.GetProperty("model").GetString(), root.GetProperty("ended").GetString(), root.GetProperty("epochs").GetInt32()));
        JsonElement rows = root.GetProperty("rows");
        Assert.Equal((210, 45, 45), (
            rows.GetProperty("training").GetInt32(), rows.GetProperty("validation").GetInt32(),
            rows.GetProperty("test").GetInt32()));
        Assert.Equal(6, root.GetProperty("test").GetArrayLength());
        Assert.True(root.GetProperty("test")[0].GetProperty("persistence").GetProperty("mae").GetDouble() > 0);
        Assert.True(root.GetProperty("memoryBytes").GetInt64() > 100_000);
    }

    [Fact]
    public void Stopped_at_once_it_writes_nothing_and_says_so()
    {
        TrainRequest request = Read(new MadeRecording(300).Write(_folder));

        (int code, _, string log) = CapturedConsole.Run(
            () => TrainVerb.Run(request, json: false, new CancellationToken(canceled: true)));

        Assert.Equal((130, "train: stopped before the first epoch was done; nothing was written"), (code, log.TrimEnd()));
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void A_recording_that_is_refused_is_exit_code_3_and_one_message()
    {
        (int code, string output, string log) = Run(new MadeRecording(300), "--target", "lode");

        Assert.Equal((3, ""), (code, output));
        Assert.EndsWith("pump.csv: has no column 'lode'; did you mean 'load'?", log.TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--hidden must be 1 to 1024; got 5000", "--hidden", "5000")]
    [InlineData("--lanes must be 1 to 1024; got 0", "--lanes", "0")]
    [InlineData("--learning-rate must be above 0; got 0", "--learning-rate", "0")]
    [InlineData("--average must be at least 0 and below 1; got 1", "--average", "1")]
    [InlineData("--head must be 1 to 1024; got 0", "--head", "0")]
    [InlineData("--window must be 2 to 1024; got 1", "--window", "1")]
    [InlineData("--huber-delta must be above 0; got 0", "--huber-delta", "0")]
    [InlineData("--dropout must be at least 0 and below 1; got 1", "--dropout", "1")]
    public void A_setting_out_of_its_range_is_exit_code_2(string expected, params string[] arguments)
    {
        (int code, string output, string log) = Run(new MadeRecording(300), arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--horizon must be sample counts, or numbers with us, ms, s, min, h or d; got 'soon'", "--horizon", "soon")]
    [InlineData("--season must be sample counts", "--season", "x")]
    [InlineData("--season must be one number", "--season", "1,2")]
    [InlineData("--split must be two shares with a rest", "--split", "0.7,0.3")]
    [InlineData("--split must be two shares with a rest", "--split", "700,600")]
    [InlineData("--quantiles must be numbers apart by commas; got '0.1;0.9'", "--quantiles", "0.1;0.9")]
    [InlineData("--time-features must be day or week; got 'year'", "--time-features", "day,year")]
    [InlineData("--head must be whole numbers", "--head", "16.5")]
    [InlineData("'tcn'", "--cell", "tcn")]
    public void An_option_that_is_written_wrongly_is_named(string expected, params string[] arguments)
    {
        ParseResult parsed = TrainVerb.Command().Parse(["r.csv", "-o", "m.safetensors", .. arguments]);

        Assert.Contains(parsed.Errors, error => error.Message.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Options_reach_the_request()
    {
        TrainRequest request = Read("r.csv",
            "--target", "a", "--inputs", "a, b", "--cell", "lstm-peepholes", "--layers", "2", "--hidden", "24", "--head", "16,8",
            "--horizon", "2,1h", "--quantiles", "0.1,0.9", "--loss", "mae", "--window", "30", "--lanes", "48", "--stride", "3",
            "--epochs", "7", "--patience", "3", "--learning-rate", "0.01", "--optimiser", "sgd", "--momentum", "0.5", "--decay",
            "cosine", "--warm-up-updates", "9", "--weight-decay", "0.001", "--clip", "2", "--dropout", "0.25", "--average", "0",
            "--level-shift", "1", "--absolute", "--time-features", "day", "--labels", "l.json", "--learn-labelled", "--split",
            "0.6,0.2", "--name", "n", "--unit", "V", "--period", "5min", "--season", "1d", "--seed", "4", "--threads", "1");

        Assert.Equal((CellKind.LstmPeepholes, 2, 24, 0.25), (
            request.Network.Cell, request.Network.Layers, request.Network.HiddenSize, request.Network.Dropout));
        Assert.Equal([16, 8], request.Network.HeadSizes);
        Assert.Equal(["a", "b"], request.Inputs!);
        Assert.Equal(["a"], request.Targets!);
        Assert.Equal(["2", "1h"], request.Horizons.Select(horizon => horizon.Text));
        Assert.Equal([0.1, 0.9], request.Quantiles);
        Assert.Equal((LossKind.Absolute, false, TimeFeatures.Day, true), (
            request.Loss, request.IsRelative, request.TimeFeatures, request.LearnsLabelled));
        Assert.Equal(("l.json", "n", 300_000.0, "1d"), (request.Labels, request.Name, request.PeriodMs, request.Season!.Text));
        Assert.Equal("V", request.Units[""]);
        Assert.Equal(new SplitChoice(0.6, 0.2, false), request.Split);
        Assert.Equal(
            new TrainingSettings(48, 30, 29, true, 3, 7, 3, 0, 1, 4, 1, new OptimiserSettings(
                OptimiserKind.Sgd, 0.01, 9, DecayKind.Cosine, 2, 0.001, 0.5, 0.9, 0.999, 1e-8)),
            request.Training.Settings(1000));
    }

    [Fact]
    public void The_bare_command_decides_by_the_number_of_rows()
    {
        TrainRequest request = Read("r.csv");

        Assert.Equal(["1", "6", "12"], request.Horizons.Select(horizon => horizon.Text));
        Assert.Equal((CellKind.Gru, 1, 32, LossKind.Huber, true), (
            request.Network.Cell, request.Network.Layers, request.Network.HiddenSize, request.Loss, request.IsRelative));
        Assert.Equal((16, 48, 64, false), Chosen(request.Training.Settings(10_000)));
        Assert.Equal((32, 48, 64, false), Chosen(request.Training.Settings(60_000)));
        Assert.Equal((16, 16, 10, false), Chosen(request.Training.Settings(200)));
        Assert.Equal((384, 25), (request.Training.Settings(10_000).MaxEpochs, request.Training.Settings(10_000).Patience));
        Assert.Equal((2000, 133), (request.Training.Settings(200).MaxEpochs, request.Training.Settings(200).Patience));
        Assert.Empty(request.FindProblems());
    }

    private static (int Lanes, int Steps, int Lead, bool IsWindowed) Chosen(TrainingSettings settings) =>
        (settings.Lanes, settings.Steps, settings.Lead, settings.IsWindowed);

    private TrainRequest Read(string recording, params string[] arguments)
    {
        TrainCommandLine line = new();
        ParseResult parsed = line.Command().Parse([recording, "-o", Output, .. arguments]);
        Assert.Empty(parsed.Errors);
        return line.Read(parsed);
    }

    private (int Code, string Output, string Log) Run(MadeRecording recording, params string[] arguments)
    {
        string path = recording.Write(_folder);
        return CapturedConsole.Run(() => TrainVerb.Command().Parse([path, "-o", Output, .. arguments]).Invoke());
    }
}
