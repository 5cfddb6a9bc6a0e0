// What the walk over a graph makes of single operators; the files are built here.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Onnx;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.Onnx;

public class OnnxGraphTests
{
    [Fact]
    public void Gates_of_an_LSTM_are_in_the_order_i_o_f_c()
    {
        // One unit: each gate has weights of its own.
        ImportedModel model = Read(new OnnxBuilder().Input("x", "t", 1, 1).Floats("W", [1, 4, 1], 0.1f, 0.2f, 0.3f, 0.4f)
            .Floats("R", [1, 4, 1], 0.5f, 0.6f, 0.7f, 0.8f)
            .Floats("B", [1, 8], 0.01f, 0.02f, 0.03f, 0.04f, 0.05f, 0.06f, 0.07f, 0.08f)
            .Node("LSTM", "x W R B", "y"));
        var network = new ReferenceNetwork(model.Layers);
        (double h, double c) = (0, 0);
        foreach (double x in new[] { 1.0, -2.0, 0.5 })
        {
            double Gate(int k) => (0.1 * (k + 1) * x) + ((0.5 + (0.1 * k)) * h) + (0.01 * (k + 1)) + (0.01 * (k + 5));
            (double i, double o, double f, double g) = (Sigmoid(Gate(0)), Sigmoid(Gate(1)), Sigmoid(Gate(2)), Math.Tanh(Gate(3)));
            c = (f * c) + (i * g);
            h = o * Math.Tanh(c);
            Assert.Equal(h, network.Step([x])[0], 1e-6);
        }
    }

    [Fact]
    public void Weights_are_found_behind_shape_operators()
    {
        SourceFile plain = Gru().Output("y").ToFile();
        SourceFile hidden = new OnnxBuilder().Input("x", "t", "b", 2).Weights("W", 1, 9, 2).Weights("R", 1, 9, 3)
            .Weights("B", 1, 18).Node("Squeeze", "W", "w0", ("axes", new[] { 0 })).Node("Transpose", "w0", "w1")
            .Node("Transpose", "w1", "w2", ("perm", new[] { 1, 0 }))
            .Integers("zero", 0).Integers("four", 4).Integers("end", long.MaxValue).Integers("one", 1)
            .Node("Slice", "w2 zero four zero one", "wa").Node("Slice", "w2 four end zero", "wb")
            .Node("Concat", "wa wb", "w3", ("axis", 0))
            .Node("Unsqueeze", "w3 zero", "w4")
            .Integers("size", 1, -1, 3).Node("Reshape", "R size", "r0").Node("Identity", "r0", "r1")
            .Node("Split", "B", "b0 b1", ("axis", -1)).Node("Concat", "b0 b1", "b2", ("axis", 1))
            .Node("Cast", "b2", "b3", ("to", 1))
            .Node("GRU", "x w4 r1 b3", "y", ("linear_before_reset", 1)).Output("y").ToFile();

        ImportedModel expected = OnnxImporter.Read(plain, ImportOptions.None);
        ImportedModel found = OnnxImporter.Read(hidden, ImportOptions.None);

        Assert.All(expected.Layers[0].Tensors.Zip(found.Layers[0].Tensors),
            pair => Assert.Equal(pair.First.Values, pair.Second.Values));
    }

    [Theory]
    [InlineData("Relu", "relu")]
    [InlineData("Tanh", "tanh")]
    [InlineData("Sigmoid", "sigmoid")]
    [InlineData("Softmax", "softmax")]
    [InlineData("HardSigmoid", "hardSigmoid(0.2, 0.5)")]
    [InlineData("LeakyRelu", "leakyRelu(0.01)")]
    [InlineData("Elu", "elu(1)")]
    [InlineData("Selu", "selu")]
    [InlineData("Softplus", "softplus")]
    [InlineData("Softsign", "softsign")]
    [InlineData("ThresholdedRelu", "thresholdedRelu(1)")]
    [InlineData("Gelu", "gelu")]
    [InlineData("Exp", "exponential")]
    public void Activations_have_the_defaults_of_their_operators(string op, string expected)
    {
        ImportedModel model = Read(Gru().Node("Squeeze", "y one", "s").Integers("one", 1).Weights("M", 3, 2)
            .Node("MatMul", "s M", "m")
            .Node(op, "m", "z"), "z");

        Assert.Equal(expected, model.Layers[^1].Manifest.Activation.ToString());
        Assert.Equal(LayerKind.Dense, model.Layers[^1].Manifest.Kind);
    }

