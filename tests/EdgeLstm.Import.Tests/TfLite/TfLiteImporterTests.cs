// TensorFlow Lite: a published model against its engine's numbers, and models written here, one for each variant.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.TfLite;
using EdgeLstm.Import.Trust;
using static EdgeLstm.Import.Tests.TfLite.TfLiteModels;

namespace EdgeLstm.Import.Tests.TfLite;

public sealed class TfLiteImporterTests
{
    [SkippableFact]
    public void The_published_MNIST_network_gives_its_engines_outputs()
    {
        ImportedModel model = TfLiteImporter.Read(Fixture.Open("models/tflite/mnist_lstm_float.tflite"));
        System.Text.Json.JsonElement io = Fixture.Json("io/mnist_lstm_float.tflite.io.json");
        Conformance.AssertEqual(
            model, IoArray.Of(io.GetProperty("x")), IoArray.Of(io.GetProperty("softmax")), isBatchFirst: true);
        var lstm = new ImportedModel("", [.. model.Layers.Take(1)], model.Sequence, model.Axes, null, []);
        Conformance.AssertEqual(
            lstm, IoArray.Of(io.GetProperty("x")), IoArray.Of(io.GetProperty("lstm_out")), isBatchFirst: true);
        Assert.Equal(new SequenceUse(null, 28, false), model.Sequence);
        Assert.Equal(10, model.Layers[0].Manifest.CellClip);
        Assert.Equal(SampleAxes.BatchFirst, model.Axes);
    }

    [Fact]
    public void A_plain_LSTM_has_its_gates_in_order_and_its_clip()
    {
        TfLiteWriter writer = LstmModel();
        ImportedModel model = TfLiteImporter.Read(writer.File());
        LayerManifest layer = Assert.Single(model.Layers).Manifest;
        Assert.Equal((LayerKind.Lstm, 2, 3, 10.0), (layer.Kind, layer.InputSize, layer.OutputSize, layer.CellClip));
        Assert.Equal(new SequenceUse(null, 5, true), model.Sequence);

        // The gate k of the file has the weights 1 + k.
        float[] w = model.Layers[0].Values("weight_ih")!;
        Assert.Equal([1f, 2f, 3f, 4f], [w[0], w[6], w[12], w[18]]);
    }

    [Fact]
    public void Without_input_weights_of_i_the_gates_are_coupled()
    {
        ImportedModel coupled = TfLiteImporter.Read(LstmModel(isCoupled: true).File());
        Assert.True(coupled.Layers[0].Manifest.CoupledForget);

        // By hand: f = σ(a_f), i = 1 − f, from a state of zero c = i · tanh(a_g), h = σ(a_o) · tanh(c).
        double[] x = [0.1, -0.3];
        double Sum(int gate) => ((1 + gate) * (x[0] + x[1])) + (0.1 * gate);
        double f = 1 / (1 + Math.Exp(-Sum(1)));
        double c = (1 - f) * Math.Tanh(Sum(2));
        double h = Math.Tanh(c) / (1 + Math.Exp(-Sum(3)));
        Assert.Equal(h, new ReferenceNetwork(coupled.Layers).Step(x)[0], 1e-6);
    }

    [Fact]
    public void Peepholes_and_a_projection_are_read()
    {
        ImportedModel model = TfLiteImporter.Read(LstmModel(hasPeepholes: true, projected: 2).File());
        LayerManifest layer = model.Layers[0].Manifest;
        Assert.Equal((true, 3, 2), (layer.Peepholes, layer.HiddenSize, layer.OutputSize));
        Assert.Equal([9f, 9f, 9f, 10f, 10f, 10f, 11f, 11f, 11f], model.Layers[0].Values("weight_peephole")!);
        Assert.Equal([0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f], model.Layers[0].Values("weight_hr")!);
    }

    [Fact]
    public void Coupled_peepholes_of_i_are_those_of_f_with_the_other_sign()
    {
        ImportedModel model = TfLiteImporter.Read(LstmModel(isCoupled: true, hasPeepholes: true).File());
        Assert.Equal([-10f, -10f, -10f, 10f, 10f, 10f, 11f, 11f, 11f], model.Layers[0].Values("weight_peephole")!);
    }

