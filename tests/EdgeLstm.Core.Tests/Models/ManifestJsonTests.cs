// The manifest's JSON: what is written is read back, and every slip in a hand-written one is named with its path.

using System.Text.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Tests.Models;

public class ManifestJsonTests
{
    private static readonly string Good = ManifestJson.Write(SmallModel.Manifest);

    [Fact]
    public void A_manifest_survives_writing_and_reading() =>
        Assert.Equal(Good, ManifestJson.Write(ManifestJson.Read("x", Good)));

    [Fact]
    public void The_keys_are_those_of_the_format()
    {
        using JsonDocument document = JsonDocument.Parse(Good);
        JsonElement root = document.RootElement;
        Assert.Equal("forecast", root.GetProperty("task").GetString());
        Assert.Equal("after", root.GetProperty("layers")[0].GetProperty("reset").GetString());
        Assert.Equal("linear", root.GetProperty("layers")[1].GetProperty("activation").GetString());
        Assert.Equal("mae", root.GetProperty("results")[0].GetProperty("metric").GetString());
        Assert.Equal(0.5, root.GetProperty("outputs")[0].GetProperty("residuals").GetProperty("tailProbability")[0].GetDouble());
        Assert.False(root.TryGetProperty("description", out _));
        Assert.False(root.TryGetProperty("window", out _));
    }

    [Fact]
    public void Every_key_of_a_layer_survives_writing_and_reading()
    {
        LayerManifest[] layers =
        [
            new("a", LayerKind.Scale, 1, 1),
            new(
                "b", LayerKind.Conv1d, 1, 3, Activation: new ActivationFunction(Activation.LeakyRelu, 0.3f), KernelSize: 3,
                Dilation: 2),
            new("c", LayerKind.LayerNorm, 3, 3, Epsilon: 1e-3),
            new("d", LayerKind.Activation, 3, 3, Activation: new ActivationFunction(Activation.Clamp, -1.5f, 1.5f)),
            new(
                "e", LayerKind.Lstm, 3, 2, Activation: Activation.Softsign, Peepholes: true,
                GateActivation: new ActivationFunction(Activation.HardSigmoid, 0.2f, 0.5f), OutputActivation: Activation.Relu,
                Clip: 50, CellClip: 3.5, CoupledForget: true, HiddenSize: 5, InitialState: true),
        ];
        ModelManifest manifest = SmallModel.With(layers);
        string text = ManifestJson.Write(manifest);
        Assert.Equal(layers, ManifestJson.Read("x", text).Layers.Take(layers.Length));
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement lstm = document.RootElement.GetProperty("layers")[4];
        Assert.Equal("hardSigmoid(0.2, 0.5)", lstm.GetProperty("gateActivation").GetString());
        Assert.Equal("relu", lstm.GetProperty("outputActivation").GetString());
        Assert.Equal(50, lstm.GetProperty("clip").GetDouble());
        Assert.Equal(3.5, lstm.GetProperty("cellClip").GetDouble());
        Assert.True(lstm.GetProperty("coupledForget").GetBoolean());
        Assert.Equal(5, lstm.GetProperty("hiddenSize").GetInt32());
        Assert.True(lstm.GetProperty("initialState").GetBoolean());
        JsonElement conv = document.RootElement.GetProperty("layers")[1];
        Assert.Equal("conv1d", conv.GetProperty("kind").GetString());
        Assert.Equal((3, 2), (conv.GetProperty("kernelSize").GetInt32(), conv.GetProperty("dilation").GetInt32()));
        Assert.Equal("layerNorm", document.RootElement.GetProperty("layers")[2].GetProperty("kind").GetString());
        Assert.False(conv.TryGetProperty("clip", out _));
    }

