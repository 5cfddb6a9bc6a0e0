// RTNeural: published models against its numbers, and files written here for each layer and fault.

using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.RtNeural;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.RtNeural;

public sealed class RtNeuralImporterTests
{
    private const string Gru =
        """
        {"type": "gru", "activation": "tanh", "shape": [null, null, 1],
         "weights": [[[1, 2, 3]], [[4, 5, 6]], [[10, 20, 30], [1, 2, 3]]]}
        """;

    [SkippableTheory]
    [InlineData("lstm")]
    [InlineData("gru")]
    [InlineData("gru_1d")]
    public void A_published_model_gives_the_outputs_of_its_training_program(string name)
    {
        ImportedModel model = Read(Fixture.Open($"models/rtneural-json/{name}.json"));
        IoArray x = Csv($"models/rtneural-json/{name}_x_python.csv");
        Conformance.AssertEqual(model, x, Csv($"models/rtneural-json/{name}_y_python.csv"), isBatchFirst: false);
        Assert.Equal(new SequenceUse(true, null, true), model.Sequence);
    }

    [SkippableFact]
    public void The_LSTM_family_gives_its_outputs()
    {
        JsonElement io = Fixture.Json("gen/family/lstm/io.json");
        Conformance.AssertEqual(
            Read(Fixture.Open("gen/family/lstm/model.rtneural.json")), IoArray.Of(io.GetProperty("x_TBI")),
            IoArray.Of(io.GetProperty("y_TBO")), isBatchFirst: false);
    }

    [SkippableFact]
    public void The_published_model_of_a_guitar_pedal_is_read_and_stepped()
    {
        ImportedModel model = Read(Fixture.Open("models/rtneural-json/centaur_small.json"));
        Assert.Equal([LayerKind.Dense, LayerKind.Gru, LayerKind.Dense], model.Layers.Select(layer => layer.Manifest.Kind));
        Assert.True(double.IsFinite(new ReferenceNetwork(model.Layers).Step([0.1, 0.5, 0.5])[0]));
    }

    [SkippableTheory]
    [InlineData("bad_lstm.json", "layer 0 'lstm': its shape says 16 outputs, but its weights give 20")]
    [InlineData("json_ragged.json", "'layer lstm_0, weights[1]' is ragged: entry [1] is an array of 7; expected an array of 8")]
    public void A_broken_fixture_is_refused_with_its_fault(string name, string expected) =>
        Assert.Contains(expected, Refusal(Fixture.Open($"gen/bad/{name}")), StringComparison.Ordinal);

    [Fact]
    public void A_dense_layer_is_turned_and_takes_its_activation()
    {
        ImportedModel model = Read(Model(
            2,
            """
            {"type": "dense", "activation": "elu", "shape": [null, 3],
             "weights": [[[1, 2, 3], [4, 5, 6]], [7, 8, 9]]}
            """));
        Assert.Equal([1f, 4f, 2f, 5f, 3f, 6f], model.Layers[0].Values("weight")!);
        Assert.Equal([7f, 8f, 9f], model.Layers[0].Values("bias")!);
        Assert.Equal(new ActivationFunction(Activation.Elu, 1), model.Layers[0].Manifest.Activation!.Value);
    }

    [Fact]
    public void The_gates_of_a_GRU_are_z_r_n_with_two_rows_of_biases()
    {
        ImportedModel model = Read(Model(1, Gru));
        Assert.Equal([2f, 1f, 3f], model.Layers[0].Values("weight_ih")!);
        Assert.Equal([5f, 4f, 6f], model.Layers[0].Values("weight_hh")!);
        Assert.Equal([22f, 11f, 30f], model.Layers[0].Values("bias")!);
        Assert.Equal([3f], model.Layers[0].Values("bias_hn")!);
        Assert.Equal(GruReset.After, model.Layers[0].Manifest.Reset);
    }

