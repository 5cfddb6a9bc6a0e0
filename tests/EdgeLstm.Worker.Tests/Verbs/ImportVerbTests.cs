// The verb import: its options, what it prints as text and as JSON, and its exit codes.

using System.CommandLine;
using System.Text.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import;
using EdgeLstm.Import.Assembly;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Tests.Verbs;

[Collection(RunsAlone.Name)]
public sealed class ImportVerbTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-import-").FullName;

    private ImportRequest? _seen;

    private string Source => Path.Combine(_folder, "trained.pt");

    private string Output => Path.Combine(_folder, "pump.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_text_says_what_was_found_assumed_and_written()
    {
        (int code, string output, string log) = Run("--name-inputs", "flow,load");

        Assert.Equal((0, ""), (code, log));
        string[] expected =
        [
            $"{Source}: made in a test", "RNN 'rnn' 2 → 2, tanh", "parameters      16", "inputs          flow, load",
            "outputs         y1 now, y2 now", "state           carried from sample to sample", "scaling         none",
            "golden vectors  32 steps computed in double precision", "warning: scaling absent", "warning: a trap",
            $"{Output} is written, ",
        ];
        Assert.All(expected, part => Assert.Contains(part, output, StringComparison.Ordinal));
        Assert.DoesNotContain("compared", output, StringComparison.Ordinal);
        Assert.Equal(["flow", "load"], ModelFile.Load(Output).Manifest.Inputs.Select(input => input.Name));
    }

    [Fact]
    public void The_json_is_one_object_with_layers_parameters_deviations_and_warnings()
    {
        string io = Write("io.json", """{"inputs":[[0,0],[0,0]],"outputs":[[0,0],[0,0]]}""");

        JsonElement root = Json(io);
        JsonElement layer = root.GetProperty("layers")[0];
        Assert.Equal(("rnn", "rnn", 2, 2), (
            layer.GetProperty("name").GetString(), layer.GetProperty("kind").GetString(),
            layer.GetProperty("inputSize").GetInt32(), layer.GetProperty("outputSize").GetInt32()));
        Assert.Equal("RNN 'rnn' 2 → 2, tanh", layer.GetProperty("found").GetString());
        Assert.Equal(16, root.GetProperty("parameters").GetInt64());
        Assert.Equal(0, root.GetProperty("maxAbsDeviation").GetDouble());
        Assert.Equal(0, root.GetProperty("referenceMaxAbsDeviation").GetDouble());
        Assert.InRange(root.GetProperty("goldenMaxScaledDeviation").GetDouble(), 0, 1e-5);
        Assert.Equal((Output, "made in a test"), (root.GetProperty("model").GetString(), root.GetProperty("format").GetString()));
        Assert.Contains("a trap", root.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()));
    }

    [Fact]
    public void Without_given_outputs_the_json_has_no_deviation_from_them()
    {
        Assert.False(Json(null).TryGetProperty("maxAbsDeviation", out _));
    }

    [Fact]
    public void A_refusal_is_one_message_exit_code_3_and_no_file()
    {
        string io = Write("io.json", """{"inputs":[[0,0]],"outputs":[[0,1]]}""");

        (int code, string output, string log) = Run("--io", io);

        Assert.Equal((3, ""), (code, output));
        Assert.EndsWith("; a trap", log.TrimEnd(), StringComparison.Ordinal);
        Assert.StartsWith($"{io}: step 0 of sequence 0: output 1 ('y2') is 0; expected 1", log, StringComparison.Ordinal);
        Assert.Single(log.TrimEnd().Split('\n'));
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public void Options_reach_the_import()
    {
        ImportRequest request = Read(
            "--period", "100ms", "--horizon", "1,6,1min", "--target", "flow, load", "--window", "24", "--warm-up", "30", "--name",
            "pump", "--activation", "fc1=relu,fc2=hardSigmoid(0.2, 0.5),net.0=leakyRelu(0.1)", "--config", "model.json",
            "--norm", "n.json", "--io-tolerance", "0.001", "--name-outputs", "a,b");

        Assert.Equal((100.0, 24, 30, "pump"), (
            request.Choices.PeriodMs, request.Choices.Window, request.Choices.WarmUpSamples, request.Choices.Name));
        Assert.Equal(0.001, request.IoTolerance);
        Assert.Equal(["1", "6", "1min"], request.Choices.Horizons!.Select(horizon => horizon.Text));
        Assert.Equal(["flow", "load"], request.Choices.Targets!);
        Assert.Equal(["a", "b"], request.Choices.OutputNames!);
        Assert.Equal(("model.json", "n.json"), (request.Options.ConfigPath, request.NormPath));
        Assert.Equal(new Dictionary<string, ActivationFunction>
        {
            ["fc1"] = Activation.Relu,
            ["fc2"] = new(Activation.HardSigmoid, 0.2f, 0.5f),
            ["net.0"] = new(Activation.LeakyRelu, 0.1f),
        }, request.Options.Activations!);
    }

    [Fact]
    public void Options_left_out_say_nothing()
    {
        ImportRequest request = Read();

        Assert.Equal(new ImportChoices(), request.Choices);
        Assert.Equal(ImportOptions.None, request.Options);
        Assert.Equal(1e-4, request.IoTolerance);
        Assert.Equal((null, null), (request.NormPath, request.IoPath));
    }

    [Theory]
    [InlineData("--period must be a number with us, ms, s, min, h or d; got 'soon'", "--period", "soon")]
    [InlineData("--horizon must be sample counts, or numbers with us, ms, s, min, h or d; got '0'", "--horizon", "1,0")]
    [InlineData("--window must be 2 to 1024; got 1", "--window", "1")]
    [InlineData("--window and --stateful say opposite things", "--window", "5", "--stateful")]
    [InlineData("--io-tolerance must be above 0 and at most 0.1; got 1", "--io-tolerance", "1")]
    [InlineData("--activation must be LAYER=NAME", "--activation", "relu")]
    [InlineData("got 'fc=softly'", "--activation", "fc=softly")]
    [InlineData("--name-inputs has an empty name: 'a,,b'", "--name-inputs", "a,,b")]
    public void A_wrong_option_is_named_with_its_value(string expected, params string[] arguments)
    {
        ParseResult parsed = ImportVerb.Command().Parse(["in.pt", "-o", "out.safetensors", .. arguments]);

        Assert.Contains(parsed.Errors, error => error.Message.Contains(expected, StringComparison.Ordinal));
    }

    private JsonElement Json(string? io)
    {
        File.WriteAllBytes(Source, [1]);
        ImportReport report = new FileImport((_, _) => Rnn(), TimeProvider.System).Run(
            new ImportRequest(Source, Output, ImportOptions.None, new ImportChoices(), IoPath: io));
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, ImportText.JsonOptions))
        {
            writer.WriteStartObject();
            ImportText.WriteJson(writer, report);
            writer.WriteEndObject();
        }

        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }

    private ImportRequest Read(params string[] arguments)
    {
        ImportCommandLine line = new();
        Command command = line.Command();
        command.SetAction(parsed =>
        {
            _seen = line.Read(parsed);
            return 0;
        });
        ParseResult parsed = command.Parse(["in.pt", "-o", "out.safetensors", .. arguments]);
        Assert.Empty(parsed.Errors);
        parsed.Invoke();
        return _seen!;
    }

    private (int Code, string Output, string Log) Run(params string[] arguments)
    {
        File.WriteAllBytes(Source, [1]);
        Command command = ImportVerb.Command((_, _) => Rnn(), TimeProvider.System);
        return CapturedConsole.Run(() => command.Parse([Source, "-o", Output, .. arguments]).Invoke());
    }

    // Biases are zero, so that zeros give zeros.
    private static ImportedModel Rnn()
    {
        Tensor[] rnn =
        [
            new("rnn.weight_ih", [2, 2], [0.5f, -0.25f, 0.125f, 1]), new("rnn.weight_hh", [2, 2], [0.5f, 0, 0, -0.5f]),
            new("rnn.bias", [2], new float[2]),
        ];
        Tensor[] dense = [new("fc.weight", [2, 2], [1, 2, 3, 4]), new("fc.bias", [2], new float[2])];
        return new ImportedModel(
            "made in a test",
            [
                new(new LayerManifest("rnn", LayerKind.Rnn, 2, 2, Activation: Activation.Tanh), rnn, "RNN 'rnn' 2 → 2, tanh"),
                new(new LayerManifest("fc", LayerKind.Dense, 2, 2, Activation: Activation.Linear), dense, "Dense 'fc' 2 → 2"),
            ],
            new SequenceUse(), SampleAxes.BatchFirst, null, ["a trap"]);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
