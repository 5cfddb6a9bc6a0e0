// Whole models: exports of PyTorch, published models, and the small ones of data/, which make.py makes.

using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Onnx;
using EdgeLstm.Import.Trust;
using Xunit.Abstractions;

namespace EdgeLstm.Import.Tests.Onnx;

public class OnnxModelTests(ITestOutputHelper output)
{
    private static readonly string Data = Path.Combine(Fixture.Root, "tests", "EdgeLstm.Import.Tests", "Onnx", "data");

    [SkippableTheory]
    [InlineData("gru_1")]
    [InlineData("gru_3_state")]
    [InlineData("gru_nobias")]
    [InlineData("lstm_1")]
    [InlineData("lstm_2_state")]
    [InlineData("lstm_bf")]
    [InlineData("lstm_nobias")]
    [InlineData("rnn_relu")]
    [InlineData("rnn_tanh2")]
    public void Exports_of_PyTorch_are_equal(string name)
    {
        ImportedModel model = OnnxImporter.Read(Fixture.Open($"gen/torch/{name}.onnx"), ImportOptions.None);
        JsonElement io = Fixture.Json($"gen/torch/{name}.io.json");

        IoArray? h = Optional(io, "h0");
        IoArray? c = Optional(io, "c0");
        double worst = Conformance.AssertEqual(
            model, IoArray.Of(io.GetProperty("x")), IoArray.Of(io.GetProperty("y")), false, h is null ? null : b =>
                State(h, c, b));

        output.WriteLine($"{name}: {model.Format}, {worst:G3}");
        Assert.Equal("ONNX opset 14, pytorch 1.13.0", model.Format);
        Assert.Empty(model.Warnings);
        Assert.Equal(name == "lstm_bf" ? SampleAxes.BatchFirst : SampleAxes.TimeFirst, model.Axes);
        Assert.Equal(new SequenceUse(null, null, true), model.Sequence);
    }

    [SkippableTheory]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void The_network_that_exists_in_every_container_is_equal(string name)
    {
        ImportedModel model = OnnxImporter.Read(Fixture.Open($"gen/family/{name}/model.onnx"), ImportOptions.None);
        JsonElement io = Fixture.Json($"gen/family/{name}/io.json");

        Conformance.AssertEqual(model, IoArray.Of(io.GetProperty("x_TBI")), IoArray.Of(io.GetProperty("y_TBO")), false);

        Assert.Equal(name == "lstm" ? 3 : 2, model.Layers.Count);
    }

    [SkippableTheory]
    [InlineData("burn_gru", "Y", false)]
    [InlineData("burn_gru_with_initial_state", "Y", true)]
    [InlineData("burn_lstm", "output", false)]
    [InlineData("burn_lstm_with_initial_state", "output", true)]
    [InlineData("burn_rnn", "output", false)]
    [InlineData("burn_rnn_with_initial_state", "output", true)]
    public void Published_models_are_equal(string name, string y, bool isCarried)
    {
        ImportedModel model = OnnxImporter.Read(Fixture.Open($"models/onnx/{name}.onnx"), ImportOptions.None);
        JsonElement io = Fixture.Json($"io/{name}.onnx.io.json");
        JsonElement inputs = io.GetProperty("inputs");

        IoArray? h = Optional(inputs, "initial_h") ?? Optional(inputs, "h_0");
        IoArray? c = Optional(inputs, "c_0");
        Conformance.AssertEqual(
            model, IoArray.Of(inputs.GetProperty("input")), IoArray.Of(io.GetProperty("ort").GetProperty(y)), false,
            h is null ? null : b => State(h, c, b));

        Assert.Equal(isCarried, h is not null);
        Assert.Equal(new SequenceUse(isCarried ? true : null, null, true), model.Sequence);
    }

    [SkippableTheory]
    [InlineData("burn_gru_bidirectional", "bidirectional")]
    [InlineData("burn_lstm_reverse", "reverse")]
    public void Published_models_that_need_the_future_are_refused(string name, string direction)
    {
        SourceFile file = Fixture.Open($"models/onnx/{name}.onnx");

        AssertRefused(file, $"runs {direction}");
    }

    [SkippableFact]
    public void A_model_stepped_from_outside_carries_its_stacked_state()
    {
        ImportedModel model = OnnxImporter.Read(Fixture.Open("models/onnx/dtln_1.onnx"), ImportOptions.None);
        JsonElement io = Fixture.Json("io/dtln_1.onnx.io.json");
        var network = new ReferenceNetwork(model.Layers);
        double worst = 0;
        foreach ((JsonElement frame,
            JsonElement mask) in io.GetProperty("frames").EnumerateArray().Zip(io.GetProperty("mask").EnumerateArray()))
        {
            double[] found = network.Step(IoArray.Of(frame).Data);
            worst = Math.Max(worst, found.Zip(IoArray.Of(mask).Data, (a, b) => Math.Abs(a - b)).Max());
        }

        // [1, layer, unit, h or c]
        double[] state = network.ReadState();
        double[] last = IoArray.Of(io.GetProperty("state_last")).Data;
        for (int k = 0; k < last.Length; k++)
        {
            (int layer, int unit, int which) = (k / 256, k / 2 % 128, k % 2);
            worst = Math.Max(worst,
                Math.Abs(last[k] - state[(layer * 256) + (which * 128) + unit]) / Math.Max(1, Math.Abs(last[k])));
        }

        output.WriteLine($"dtln_1: {worst:G3}");
        Assert.True(worst <= Conformance.Tolerance, $"{worst:G3}");
        Assert.Equal(new SequenceUse(true, null, true), model.Sequence);
        Assert.Empty(model.Warnings);
    }

