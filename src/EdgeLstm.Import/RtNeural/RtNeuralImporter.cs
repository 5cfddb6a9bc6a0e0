// RTNeural's JSON: layers in order, weights as Keras gives them.
//
//   {"in_shape": [batch, time, I],
//    "layers": [{"type": "gru", "activation": "tanh", "shape": [batch, time, H], "weights": [kernel, recurrent, bias]}, …]}
//
//   dense, time-distributed-dense   kernel [I, O], bias [O]
//   lstm                            kernel [I, 4H], recurrent [H, 4H], bias [4H], gates i f c o
//   gru                             kernel [I, 3H], recurrent [H, 3H], bias [2][3H] (input, recurrent), gates z r h, reset after
//   conv1d                          kernel [kernel size, I, O], the newest sample last, bias [O];
//                                   "kernel_size", "dilation", "groups"
//   batchnorm                       gamma, beta (both may be missing), mean, variance; "epsilon"
//   activation                      nothing but "activation"
//
// Source: RTNeural, model_loader.h (what reads it) and python/model_utils.py (what writes it).

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.RtNeural;

/// <summary>Reads the models of RTNeural, a library that runs networks on audio, sample by sample.</summary>
internal sealed class RtNeuralImporter
{
    private const int MaxAxes = 3;

    private readonly SourceFile _file;
    private readonly ImportOptions _options;
    private readonly LayerBuilder _builder;
    private readonly HashSet<string> _overrides;
    private bool _answersEachSample = true;

    private RtNeuralImporter(SourceFile file, ImportOptions options)
    {
        _file = file;
        _options = options;
        _builder = new LayerBuilder(file);
        _overrides = [.. options.Activations?.Keys ?? []];
    }

