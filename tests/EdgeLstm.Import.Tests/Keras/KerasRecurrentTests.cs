using EdgeLstm.Core.Layers;
using static EdgeLstm.Import.Tests.Keras.SmallModel;

namespace EdgeLstm.Import.Tests.Keras;

public sealed class KerasRecurrentTests
{
    private const string Seq = "\"return_sequences\": true";

    [Fact]
    public void A_missing_reset_after_means_false_and_is_warned_of()
    {
        ImportedModel model = Sequential(Layer("GRU", "gru", "\"recurrent_activation\": \"sigmoid\""));
        Assert.Equal(GruReset.Before, model.Layers[0].Manifest.Reset);
        Assert.Contains("GRU 'gru' does not say reset_after; assumed "
            + "False", Assert.Single(model.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_rows_of_bias_show_a_missing_reset_after()
    {
        var weights = new MemoryWeights { ["gru"] = Cell(3, 2, 9, biasRows: 2) };
        ImportedModel model = Sequential(Layer("GRU", "gru", "\"recurrent_activation\": \"sigmoid\""), weights);
        Assert.Equal(GruReset.After, model.Layers[0].Manifest.Reset);
        Assert.Contains("assumed True", Assert.Single(model.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bias_that_contradicts_reset_after_is_refused()
    {
        string config = "\"recurrent_activation\": \"sigmoid\", \"reset_after\": ";
        Assert.Contains("expected [2, 3·units]", Refusal(Layer("GRU", "gru", config + "true")), StringComparison.Ordinal);
        var weights = new MemoryWeights { ["gru"] = Cell(3, 2, 9, biasRows: 2) };
        Assert.Contains("has shape [2, 9]; expected "
            + "[9]", Refusal(Layer("GRU", "gru", config + "false"), weights), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.2.2", 0.2)]
    [InlineData("2.2.4-tf", 0.2)]
    [InlineData("2.15.0", 0.2)]
    [InlineData("tfjs-layers 4.22.0", 0.2)]
    [InlineData("3.5.0", 1.0 / 6)]
    public void Hard_sigmoid_is_that_of_the_version(string version, double slope)
    {
        ImportedModel model = Sequential(Layer("LSTM", "lstm", "\"recurrent_activation\": \"hard_sigmoid\""), version: version);
        Assert.Equal(new ActivationFunction(Activation.HardSigmoid, (float)slope, 0.5f), model.Layers[0].Manifest.GateActivation);
        Assert.Empty(model.Warnings);
    }

    [Theory]
    [InlineData("batch_input_shape", "hardSigmoid(0.2, 0.5)")]
    [InlineData("batch_shape", "hardSigmoid(0.16666667, 0.5)")]
    public void Without_a_version_hard_sigmoid_follows_the_look_of_the_configuration_and_is_warned_of(string key, string expected)
    {
        string input = Layer("InputLayer", "in", $"\"{key}\": [null, null, 2]");
        ImportedModel model = Sequential(
            $"{input}, {Layer("LSTM", "lstm", "\"recurrent_activation\": \"hard_sigmoid\"")}", version: null);
        Assert.Equal(expected, model.Layers[0].Manifest.GateActivation.ToString());
        Assert.Contains("does not say its version of Keras", Assert.Single(model.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.2.2", "hardSigmoid(0.2, 0.5)")]
    [InlineData("2.2.4", "hardSigmoid(0.2, 0.5)")]
    [InlineData("2.3.0", "")]
    [InlineData("2.15.0", "")]
    [InlineData("3.1.0", "")]
    [InlineData("tfjs-layers 4.22.0", "hardSigmoid(0.2, 0.5)")]
    public void A_missing_recurrent_activation_is_the_default_of_the_version_and_is_warned_of(string version, string expected)
    {
        ImportedModel model = Sequential(Layer("LSTM", "lstm"), version: version);
        Assert.Equal(expected, model.Layers[0].Manifest.GateActivation?.ToString() ?? "");
        Assert.Contains("does not say recurrent_activation", Assert.Single(model.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void The_matrices_of_Keras_1_give_what_the_joined_ones_of_Keras_2_give()
    {
        SourceTensor[] lstm = Cell(1, 2, 12);
        SourceTensor[] gru = Cell(3, 2, 9);
        string keras1 = "\"output_dim\": 3, \"inner_activation\": \"hard_sigmoid\"";
        string keras2 = "\"units\": 3, \"recurrent_activation\": \"hard_sigmoid\", \"reset_after\": false";
        ImportedModel joinedLstm = Sequential(Layer("LSTM", "l", keras2), new MemoryWeights { ["l"] = lstm });
        ImportedModel apartLstm = Sequential(
            Layer("LSTM", "l", keras1), new MemoryWeights { ["l"] = Apart(lstm, 4, [0, 2, 1, 3]) }, "1.2.2");
        AssertSame(Run(joinedLstm), Run(apartLstm));
        ImportedModel joinedGru = Sequential(Layer("GRU", "l", keras2), new MemoryWeights { ["l"] = gru });
        ImportedModel apartGru = Sequential(
            Layer("GRU", "l", keras1), new MemoryWeights { ["l"] = Apart(gru, 3, [0, 1, 2]) }, "1.2.2");
        AssertSame(Run(joinedGru), Run(apartGru));
        Assert.Empty(apartGru.Warnings);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_layout_of_CuDNN_gives_what_that_of_Keras_gives(bool isLstm)
    {
        int gates = isLstm ? 4 : 3;
        SourceTensor[] plain = Cell(7, 2, gates * 3, biasRows: 2);
        SourceTensor[] cudnn = [Blocks(plain[0], gates), Blocks(plain[1], gates), plain[2].Reshape(2 * gates * 3)];
        (SourceTensor input, SourceTensor recurrent) = (plain[2].Slice(0), plain[2].Slice(1));
        SourceTensor sum = input with { Values = [.. input.Values.Zip(recurrent.Values, (a, b) => a + b)] };
        var weights = new MemoryWeights { ["plain"] = isLstm ? [plain[0], plain[1], sum] : plain, ["cudnn"] = cudnn };
        string gate = "\"recurrent_activation\": \"sigmoid\", \"reset_after\": true";
        ImportedModel expected = Sequential(Layer(isLstm ? "LSTM" : "GRU", "plain", gate), weights);
        ImportedModel found = Sequential(Layer(isLstm ? "CuDNNLSTM" : "CuDNNGRU", "cudnn"), weights, "2.2.4");
        AssertSame(Run(expected), Run(found));
        Assert.Empty(found.Warnings);
    }

    [Fact]
    public void A_layer_without_bias_reads_two_weights()
    {
        var weights = new MemoryWeights { ["gru"] = Cell(3, 2, 9)[..2] };
        string config = "\"recurrent_activation\": \"sigmoid\", \"reset_after\": true, \"use_bias\": ";
        ImportedModel model = Sequential(Layer("GRU", "gru", config + "false"), weights);
        Assert.All(model.Layers[0].Values("bias")!, value => Assert.Equal(0, value));
        Assert.Contains("has 2 weights ('kernel:0', 'recurrent_kernel:0'); expected kernel, recurrent_kernel and bias",
            Refusal(Layer("GRU", "gru", config + "true"), weights), StringComparison.Ordinal);
    }

    [Fact]
    public void The_weights_are_told_apart_by_their_names_where_these_tell_it()
    {
        SourceTensor[] cell = Cell(1, 2, 12);
        string layer = Layer("LSTM", "lstm", "\"recurrent_activation\": \"sigmoid\"");
        ImportedModel usual = Sequential(layer, new MemoryWeights { ["lstm"] = cell });
        ImportedModel sorted = Sequential(layer, new MemoryWeights { ["lstm"] = [cell[2], cell[0], cell[1]] });
        AssertSame(Run(usual), Run(sorted));
    }

    [Fact]
    public void A_wrapped_cell_is_the_layer_of_its_kind()
    {
        string cell = Layer("LSTMCell", "c", "\"units\": 3, \"recurrent_activation\": \"sigmoid\"");
        ImportedModel wrapped = Sequential(Layer("RNN", "lstm", $"{Seq}, \"cell\": {cell}"));
        AssertSame(Run(Sequential(Layer("LSTM", "lstm", "\"recurrent_activation\": \"sigmoid\""))), Run(wrapped));
        string stacked = Layer("RNN", "lstm", "\"cell\": {\"class_name\": \"StackedRNNCells\", \"config\": {\"cells\": []}}");
        Assert.Contains("layer 'lstm': is of class StackedRNNCells", Refusal(stacked), StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_after_return_sequences_false_is_refused_with_both_names()
    {
        string refusal = Refusal($"{Layer("LSTM", "lstm")}, {Layer("LSTM", "lstm2")}");
        Assert.Contains("layer 'lstm2': reads a sequence, but 'lstm' before it gives only the last "
            + "result", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"go_backwards\": true", "go_backwards=True")]
    [InlineData("\"time_major\": true", "time_major=True")]
    [InlineData("\"units\": 4", "'units' is 4, but its weights are those of 3")]
    [InlineData("\"units\": \"three\"", "'units' is 'three'; expected a whole number")]
    [InlineData("\"use_bias\": 1", "'use_bias' is 1; expected true or false")]
    [InlineData("\"activation\": \"softmax\"", "'activation' is softmax, which is not applied unit by unit")]
    [InlineData("\"activation\": 7", "'activation' is 7; expected the name of an activation")]
    [InlineData("\"recurrent_activation\": \"hard_silu\"", "'recurrent_activation' is 'hard_silu', which is not known")]
    [InlineData("\"return_sequences\": null, \"stateful\": []", "'stateful' is an array; expected true or false")]
    public void A_layer_that_cannot_run_is_refused_with_its_name_and_the_key(string config, string reason)
    {
        string refusal = Refusal(Layer("LSTM", "lstm", config));
        Assert.Contains("m.h5: layer 'lstm': ", refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_a_wrong_shape_are_refused()
    {
        SourceTensor[] cell = Cell(1, 2, 12);
        var noMatrix = new MemoryWeights { ["lstm"] = [cell[2], cell[1], cell[2]] };
        Assert.Contains("expected a matrix", Refusal(Layer("LSTM", "lstm"), noMatrix), StringComparison.Ordinal);
        Assert.Contains(
            "tensor 'bias:0' has shape [12]; expected [24]",
            Refusal(Layer("CuDNNLSTM", "lstm"), new MemoryWeights { ["lstm"] = cell }), StringComparison.Ordinal);
        SourceTensor[] apart = Apart(cell, 4, [0, 2, 1, 3]);
        apart[3] = apart[3].Reshape(3, 2);
        Assert.Contains(
            "has shape [3, 2]; expected [2, 3], as of the other gates",
            Refusal(Layer("LSTM", "lstm"), new MemoryWeights { ["lstm"] = apart }), StringComparison.Ordinal);
    }

    // The columns of each gate as tensors of their own, in the order of Keras 1.
    private static SourceTensor[] Apart(SourceTensor[] weights, int gates, int[] order) =>
    [
        .. order.SelectMany(gate => weights.Select(
            (tensor, kind) => Columns(tensor, gates, gate) with { Name = $"l_{"WUb"[kind]}_{gate}:0" })),
    ];

    private static SourceTensor Columns(SourceTensor tensor, int gates, int gate)
    {
        int width = tensor.Shape[^1] / gates;
        float[] values = [.. tensor.Values.Where((_, k) => k % tensor.Shape[^1] / width == gate)];
        return tensor with { Shape = [.. tensor.Shape[..^1], width], Values = values };
    }

    // As Keras converts: each gate's block holds, in C order, the transposed matrix.
    private static SourceTensor Blocks(SourceTensor tensor, int gates)
    {
        float[] values = new float[tensor.Values.Length];
        for (int gate = 0; gate < gates; gate++)
        {
            float[] block = Columns(tensor, gates, gate).Transpose().Values;
            int width = tensor.Shape[1] / gates;
            for (int k = 0; k < block.Length; k++)
            {
                values[(k / width * tensor.Shape[1]) + (gate * width) + (k % width)] = block[k];
            }
        }

        return tensor with { Values = values };
    }
}
