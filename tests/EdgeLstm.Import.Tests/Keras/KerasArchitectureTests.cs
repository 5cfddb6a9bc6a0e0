using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Keras;
using static EdgeLstm.Import.Tests.Keras.SmallModel;

namespace EdgeLstm.Import.Tests.Keras;

public sealed class KerasArchitectureTests
{
    private const string Lstm =
        """{"class_name": "LSTM", "config": {"name": "lstm", "recurrent_activation": "sigmoid", "return_sequences": true}""";

    [Theory]
    [InlineData("LSTM", "lstm")]
    [InlineData("SimpleRNN", "simple_rnn")]
    [InlineData("TimeDistributed", "time_distributed")]
    [InlineData("BatchNormalization", "batch_normalization")]
    [InlineData("Conv1D", "conv1d")]
    [InlineData("LeakyReLU", "leaky_re_lu")]
    [InlineData("GRU", "gru")]
    public void A_class_is_stored_in_snake_case(string className, string expected) =>
        Assert.Equal(expected, KerasLayer.SnakeCase(className));

    [Fact]
    public void Layers_of_a_class_are_counted_in_their_order()
    {
        string layers = $"{Layer("GRU", "b")}, {Layer("Dense", "x")}, {Layer("GRU", "a")}, {Layer("GRU", "c")}";
        KerasArchitecture architecture = KerasArchitecture.Read(
            Parse($$"""{"class_name": "Sequential", "config": [{{layers}}]}"""), "3.0.0");
        Assert.Equal(["gru", "dense", "gru_1", "gru_2"], architecture.Layers.Select(layer => layer.StoredName));
    }

    [Theory]
    [InlineData("[[[\"in\", 0, 0, {}]]]", "[[[\"lstm\", 0, 0, {}]]]", "[[\"in\", 0, 0]]", "[[\"dense\", 0, 0]]")]
    [InlineData("[[[\"in\", 0, 0]]]", "[[\"lstm\", 0, 0, {}]]", "[\"in\", 0, 0]", "[\"dense\", 0, 0]")]
    [InlineData(
        """[{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["in", 0, 0]}}], "kwargs": {"m": null}}]""",
        """[{"args": [[{"class_name": "__keras_tensor__", "config": {"keras_history": ["lstm", 0, 0]}}]], "kwargs": {}}]""",
        "[\"in\", 0, 0]", "[[\"dense\", 0, 0]]")]
    public void A_functional_model_that_is_a_chain_is_read(string first, string second, string inputs, string outputs)
    {
        ImportedModel model = Read(Functional(first, second, inputs, outputs));
        Assert.Equal(["lstm", "dense"], model.Layers.Select(layer => layer.Manifest.Name));
        Assert.Equal(7, model.Sequence.WindowSamples);
    }

