// Finds out by content what a file is, and hands it to the reader of that container.

using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Hdf5;
using EdgeLstm.Import.Keras;
using EdgeLstm.Import.Nam;
using EdgeLstm.Import.Onnx;
using EdgeLstm.Import.PyTorch;
using EdgeLstm.Import.RtNeural;
using EdgeLstm.Import.Safetensors;
using EdgeLstm.Import.TfLite;

namespace EdgeLstm.Import;

/// <summary>Reads a trained recurrent network from a file of another program.</summary>
public static class ModelImporter
{
    private const string Known =
        "PyTorch .pt and .pth, safetensors, Keras .h5 and .keras, ONNX, TFLite, TensorFlow.js model.json, RTNeural JSON, NAM";

    /// <summary>Reads a model; nothing in the file is ever executed.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">What the file may leave open.</param>
    /// <exception cref="ModelFileException">The file is refused; the message names it, the item, what was found and what to
    /// do.</exception>
    public static ImportedModel Read(SourceFile file, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        ReadOnlySpan<byte> bytes = file.Bytes;
        if (bytes.IsEmpty)
        {
            throw file.Refuse("is empty: it has 0 bytes");
        }

        if (LfsPointer.Recognises(bytes))
        {
            throw file.Refuse("is a pointer of Git LFS, not the model: fetch the model itself with git lfs pull");
        }

        if (Hdf5File.Recognises(bytes))
        {
            return KerasH5Importer.Read(file, options);
        }

        if (KerasZipImporter.Recognises(bytes))
        {
            return KerasZipImporter.Read(file, options);
        }

        if (PickledScaler.Recognises(bytes))
        {
            throw PickledScaler.Refuse(file);
        }

        if (TorchImporter.Recognises(bytes))
        {
            return TorchImporter.Read(file, options);
        }

        if (TfLiteImporter.Recognises(bytes))
        {
            return TfLiteImporter.Read(file);
        }

        if (SafetensorsImporter.Recognises(bytes))
        {
            return SafetensorsImporter.Read(file, options);
        }

        if (TfjsImporter.Recognises(bytes))
        {
            return TfjsImporter.Read(file, options);
        }

        if (JsonSource.Recognises(bytes))
        {
            return ReadJson(file, options);
        }

        return OnnxImporter.Recognises(bytes) ? OnnxImporter.Read(file, options) : ReadByName(file, options);
    }

    private static ImportedModel ReadJson(SourceFile file, ImportOptions options)
    {
        using JsonDocument document = JsonSource.Open(file);
        JsonElement root = document.RootElement;
        if (NamImporter.Recognises(root))
        {
            return NamImporter.Read(file, root);
        }

        if (RtNeuralImporter.Recognises(root))
        {
            return RtNeuralImporter.Read(file, root, options);
        }

        if (KerasJson.Recognises(root))
        {
            throw KerasJson.Refusal(file, root);
        }

        return JsonStateDict.Recognises(root)
            ? JsonStateDict.Read(file, root, options)
            : throw file.Refuse($"is JSON, but no model of RTNeural, NAM or TensorFlow.js and no state_dict; known are {Known}");
    }

    // The content says nothing: the reader its name asks for says what is wrong with it.
    private static ImportedModel ReadByName(SourceFile file, ImportOptions options) =>
        Path.GetExtension(file.Path).ToLowerInvariant() switch
        {
            ".onnx" => OnnxImporter.Read(file, options),
            ".safetensors" => SafetensorsImporter.Read(file, options),
            ".pt" or ".pth" => TorchImporter.Read(file, options),
            ".h5" or ".hdf5" => KerasH5Importer.Read(file, options),
            ".keras" => KerasZipImporter.Read(file, options),
            ".tflite" => TfLiteImporter.Read(file),
            _ => throw file.Refuse($"is of no known format; known are {Known}"),
        };
}
