// Keras 3 files (.keras): a zip archive of config.json, metadata.json and model.weights.h5.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Hdf5;
using EdgeLstm.Import.Zip;

namespace EdgeLstm.Import.Keras;

/// <summary>Reads <c>.keras</c> files of Keras 3 and of tf-keras since 2.12.</summary>
public static class KerasZipImporter
{
    private const string ConfigName = "config.json";
    private const string MetadataName = "metadata.json";
    private const string WeightsName = "model.weights.h5";

    /// <summary>Whether a file is one: a zip archive with a file <c>config.json</c>.</summary>
    /// <param name="bytes">The whole file.</param>
    public static bool Recognises(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith("PK\u0003\u0004"u8) && bytes.LastIndexOf("config.json"u8) >= 0;

    /// <summary>Reads a model.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">Nothing of it is needed.</param>
    /// <exception cref="ModelFileException">The file is refused.</exception>
    public static ImportedModel Read(SourceFile file, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        Dictionary<string, ZipEntry> entries = ZipDirectory.Read(file);
        ConfigNode config = ConfigNode.Parse(file, $"'{ConfigName}'", Content(file, entries, ConfigName));
        string? version = entries.TryGetValue(MetadataName, out ZipEntry metadata)
            ? ConfigNode.Parse(file, $"'{MetadataName}'", ZipContent.Read(file, MetadataName, metadata)).Text("keras_version")
            : null;
        byte[] weights = Content(file, entries, WeightsName);
        Hdf5Group root = Hdf5File.Open(new SourceFile($"{file.Path}: {WeightsName}", weights));
        var architecture = KerasArchitecture.Read(config, version);
        return KerasLayerMapper.Read(file, ".keras", architecture, new PathWeights(root));
    }

    private static byte[] Content(SourceFile file, Dictionary<string, ZipEntry> entries, string name) =>
        entries.TryGetValue(name, out ZipEntry entry)
            ? ZipContent.Read(file, name, entry)
            : throw file.Refuse($"holds no '{name}', but {string.Join(", ", entries.Keys.Take(8).Select(
                found => $"'{QuotedText.Of(found)}'"))}; expected a file of model.save('name.keras')");
}