    [Fact]
    public void Activations_of_gates_take_their_parameters_in_order()
    {
        ImportedModel model = Read(new OnnxBuilder().Input("x", "t", 1, 2).Weights("W", 1, 12, 2).Weights("R", 1, 12, 3)
            .Node(
                "LSTM", "x W R", "y", ("activations", new[] { "HardSigmoid", "leakyrelu", "Affine" }),
                ("activation_alpha", new[] { 0.25f, 0.3f }), ("activation_beta", new[] { 0.4f, 0.1f }), ("clip", 2f)));

        LayerManifest manifest = model.Layers[0].Manifest;
        Assert.Equal(new ActivationFunction(Activation.HardSigmoid, 0.25f, 0.4f), manifest.GateActivation);
        Assert.Equal(new ActivationFunction(Activation.LeakyRelu, 0.3f), manifest.Activation);
        Assert.Equal(new ActivationFunction(Activation.Affine, 1, 0.1f), manifest.OutputActivation);
        Assert.Equal(2, manifest.Clip);
    }

    [Fact]
    public void The_last_state_may_be_the_answer_or_feed_a_head()
    {
        OnnxBuilder head = Gru(outputs: "- h").Integers("zero", 0).Node("Squeeze", "h zero", "s").Weights("M", 2, 3)
            .Weights("C", 2)
            .Node("Gemm", "s M C", "z", ("transB", 1), ("alpha", 2f), ("beta", 0.5f));

        ImportedModel model = Read(head, "z");

        Assert.Equal(new SequenceUse(null, null, false), model.Sequence);
        Assert.Equal(2 * OnnxBuilder.Values("M", 6)[0], model.Layers[1].Tensors[0].Values[0], 6);
        Assert.Equal(OnnxBuilder.Values("C", 2)[1] / 2, model.Layers[1].Tensors[1].Values[1], 6);
        Assert.False(Read(Gru(outputs: "- h"), "h").Sequence.AnswersEachSample);
    }

    [Fact]
    public void Scales_in_a_row_are_one_layer()
    {
        ImportedModel model = Read(new OnnxBuilder().Input("x", "t", "b", 2).Floats("mean", [2], 1, 2)
            .Floats("std", [1, 1, 2], 4, 8)
            .Node("Sub", "x mean", "d").Node("Div", "d std", "s").Node("Neg", "s", "n")
            .Weights("W", 1, 9, 2).Weights("R", 1, 9, 3)
            .Node("GRU", "n W R", "y"));

        Assert.Equal([LayerKind.Scale, LayerKind.Gru], model.Layers.Select(layer => layer.Manifest.Kind));
        Assert.Equal([-0.25f, -0.125f], model.Layers[0].Tensors[0].Values);
        Assert.Equal([0.25f, 0.25f], model.Layers[0].Tensors[1].Values);
    }

