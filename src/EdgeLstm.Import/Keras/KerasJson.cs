// JSON files of the Keras world that are no models: an architecture without weights, and test cases of Keras.js.

using System.Text.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Keras;

/// <summary>Tells what such a file is and what is missing.</summary>
internal static class KerasJson
{
    /// <summary>Whether a JSON file is one of them.</summary>
    /// <param name="root">Its root.</param>
    public static bool Recognises(JsonElement root) => IsArchitecture(root) || IsTestCases(root);

    /// <summary>The refusal of such a file.</summary>
    public static ModelFileException Refusal(SourceFile file, JsonElement root) => file.Refuse(IsArchitecture(root)
        ? "is the architecture of a Keras model without its weights; import the file of the weights with --config and this file"
        : "is a list of test cases of Keras.js (attrs, weights, input, expected), not a model; import the Keras .h5 or .keras "
            + "file, or "
            + "the model.json of TensorFlow.js");

    private static bool IsArchitecture(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty("class_name", out _)
        && root.TryGetProperty("config", out _);

    private static bool IsTestCases(JsonElement root) =>
        root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0 && root[0].ValueKind == JsonValueKind.Object
        && root[0].TryGetProperty("attrs", out _) && root[0].TryGetProperty("weights", out _);
}
