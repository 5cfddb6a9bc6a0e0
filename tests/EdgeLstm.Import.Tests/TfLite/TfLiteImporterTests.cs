// TensorFlow Lite: a published model against its engine's numbers, and models written here, one for each variant and fault.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.TfLite;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.TfLite;

public sealed class TfLiteImporterTests
{
    private const int Lstm = 44;
    private const int Rnn = 35;
    private const int Dense = 9;

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
        AssertRefused("not the last step", writer);
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

    [Theory]
    [InlineData(119, "op 1 WHILE is not supported: the converter has not fused the LSTM")]
    [InlineData(118, "op 1 IF ")]
    [InlineData(52, "op 1 BIDIRECTIONAL_SEQUENCE_LSTM reads the samples backward")]
    [InlineData(105, "op 1 REVERSE_V2 reads the samples backward")]
    [InlineData(27, "op 1 SVDF is not supported")]
    [InlineData(16, "op 1 LSTM is a single step")]
    [InlineData(7, "op 1 EMBEDDING_LOOKUP reads numbers of table rows")]
    [InlineData(114, "op 1 QUANTIZE is of a quantised or sparse model")]
    [InlineData(2, "op 1 CONCATENATION joins")]
    [InlineData(3, "op 1 CONV_2D is not supported")]
    [InlineData(150000, "op 1 builtin operator 150000 is not supported")]
    [InlineData(-7, "op 1 builtin operator -7 is not supported")]
    public void An_operator_that_is_not_read_is_refused_by_name(int code, string expected)
    {
        TfLiteWriter writer = LstmModel();
        writer.Operator(code, [writer.Outputs[0]], writer.Tensor("y", [1]));
        Assert.Contains(expected, Refusal(writer), StringComparison.Ordinal);
    }

