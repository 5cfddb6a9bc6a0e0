// TensorFlow.js layers models: model.json with the architecture, and the weights in files beside it.
//
//   {"format": "layers-model", "modelTopology": {…Keras configuration…},
//    "weightsManifest": [{"paths": ["group1-shard1of1.bin"], "weights": [{"name", "shape", "dtype"}, …]}, …]}
//
// The files of a group, one after another, hold its weights one after another: float32, little-endian, C order.

using System.Text.Json;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Keras;

/// <summary>Reads <c>model.json</c> of TensorFlow.js.</summary>
public static class TfjsImporter
{
    /// <summary>Whether a file is one: a JSON object with <c>modelTopology</c> or <c>weightsManifest</c>.</summary>
    /// <param name="bytes">The whole file.</param>
    public static bool Recognises(ReadOnlySpan<byte> bytes)
    {
        try
        {
            bytes = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
            var reader = new Utf8JsonReader(bytes);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("modelTopology"u8) || reader.ValueTextEquals("weightsManifest"u8))
                {
                    return true;
                }

                reader.Skip();
            }

            return false;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Reads a model.</summary>
    /// <param name="file">The <c>model.json</c>; the files it names lie beside it.</param>
    /// <param name="options">Nothing of it is needed.</param>
    /// <exception cref="Core.Models.ModelFileException">The file is refused.</exception>
    public static ImportedModel Read(SourceFile file, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ConfigNode root = ConfigNode.Parse(file, "the file", file.Bytes);
        string format = root.Text("format") ?? "layers-model";
        if (format != "layers-model")
        {
            throw root.Refuse($"is a TensorFlow.js '{QuotedText.Of(format)}', whose layers are dissolved into operations; "
                + "convert the Keras "
                + "model with --output_format=tfjs_layers_model, or import the Keras file itself");
        }

        ConfigNode topology = root.Object("modelTopology") ?? throw root.Refuse("has no 'modelTopology'");
        KerasArchitecture architecture = KerasArchitecture.Read(topology with { Where = "'modelTopology'" }, null);
        KerasWeights weights = TfjsWeights.Read(root);
        return KerasLayerMapper.Read(file, "TensorFlow.js", architecture, weights);
    }
}
