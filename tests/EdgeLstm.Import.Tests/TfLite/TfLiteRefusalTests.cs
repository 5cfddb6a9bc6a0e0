// TensorFlow Lite: every operator, type and form that cannot run sample by sample is refused by name, and so are damaged files.

using EdgeLstm.Core.Models;
using EdgeLstm.Import.TfLite;
using static EdgeLstm.Import.Tests.TfLite.TfLiteModels;

namespace EdgeLstm.Import.Tests.TfLite;

public sealed class TfLiteRefusalTests
{
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

    private static string Refusal(TfLiteWriter writer) =>
        Assert.Throws<ModelFileException>(() => TfLiteImporter.Read(writer.File())).Message;

    private static void AssertRefused(string expected, TfLiteWriter writer) =>
        Assert.Contains(expected, Refusal(writer), StringComparison.Ordinal);
}
