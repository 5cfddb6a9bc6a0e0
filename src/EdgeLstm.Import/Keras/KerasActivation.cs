// The activations of Keras: by name, as a serialised function or layer, and the layers that are nothing but an activation.

using System.Text;
using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.Keras;

/// <summary>Reads activations.</summary>
internal static class KerasActivation
{
    private const string Known =
        "linear, relu, relu6, tanh, sigmoid, hard_sigmoid, hard_tanh, softmax, softplus, softsign, elu, selu, celu, leaky_relu, "
            + "silu, "
        + "gelu, exponential";

    /// <summary>The activation under a key of a layer.</summary>
    /// <param name="layer">The layer's configuration.</param>
    /// <param name="key"><c>activation</c> or <c>recurrent_activation</c>.</param>
    /// <param name="version">Which Keras.</param>
    /// <param name="usual">Where the key is missing; null is linear too.</param>
    public static ActivationFunction Read(ConfigNode layer, string key, KerasVersion version, ActivationFunction usual)
    {
        if (!layer.Element.TryGetProperty(key, out JsonElement value))
        {
            return usual;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return Activation.Linear;
            case JsonValueKind.String:
                return ByName(layer, key, value.GetString()!, version);
            case JsonValueKind.Object:
                return Serialised(layer, key, layer with { Element = value }, version);
            default:
                throw layer.Wrong(key, value, "the name of an activation");
        }
    }

    /// <summary>The activation that a layer of one of the classes of activations is; null where the class is another.</summary>
    public static ActivationFunction? OfLayer(string className, ConfigNode config, KerasVersion version) => className switch
    {
        "Activation" => Read(config, "activation", version, Activation.Linear),
        "LeakyReLU" => new(
            Activation.LeakyRelu, (float)(config.Number("negative_slope") ?? config.Number("alpha") ?? 0.3)),
        "ELU" => new(Activation.Elu, (float)(config.Number("alpha") ?? 1)),
        "ReLU" => Relu(config),
        "ThresholdedReLU" => new(Activation.ThresholdedRelu, (float)(config.Number("theta") ?? 1)),
        "Softmax" => Softmax(config),
        _ => null,
    };

    // {"class_name": "function", "config": "relu"} or {"class_name": "LeakyReLU", "config": {"negative_slope": 0.1}}.
    private static ActivationFunction Serialised(ConfigNode layer, string key, ConfigNode value, KerasVersion version)
    {
        if (value.Find("config") is { ValueKind: JsonValueKind.String } name)
        {
            return ByName(layer, key, name.GetString()!, version);
        }

        string className = value.Text("class_name") ?? "";
        ConfigNode config = value.Object("config") ?? value;
        bool isNested = className == "Activation";
        return (isNested ? null : OfLayer(className, config, version))
            ?? throw layer.Refuse($"'{key}' is an object of class '{QuotedText.Of(className)}'; known are {Known}");
    }

    private static ActivationFunction ByName(ConfigNode layer, string key, string name, KerasVersion version) =>
        SnakeCase(name) switch
        {
            "linear" => new ActivationFunction(Activation.Linear),
            "relu" => Activation.Relu,
            "relu6" => new ActivationFunction(Activation.Clamp, 0, 6),
            "tanh" => Activation.Tanh,
            "sigmoid" => Activation.Sigmoid,
            "hard_sigmoid" => version.HardSigmoid,
            "hard_tanh" => new(Activation.Clamp, -1, 1),
            "softmax" or "softmax_v2" => Activation.Softmax,
            "softplus" => Activation.Softplus,
            "softsign" => Activation.Softsign,
            "elu" or "celu" => new(Activation.Elu, 1),
            "selu" => Activation.Selu,
            // The function takes 0.2 (of tf.nn and of Keras 3); the layer LeakyReLU takes 0.3.
            "leaky_relu" => new(Activation.LeakyRelu, 0.2f),
            "silu" or "swish" => Activation.Silu,
            "gelu" => Activation.Gelu,
            "gelu_new" => Activation.GeluTanh,
            "exponential" => Activation.Exponential,
            "<lambda>" => throw layer.Refuse($"'{key}' is a lambda, Python code that the file does not hold; known are {Known}"),
            _ => throw layer.Refuse($"'{key}' is '{QuotedText.Of(name)}', which is not known; known are {Known}"),
        };

    // TensorFlow.js may write hardSigmoid for hard_sigmoid.
    private static string SnakeCase(string name)
    {
        var snake = new StringBuilder(name.Length + 4);
        foreach (char letter in name.AsSpan(0, Math.Min(name.Length, 40)))
        {
            if (char.IsAsciiLetterUpper(letter) && snake.Length > 0)
            {
                snake.Append('_');
            }

            snake.Append(char.ToLowerInvariant(letter));
        }

        return snake.ToString();
    }

    private static ActivationFunction Relu(ConfigNode config)
    {
        double? greatest = config.Number("max_value");
        double slope = config.Number("negative_slope") ?? 0;
        double threshold = config.Number("threshold") ?? 0;
        return (greatest, slope, threshold) switch
        {
            (null, 0, 0) => new ActivationFunction(Activation.Relu),
            ({ } top, 0, 0) when top > 0 => new(Activation.Clamp, 0, (float)top),
            (null, _, 0) => new(Activation.LeakyRelu, (float)slope),
            (null, 0, _) => new(Activation.ThresholdedRelu, (float)threshold),
            _ => throw config.Refuse(
                "joins max_value, negative_slope and threshold; expected one of them. Write it as several layers"),
        };
    }

    private static ActivationFunction Softmax(ConfigNode config) => config.Whole("axis", -1) is -1 or 1 or 2
        ? Activation.Softmax
        : throw config.Refuse("'axis' is not the last one; expected -1, over the values of one sample");
}