    [Fact]
    public void A_dense_head_on_the_last_step_answers_once_a_window()
    {
        TfLiteWriter writer = LstmModel();
        int last = writer.Tensor("last", [1, 3]);
        writer.Operator(
            45, [writer.Outputs[0], writer.Whole("b", 0, -1, 0), writer.Whole("e", 0, 0, 0), writer.Whole("s", 1, 1, 1)], last,
            5, 5, 0, 0, 2);
        AddDense(writer, last, 3, 1);
        ImportedModel model = TfLiteImporter.Read(writer.File());
        Assert.Equal(new SequenceUse(null, 5, false), model.Sequence);
        Assert.Equal(
            new ActivationFunction(Activation.Clamp, 0, 6), model.Layers[1].Manifest.Activation!.Value);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_dense_layer_over_the_whole_window_becomes_a_convolution_as_long(bool isReshaped)
    {
        TfLiteWriter writer = LstmModel();
        int flat = isReshaped ? writer.Tensor("flat", [1, 15]) : writer.Outputs[0];
        if (isReshaped)
        {
            writer.Operator(22, [writer.Outputs[0]], flat);
        }

        AddDense(writer, flat, 15, 2);
        ImportedModel model = TfLiteImporter.Read(writer.File());
        LayerManifest layer = model.Layers[1].Manifest;
        Assert.Equal((LayerKind.Conv1d, 5, 3, 2), (layer.Kind, layer.KernelSize, layer.InputSize, layer.OutputSize));
        Assert.Equal(new SequenceUse(null, 5, false), model.Sequence);
        Assert.Contains("a convolution over the last 5", Assert.Single(model.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Time_major_between_transpositions_is_the_same_sequence()
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 5, 2]);
        int turned = writer.Tensor("turned", [5, 1, 2]);
        writer.Operator(39, [x, writer.Whole("order", 1, 0, 2)], turned);
        int h = AddLstm(writer, turned, 2, isTimeMajor: true, shape: [5, 1, 3]);
        int back = writer.Tensor("back", [1, 5, 3]);
        writer.Operator(39, [h, writer.Whole("order", 1, 0, 2)], back);
        int second = AddLstm(writer, back, 3);
        (writer.Inputs, writer.Outputs) = ([x], [second]);
        ImportedModel model = TfLiteImporter.Read(writer.File());
        Assert.Equal((2, SampleAxes.BatchFirst, 5), (model.Layers.Count, model.Axes, model.Sequence.WindowSamples));
    }

    [Fact]
    public void Time_major_without_a_transposition_reads_time_first()
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [5, 1, 2]);
        (writer.Inputs, writer.Outputs) = ([x], [AddLstm(writer, x, 2, isTimeMajor: true, shape: [5, 1, 3])]);
        Assert.Equal(SampleAxes.TimeFirst, TfLiteImporter.Read(writer.File()).Axes);
    }

    [Fact]
    public void A_sequence_of_one_sample_carries_its_state_on()
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 1, 2]);
        (writer.Inputs, writer.Outputs) = ([x], [AddLstm(writer, x, 2, shape: [1, 1, 3])]);
        ImportedModel model = TfLiteImporter.Read(writer.File());
        Assert.Equal(new SequenceUse(true, null, true), model.Sequence);
        Assert.Contains("one sample at a time", Assert.Single(model.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void An_open_length_of_time_has_no_window()
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 1, 2], signature: [1, -1, 2]);
        int h = AddLstm(writer, x, 2, shape: [1, 1, 3]);
        (writer.Inputs, writer.Outputs) = ([x], [h]);
        Assert.Equal(new SequenceUse(null, null, true), TfLiteImporter.Read(writer.File()).Sequence);

        // Entry 0 of an open length is its first, not its last.
        int first = writer.Tensor("first", [1, 3]);
        writer.Operator(
            45, [h, writer.Whole("b", 0, 0, 0), writer.Whole("e", 0, 1, 0), writer.Whole("s", 1, 1, 1)], first, 5, 5, 0, 0, 2);
        writer.Outputs = [first];
        ModelFileException refusal = Assert.Throws<ModelFileException>(() => TfLiteImporter.Read(writer.File()));
        Assert.Contains("not the last step", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plain_recurrent_layer_and_scaled_inputs_are_read()
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 4, 2]);
        int shifted = writer.Tensor("shifted", [1, 4, 2]);
        int scaled = writer.Tensor("scaled", [1, 4, 2]);
        writer.Operator(41, [x, writer.Constant("mean", [2], 1, 2)], shifted, (byte)0);
        writer.Operator(42, [shifted, writer.Constant("std", [], 4)], scaled, (byte)0);
        int h = writer.Tensor("h", [1, 4, 1]);
        writer.Operator(
            Rnn,
            [scaled, writer.Constant("w", [1, 2], 1, 1), writer.Constant("r", [1, 1], 0.5f), writer.Constant("b", [1], 0),
                writer.Tensor("s", [1, 1], isVariable: true)],
            h, false, (byte)4);
        (writer.Inputs, writer.Outputs) = ([x], [h]);
        ImportedModel model = TfLiteImporter.Read(writer.File());
        Assert.Equal(Math.Tanh(1.25), new ReferenceNetwork(model.Layers).Step([5, 3])[0], 1e-7);
        Assert.Equal(LayerKind.Rnn, model.Layers[^1].Manifest.Kind);
    }

    [Theory]
    [InlineData(14, "sigmoid")]
    [InlineData(19, "relu")]
    [InlineData(20, "clamp(-1, 1)")]
    [InlineData(21, "clamp(0, 6)")]
    [InlineData(28, "tanh")]
    [InlineData(47, "exponential")]
    [InlineData(111, "elu(1)")]
    [InlineData(150, "gelu")]
    [InlineData(152, "clamp(0, 1)")]
    public void An_activation_becomes_that_of_the_layer_before(int code, string expected)
    {
        var writer = new TfLiteWriter();
        int y = writer.Tensor("y", [1, 2]);
        DenseModel(writer, 2, 2);
        writer.Operator(code, [writer.Outputs[0]], y);
        writer.Outputs = [y];
        Assert.Equal(expected, Assert.Single(TfLiteImporter.Read(writer.File()).Layers).Manifest.Activation.ToString());
    }

    [Fact]
    public void Activations_with_parameters_are_read()
    {
        Assert.Equal("leakyRelu(0.25)", Activated(98, 0.25f));
        Assert.Equal("geluTanh", Activated(150, true));
        Assert.Equal("softmax", Activated(25, 1f));
        string message = Assert.Throws<ModelFileException>(() => Activated(25, 2f)).Message;
        Assert.Contains("beta 2; expected 1", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_file_has_its_codes_in_the_deprecated_field()
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 2]);
        int y = writer.Tensor("y", [1, 1]);
        writer.Old(Dense, [x, writer.Constant("w", [1, 2], 1, 2), -1], y, (byte)0);
        (writer.Inputs, writer.Outputs) = ([x], [y]);
        Assert.Equal([1f, 2f], TfLiteImporter.Read(writer.File()).Layers[0].Values("weight")!);
    }

    [Fact]
    public void Weights_of_float16_are_widened()
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 2]);
        int y = writer.Tensor("y", [1, 1]);
        int half = writer.Constant(
            "half", [1, 2], 1, [.. new[] { (Half)1.5, (Half)(-2) }.SelectMany(BitConverter.GetBytes)]);
        int wide = writer.Tensor("wide", [1, 2]);
        writer.Operator(6, [half], wide);
        writer.Operator(Dense, [x, wide, -1], y, (byte)0);
        (writer.Inputs, writer.Outputs) = ([x], [y]);
        Assert.Equal([1.5f, -2f], TfLiteImporter.Read(writer.File()).Layers[0].Values("weight")!);
    }

    private static string Activated(int code, object option)
    {
        var writer = new TfLiteWriter();
        DenseModel(writer, 2, 2);
        int y = writer.Tensor("y", [1, 2]);
        writer.Operator(code, [writer.Outputs[0]], y, option);
        writer.Outputs = [y];
        return TfLiteImporter.Read(writer.File()).Layers[0].Manifest.Activation.ToString()!;
    }
}
