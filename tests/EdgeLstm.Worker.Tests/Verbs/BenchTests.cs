// What edgelstm bench accepts and what it says; never how fast anything is.

using System.CommandLine;
using System.Text.Json;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Tests.Verbs;

[Collection(RunsAlone.Name)]
public sealed class BenchTests
{
    private static readonly BenchOptions Small = new("lstm", 2, 5, 1, null, 1, VectorWidths.Best, null);

    [Theory]
    [InlineData("--hidden must be 1 to 4096; got 0", "--hidden", "0")]
    [InlineData("--input must be 1 to 4096; got 4097", "--input", "4097")]
    [InlineData("--layers must be 1 to 64; got 65", "--layers", "65")]
    [InlineData("--streams must be 1 to 1024; got -1", "--streams", "-1")]
    [InlineData("--width must be one that this process has", "--width", "384")]
    [InlineData("'float16'", "--precision", "float16")]
    [InlineData("'transformer'", "--cell", "transformer")]
    [InlineData("--hidden does not go with --model", "--model", "x.safetensors", "--hidden", "8")]
    [InlineData("--cell does not go with --model", "--cell", "gru", "--model", "x.safetensors")]
    public void A_wrong_option_is_named_with_its_value(string expected, params string[] arguments)
    {
        ParseResult parsed = BenchVerb.Command().Parse(arguments);

        Assert.Contains(parsed.Errors, error => error.Message.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_network_of_more_than_a_gibibyte_is_refused()
    {
        Assert.Null((Small with { HiddenSize = 4096 }).FindProblem(null));

        string? problem = (Small with { HiddenSize = 4096, Layers = 4 }).FindProblem(null);

        Assert.Contains("at most 1073741824", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lstm", 1)]
    [InlineData("gru", 2)]
    [InlineData("rnn", 3)]
    public void The_json_holds_what_was_asked_for_and_figures_that_fit_together(string cell, int layers)
    {
        JsonElement json = Measure(Small with { Cell = cell, Layers = layers });

        Assert.Equal(cell, json.GetProperty("cell").GetString());
        Assert.Equal(2, json.GetProperty("inputSize").GetInt32());
        Assert.Equal(5, json.GetProperty("hiddenSize").GetInt32());
        Assert.Equal(layers, json.GetProperty("layers").GetInt32());
        Assert.Equal("float32", json.GetProperty("precision").GetString());
        Assert.Equal(1, json.GetProperty("streams").GetInt32());
        Assert.NotEmpty(json.GetProperty("instructionSet").GetString()!);
        Assert.True(Number(json, "weightBytes") > 0);
        Assert.True(Number(json, "floorNs") > 0);
        Assert.True(Number(json, "arithmeticNs") > 0);
        AssertEqual(Number(json, "nsPerStep") / Number(json, "floorNs"), Number(json, "floorRatio"));
        AssertEqual(Number(json, "nsPerStep") * Number(json, "gigahertz"), Number(json, "cyclesPerStep"));
        AssertEqual(Number(json, "weightBytes") / Number(json, "nsPerStep"), Number(json, "gigabytesPerSecond"));
        Assert.Equal(0, Number(json, "allocatedBytesPerStep"));
    }

    [Fact]
    public void Streams_share_the_weights_and_the_time_of_a_call()
    {
        JsonElement one = Measure(Small);
        JsonElement four = Measure(Small with { Streams = 4 });

        Assert.Equal(4, four.GetProperty("streams").GetInt32());
        Assert.Equal(Number(one, "weightBytes"), Number(four, "weightBytes"));
        AssertEqual(4 * Number(four, "nsPerStep") / Number(four, "floorNs"), Number(four, "floorRatio"));
        Assert.Equal(0, Number(four, "allocatedBytesPerStep"));
    }

    [Fact]
    public void Narrow_weights_are_fewer_bytes()
    {
        JsonElement narrow = Measure(Small with { HiddenSize = 64, Precision = WeightPrecision.BFloat16 });

        Assert.Equal("bfloat16", narrow.GetProperty("precision").GetString());
        Assert.True(Number(narrow, "weightBytes") < Number(Measure(Small with { HiddenSize = 64 }), "weightBytes"));
    }

    [Fact]
    public void Eight_bit_weights_have_no_floor_of_float_arithmetic() =>
        Assert.False(Measure(Small with { Precision = WeightPrecision.Int8 }).TryGetProperty("arithmeticNs", out _));

    [Fact]
    public void Every_width_is_measured_and_the_floor_is_read_with_the_widest()
    {
        Assert.All(VectorWidths.Supported, width =>
        {
            JsonElement json = Measure(Small with { Width = width });
            Assert.Equal((int)width, json.GetProperty("widthBits").GetInt32());
            Assert.Equal((int)VectorWidths.Best, json.GetProperty("floorLoadBits").GetInt32());
        });
    }

    [Fact]
    public void A_model_is_measured_on_its_own_sizes_and_compared_with_its_golden_vectors()
    {
        Model model = ModelFile.Load(Path.Combine(RepositoryRoot.Path, "models", "ecg-lstm.safetensors"));

        JsonElement json = Measure(Small with { ModelPath = model.Path }, model);

        Assert.Equal("lstm", json.GetProperty("cell").GetString());
        Assert.Equal(32, json.GetProperty("hiddenSize").GetInt32());
        Assert.Equal(64, json.GetProperty("goldenSteps").GetInt32());
        Assert.InRange(Number(json, "maxAbsDeviation"), 0, 1e-5);
    }

    [Fact]
    public void A_model_over_a_sliding_window_is_measured_but_not_with_streams()
    {
        Model model = ModelFile.Load("still.safetensors", WindowedModel(6));
        BenchOptions options = Small with { ModelPath = model.Path };

        JsonElement json = Measure(options, model);

        Assert.Equal(6, json.GetProperty("window").GetInt32());
        Assert.Equal(0, Number(json, "allocatedBytesPerStep"));
        Assert.Null(options.FindProblem(model));
        string? problem = (options with { Streams = 2 }).FindProblem(model);
        Assert.Contains("whose 6 states", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_says_what_the_figures_are()
    {
        BenchNetwork network = BenchNetwork.Create(Small with { Streams = 2, Layers = 2 }, null);
        using StringWriter text = new();

        BenchText.Write(text, network, new BenchFigures(200, 50, 0.5, 2.5, 0, 301, 1024));

        string[] expected =
        [
            "lstm 2 × 5, 2 layers, 2 streams, float32", "100.0 ns per step", "250 cycles per step at 2.50 GHz",
            "50.0 ns to read as many bytes once", "4.00 times the floor", "0 bytes allocated per step",
        ];
        Assert.All(expected, part => Assert.Contains(part, text.ToString(), StringComparison.Ordinal));
    }

    private static JsonElement Measure(BenchOptions options, Model? model = null)
    {
        BenchNetwork network = BenchNetwork.Create(options, model);
        BenchFigures figures = new BenchMeasurement(network).Run();
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            BenchText.WriteJson(writer, network, figures);
            writer.WriteEndObject();
        }

        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }

    /// <summary>A plain recurrent layer without weights: its output is 0 over any window.</summary>
    private static byte[] WindowedModel(int window)
    {
        ModelManifest manifest = new(
            1, "still", ModelTask.Regress, 1000, 6,
            [new InputManifest("x", "1", 0, 1)],
            [new LayerManifest("rnn0", LayerKind.Rnn, 1, 1, Activation: Activation.Tanh)],
            [new OutputManifest("y", "1", 0, 0, 1)],
            new GoldenManifest(1e-5),
            new ProvenanceManifest("made for tests", new string('a', 64), "hand", "0.1.0", "2026-11-21"),
            Window: window);
        return ModelFile.ToBytes(manifest,
        [
            new Tensor("rnn0.weight_ih", [1, 1], [0]), new Tensor("rnn0.weight_hh", [1, 1], [0]),
            new Tensor("rnn0.bias", [1], [0]),
            new Tensor("golden.inputs", [16, 1], new float[16]), new Tensor("golden.outputs", [16, 1], new float[16]),
        ]);
    }

    private static double Number(JsonElement json, string name) => json.GetProperty(name).GetDouble();

    private static void AssertEqual(double expected, double found) => Assert.InRange(found, expected * 0.99, expected * 1.01);
}
