// Neural Amp Modeler's .nam: JSON with all weights in one flat array.
//
//   {"version": "0.5.4", "architecture": "LSTM", "config": {"input_size": I, "hidden_size": H, "num_layers": L},
//    "weights": […], "sample_rate": 48000, "metadata": {…}}
//
//   weights, for each layer:   W and R side by side [4H, I + H] (I = H behind the first), gates i f g o; b [4H]; h0 [H]; c0 [H]
//   then the head:             weight [O, H], bias [O]; O is config.out_channels, 1 where it is not said
//
// Source: NeuralAmpModelerCore, NAM/lstm.cpp.

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.Nam;

/// <summary>Reads the LSTM models of Neural Amp Modeler; their state begins at trained values.</summary>
internal static class NamImporter
{
    private const int MaxLayers = 64;

    /// <summary>Whether a JSON value is such a model: an object with architecture, config and weights.</summary>
    public static bool Recognises(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("architecture", out _)
        && root.TryGetProperty("config", out _) && root.TryGetProperty("weights", out _);

    /// <summary>Reads a model. Its layers are named <c>lstm_0</c>, <c>lstm_1</c> … and <c>head</c>.</summary>
    /// <exception cref="ModelFileException">It is refused; the message says why.</exception>
    public static ImportedModel Read(SourceFile file, JsonElement root)
    {
        RequireLstm(file, JsonSource.Text(file, "'architecture'", JsonSource.Member(file, "the model", root, "architecture")));
        JsonElement config = JsonSource.Member(file, "the model", root, "config");
        int inputs = Size(file, config, "input_size", Layer.MaxSize, null);
        int hidden = Size(file, config, "hidden_size", Layer.MaxSize, null);
        int layers = Size(file, config, "num_layers", MaxLayers, null);
        int outputs = Size(file, config, "out_channels", Layer.MaxSize, 1);
        int channels = Size(file, config, "in_channels", Layer.MaxSize, inputs);
        if (channels != inputs)
        {
            throw file.Refuse($"config says {channels} in_channels and an input_size of {inputs}; expected the same number");
        }

        SourceTensor weights = JsonTensor.Read(file, "weights", JsonSource.Member(file, "the model", root, "weights"));
        long expected = (long)outputs * (hidden + 1);
        for (int k = 0; k < layers; k++)
        {
            expected += hidden * (4L * ((k == 0 ? inputs : hidden) + hidden) + 6);
        }

        if (weights.Shape.Length != 1 || weights.Values.Length != expected)
        {
            throw file.Refuse($"tensor 'weights' has shape {weights.ShapeText}; expected [{expected}], as config says: "
                + $"input_size {inputs}, hidden_size {hidden}, num_layers {layers}, {outputs} outputs");
        }

        var builder = new LayerBuilder(file);
        var rest = new Weights(weights.Values);
        for (int k = 0; k < layers; k++)
        {
            AddLstm(builder, $"lstm_{k}", rest, k == 0 ? inputs : hidden, hidden);
        }

        SourceTensor head = rest.Take("head weight", outputs, hidden);
        builder.AddDense("head", head, rest.Take("head bias", outputs), Activation.Linear);
        return new ImportedModel(
            Format(file, root), builder.Layers, new SequenceUse(true, null, true), SampleAxes.BatchFirst, null,
            Warnings(file, root));
    }

    private static void RequireLstm(SourceFile file, string architecture)
    {
        if (architecture != "LSTM")
        {
            throw file.Refuse($"is a Neural Amp Modeler file of architecture '{QuotedText.Of(architecture)}'; expected LSTM. "
                + "Train it with the LSTM architecture");
        }
    }

    private static void AddLstm(LayerBuilder builder, string name, Weights rest, int inputs, int hidden)
    {
        SourceTensor both = rest.Take("W and R", 4 * hidden, inputs + hidden);
        SourceTensor bias = rest.Take("b", 4 * hidden);
        var initial = new CellVariant(InitialHidden: rest.Take("h0", hidden), InitialCell: rest.Take("c0", hidden));
        builder.AddLstm(name, GateOrder.Lstm, Columns(both, "W", 0, inputs), Columns(both, "R", inputs, hidden), [bias], initial);
    }

    private static SourceTensor Columns(SourceTensor matrix, string name, int from, int count)
    {
        float[] values = new float[matrix.Rows * count];
        for (int row = 0; row < matrix.Rows; row++)
        {
            matrix.Values.AsSpan((row * matrix.Columns) + from, count).CopyTo(values.AsSpan(row * count));
        }

        return new SourceTensor(name, [matrix.Rows, count], values);
    }

    private static int Size(SourceFile file, JsonElement config, string name, int most, int? otherwise) =>
        otherwise is { } value && !(config.ValueKind == JsonValueKind.Object && config.TryGetProperty(name, out _))
            ? value
            : JsonSource.Whole(file, $"config: '{name}'", JsonSource.Member(file, "config", config, name), 1, most);

    private static string Format(SourceFile file, JsonElement root)
    {
        string version = root.TryGetProperty("version", out JsonElement said)
            ? $" {QuotedText.Of(JsonSource.Text(file, "'version'", said))}"
            : "";
        return $"Neural Amp Modeler{version}, LSTM";
    }

    private static string[] Warnings(SourceFile file, JsonElement root)
    {
        if (!root.TryGetProperty("sample_rate", out JsonElement said) || said.ValueKind == JsonValueKind.Null)
        {
            return ["The file does not say the sample rate it was trained at; Neural Amp Modeler assumes 48000 Hz. --period says "
                + "which one the sensor has."];
        }

        return said.ValueKind == JsonValueKind.Number && said.TryGetDouble(out double rate) && rate is > 0 and <= 1e9
            ? [FormattableString.Invariant($"It was trained at {rate:G9} Hz, a period of {1e6 / rate:G6} µs; --period says it.")]
            : throw file.Refuse($"'sample_rate' is {JsonSource.Shown(said)}; expected Hz, a number above 0");
    }

    private sealed class Weights(float[] values)
    {
        private int _at;

        // How many there are has been checked.
        public SourceTensor Take(string name, params int[] shape)
        {
            int count = shape.Length == 1 ? shape[0] : shape[0] * shape[1];
            float[] taken = values[_at..(_at + count)];
            _at += count;
            return new SourceTensor(name, shape, taken);
        }
    }
}