    [Fact]
    public void A_custom_operator_is_refused_by_its_authors_name()
    {
        TfLiteWriter writer = LstmModel();
        writer.Custom("FlexTensorListReserve", [writer.Outputs[0]], writer.Tensor("y", [1]));
        string message = Refusal(writer);
        Assert.Contains(
            "op 1 FlexTensorListReserve is not supported: the converter has not fused", message, StringComparison.Ordinal);
        Assert.StartsWith("model.tflite: ", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9, "tensor 'w' is int8; expected float32. The model is quantised")]
    [InlineData(3, "tensor 'w' is uint8; expected float32")]
    [InlineData(77, "tensor 'w' is type 77; expected float32")]
    public void Quantised_weights_are_refused_by_name(byte type, string expected)
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 2]);
        int y = writer.Tensor("y", [1, 1]);
        writer.Operator(Dense, [x, writer.Constant("w", [1, 2], type, [1, 2]), -1], y, (byte)0);
        (writer.Inputs, writer.Outputs) = ([x], [y]);
        Assert.Contains(expected, Refusal(writer), StringComparison.Ordinal);
    }

    [Fact]
    public void Quantised_inputs_and_outputs_are_refused()
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 2], type: 9);
        (writer.Inputs, writer.Outputs) = ([x], [x]);
        AssertRefused("tensor 'x' is int8", writer);
    }

    [Fact]
    public void What_the_cell_has_beyond_the_known_is_refused()
    {
        AssertRefused("proj_clip 1, which is not supported", LstmModel(projected: 2, options: [(byte)4, 0f, 1f]));
        AssertRefused("diagonal recurrent", LstmModel(options: [(byte)4, 0f, 0f, false, false, true]));
        AssertRefused("cell_clip NaN", LstmModel(options: [(byte)4, float.NaN]));
        AssertRefused("fused activation 5", LstmModel(options: [(byte)5]));
        AssertRefused("normalises its gates", LstmModel(hasNormalisation: true));
        AssertRefused("no variable tensor", LstmModel(hasVariables: false));
        AssertRefused("bias of its projection", LstmModel(projected: 2, projectionBias: 1));
        _ = TfLiteImporter.Read(LstmModel(projected: 2, projectionBias: 0).File());
    }

    [Fact]
    public void Several_inputs_outputs_or_subgraphs_are_refused()
    {
        TfLiteWriter writer = LstmModel();
        int state = writer.Tensor("state_h", [1, 3]);
        writer.Inputs = [.. writer.Inputs, state];
        AssertRefused("has 2 inputs ('x', 'state_h'); expected 1", writer);
        writer = LstmModel();
        writer.Outputs = [.. writer.Outputs, writer.Inputs[0]];
        AssertRefused("has 2 outputs", writer);
        var several = new TfLiteWriter { Subgraphs = 2 };
        several.Inputs = several.Outputs = [several.Tensor("x", [1, 2])];
        AssertRefused("has 2 subgraphs; expected 1", several);
        AssertRefused("version 2 of the TensorFlow Lite schema", new TfLiteWriter { Version = 2 });
    }

    [Fact]
    public void What_sees_several_samples_in_another_way_is_refused()
    {
        TfLiteWriter writer = LstmModel();
        int odd = writer.Tensor("odd", [1, 3, 5]);
        writer.Operator(22, [writer.Outputs[0]], odd);
        writer.Outputs = [odd];
        AssertRefused("makes [1, 3, 5] of [1, 5, 3]: it joins or splits axes", writer);

        writer = LstmModel();
        AddDense(writer, writer.Outputs[0], 30, 1);
        AssertRefused("sees more than one sample at once", writer);
        writer = LstmModel();
        int flat = writer.Tensor("flat", [1, 15]);
        writer.Operator(22, [writer.Outputs[0]], flat);
        writer.Operator(25, [flat], writer.Tensor("y", [1, 15]), 1f);
        writer.Outputs = [flat + 1];
        AssertRefused("works along an axis that is not the values of one sample", writer);
    }

    [Fact]
    public void A_branch_is_refused()
    {
        TfLiteWriter writer = LstmModel();
        int y = writer.Tensor("y", [1, 5, 3]);
        writer.Operator(0, [writer.Outputs[0], writer.Outputs[0]], y, (byte)0);
        writer.Outputs = [y];
        AssertRefused("op 1 ADD joins two computed values", writer);

        writer = LstmModel();
        writer.Operator(28, [writer.Inputs[0]], y);
        AssertRefused("does not read tensor 'h'", writer);
    }

    [Fact]
    public void Constants_whose_bytes_do_not_fit_their_shape_are_refused()
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 2]);
        int y = writer.Tensor("y", [1, 1]);
        writer.Operator(Dense, [x, writer.Constant("w", [1 << 30, 1 << 30], 1, 2), -1], y, (byte)0);
        (writer.Inputs, writer.Outputs) = ([x], [y]);
        AssertRefused("tensor 'w' has shape [1073741824, 1073741824] and 8 bytes", writer);
    }

    [Fact]
    public void Damaged_files_are_refused_and_nothing_else()
    {
        TfLiteWriter writer = LstmModel(hasPeepholes: true, projected: 2);
        int last = writer.Tensor("last", [1, 2]);
        writer.Operator(
            45, [writer.Outputs[0], writer.Whole("b", 0, -1, 0), writer.Whole("e", 0, 0, 0), writer.Whole("s", 1, 1, 1)], last,
            5, 5, 0, 0, 2);
        AddDense(writer, last, 2, 1);
        Assert.True(TfLiteImporter.Recognises(writer.Bytes()));
        DamagedCopies.AssertOnlyRefusals(
            writer.Bytes(), seed: 5, count: 3000, bytes => TfLiteImporter.Read(new SourceFile("m", bytes)));
    }

    [SkippableFact]
    public void The_damaged_published_file_is_refused_and_nothing_else() => DamagedCopies.AssertOnlyRefusals(
        File.ReadAllBytes(Fixture.Path("models/tflite/mnist_lstm_float.tflite")), seed: 6, count: 500,
        bytes => TfLiteImporter.Read(new SourceFile("m", bytes)));

    private static string Activated(int code, object option)
    {
        var writer = new TfLiteWriter();
        DenseModel(writer, 2, 2);
        int y = writer.Tensor("y", [1, 2]);
        writer.Operator(code, [writer.Outputs[0]], y, option);
        writer.Outputs = [y];
        return TfLiteImporter.Read(writer.File()).Layers[0].Manifest.Activation.ToString()!;
    }

    private static string Refusal(TfLiteWriter writer) =>
        Assert.Throws<ModelFileException>(() => TfLiteImporter.Read(writer.File())).Message;

    private static void AssertRefused(string expected, TfLiteWriter writer) =>
        Assert.Contains(expected, Refusal(writer), StringComparison.Ordinal);

    private static void DenseModel(TfLiteWriter writer, int inputs, int outputs)
    {
        int x = writer.Tensor("x", [1, inputs]);
        int y = writer.Tensor("dense", [1, outputs]);
        writer.Operator(Dense, [x, writer.Constant("w", [outputs, inputs], new float[inputs * outputs]), -1], y, (byte)0);
        (writer.Inputs, writer.Outputs) = ([x], [y]);
    }

    // With RELU6.
    private static void AddDense(TfLiteWriter writer, int x, int inputs, int outputs)
    {
        int y = writer.Tensor("y", [1, outputs]);
        int w = writer.Constant("w", [outputs, inputs], new float[inputs * outputs]);
        writer.Operator(Dense, [x, w, writer.Constant("b", [outputs], new float[outputs])], y, (byte)3);
        writer.Outputs = [y];
    }

    private static TfLiteWriter LstmModel(
        bool isCoupled = false, bool hasPeepholes = false, int projected = 0, object?[]? options = null,
        bool hasNormalisation = false, bool hasVariables = true, float? projectionBias = null)
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 5, 2]);
        int h = AddLstm(
            writer, x, 2, isCoupled, hasPeepholes, projected, options, hasNormalisation, hasVariables, projectionBias);
        (writer.Inputs, writer.Outputs) = ([x], [h]);
        return writer;
    }

    // Three units; the input weights of gate k are 1 + k, its bias 0.1 · k, its peephole 9 + k.
    private static int AddLstm(
        TfLiteWriter writer, int x, int inputs, bool isCoupled = false, bool hasPeepholes = false, int projected = 0,
        object?[]? options = null, bool hasNormalisation = false, bool hasVariables = true, float? projectionBias = null,
        bool isTimeMajor = false, int[]? shape = null)
    {
        int outputs = projected > 0 ? projected : 3;
        int[] tensors = [.. Enumerable.Repeat(-1, 24)];
        tensors[0] = x;
        for (int gate = isCoupled ? 1 : 0; gate < 4; gate++)
        {
            tensors[1 + gate] = writer.Constant($"w{gate}", [3, inputs], Filled(3 * inputs, 1 + gate));
            tensors[5 + gate] = writer.Constant($"r{gate}", [3, outputs], Filled(3 * outputs, 0.01f));
            tensors[12 + gate] = writer.Constant($"b{gate}", [3], Filled(3, 0.1f * gate));
            if (hasPeepholes && gate < 3)
            {
                tensors[9 + gate] = writer.Constant($"p{gate}", [3], Filled(3, 9 + gate));
            }
        }

        if (projected > 0)
        {
            tensors[16] = writer.Constant("projection", [projected, 3], Filled(3 * projected, 0.5f));
            tensors[17] = projectionBias is { } bias
                ? writer.Constant("projection bias", [projected], Filled(projected, bias))
                : -1;
        }

        tensors[18] = writer.Tensor("state h", [1, outputs], hasVariables);
        tensors[19] = writer.Tensor("state c", [1, 3], hasVariables);
        tensors[20] = hasNormalisation ? writer.Constant("norm", [3], 1, 1, 1) : -1;
        int h = writer.Tensor("h", shape ?? [1, 5, outputs]);
        writer.Operator(Lstm, tensors, h, options ?? [(byte)4, 10f, 0f, isTimeMajor]);
        return h;
    }

    private static float[] Filled(int count, float value) => [.. Enumerable.Repeat(value, count)];
}