    [Theory]
    [InlineData("[[[\"in\", 0, 0, {}], [\"dense\", 0, 0, {}]]]", null, null, null, "layer 'lstm': (class LSTM) reads 2 tensors")]
    [InlineData("[[[\"in\", 0, 0, {}]], [[\"in\", 0, 0, {}]]]", null, null, null, "layer 'lstm': is used 2 times")]
    [InlineData("[[[\"dense\", 0, 0, {}]]]", null, null, null, "reads itself by way of other layers")]
    [InlineData("[[[\"nowhere\", 0, 0, {}]]]", null, null, null, "names the layer 'nowhere', which it does not describe")]
    [InlineData("[]", null, null, null, "layer 'lstm': has no source, but the model's input is 'in'")]
    [InlineData("[[[\"in\", 0, 0, {\"initial_state\": [1]}]]]", null, null, null, "layer 'lstm': reads a state of or beside "
        + "'in'")]
    [InlineData(null, "[[[\"lstm\", 0, 1, {}]]]", null, null, "layer 'dense': reads a state of or beside 'lstm'")]
    [InlineData(null, "[[[\"in\", 0, 0, {}]]]", null, null, "layer 'lstm': is not on the path")]
    [InlineData(null, "[[7]]", null, null, "layer 'dense': 'inbound_nodes' is 7")]
    [InlineData(null, null, "[[\"in\", 0, 0], [\"in2\", 0, 0]]", null, "has 2 inputs: 'in', 'in2'; expected one")]
    [InlineData(null, null, null, "[[\"dense\", 0, 0], [\"lstm\", 0, 0]]", "has 2 outputs: 'dense', 'lstm'; expected one")]
    [InlineData(null, null, null, "[]", "has 0 outputs")]
    [InlineData(null, null, "{\"a\": 1}", null, "'input_layers' is an object; expected an array")]
    public void A_functional_model_that_is_no_chain_is_refused(
        string? first, string? second, string? inputs, string? outputs, string reason)
    {
        string json = Functional(
            first ?? "[[[\"in\", 0, 0, {}]]]", second ?? "[[[\"lstm\", 0, 0, {}]]]", inputs ?? "[[\"in\", 0, 0]]",
            outputs ?? "[[\"dense\", 0, 0]]");
        Assert.Contains(reason, Assert.Throws<ModelFileException>(() => Read(json)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "is an array; expected an object")]
    [InlineData("{", "is not valid JSON")]
    [InlineData("{\"class_name\": \"\\ud800\"}", "is not valid JSON")]
    [InlineData("{}", "has no 'class_name'")]
    [InlineData("{\"class_name\": \"MyModel\", \"config\": {}}", "is of class 'MyModel'; expected Sequential or Functional")]
    [InlineData("{\"class_name\": \"Sequential\"}", "has no 'config'")]
    [InlineData("{\"class_name\": \"Sequential\", \"config\": {}}", "has no 'layers'")]
    [InlineData("{\"class_name\": \"Sequential\", \"config\": [3]}", "layer 1 is 3; expected an object")]
    [InlineData("{\"class_name\": \"Sequential\", \"config\": [{}]}", "layer 1: has no 'class_name'")]
    [InlineData("{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"LSTM\"}]}", "layer 1: of class 'LSTM' has no "
        + "'config'")]
    [InlineData("{\"class_name\": \"Sequential\", \"config\": []}", "holds no layer that can be run")]
    public void A_configuration_that_is_none_is_refused(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<ModelFileException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_configuration_that_nests_too_deeply_or_has_too_many_layers_is_refused()
    {
        string deep = new string('[', 5000) + new string(']', 5000);
        var refusal = Assert.Throws<ModelFileException>(() => Read(deep));
        Assert.Contains("is not valid JSON", refusal.Message, StringComparison.Ordinal);
        string many = string.Join(',', Enumerable.Repeat(Layer("Dropout", "d"), 257));
        Assert.Contains("has 257 layers; the limit is 256", Refusal(many), StringComparison.Ordinal);
        var huge = new ReadOnlyMemory<byte>(new byte[ConfigNode.MaxBytes + 1]);
        Assert.Contains(
            "the limit is", Assert.Throws<ModelFileException>(() => ConfigNode.Parse(SmallModel.File, "it", huge)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[null, 4, 4, 3]", "the input has 4 axes")]
    [InlineData("[3]", "the input has 1 axes")]
    [InlineData("[null, \"a\", 2]", "'batch_input_shape' is 'a'; expected a size")]
    [InlineData("[null, 1.5, 2]", "'batch_input_shape' is 1.5; expected a size")]
    [InlineData("[1,1,1,1,1,1,1,1,1]", "has 9 sizes")]
    public void An_input_that_is_no_sequence_is_refused(string shape, string reason) => Assert.Contains(
        reason, Refusal(Layer("LSTM", "lstm", $"\"batch_input_shape\": {shape}")), StringComparison.Ordinal);

    [Fact]
    public void A_tuple_of_tf_keras_is_a_shape()
    {
        string tuple = "\"batch_input_shape\": {\"class_name\": \"__tuple__\", \"items\": [null, 9, 2]}";
        Assert.Equal(9, Sequential(Layer("LSTM", "lstm", tuple)).Sequence.WindowSamples);
    }

    [Fact]
    public void Layers_of_which_some_are_stateful_are_warned_of()
    {
        string first = Layer("LSTM", "lstm", "\"stateful\": true, \"return_sequences\": true, \"recurrent_activation\": "
            + "\"tanh\"");
        ImportedModel model = Sequential($"{first}, {Layer("LSTM", "lstm2", "\"recurrent_activation\": \"tanh\"")}");
        Assert.Contains("1 of 2 recurrent layers are stateful=True", Assert.Single(model.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void An_architecture_without_weights_says_what_it_is()
    {
        using var document = JsonDocument.Parse("""{"class_name": "Sequential", "config": []}""");
        Assert.True(KerasJson.Recognises(document.RootElement));
        Assert.Contains(
            "import the file of the weights with --config and this file",
            KerasJson.Refusal(SmallModel.File, document.RootElement).Message, StringComparison.Ordinal);
        using var other = JsonDocument.Parse("""[{"attrs": 1}]""");
        Assert.False(KerasJson.Recognises(other.RootElement));
    }

    private static ConfigNode Parse(string json) =>
        ConfigNode.Parse(SmallModel.File, "the file", System.Text.Encoding.UTF8.GetBytes(json));

    private static string Functional(string first, string second, string inputs, string outputs)
    {
        string dense = """{"class_name": "Dense", "name": "dense", "config": {"name": "dense"}""";
        return $$$"""
            {"class_name": "Functional", "config": {"name": "m", "layers": [
              {"class_name": "InputLayer", "name": "in", "config": {"batch_input_shape": [null, 7, 2]}, "inbound_nodes": []},
              {{{dense}}}, "inbound_nodes": {{{second}}}},
              {{{Lstm}}}, "inbound_nodes": {{{first}}}}],
             "input_layers": {{{inputs}}}, "output_layers": {{{outputs}}}}}
            """;
    }
}