    [Fact]
    public void A_window_is_a_number_of_samples()
    {
        string text = Good.Replace("\"golden\":{", "\"window\":8,\"golden\":{", StringComparison.Ordinal);
        ModelManifest manifest = ManifestJson.Read("x", text);
        Assert.Equal(8, manifest.Window);
        Assert.Contains("\"window\":8", ManifestJson.Write(manifest), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"scale\":0.1,\"minimum\"", "\"scle\":0.1,\"minimum\"", "inputs[0].scle: unknown key; did you mean 'scale'?")]
    [InlineData("\"scale\":0.1,\"minimum\"", "\"scle\":0.1,\"minimum\"", "inputs[0].scale: missing")]
    [InlineData("\"task\":", "\"TASK\":", "TASK: unknown key; did you mean 'task'?")]
    [InlineData("\"warmUpSamples\":8,", "", "warmUpSamples: missing")]
    [InlineData("\"golden\":{\"tolerance\":1E-05},", "", "golden: missing")]
    [InlineData("\"golden\":{\"tolerance\":1E-05}", "\"golden\":null", "golden: must be an object; got null")]
    [InlineData("\"golden\":{", "\"zzz\":1,\"golden\":{", "zzz: unknown key")]
    [InlineData("\"golden\":{", "\"name\":\"x\",\"golden\":{", "name: given twice")]
    [InlineData("\"name\":\"small-gru\"", "\"name\":7", "name: must be a text; got 7")]
    [InlineData("\"name\":\"small-gru\"", "\"name\":null", "name: must be a text; got null")]
    [InlineData(
        "\"task\":\"forecast\"", "\"task\":\"Forecast\"",
        "task: must be one of forecast, regress, classify; got 'Forecast'")]
    [InlineData("\"task\":\"forecast\"", "\"task\":0", "task: must be one of forecast, regress, classify; got 0")]
    [InlineData(
        "\"kind\":\"gru\"", "\"kind\":\"gru,lstm\"",
        "layers[0].kind: must be one of lstm, gru, rnn, dense, activation, scale, layerNorm, conv1d; got 'gru,lstm'")]
    [InlineData("\"reset\":\"after\"", "\"reset\":\"later\"", "layers[0].reset: must be one of before, after; got 'later'")]
    [InlineData(
        "\"activation\":\"linear\"", "\"activation\":\"Linear\"",
        "layers[1].activation: must be an activation such as tanh or hardSigmoid(0.2, 0.5); got 'Linear'")]
    [InlineData(
        "\"activation\":\"linear\"", "\"activation\":\"leakyRelu(1e999)\"",
        "layers[1].activation: must be an activation such as tanh or hardSigmoid(0.2, 0.5); got 'leakyRelu(1e999)'")]
    [InlineData(
        "\"activation\":\"linear\"", "\"activation\":7",
        "layers[1].activation: must be an activation such as tanh or hardSigmoid(0.2, 0.5); got 7")]
    [InlineData("\"kind\":\"gru\"", "\"kind\":\"layernorm\"", "layers[0].kind: must be one of lstm, gru, rnn, dense, activation")]
    [InlineData(
        "\"inputSize\":1", "\"inputSize\":1.5",
        "layers[0].inputSize: must be a whole number of at most 32 bits; got 1.5")]
    [InlineData(
        "\"inputSize\":1", "\"inputSize\":1e99",
        "layers[0].inputSize: must be a whole number of at most 32 bits; got 1e99")]
    [InlineData(
        "\"golden\":{", "\"precision\":\"bFloat16\",\"golden\":{",
        "precision: must be one of float32, bfloat16, int8; got 'bFloat16'")]
    [InlineData(
        "\"golden\":{", "\"precision\":2,\"golden\":{", "precision: must be one of float32, bfloat16, int8; got 2")]
    [InlineData("\"samplePeriodMs\":1000", "\"samplePeriodMs\":\"1000\"", "samplePeriodMs: must be a number; got '1000'")]
    [InlineData(
        "\"samplePeriodMs\":1000", "\"samplePeriodMs\":1e999",
        "samplePeriodMs: must be a number; got 1e999")]
    [InlineData(
        "\"tailProbability\":[0.5", "\"tailProbability\":[\"half\"",
        "outputs[0].residuals.tailProbability[0]: must be a number; got 'half'")]
    [InlineData("\"inputs\":[", "\"inputs\":[null,", "inputs[0]: must be an object; got null")]
    [InlineData("\"inputs\":[", "\"inputs\":[[],", "inputs[0]: must be an object; got an array")]
    [InlineData("\"golden\":{", "\"description\":{},\"golden\":{", "description: must be a text; got an object")]
    [InlineData(
        "\"formatVersion\":1", "\"formatVersion\":\"1\"",
        "formatVersion: must be a whole number of at most 32 bits; got '1'")]
    [InlineData("\"formatVersion\":1,", "", "formatVersion: missing")]
    [InlineData("\"scale\":0.1,\"minimum\"", "\"scale\":NaN,\"minimum\"", "not valid JSON")]
    [InlineData("\"scale\":0.1,\"minimum\"", "\"scale\":0,\"minimum\"", "inputs[0].scale: must be finite and not 0; got 0")]
    [InlineData("\"name\":\"small-gru\"", "\"name\":\"\\ud800\"", "not valid JSON")]
    [InlineData("\"name\":\"small-gru\"", "\"\\ud800\":\"small-gru\"", "not valid JSON")]
    [InlineData("{\"formatVersion\"", "[{\"formatVersion\"", "not valid JSON")]
    public void Every_slip_is_named_with_its_path(string right, string wrong, string problem)
    {
        Assert.Contains(right, Good, StringComparison.Ordinal);
        string text = Good.Replace(right, wrong, StringComparison.Ordinal);
        var refused = Assert.Throws<ModelFileException>(() => ManifestJson.Read("x.safetensors", text));
        Assert.StartsWith("x.safetensors: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("  " + problem, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("float32")]
    [InlineData("bfloat16")]
    [InlineData("int8")]
    public void Precisions_are_written_and_read_in_lower_case(string? name)
    {
        ModelManifest manifest = SmallModel.Manifest with
        {
            Precision = PrecisionNames.TryParse(name ?? "", out WeightPrecision precision) ? precision : null,
        };
        string text = ManifestJson.Write(manifest);
        Assert.Equal(name is not null, text.Contains($"\"precision\":\"{name}\"", StringComparison.Ordinal));
        Assert.Equal(manifest.Precision, ManifestJson.Read("x", text).Precision);
    }

    [Theory]
    [InlineData("[]", "the whole text: must be an object; got an array")]
    [InlineData("", "not valid JSON")]
    [InlineData("nonsense", "not valid JSON")]
    public void A_text_that_is_no_manifest_is_refused(string text, string problem) =>
        Assert.Contains(
            problem, Assert.Throws<ModelFileException>(() => ManifestJson.Read("x", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Another_format_version_is_the_only_thing_said_about_a_file()
    {
        var refused = Assert.Throws<ModelFileException>(() => ManifestJson.Read("x", "{\"formatVersion\":2,\"layouts\":[]}"));
        Assert.StartsWith("x: has format version 2; this program reads version 1.", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Optional_keys_may_be_null()
    {
        string text = Good.Replace("\"golden\":{", "\"description\":null,\"golden\":{", StringComparison.Ordinal);
        Assert.Null(ManifestJson.Read("x", text).Description);
    }

    [Fact]
    public void Two_problems_are_two_lines()
    {
        string text = Good.Replace("\"warmUpSamples\":8", "\"warmUpSamples\":-1", StringComparison.Ordinal)
            .Replace("\"horizon\":12", "\"horizon\":0", StringComparison.Ordinal);
        Assert.Equal(
            "x: 2 problems in the manifest\n  warmUpSamples: must be from 0 to 1000000; got -1\n"
            + "  outputs[1].horizon: of a forecast must be from 1 to 100000; got 0",
            Assert.Throws<ModelFileException>(() => ManifestJson.Read("x", text)).Message);
    }

    [Fact]
    public void A_message_shows_at_most_twenty_problems()
    {
        string text = "{" + string.Join(",", Enumerable.Range(0, 1000).Select(k => $"\"unknown{k}\":1")) + "}";
        var refused = Assert.Throws<ModelFileException>(() => ManifestJson.Read("x", text));
        Assert.Equal(22, refused.Message.Split('\n').Length);
        Assert.EndsWith("and 990 more", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_manifest_longer_than_the_limit_is_refused() =>
        Assert.Contains(
            "the limit is 4194304",
            Assert.Throws<ModelFileException>(() => ManifestJson.Read("x", new string(' ', 4 * 1024 * 1024) + "{}")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Deep_nesting_is_refused() =>
        Assert.Contains(
            "not valid JSON",
            Assert.Throws<ModelFileException>(() => ManifestJson.Read("x", "{\"a\":" + new string('[', 500_000))).Message,
            StringComparison.Ordinal);
}
