// The verb import as a user types it: from a file of another program to a model that is inspected, replayed and evaluated.

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.Core.Models;
using EdgeLstm.EndToEnd.Tests.Rig;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class ImportTests : IDisposable
{
    private const int Hidden = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-import-").FullName;

    private string Imported => Path.Combine(_folder, "oven.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_state_dict_in_safetensors_becomes_a_model_that_forecasts_a_recording()
    {
        string source = WriteLstm();
        string norm = Write("norm.json", """{"mean":[50],"scale":[10],"feature_names":["temperature"],"units":["°C"]}""");

        JsonElement printed = Json("import", source, "-o", Imported, "--norm", norm, "--period", "1s", "--horizon", "1,5s",
            "--stateful", "--warm-up", "20", "--json");

        Assert.Equal(["lstm", "dense"], Each(printed, "layers").Select(layer => layer.GetProperty("kind").GetString()));
        Assert.Equal(16 + 64 + 16 + 10, printed.GetProperty("parameters").GetInt64());
        Assert.InRange(printed.GetProperty("goldenMaxScaledDeviation").GetDouble(), 0, 1e-5);
        JsonElement inspected = Json("inspect", Imported, "--json");
        Assert.Equal([1, 5], Each(inspected, "outputs").Select(output => output.GetProperty("horizon").GetInt32()));
        Assert.Equal("edgelstm import", inspected.GetProperty("provenance").GetProperty("tool").GetString());

        string configuration = Configure();
        (int code, string output, string log) = EdgeProcess.Execute("replay", configuration);
        Assert.Equal((0, ""), (code, log));
        string[] lines = output.Split('\n');
        Assert.Equal(300, lines.Length);
        JsonElement forecast = JsonDocument.Parse(lines[200]).RootElement.GetProperty("forecast").GetProperty("temperature_h5");
        Assert.InRange(forecast.GetProperty("value").GetDouble(), 30, 70);
        Assert.All(
            Each(Json("evaluate", configuration, "--json"), "errors"),
            error => Assert.True(error.GetProperty("forecasts").GetInt32() > 200));
    }

    [Fact]
    public void Wrong_outputs_are_refused_with_exit_code_3_and_nothing_is_written()
    {
        string io = Write("io.json", """{"inputs":[[0.5],[0.25]],"outputs":[[7,7],[7,7]]}""");

        (int code, string output, string log) = EdgeProcess.Execute("import", WriteLstm(), "-o", Imported, "--io", io);

        Assert.Equal((3, ""), (code, output));
        Assert.Matches(@"^.*io\.json: step \d of sequence 0: output \d \('y\d'\) is .*; expected 7 within 0\.0001", log);
        Assert.False(File.Exists(Imported));
    }

    [Fact]
    public void A_file_of_no_known_format_is_refused_by_name()
    {
        string source = Write("notes.txt", "these are no weights");

        (int code, string output, string log) = EdgeProcess.Execute("import", source, "-o", Imported);

        Assert.Equal((3, ""), (code, output));
        Assert.StartsWith($"{source}: ", log, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("gen/torch/lstm_2_state.pt", "gen/torch/lstm_2_state.io.json")]
    [InlineData("gen/torch/lstm_bf.safetensors", "gen/torch/lstm_bf.io.json")]
    [InlineData("gen/torch/net_checkpoint.tar", "gen/torch/net.io.json")]
    [InlineData("gen/family/lstm/model.onnx", "gen/family/lstm/io.json")]
    [InlineData("gen/family/lstm/model.v3.keras", "gen/family/lstm/io.json")]
    [InlineData("gen/family/lstm/model.rtneural.json", "gen/family/lstm/io.json")]
    [InlineData("gen/family/gru/model.keras2.h5", "gen/family/gru/io.json")]
    [InlineData("onnx-gen/gru_state/model.onnx", "onnx-gen/gru_state/io.json")]
    [InlineData("models/nam-json/lstm.nam", "io/lstm.nam.io.json")]
    public void Shared_fixtures_are_imported_and_agree_with_their_references(string source, string io)
    {
        JsonElement printed =
            Json("import", SharedFixture.Path(source), "-o", Imported, "--io", SharedFixture.Path(io), "--json");

        Assert.InRange(printed.GetProperty("referenceMaxAbsDeviation").GetDouble(), 0, 1e-5);
        Assert.InRange(printed.GetProperty("maxScaledDeviation").GetDouble(), 0, 1e-4);
        JsonElement inspected = Json("inspect", Imported, "--json");
        Assert.Equal(printed.GetProperty("parameters").GetInt64(), inspected.GetProperty("parameters").GetInt64());
    }

    [SkippableFact]
    public void Weights_in_float16_agree_within_what_is_allowed_for_them()
    {
        string[] arguments =
        [
            "import", SharedFixture.Path("gen/torch/net_fp16.pt"), "-o", Imported,
            "--io", SharedFixture.Path("gen/torch/net.io.json"),
        ];

        (int code, _, string log) = EdgeProcess.Execute(arguments);
        Assert.Equal(3, code);
        Assert.Contains("weights kept in float16 need --io-tolerance 0.001", log, StringComparison.Ordinal);

        JsonElement printed = Json([.. arguments, "--io-tolerance", "0.001", "--json"]);
        Assert.InRange(printed.GetProperty("maxScaledDeviation").GetDouble(), 1e-4, 1e-3);
    }

    // What torch.nn.LSTM(1, 4) and Linear(4, 2) save, with small weights that are the same every time.
    private string WriteLstm()
    {
        var random = new Random(3);
        Tensor[] tensors =
        [
            Values(random, "lstm.weight_ih_l0", 4 * Hidden, 1), Values(random, "lstm.weight_hh_l0", 4 * Hidden, Hidden),
            Values(random, "lstm.bias_ih_l0", 4 * Hidden), Values(random, "lstm.bias_hh_l0", 4 * Hidden),
            Values(random, "head.weight", 2, Hidden), Values(random, "head.bias", 2),
        ];
        string path = Path.Combine(_folder, "trained.safetensors");
        File.WriteAllBytes(path, SafetensorsWriter.Write(new Dictionary<string, string> { ["format"] = "pt" }, tensors));
        return path;
    }

    private static Tensor Values(Random random, string name, params long[] shape)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        return new Tensor(name, shape, [.. Enumerable.Range(0, (int)count).Select(_ => (random.NextSingle() - 0.5f) / 2)]);
    }

    private string Configure()
    {
        StringBuilder rows = new("temperature\n");
        for (int t = 0; t < 300; t++)
        {
            rows.AppendLine(CultureInfo.InvariantCulture, $"{50 + (10 * Math.Sin(t / 9.0)):F3}");
        }

        JsonObject source = new()
        {
            ["kind"] = "replay",
            ["file"] = Write("oven.csv", rows.ToString()),
            ["profile"] = Write(
                "profile.json",
                """{"name":"profile","framing":{"kind":"csv"},"channels":[{"name":"temperature","unit":"°C","field":0}]}"""),
        };
        JsonObject settings = new()
        {
            ["device"] = "pi",
            ["mqtt"] = new JsonObject { ["host"] = "127.0.0.1" },
            ["streams"] = new JsonArray(new JsonObject
            {
                ["name"] = "oven",
                ["source"] = source,
                ["model"] = Imported,
                ["clock"] = new JsonObject { ["resample"] = "each" },
            }),
        };
        return Write("edgelstm.json", settings.ToJsonString());
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static JsonElement[] Each(JsonElement parent, string name) => [.. parent.GetProperty(name).EnumerateArray()];

    private static JsonElement Json(params string[] arguments)
    {
        (int code, string output, string log) = EdgeProcess.Execute(arguments);
        Assert.True(code == 0, $"exit code {code}: {log}");
        return JsonDocument.Parse(output).RootElement;
    }
}