    [Fact]
    public void A_convolution_is_causal_and_its_last_sample_the_newest()
    {
        ImportedModel model = Read(Model(
            2,
            """
            {"type": "conv1d", "activation": "", "shape": [null, null, 1], "kernel_size": [2], "dilation": [3], "groups": 1,
             "weights": [[[[1], [10]], [[100], [1000]]], [0.5]]}
            """));
        var network = new ReferenceNetwork(model.Layers);
        double[] y = [.. Enumerable.Range(1, 5).Select(t => network.Step([t, 0])[0])];

        // 100 · x(t) + 1 · x(t − 3) + 0.5.
        Assert.Equal([100.5, 200.5, 300.5, 401.5, 502.5], y);
    }

    [Theory]
    [InlineData("[[2, 2], [1, 1], [3, 5], [3, 15]]", -1.0)]
    [InlineData("[[3, 5], [3, 15]]", -1.0)]
    public void A_batch_normalisation_has_gamma_and_beta_or_neither(string weights, double expected)
    {
        ImportedModel model = Read(Model(
            2, $$"""{"type": "batchnorm", "activation": "", "shape": [null, null, 2], "epsilon": 1, "weights": {{weights}}}"""));

        // (1 − 3) / √(3 + 1) = −1, twice that and 1 more is −1 again.
        Assert.Equal(expected, new ReferenceNetwork(model.Layers).Step([1, 0])[0], 1e-6);
    }

    [Fact]
    public void A_layer_that_answers_once_a_window_says_so()
    {
        string layer =
            """{"type": "lstm", "shape": [null, 1], "weights": [[[1, 1, 1, 1]], [[1, 1, 1, 1]], [0, 0, 0, 0]]}""";
        var file = new SourceFile("m.json", Encoding.UTF8.GetBytes($$"""{"in_shape": [null, 24, 1], "layers": [{{layer}}]}"""));
        Assert.Equal(new SequenceUse(null, 24, false), Read(file).Sequence);
    }

