using EdgeLstm.Core.Models;
using EdgeLstm.Import.Trust;
using static EdgeLstm.Import.Tests.Keras.SmallModel;

namespace EdgeLstm.Import.Tests.Keras;

public sealed class KerasFeedforwardTests
{
    private const string Lstm =
        """{"class_name": "LSTM", "config": {"name": "lstm", "recurrent_activation": "sigmoid", "return_sequences": true}}""";

    private const string LastOnly = """{"class_name": "LSTM", "config": {"name": "lstm", "recurrent_activation": "sigmoid"}}""";
    private const string Input = """{"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [null, 5, 2]}}""";

    [Theory]
    [InlineData("linear", "linear")]
    [InlineData("relu", "relu")]
    [InlineData("relu6", "clamp(0, 6)")]
    [InlineData("tanh", "tanh")]
    [InlineData("sigmoid", "sigmoid")]
    [InlineData("hard_sigmoid", "hardSigmoid(0.2, 0.5)")]
    [InlineData("hardSigmoid", "hardSigmoid(0.2, 0.5)")]
    [InlineData("hard_tanh", "clamp(-1, 1)")]
    [InlineData("softmax", "softmax")]
    [InlineData("softplus", "softplus")]
    [InlineData("softsign", "softsign")]
    [InlineData("elu", "elu(1)")]
    [InlineData("selu", "selu")]
    [InlineData("leaky_relu", "leakyRelu(0.2)")]
    [InlineData("silu", "silu")]
    [InlineData("swish", "silu")]
    [InlineData("gelu", "gelu")]
    [InlineData("gelu_new", "geluTanh")]
    [InlineData("exponential", "exponential")]
    public void An_activation_is_known_by_name_and_as_a_serialised_function(string name, string expected)
    {
        ImportedModel byName = Sequential($"{Lstm}, {Layer("Dense", "dense", $"\"activation\": \"{name}\"")}");
        string function = $$"""{"module": "builtins", "class_name": "function", "config": "{{name}}"}""";
        ImportedModel serialised = Sequential($"{Lstm}, {Layer("Dense", "dense", $"\"activation\": {function}")}");
        Assert.Equal(expected, byName.Layers[1].Manifest.Activation.ToString());
        Assert.Equal(expected, serialised.Layers[1].Manifest.Activation.ToString());
    }

    [Theory]
    [InlineData("LeakyReLU", "", "leakyRelu(0.3)")]
    [InlineData("LeakyReLU", "\"alpha\": 0.1", "leakyRelu(0.1)")]
    [InlineData("LeakyReLU", "\"negative_slope\": 0.25", "leakyRelu(0.25)")]
    [InlineData("LeakyReLU", "\"alpha\": {\"class_name\": \"__numpy__\", \"value\": 0.5}", "leakyRelu(0.5)")]
    [InlineData("ELU", "\"alpha\": 0.5", "elu(0.5)")]
    [InlineData("ReLU", "", "relu")]
    [InlineData("ReLU", "\"max_value\": 6.0, \"negative_slope\": 0.0, \"threshold\": 0.0", "clamp(0, 6)")]
    [InlineData("ReLU", "\"negative_slope\": 0.1", "leakyRelu(0.1)")]
    [InlineData("ReLU", "\"threshold\": 0.5", "thresholdedRelu(0.5)")]
    [InlineData("ThresholdedReLU", "\"theta\": 2", "thresholdedRelu(2)")]
    [InlineData("Softmax", "\"axis\": -1", "softmax")]
    [InlineData("Activation", "\"activation\": \"tanh\"", "tanh")]
    public void A_layer_that_is_an_activation_becomes_one(string className, string config, string expected)
    {
        ImportedModel model = Sequential($"{Lstm}, {Layer(className, "a", config)}");
        Assert.Equal(LayerKind.Activation, model.Layers[1].Manifest.Kind);
        Assert.Equal(expected, model.Layers[1].Manifest.Activation.ToString());
        string inside = $"\"activation\": {Layer(className, "a", config)}";
        if (className != "Activation")
        {
            ImportedModel dense = Sequential($"{Lstm}, {Layer("Dense", "dense", inside)}");
            Assert.Equal(expected, dense.Layers[1].Manifest.Activation.ToString());
        }
    }

    [Theory]
    [InlineData("Bidirectional", "", "its backward half needs the future")]
    [InlineData("RepeatVector", "\"n\": 3", "repeats the result of a whole window")]
    [InlineData("Embedding", "", "whole numbers, not measured values")]
    [InlineData("MultiHeadAttention", "", "reads the whole window at once")]
    [InlineData("Lambda", "\"function\": \"cos\\nsystem\"", "Python code, which is never executed")]
    [InlineData("PReLU", "", "use LeakyReLU")]
    [InlineData("GlobalAveragePooling1D", "", "gathers samples of a window")]
    [InlineData("MaxPooling1D", "", "gathers samples of a window")]
    [InlineData("ConvLSTM2D", "", "reads pictures")]
    [InlineData("Conv2D", "", "only Conv1D with padding='causal'")]
    [InlineData("Concatenate", "", "merges several tensors")]
    [InlineData("Sequential", "", "a model inside the model")]
    [InlineData("MyLayer", "", "is not imported; expected LSTM")]
    [InlineData("Custom>MyLayer", "", "Python code of its own")]
    public void A_class_that_cannot_be_imported_is_refused_with_the_layer_and_the_reason(
        string className, string config, string reason)
    {
        string refusal = Refusal($"{Lstm}, {Layer(className, "odd", config)}");
        Assert.Contains("m.h5: layer 'odd': is of ", refusal, StringComparison.Ordinal);
        Assert.Contains(className, refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_of_another_module_is_refused_even_where_its_name_is_known()
    {
        string layer = """{"module": "my_project.layers", "class_name": "LSTM", "config": {"name": "lstm"}}""";
        Assert.Contains("of module 'my_project.layers', Python code", Refusal(layer), StringComparison.Ordinal);
    }

    [Fact]
    public void Layers_that_act_only_in_training_vanish_and_masking_is_warned_of()
    {
        string vanishing = string.Join(
            ", ",
            new[] { "Dropout", "SpatialDropout1D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization" }
                .Select(className => Layer(className, $"v_{className}")));
        ImportedModel model = Sequential($"{Layer("Masking", "mask", "\"mask_value\": 0.0")}, {Lstm}, {vanishing}");
        Assert.Single(model.Layers);
        Assert.Contains("Layer 'mask' (Masking) was left out", Assert.Single(model.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_causal_convolution_sees_the_newest_sample_last()
    {
        SourceTensor kernel = MemoryWeights.Tensor("kernel:0", 9, 3, 2, 4);
        SourceTensor bias = MemoryWeights.Tensor("bias:0", 10, 4);
        ImportedModel model = Sequential(
            Layer("Conv1D", "conv", "\"kernel_size\": [3], \"padding\": \"causal\", \"dilation_rate\": [2], \"strides\": [1]"),
            new MemoryWeights { ["conv"] = [kernel, bias] });
        double[][] found = Run(model);
        double[] X(int t) => t < 0 ? [0, 0] : [Math.Sin((t * 2) + 1.0), Math.Sin((t * 2) + 2.0)];
        for (int t = 0; t < found.Length; t++)
        {
            for (int o = 0; o < 4; o++)
            {
                double expected = bias.Values[o];
                for (int k = 0; k < 3; k++)
                {
                    expected += (kernel.Values[(((k * 2) + 0) * 4) + o] * X(t - (2 * (2 - k)))[0])
                        + (kernel.Values[(((k * 2) + 1) * 4) + o] * X(t - (2 * (2 - k)))[1]);
                }

                Assert.Equal(expected, found[t][o], 1e-6);
            }
        }
    }

    [Theory]
    [InlineData("\"padding\": \"same\"", "padding='same'")]
    [InlineData("\"padding\": \"valid\"", "padding='valid'")]
    [InlineData("\"padding\": \"causal\", \"strides\": [2]", "strides=2")]
    [InlineData("\"padding\": \"causal\", \"groups\": 2", "groups=2")]
    [InlineData("\"padding\": \"causal\", \"data_format\": \"channels_first\"", "channels_first")]
    [InlineData("\"padding\": \"causal\", \"dilation_rate\": 0", "'dilation_rate' is 0")]
    public void Another_convolution_is_refused(string config, string reason)
    {
        SourceTensor kernel = MemoryWeights.Tensor("kernel:0", 9, 3, 2, 4);
        var weights = new MemoryWeights { ["conv"] = [kernel, MemoryWeights.Tensor("bias:0", 1, 4)] };
        Assert.Contains(
            reason, Refusal(Layer("Conv1D", "conv", $"\"kernel_size\": [3], {config}"), weights), StringComparison.Ordinal);
    }

    [Fact]
    public void Normalisations_compute_their_equations()
    {
        SourceTensor[] four = [.. Enumerable.Range(0, 4).Select(k => MemoryWeights.Tensor($"w{k}", 20 + k, 2))];
        float[] variance = [.. four[3].Values.Select(value => (value * value) + 0.1f)];
        var weights = new MemoryWeights
        {
            ["batch"] = [four[0], four[1], four[2], four[3] with { Values = variance }],
            ["layer"] = [four[0], four[1]],
            ["norm"] = [four[2] with { Name = "norm/mean" }, new SourceTensor("norm/variance", [2], variance)],
        };
        double[] x = [0.5, -2];
        double[] batch = Step(Sequential(Layer("BatchNormalization", "batch", "\"axis\": [2], \"epsilon\": 0.01"), weights), x);
        double[] layer = Step(Sequential(Layer("LayerNormalization", "layer", "\"axis\": -1, \"epsilon\": 0.01"), weights), x);
        double[] norm = Step(Sequential(Layer("Normalization", "norm"), weights), x);
        double[] given = Step(Sequential(Layer("Normalization", "n", "\"mean\": [[1, 2]], \"variance\": [4, 16]")), x);
        double[] rescaled = Step(Sequential($"{Input}, {Layer("Rescaling", "r", "\"scale\": 0.5, \"offset\": [1, -1]")}"), x);
        double mean = (x[0] + x[1]) / 2;
        double deviation = Math.Sqrt(Math.Pow(x[0] - mean, 2) + 0.01);
        for (int k = 0; k < 2; k++)
        {
            (double gamma, double beta, double m) = (four[0].Values[k], four[1].Values[k], four[2].Values[k]);
            Assert.Equal(((x[k] - m) / Math.Sqrt(variance[k] + 0.01) * gamma) + beta, batch[k], 1e-6);
            Assert.Equal(((x[k] - mean) / deviation * gamma) + beta, layer[k], 1e-6);
            Assert.Equal((x[k] - m) / Math.Sqrt(variance[k]), norm[k], 1e-6);
            Assert.Equal((x[k] - (k + 1)) / (k == 0 ? 2 : 4), given[k], 1e-6);
            Assert.Equal((x[k] * 0.5) + (k == 0 ? 1 : -1), rescaled[k], 1e-6);
        }
    }

    [Fact]
    public void A_normalisation_without_scale_or_center_reads_fewer_weights()
    {
        SourceTensor two = MemoryWeights.Tensor("beta", 1, 2);
        var weights = new MemoryWeights { ["n"] = [two] };
        ImportedModel beta = Sequential(Layer("LayerNormalization", "n", "\"scale\": false"), weights);
        Assert.Equal([1f, 1f], beta.Layers[0].Values("weight")!);
        Assert.Equal(two.Values, beta.Layers[0].Values("bias")!);
        ImportedModel none = Sequential($"{Input}, {Layer("LayerNormalization", "n", "\"scale\": false, \"center\": false")}");
        Assert.Equal(2, none.InputSize);
    }

    [Theory]
    [InlineData("BatchNormalization", "\"axis\": 1", "axis=1; expected -1")]
    [InlineData("BatchNormalization", "\"renorm\": true", "renorm=True")]
    [InlineData("LayerNormalization", "\"axis\": [1, 2]", "'axis' is an array; expected one whole number")]
    [InlineData("LayerNormalization", "\"epsilon\": 0", "'epsilon' is 0")]
    [InlineData("LayerNormalization", "\"rms_scaling\": true", "rms_scaling=True")]
    [InlineData("Normalization", "\"invert\": true", "invert=True")]
    [InlineData("Normalization", "\"mean\": [1, 2, 3], \"variance\": [1, 2]", "2 scales and 3 offsets")]
    [InlineData("Normalization", "\"mean\": [1, \"a\"], \"variance\": [1, 2]", "'mean' is 'a'; expected a number")]
    [InlineData("Rescaling", "\"scale\": 1e300", "'scale' is 1e300; expected a number")]
    [InlineData("Flatten", "", "joins the results of all samples")]
    [InlineData("Reshape", "\"target_shape\": [10]", "joins the results of all samples")]
    [InlineData("Reshape", "\"target_shape\": [2, 5]", "mixes samples and their 2 values")]
    [InlineData("Reshape", "\"target_shape\": [1, 5, 2]", "to 3 axes")]
    public void A_layer_over_other_axes_is_refused(string className, string config, string reason)
    {
        string refusal = Refusal($"{Input}, {Layer(className, "n", config)}");
        Assert.Contains("layer 'n': ", refusal, StringComparison.Ordinal);
        Assert.Contains(reason, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Flatten_and_reshape_vanish_where_they_change_nothing()
    {
        string dense = Layer("Dense", "dense");
        Assert.Equal(2, Sequential($"{LastOnly}, {Layer("Flatten", "f")}, {dense}").Layers.Count);
        Assert.Equal(2, Sequential($"{LastOnly}, {dense}, {Layer("Reshape", "r", "\"target_shape\": [2, 1]")}").Layers.Count);
        Assert.Equal(2, Sequential($"{Input}, {Layer("Reshape", "r", "\"target_shape\": [5, -1]")}, {Lstm}, "
            + $"{dense}").Layers.Count);
        string vector = Layer("InputLayer", "in", "\"batch_input_shape\": [null, 2]");
        ImportedModel single = Sequential($"{vector}, {Layer("Reshape", "r", "\"target_shape\": [1, 2]")}, {LastOnly}, {dense}");
        Assert.Equal(new SequenceUse(false, 1, false), single.Sequence);
        Assert.Contains(
            "reads the outputs of a Reshape step by step",
            Refusal($"{LastOnly}, {Layer("Reshape", "r", "\"target_shape\": [3, 1]")}, {dense}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dense_layer_for_each_sample_is_a_dense_layer()
    {
        string wrapped = Layer("TimeDistributed", "dense", $"\"layer\": "
            + $"{Layer("Dense", "inner", "\"units\": 2, \"activation\": \"tanh\"")}");
        string plain = Layer("Dense", "dense", "\"activation\": \"tanh\"");
        AssertSame(Run(Sequential($"{Lstm}, {plain}")), Run(Sequential($"{Lstm}, {wrapped}")));
        Assert.Contains("layer 'dense': (TimeDistributed) reads a sequence", Refusal($"{LastOnly}, "
            + $"{wrapped}"), StringComparison.Ordinal);
        string odd = Layer("TimeDistributed", "dense", $"\"layer\": {Layer("Flatten", "inner")}");
        Assert.Contains("layer 'dense': is of class Flatten", Refusal($"{Lstm}, {odd}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_quantised_layer_is_refused()
    {
        string policy = "\"dtype\": {\"class_name\": \"QuantizedDTypePolicy\", \"config\": {\"mode\": \"int8\"}}";
        Assert.Contains("is quantised", Refusal($"{Lstm}, {Layer("Dense", "dense", policy)}"), StringComparison.Ordinal);
        string mixed = "\"dtype\": {\"class_name\": \"DTypePolicy\", \"config\": {\"name\": \"mixed_float16\"}}";
        Assert.Equal(2, Sequential($"{Lstm}, {Layer("Dense", "dense", mixed)}").Layers.Count);
    }

    private static double[] Step(ImportedModel model, double[] x) => new ReferenceNetwork(model.Layers).Step(x);
}