    [Theory]
    [InlineData("last_step", 2)]
    [InlineData("last_step_fixed", 2)]
    [InlineData("last_state", 4)]
    [InlineData("each_step", 3)]
    [InlineData("carried", 3)]
    [InlineData("convolved", 8)]
    [InlineData("convolved_17", 7)]
    [InlineData("trained_state", 1)]
    public void Models_of_data_are_equal(string name, int layers)
    {
        ImportedModel model = OnnxImporter.Read(SourceFile.Open(Path.Combine(Data, $"{name}.onnx")), ImportOptions.None);
        JsonElement io = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Data, $"{name}.json"))).RootElement;
        bool isBatchFirst = io.GetProperty("batch_first").GetBoolean();
        (IoArray? h, IoArray? c) = (Optional(io, "h0"), Optional(io, "c0"));

        double worst = Conformance.AssertEqual(
            model, IoArray.Of(io.GetProperty("x")), IoArray.Of(io.GetProperty("y")), isBatchFirst, h is null ? null : b =>
                State(h, c, b));

        output.WriteLine($"{name}: {worst:G3}\n  {string.Join("\n  ", model.Layers.Select(layer => layer.Found))}");
        Assert.Equal(layers, model.Layers.Count);
        Assert.Equal(isBatchFirst ? SampleAxes.BatchFirst : SampleAxes.TimeFirst, model.Axes);
        Assert.Equal(!name.StartsWith("last", StringComparison.Ordinal), model.Sequence.AnswersEachSample);
        Assert.Equal(name == "last_step_fixed" ? 6 : null, model.Sequence.WindowSamples);
        Assert.Equal(name == "carried" ? true : null, model.Sequence.IsStateful);
        Assert.Equal(name == "trained_state" ? true : null, model.Layers[0].Manifest.InitialState);
        Assert.Empty(model.Warnings);
    }

    [Fact]
    public void States_handed_back_in_another_order_are_refused() =>
        AssertRefused(SourceFile.Open(Path.Combine(Data, "swapped.onnx")),
            "hands the states back in another order than input 'h0'");

    [SkippableTheory]
    [InlineData("onnx_ext_missing", "names the file 'nope.bin', which is not beside it")]
    [InlineData("onnx_ext_traversal", "names the file '../../../../etc/passwd'; only files beside or below it are read")]
    [InlineData("onnx_shape_mismatch", "has 1280 bytes; its shape [999, 64, 5] needs 1278720")]
    [InlineData("onnx_truncated", "is no whole ONNX file")]
    [InlineData("onnx_varint_overflow", "is no whole ONNX file")]
    public void Broken_files_are_refused(string name, string fault)
    {
        SourceFile file = Fixture.Open($"gen/bad/{name}.onnx");

        Assert.True(OnnxImporter.Recognises(file.Bytes));
        AssertRefused(file, fault);
    }

    [SkippableFact]
    public void Every_fixture_and_nothing_else_is_recognised()
    {
        Skip.IfNot(Directory.Exists(Fixture.Folder), "no fixtures");
        foreach (string path in Directory.GetFiles(Fixture.Folder, "*", SearchOption.AllDirectories))
        {
            bool isOnnx = path.EndsWith(".onnx", StringComparison.Ordinal);
            bool isTensor = path.EndsWith(".pb", StringComparison.Ordinal);
            Assert.True(isTensor || OnnxImporter.Recognises(File.ReadAllBytes(path)) == isOnnx, path);
        }
    }

    internal static void AssertRefused(SourceFile file, string fault)
    {
        ModelFileException refusal = Assert.Throws<ModelFileException>(() => OnnxImporter.Read(file, ImportOptions.None));
        Assert.StartsWith(file.Path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(fault, refusal.Message, StringComparison.Ordinal);
    }

    private static IoArray? Optional(JsonElement io, string name) =>
        io.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? IoArray.Of(value) : null;

    // Of sequence b: h and c of each layer; both arrays are [layers, batch, H].
    private static double[] State(IoArray h, IoArray? c, int b)
    {
        (int layers, int batch, int size) = (h.Shape[0], h.Shape[1], h.Shape[2]);
        List<double> state = [];
        for (int layer = 0; layer < layers; layer++)
        {
            int at = ((layer * batch) + b) * size;
            state.AddRange(h.Data[at..(at + size)]);
            state.AddRange(c?.Data[at..(at + size)] ?? []);
        }

        return [.. state];
    }
}