    [Theory]
    [InlineData(1, new byte[] { 0, 0, 0xC0, 0x3F })]
    [InlineData(10, new byte[] { 0, 0x3E })]
    [InlineData(16, new byte[] { 0xC0, 0x3F })]
    [InlineData(11, new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x3F })]
    public void Floats_of_every_width_are_read(int type, byte[] bytes)
    {
        ImportedModel model = Read(Rnn().Tensor("B", [1, 2], type, tensor => tensor.Data(9, [.. bytes, .. bytes])));

        Assert.Equal(3, model.Layers[0].Tensors[2].Values[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(11)]
    public void Floats_in_lists_are_read_packed_or_not(int type)
    {
        void Fill(ProtoWriter tensor)
        {
            switch (type)
            {
                case 1: tensor.Float(4, 1.5f).Data(4, [0, 0, 0xC0, 0x3F]); break;
                case 10: tensor.Varint(5, 0x3E00).Data(5, [0x80, 0x7C]); break;
                default: tensor.Data(10, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F]); break;
            }
        }

        Assert.Equal(3, Read(Rnn().Tensor("B", [1, 2], type, Fill)).Layers[0].Tensors[2].Values[0]);
    }

    [Fact]
    public void External_data_is_read_at_its_offset_and_within_its_file()
    {
        string folder = Directory.CreateTempSubdirectory("onnx").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "weights.bin"), [9, 9, 9, 9, 0, 0, 0xC0, 0x3F, 0, 0, 0, 0]);
            OnnxBuilder Placed(string location, string offset, string length) => Rnn().Tensor("B", [1, 2], 1, tensor => tensor
                .Message(13, Entry("location", location)).Message(13, Entry("offset", offset))
                .Message(13, Entry("length", length)).Varint(14, 1));
            SourceFile File1(OnnxBuilder builder) => builder.Output("y").ToFile(Path.Combine(folder, "m.onnx"));

            ImportedModel model = OnnxImporter.Read(File1(Placed("weights.bin", "4", "8")), ImportOptions.None);

            Assert.Equal(1.5f, model.Layers[0].Tensors[2].Values[0]);
            OnnxModelTests.AssertRefused(File1(Placed("weights.bin", "8", "8")), "that file has 12");
            OnnxModelTests.AssertRefused(File1(Placed("weights.bin", "-4", "8")), "expected a number");
            OnnxModelTests.AssertRefused(File1(Placed("weights.bin", "0", "12")), "has 12 bytes; its shape [1, 2] needs 8");
            OnnxModelTests.AssertRefused(File1(Placed("../weights.bin", "0", "8")), "only files beside or below it");
            OnnxModelTests.AssertRefused(File1(Placed("/weights.bin", "0", "8")), "only files beside or below it");
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }

    [Fact]
    public void Traps_are_warned_of()
    {
        string Warnings(OnnxBuilder builder) => string.Join('\n', Read(builder).Warnings);

        Assert.Contains("linear_before_reset = 0", Warnings(Gru(0, "pytorch", "2.9.1")), StringComparison.Ordinal);
        Assert.Contains("linear_before_reset = 0", Warnings(Gru(0, "pytorch", "2.10.0+cpu")), StringComparison.Ordinal);
        Assert.Empty(Warnings(Gru(0, "pytorch", "2.8.0")));
        Assert.Empty(Warnings(Gru(1, "pytorch", "2.9.1")));
        Assert.Empty(Warnings(Gru(0, "tf2onnx", "2.9.1")));
        Assert.Contains("opset 23 is newer", Warnings(Gru(opset: 23)), StringComparison.Ordinal);
        Assert.Contains("a single time step", Warnings(Gru(time: 1)), StringComparison.Ordinal);
        Assert.Contains(
            "'h0' is an initial state that no output hands back", Warnings(Gru(state: "h0").Input("h0", 1, 1, 3)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Scaling_stands_in_the_metadata()
    {
        ImportedModel model = Read(Gru().Metadata("edgelstm_norm", """{"mean": [1, 2], "scale": [4, 5]}"""));

        Assert.Equal(2, model.Scaling!.Inputs![1].Offset);
        Assert.Equal(0.25, model.Scaling.Inputs[0].Scale);
        Assert.Null(Read(Gru().Metadata("author", "somebody")).Scaling);
    }

    [Fact]
    public void A_state_that_is_handed_back_makes_the_model_stateful()
    {
        ImportedModel model = Read(Gru(time: 1, state: "h0", outputs: "y h").Input("h0", 1, 1, 3).Output("y"), "h");

        Assert.Equal(new SequenceUse(true, null, true), model.Sequence);
        Assert.Empty(model.Warnings);
    }

    [Fact]
    public void A_constant_initial_state_is_kept_where_all_sequences_share_it()
    {
        OnnxBuilder Begun(params float[] state) => Gru(state: "h0", batch: 2).Floats("h0", [1, 2, 3], state);

        Assert.Equal([1f, 2, 3], Read(Begun(1, 2, 3, 1, 2, 3)).Layers[0].Values("initial_h")!);
        Assert.Null(Read(Begun(0, 0, 0, 0, 0, 0)).Layers[0].Values("initial_h"));
        OnnxModelTests.AssertRefused(Begun(1, 2, 3, 1, 2, 4).Output("y").ToFile(), "begins each sequence of the batch elsewhere");
    }

    internal static OnnxBuilder Gru(
        int linear = 1, string producer = "test", string version = "1", int opset = 14, object? time = null, object? batch = null,
        string state = "-", string outputs = "y") =>
        new OnnxBuilder { Producer = producer, Version = version, Opset = opset }.Input("x", time ?? "t", batch ?? 1, 2)
            .Weights("W", 1, 9, 2).Weights("R", 1, 9, 3).Weights("B", 1, 18)
            .Node("GRU", $"x W R B - {state}", outputs, ("linear_before_reset", linear), ("hidden_size", 3));

    private static OnnxBuilder Rnn() =>
        new OnnxBuilder().Input("x", "t", 1, 1).Weights("W", 1, 1, 1).Weights("R", 1, 1, 1).Node("RNN", "x W R B", "y");

    private static ProtoWriter Entry(string key, string value) => new ProtoWriter().Text(1, key).Text(2, value);

    private static ImportedModel Read(OnnxBuilder builder, string output = "y") =>
        OnnxImporter.Read(builder.Output(output).ToFile(), ImportOptions.None);

    private static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));
}