    /// <summary>Whether a JSON value is such a model: an object with in_shape and layers.</summary>
    public static bool Recognises(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("layers", out _) && root.TryGetProperty("in_shape", out _);

    /// <summary>Reads a model. Its layers are named by type and place: <c>lstm_0</c>, <c>dense_1</c>.</summary>
    /// <exception cref="ModelFileException">It is refused; the message says why.</exception>
    public static ImportedModel Read(SourceFile file, JsonElement root, ImportOptions options) =>
        new RtNeuralImporter(file, options).Read(root);

    private ImportedModel Read(JsonElement root)
    {
        JsonElement[] shape = Shape("in_shape", JsonSource.Member(_file, "the model", root, "in_shape"));
        int inputs = JsonSource.Whole(_file, "the last entry of in_shape", shape[^1], 1, Layer.MaxSize);
        int? window = shape is [_, { ValueKind: JsonValueKind.Number } time, _]
            ? JsonSource.Whole(_file, "in_shape[1], the samples of a window,", time, 1, int.MaxValue)
            : null;
        JsonElement layers = JsonSource.Member(_file, "the model", root, "layers");
        if (layers.ValueKind != JsonValueKind.Array)
        {
            throw _file.Refuse($"'layers' is {JsonSource.Kind(layers)}; expected an array of layers");
        }

        int index = 0;
        foreach (JsonElement layer in layers.EnumerateArray())
        {
            AddLayer(layer, index++, inputs);
        }

        RefuseUnusedOverrides();

        // RTNeural itself always carries the state on; only a layer that answers once a window says that the training did not.
        var sequence = new SequenceUse(_answersEachSample ? true : null, window, _answersEachSample);
        return new ImportedModel("RTNeural JSON", _builder.Layers, sequence, SampleAxes.BatchFirst, null, []);
    }

    private void AddLayer(JsonElement layer, int index, int inputs)
    {
        string item = $"layer {index}";
        string type = JsonSource.Text(_file, $"{item}: 'type'", JsonSource.Member(_file, item, layer, "type"));
        string name = $"{type}_{index}";
        item = $"layer {index} '{QuotedText.Of(type)}'";
        var entry = new RtNeuralLayer(_file, layer, item, name, _builder.IsEmpty ? inputs : _builder.OutputSize);
        switch (type)
        {
            case "dense" or "time-distributed-dense":
                AddDense(entry);
                break;
            case "lstm":
                NoteSequences(entry);
                AddLstm(entry);
                break;
            case "gru":
                NoteSequences(entry);
                AddGru(entry);
                break;
            case "conv1d":
                AddConv1d(entry);
                break;
            case "batchnorm":
                AddBatchNorm(entry);
                break;
            case "activation":
                AddActivation(entry, entry.Activation(Override(name)));
                break;
            case "unknown" when Override(name) is { } said:
                AddActivation(entry, said);
                break;
            default:
                throw _file.Refuse($"{item} {Why(type, name)}");
        }

        CheckShape(entry);
    }

    private void AddDense(RtNeuralLayer layer)
    {
        SourceTensor[] weights = layer.Weights(1, 2);
        SourceTensor kernel = layer.Expect(weights[0], layer.InputSize, 0);
        SourceTensor? bias = weights.Length > 1 ? layer.Expect(weights[1], kernel.Columns) : null;
        _builder.AddDense(layer.Name, kernel.Transpose(), bias, layer.Activation(Override(layer.Name)));
    }

    private void AddLstm(RtNeuralLayer layer)
    {
        layer.ExpectTanh();
        SourceTensor[] weights = layer.Weights(2, 3);
        SourceTensor recurrent = layer.Expect(weights[1], 0, 0);
        int hidden = recurrent.Rows;
        layer.Expect(recurrent, hidden, 4 * hidden);
        SourceTensor kernel = layer.Expect(weights[0], layer.InputSize, 4 * hidden);
        SourceTensor[] biases = weights.Length > 2 ? [layer.Expect(weights[2], 4 * hidden)] : [];
        _builder.AddLstm(layer.Name, GateOrder.Lstm, kernel.Transpose(), recurrent.Transpose(), biases);
    }

    private void AddGru(RtNeuralLayer layer)
    {
        layer.ExpectTanh();
        SourceTensor[] weights = layer.Weights(3, 3);
        SourceTensor recurrent = layer.Expect(weights[1], 0, 0);
        int hidden = recurrent.Rows;
        layer.Expect(recurrent, hidden, 3 * hidden);
        SourceTensor kernel = layer.Expect(weights[0], layer.InputSize, 3 * hidden);
        if (weights[2].Shape.Length == 1)
        {
            throw _file.Refuse($"{layer.Item}: its bias has shape {weights[2].ShapeText}; expected [2, {3 * hidden}]. One row of "
                + "biases is of a GRU with reset_after=False, which RTNeural does not run: import the Keras file itself");
        }

        SourceTensor bias = layer.Expect(weights[2], 2, 3 * hidden);
        _builder.AddGru(
            layer.Name, GateOrder.UpdateFirstGru, kernel.Transpose(), recurrent.Transpose(), bias.Slice(0), bias.Slice(1),
            GruReset.After);
    }

    private void AddConv1d(RtNeuralLayer layer)
    {
        int kernelSize = layer.LastWhole("kernel_size", null);
        int dilation = layer.LastWhole("dilation", null);
        int groups = layer.LastWhole("groups", 1);
        if (groups != 1)
        {
            throw _file.Refuse($"{layer.Item} has {groups} groups; expected 1: train it without groups");
        }

        SourceTensor[] weights = layer.Weights(1, 2);
        SourceTensor kernel = layer.Expect(weights[0], kernelSize, layer.InputSize, 0);
        int outputs = kernel.Shape[2];
        SourceTensor? bias = weights.Length > 1 ? layer.Expect(weights[1], outputs) : null;
        SourceTensor matrix = kernel.Reshape(kernelSize * layer.InputSize, outputs).Transpose();
        _builder.AddConv1d(
            layer.Name, matrix.Reshape(outputs, kernelSize, layer.InputSize), bias, dilation,
            layer.Activation(Override(layer.Name)));
    }

    private void AddBatchNorm(RtNeuralLayer layer)
    {
        double epsilon = layer.Epsilon();
        SourceTensor[] weights = layer.Weights(2, 4);
        if (weights.Length == 3)
        {
            throw _file.Refuse($"{layer.Item} has 3 weights; expected gamma, beta, mean, variance, or the last two alone");
        }

        foreach (SourceTensor tensor in weights)
        {
            layer.Expect(tensor, layer.InputSize);
        }

        bool isAffine = weights.Length == 4;
        _builder.AddBatchNorm(
            layer.Name, isAffine ? weights[0] : null, isAffine ? weights[1] : null, weights[^2], weights[^1], epsilon);
    }

    private void AddActivation(RtNeuralLayer layer, ActivationFunction activation)
    {
        if (_builder.IsEmpty && activation.Kind != Activation.Linear)
        {
            throw _file.Refuse($"{layer.Item} is the first layer; expected one with weights");
        }

        _builder.AddActivation(layer.Name, activation);
    }

    // Of a layer that answers once a window the exporter writes two sizes, [batch, H].
    private void NoteSequences(RtNeuralLayer layer) =>
        _answersEachSample &= Shape($"{layer.Item}: 'shape'", layer.Shape).Length != 2;

    private void CheckShape(RtNeuralLayer layer)
    {
        JsonElement[] shape = Shape($"{layer.Item}: 'shape'", layer.Shape);
        int stated = JsonSource.Whole(_file, $"{layer.Item}: the last entry of 'shape'", shape[^1], 1, Layer.MaxSize);
        if (!_builder.IsEmpty && stated != _builder.OutputSize)
        {
            throw _file.Refuse($"{layer.Item}: its shape says {stated} outputs, but its weights give {_builder.OutputSize}; "
                + "one of the two is wrong: export the model again");
        }
    }

    private JsonElement[] Shape(string item, JsonElement shape)
    {
        int axes = shape.ValueKind == JsonValueKind.Array ? shape.GetArrayLength() : 0;
        return axes is > 0 and <= MaxAxes
            ? [.. shape.EnumerateArray()]
            : throw _file.Refuse($"{item} is {JsonSource.Shown(shape)}; expected [batch, time, values], as null or numbers");
    }

    private ActivationFunction? Override(string name)
    {
        if (_options.Activations?.TryGetValue(name, out ActivationFunction said) != true)
        {
            return null;
        }

        _overrides.Remove(name);
        return said;
    }

    private void RefuseUnusedOverrides()
    {
        foreach (string name in _overrides)
        {
            throw _file.Refuse($"has no layer '{QuotedText.Of(name)}' that takes an activation; its layers are "
                + string.Join(", ", _builder.Layers.Select(layer => layer.Manifest.Name)));
        }
    }

    private static string Why(string type, string name) => type switch
    {
        "prelu" => "has a slope for each value, which is not supported; train it with leaky_relu or relu",
        "conv2d" or "batchnorm2d" => "works on two axes, which is not supported; expected layers over time alone",
        "unknown" => "is one that RTNeural's exporter did not know and RTNeural passes over. If it is a Dropout, say "
            + $"--activation {name}=linear; if it is an activation, name it in the same way",
        _ => "is of no known type; expected dense, time-distributed-dense, lstm, gru, conv1d, batchnorm or activation",
    };
}
