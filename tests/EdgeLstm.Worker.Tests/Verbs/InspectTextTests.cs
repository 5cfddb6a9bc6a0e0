// What inspect prints: every figure of the manifest for a person, one JSON object for a program.

using System.Text.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Tests.Verbs;

public sealed class InspectTextTests
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static readonly Model Shown = ModelFile.Load("pump.safetensors", MakeBytes(null));

    [Fact]
    public void The_text_holds_what_a_person_asks_for()
    {
        using var text = new StringWriter();
        InspectText.Write(text, Shown);
        string[] expected =
        [
            "small-gru", "pump.safetensors", Shown.Sha256, "temperature", "°C", "(x − 20) · 0.1", "gru, reset after",
                "dense, linear",
            "total", "12 samples (12 s)", "quantile 0.9", "y / 0.5 + current temperature", "-40 to 125", "3,000 samples",
            "|residual| above 2.5 °C", "with probability 0.01", "seasonal naive", "noise.csv (made for tests)",
                "passed: 16 steps", "float32",
        ];
        Assert.All(expected, part => Assert.Contains(part, text.ToString(), StringComparison.Ordinal));
        Assert.DoesNotContain(text.ToString().Split('\n'), line => line.EndsWith(' '));
    }

    [Fact]
    public void The_json_is_one_object_with_the_manifest_and_the_figures()
    {
        using var stream = new MemoryStream();
        InspectText.WriteJson(stream, Shown);
        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        JsonElement root = document.RootElement;
        Assert.Equal("pump.safetensors", root.GetProperty("file").GetString());
        Assert.Equal(Shown.Sha256, root.GetProperty("sha256").GetString());
        Assert.Equal("float32", root.GetProperty("precision").GetString());
        Assert.Equal(32, root.GetProperty("parameters").GetInt64());
        Assert.Equal(2, root.GetProperty("stateFloats").GetInt32());
        Assert.True(root.GetProperty("weightBytesPerStep").GetInt64() >= 4 * 32);
        Assert.Equal(Shown.GoldenDeviation.MaxAbsolute, root.GetProperty("goldenMaxAbsDeviation").GetDouble());
        Assert.Equal(1000, root.GetProperty("samplePeriodMs").GetDouble());
        Assert.Equal("°C", root.GetProperty("inputs")[0].GetProperty("unit").GetString());
        Assert.Equal(26, root.GetProperty("layers")[0].GetProperty("parameters").GetInt64());
        Assert.Equal(12, root.GetProperty("outputs")[1].GetProperty("horizon").GetInt32());
        Assert.Equal("mae", root.GetProperty("results")[0].GetProperty("metric").GetString());
    }

    [Fact]
    public void How_the_state_is_kept_and_what_it_costs_is_shown()
    {
        Assert.Contains(
            "carried from sample to sample", Lines(Shown).Single(line => line.StartsWith("  state ", Ordinal)), Ordinal);

        Model windowed = ModelFile.Load("pump.safetensors", MakeBytes(6));
        string[] lines = Lines(windowed);
        Assert.Contains(
            "from zero over the latest 6 samples (6 s): 6 windows side by side",
            lines.Single(line => line.StartsWith("  state ", Ordinal)), Ordinal);
        Assert.Matches("^  total +6 windows +32 +13 +[0-9,]+$", lines.Single(line => line.StartsWith("  total ", Ordinal)));

        using var stream = new MemoryStream();
        InspectText.WriteJson(stream, windowed);
        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        Assert.Equal(6, document.RootElement.GetProperty("window").GetInt32());
        Assert.Equal(13, document.RootElement.GetProperty("stateFloats").GetInt32());
    }

    [Fact]
    public void Every_kind_of_layer_is_shown_with_its_keys()
    {
        Model model = ModelFile.Load("pump.safetensors", MakeBytesOfOtherKinds());
        string[] kinds =
        [
            "a      scale ", "b      conv1d, 3 samples, dilation 2, leakyRelu(0.3) ", "c      layerNorm, epsilon 0.001 ",
            "d      activation, hardSigmoid(0.2, 0.5) ", "head   dense, clamp(-1, 1) ",
        ];
        string[] lines = Lines(model);
        Assert.All(kinds, kind => Assert.Single(lines, line => line.StartsWith("  " + kind, Ordinal)));

        using var stream = new MemoryStream();
        InspectText.WriteJson(stream, model);
        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        JsonElement[] layers = [.. document.RootElement.GetProperty("layers").EnumerateArray()];
        Assert.Equal(
            ["scale", "conv1d", "layerNorm", "activation", "dense"],
            layers.Select(layer => layer.GetProperty("kind").GetString()));
        Assert.Equal([2, 16, 8, 0, 10], layers.Select(layer => layer.GetProperty("parameters").GetInt32()));
        Assert.Equal([0, 4, 0, 0, 0], layers.Select(layer => layer.GetProperty("stateFloats").GetInt32()));
        Assert.Equal(3, layers[1].GetProperty("kernelSize").GetInt32());
        Assert.Equal("leakyRelu(0.3)", layers[1].GetProperty("activation").GetString());
        Assert.Equal(0.001, layers[2].GetProperty("epsilon").GetDouble());
    }

    [Fact]
    public void Every_variant_of_a_recurrent_layer_is_shown()
    {
        var lstm = new LayerManifest(
            "a", LayerKind.Lstm, 1, 2, Activation: Activation.Relu, Peepholes: true,
            GateActivation: new ActivationFunction(Activation.HardSigmoid, 0.2f, 0.5f), OutputActivation: Activation.Softsign,
            Clip: 50, CellClip: 2.5, CoupledForget: true, HiddenSize: 5, InitialState: true);
        Assert.Equal(
            "lstm, relu, gates hardSigmoid(0.2, 0.5), output softsign, peepholes, coupled forget gate, sums within ±50, "
            + "cell within ±2.5, 5 units projected, trained initial state",
            InspectText.Describe(lstm));
        Assert.Equal(
            "lstm", InspectText.Describe(new LayerManifest("a", LayerKind.Lstm, 1, 2, Peepholes: false, CoupledForget: false)));
    }

    private static string[] Lines(Model model)
    {
        using var text = new StringWriter();
        InspectText.Write(text, model);
        return text.ToString().Split('\n');
    }

    /// <summary>A GRU without weights: its outputs are the head's bias, 0.</summary>
    private static byte[] MakeBytes(int? window)
    {
        var manifest = new ModelManifest(
            1, "small-gru", ModelTask.Forecast, 1000, 8,
            [new InputManifest("temperature", "°C", 20, 0.1, -40, 125)],
            [
                new LayerManifest("gru0", LayerKind.Gru, 1, 2, Reset: GruReset.After),
                new LayerManifest("head", LayerKind.Dense, 2, 2, Activation: Activation.Linear),
            ],
            [
                new OutputManifest("temperature", "°C", 1, 0, 0.5, RelativeTo: "temperature", ClipMinimum: -40, ClipMaximum: 125,
                    Residuals: new ResidualManifest(3000, 0.01, 0.8, [0.5, 0.1, 0.01], [0.4, 1.2, 2.5])),
                new OutputManifest("temperature", "°C", 12, 20, 0.1, Quantile: 0.9),
            ],
            new GoldenManifest(1e-5),
            new ProvenanceManifest("noise.csv (made for tests)", new string('a', 64), "hand", "0.1.0", "2026-11-21"),
            Window: window,
            Results: [new ResultManifest("temperature", 1, ErrorMetric.Mae, "°C", 0.9, 1.1, 5)]);
        return ModelFile.ToBytes(manifest,
        [
            Zero("gru0.weight_ih", 6, 1), Zero("gru0.weight_hh", 6, 2), Zero("gru0.bias", 6), Zero("gru0.bias_hn", 2),
            Zero("head.weight", 2, 2), Zero("head.bias", 2), Zero("golden.inputs", 16, 1), Zero("golden.outputs", 16, 2),
        ]);
    }

    /// <summary>Layers without recurrence, all weights 0, and so the outputs.</summary>
    private static byte[] MakeBytesOfOtherKinds()
    {
        var manifest = Shown.Manifest with
        {
            Layers =
            [
                new LayerManifest("a", LayerKind.Scale, 1, 1),
                new LayerManifest(
                    "b", LayerKind.Conv1d, 1, 4, Activation: new ActivationFunction(Activation.LeakyRelu, 0.3f), KernelSize: 3,
                    Dilation: 2),
                new LayerManifest("c", LayerKind.LayerNorm, 4, 4, Epsilon: 0.001),
                new LayerManifest(
                    "d", LayerKind.Activation, 4, 4, Activation: new ActivationFunction(Activation.HardSigmoid, 0.2f, 0.5f)),
                new LayerManifest("head", LayerKind.Dense, 4, 2, Activation: new ActivationFunction(Activation.Clamp, -1, 1)),
            ],
        };
        return ModelFile.ToBytes(manifest,
        [
            Zero("a.weight", 1), Zero("a.bias", 1), Zero("b.weight", 4, 3, 1), Zero("b.bias", 4), Zero("c.weight", 4),
            Zero("c.bias", 4), Zero("head.weight", 2, 4), Zero("head.bias", 2), Zero("golden.inputs", 16, 1),
            Zero("golden.outputs", 16, 2),
        ]);
    }

    private static Tensor Zero(string name, params long[] shape) =>
        new(name, shape, new float[shape.Aggregate(1L, (product, size) => product * size)]);
}