    [Theory]
    [InlineData("prelu", "has a slope for each value")]
    [InlineData("conv2d", "works on two axes")]
    [InlineData("batchnorm2d", "works on two axes")]
    [InlineData("lstm2", "is of no known type")]
    [InlineData(
        "unknown",
        "is one that RTNeural's exporter did not know and RTNeural passes over. If it is a Dropout, say --activation "
        + "unknown_0=linear")]
    public void A_layer_that_is_not_read_is_refused_by_name(string type, string expected)
    {
        string message = Refusal(Model(2, $$"""{"type": "{{type}}", "shape": [null, 2], "weights": []}"""));
        Assert.Contains($"layer 0 '{type}' {expected}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_the_exporter_did_not_know_is_what_the_person_says()
    {
        SourceFile file = Model(
            1,
            """{"type": "dense", "shape": [null, 1], "weights": [[[1]]]}""",
            """{"type": "unknown", "shape": [null, 1], "weights": []}""");
        var said = new Dictionary<string, ActivationFunction> { ["unknown_1"] = Activation.Softplus };
        Assert.Equal(Activation.Softplus, Read(file, said).Layers[0].Manifest.Activation!.Value.Kind);
        said["unknown_2"] = Activation.Relu;
        string message = Assert.Throws<ModelFileException>(() => Read(file, said)).Message;
        Assert.Contains("has no layer 'unknown_2' that takes an activation", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"type": "dense", "activation": "gelu", "shape": [null, 1], "weights": [[[1]]]}""",
        "activation 'gelu'; expected one")]
    [InlineData("""{"type": "dense", "shape": [null, 1], "weights": [[[1], [2]]]}""", "has shape [2, 1]; expected [1, any]")]
    [InlineData(
        """{"type": "dense", "shape": [null, 1], "weights": [[[1]], [1, 2]]}""",
        "weights[1]' has shape [2]; expected [1]")]
    [InlineData(
        """{"type": "dense", "shape": [null, 1], "weights": []}""",
        "'weights' is an array of 0; expected an array of 1 to 2")]
    [InlineData("""{"type": "dense", "shape": [null, 1], "weights": {}}""", "'weights' is an object")]
    [InlineData("""{"type": "dense", "shape": [null, 1]}""", "lacks 'weights'")]
    [InlineData("""{"type": "dense", "weights": [[[1]]]}""", "lacks 'shape'")]
    [InlineData("""{"type": "dense", "shape": [null, null, null, 1], "weights": [[[1]]]}""", "expected [batch, time, values]")]
    [InlineData("""{"type": 3}""", "'type' is a number; expected a text")]
    [InlineData("7", "layer 0 is a number; expected an object")]
    [InlineData(
        """{"type": "gru", "activation": "relu", "shape": [null, 1], "weights": []}""",
        "activation 'relu'; expected tanh")]
    [InlineData(
        """{"type": "gru", "shape": [null, 1], "weights": [[[1, 2, 3]], [[4, 5, 6]], [1, 2, 3]]}""",
        "reset_after=False")]
    [InlineData("""{"type": "lstm", "shape": [null, 1], "weights": [[[1, 2, 3]], [[4, 5, 6]]]}""", "expected [1, 4]")]
    [InlineData("""{"type": "lstm", "shape": [null, 1], "weights": [7, 8]}""", "has shape []; expected [any, any]")]
    [InlineData(
        """{"type": "conv1d", "shape": [1], "kernel_size": [1], "dilation": 1, "groups": 2, "weights": []}""",
        "has 2 groups")]
    [InlineData("""{"type": "batchnorm", "shape": [1], "epsilon": -1, "weights": [[1], [1]]}""", "'epsilon' is -1")]
    [InlineData("""{"type": "batchnorm", "shape": [1], "epsilon": 0, "weights": [[1], [1], [1]]}""", "has 3 weights")]
    [InlineData("""{"type": "activation", "activation": "relu", "shape": [1], "weights": []}""", "is the first layer")]
    public void A_faulty_layer_is_refused_with_its_fault(string layer, string expected) =>
        Assert.Contains(expected, Refusal(Model(1, layer)), StringComparison.Ordinal);

    [Fact]
    public void Damaged_files_are_refused_and_nothing_else()
    {
        SourceFile file = Model(
            1,
            Gru,
            """{"type": "conv1d", "shape": [2], "kernel_size": [2], "dilation": 3, "weights": [[[[1, 2]], [[3, 4]]], [1, 0]]}""",
            """{"type": "batchnorm", "shape": [2], "epsilon": 0.1, "weights": [[1, 2], [3, 4]]}""",
            """{"type": "dense", "activation": "softmax", "shape": [2], "weights": [[[1, 2], [3, 4]], [0, 0]]}""");
        Assert.Equal(4, Read(file).Layers.Count);
        DamagedCopies.AssertOnlyRefusals(file.Bytes, seed: 8, count: 3000, bytes => Read(new SourceFile("m", bytes)));
    }

    private static ImportedModel Read(SourceFile file, Dictionary<string, ActivationFunction>? said = null)
    {
        using JsonDocument document = JsonSource.Open(file);
        return RtNeuralImporter.Recognises(document.RootElement)
            ? RtNeuralImporter.Read(file, document.RootElement, new ImportOptions(Activations: said))
            : throw file.Refuse("is no model");
    }

    private static string Refusal(SourceFile file) => Assert.Throws<ModelFileException>(() => Read(file)).Message;

    private static SourceFile Model(int inputs, params string[] layers) => new("m.json", Encoding.UTF8.GetBytes(
        $$"""{"in_shape": [null, null, {{inputs}}], "layers": [{{string.Join(",\n", layers)}}]}"""));

    // One value a line: [time, 1, 1].
    private static IoArray Csv(string name)
    {
        IEnumerable<string> lines = File.ReadLines(Fixture.Path(name));
        double[] values = [.. lines.Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        return new IoArray([values.Length, 1, 1], values);
    }
}
