// One layer of an RTNeural file, with its parts checked as they are asked for.

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.RtNeural;

/// <summary>A layer as the file holds it.</summary>
/// <param name="File">The file, for messages.</param>
/// <param name="Element">The object.</param>
/// <param name="Item">What it is, for messages: <c>layer 1 'gru'</c>.</param>
/// <param name="Name">Its type and place: <c>gru_1</c>.</param>
/// <param name="InputSize">What the layers before it give.</param>
internal sealed record RtNeuralLayer(SourceFile File, JsonElement Element, string Item, string Name, int InputSize)
{
    /// <summary>What the file says of its output: [batch, time, values].</summary>
    public JsonElement Shape => JsonSource.Member(File, Item, Element, "shape");

    /// <summary>Its tensors.</summary>
    public SourceTensor[] Weights(int least, int most)
    {
        JsonElement weights = JsonSource.Member(File, Item, Element, "weights");
        int count = weights.ValueKind == JsonValueKind.Array ? weights.GetArrayLength() : 0;
        if (count < least || count > most)
        {
            string expected = least == most ? $"{least}" : $"{least} to {most}";
            throw File.Refuse($"{Item}: 'weights' is {JsonSource.Shown(weights)}; expected an array of {expected} tensors");
        }

        var tensors = new SourceTensor[count];
        for (int k = 0; k < count; k++)
        {
            tensors[k] = JsonTensor.Read(File, $"layer {Name}, weights[{k}]", weights[k]);
        }

        return tensors;
    }

    /// <summary>The tensor, if it has the shape; 0 stands for any size of at least 1.</summary>
    public SourceTensor Expect(SourceTensor tensor, params ReadOnlySpan<int> shape)
    {
        bool fits = tensor.Shape.Length == shape.Length;
        for (int k = 0; fits && k < shape.Length; k++)
        {
            fits = tensor.Shape[k] >= 1 && (shape[k] == 0 || tensor.Shape[k] == shape[k]);
        }

        if (fits)
        {
            return tensor;
        }

        string[] sizes = new string[shape.Length];
        for (int k = 0; k < sizes.Length; k++)
        {
            sizes[k] = shape[k] == 0 ? "any" : $"{shape[k]}";
        }

        throw File.Refuse($"tensor '{tensor.Name}' has shape {tensor.ShapeText}; expected [{string.Join(", ", sizes)}]");
    }

    /// <summary>The activation it names, linear where none is; <paramref name="said"/> overrides it.</summary>
    public ActivationFunction Activation(ActivationFunction? said)
    {
        if (said is { } activation)
        {
            return activation;
        }

        string name = ActivationName();
        return name switch
        {
            "" or "linear" => Core.Layers.Activation.Linear,
            "tanh" => Core.Layers.Activation.Tanh,
            "relu" => Core.Layers.Activation.Relu,
            "sigmoid" => Core.Layers.Activation.Sigmoid,
            "softmax" => Core.Layers.Activation.Softmax,
            "elu" => new ActivationFunction(Core.Layers.Activation.Elu, 1),
            _ => throw File.Refuse($"{Item} has the activation '{QuotedText.Of(name)}'; expected one that RTNeural runs: tanh, "
                + $"relu, sigmoid, softmax or elu. If RTNeural is not to run it, say --activation {QuotedText.Of(Name)}=NAME"),
        };
    }

    /// <summary>Refuses a recurrent layer whose activation is another than RTNeural's.</summary>
    public void ExpectTanh()
    {
        string name = ActivationName();
        if (name is not ("" or "tanh"))
        {
            throw File.Refuse($"{Item} has the activation '{QuotedText.Of(name)}'; expected tanh, which RTNeural runs whatever "
                + "the file says: import the Keras file itself");
        }
    }

    /// <summary>A whole number, or the last of an array of them.</summary>
    public int LastWhole(string property, int? otherwise)
    {
        if (otherwise is { } value && !Element.TryGetProperty(property, out _))
        {
            return value;
        }

        JsonElement found = JsonSource.Member(File, Item, Element, property);
        if (found.ValueKind == JsonValueKind.Array && found.GetArrayLength() > 0)
        {
            found = found[found.GetArrayLength() - 1];
        }

        return JsonSource.Whole(File, $"{Item}: '{property}'", found, 1, Layer.MaxSize);
    }

    /// <summary>What a batch normalisation adds to the variance.</summary>
    public double Epsilon()
    {
        JsonElement found = JsonSource.Member(File, Item, Element, "epsilon");
        return found.ValueKind == JsonValueKind.Number && found.TryGetDouble(out double epsilon) && epsilon is >= 0 and <= 1
            ? epsilon
            : throw File.Refuse($"{Item}: 'epsilon' is {JsonSource.Shown(found)}; expected a number from 0 to 1");
    }

    private string ActivationName() => Element.TryGetProperty("activation", out JsonElement name)
        ? JsonSource.Text(File, $"{Item}: 'activation'", name)
        : "";
}
