// Loads and saves model files: safetensors, the manifest as JSON under metadata key "edgelstm", golden vectors inside.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>The model file of EdgeLstm, format version 1.</summary>
public static class ModelFile
{
    /// <summary>Loads a model and steps it over its golden vectors. Nothing is ever half loaded.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">The vector width the golden vectors are checked at; where none is given, the best here.</param>
    /// <exception cref="ModelFileException">The file is refused; the message says what was found and expected.</exception>
    public static Model Load(string path, VectorWidth? width = null) => Load(SafetensorsFile.Open(path), width);

    /// <summary>Loads a model from the bytes of its file; <paramref name="path"/> names it in messages.</summary>
    /// <exception cref="ModelFileException">The file is refused.</exception>
    public static Model Load(string path, byte[] bytes, VectorWidth? width = null) =>
        Load(SafetensorsFile.Parse(path, bytes), width);

    /// <summary>Writes a model file that was loaded first: what would be refused never reaches the disk.</summary>
    /// <param name="path">The file; one that is there is replaced in one step.</param>
    /// <param name="manifest">The manifest.</param>
    /// <param name="tensors">The layers' tensors and the golden vectors.</param>
    /// <returns>The model as it was loaded.</returns>
    /// <exception cref="ModelFileException">The model would be refused, or the file cannot be written.</exception>
    public static Model Save(string path, ModelManifest manifest, IReadOnlyList<Tensor> tensors)
    {
        byte[] bytes = ToBytes(manifest, tensors);
        Model model = Load(path, bytes);
        string unfinished = path + ".unfinished";
        try
        {
            using (FileStream stream = File.Create(unfinished))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw ModelFileException.In(path, $"cannot be written: {fault.Message}", fault);
        }

        return model;
    }

    /// <summary>The bytes of a model file, unchecked.</summary>
    public static byte[] ToBytes(ModelManifest manifest, IReadOnlyList<Tensor> tensors) =>
        SafetensorsWriter.Write(
            new Dictionary<string, string> { [ManifestJson.MetadataKey] = ManifestJson.Write(manifest) }, tensors);

    internal static Model Load(SafetensorsFile file, VectorWidth? width = null)
    {
        Model model = LoadUnproved(file, width);
        RequireGolden(model);
        return model;
    }

    /// <summary>Loads a model whose golden vectors may be those of other weights: one that is still being made.</summary>
    internal static Model LoadUnproved(SafetensorsFile file, VectorWidth? width = null)
    {
        ModelManifest manifest = ReadManifest(file);
        WeightPrecision stored = manifest.Precision ?? WeightPrecision.Float32;
        if (RecurrentVariant.FindReasonAgainst(file, manifest.Layers, stored) is { } reason)
        {
            throw ModelFileException.In(file.Path, reason);
        }

        Func<VectorWidth, WeightPrecision, Layer>[] layers =
            [.. manifest.Layers.Select(layer => LayerTensors.Take(file, layer, stored))];
        GoldenVectors golden = GoldenVectors.Take(file, manifest.Inputs.Count, manifest.Outputs.Count, manifest.Window);
        file.RequireAllTaken();
        return new Model(file, manifest, layers, golden, width ?? VectorWidths.Best);
    }

    private static ModelManifest ReadManifest(SafetensorsFile file)
    {
        if (!file.Metadata.TryGetValue(ManifestJson.MetadataKey, out string? text))
        {
            throw ModelFileException.In(
                file.Path, $"has no manifest (metadata key '{ManifestJson.MetadataKey}'): it may hold weights "
                + "but is no EdgeLstm model. Import it first.");
        }

        return ManifestJson.Read(file.Path, text);
    }

    private static void RequireGolden(Model model)
    {
        GoldenDeviation worst = model.GoldenDeviation;
        double tolerance = model.Manifest.Golden.Tolerance;
        if (!worst.IsWithin(tolerance))
        {
            string output = model.Manifest.Outputs[worst.Output].Name;
            throw ModelFileException.In(model.Path, FormattableString.Invariant(
                $"golden vectors: output {worst.Output} ('{output}') of step {worst.Step} is {worst.Found:G9}; ")
                + FormattableString.Invariant($"expected {worst.Expected:G9} ")
                + FormattableString.Invariant($"within {tolerance:G3}, off by {worst.MaxScaled:G3}. ")
                + "The weights are damaged or were converted wrongly"
                + (model.Manifest.Window is int window ? $", or these are not outputs of windows of {window} samples." : "."));
        }
    }
}
