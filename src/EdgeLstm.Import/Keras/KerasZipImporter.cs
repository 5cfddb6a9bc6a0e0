// Keras 3 files (.keras): a zip archive of config.json, metadata.json and model.weights.h5.

using EdgeLstm.Core.Models;
using EdgeLstm.Import.Hdf5;

namespace EdgeLstm.Import.Keras;

/// <summary>Reads <c>.keras</c> files of Keras 3 and of tf-keras since 2.12.</summary>
public static class KerasZipImporter
{
    private const string ConfigName = "config.json";
    private const string MetadataName = "metadata.json";
    private const string WeightsName = "model.weights.h5";

    /// <summary>Whether a file is one: a zip archive with an entry <c>config.json</c>.</summary>
    /// <param name="bytes">The whole file.</param>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => KerasZip.Holds(bytes, ConfigName);

    /// <summary>Reads a model.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">Nothing of it is needed.</param>
    /// <exception cref="ModelFileException">The file is refused.</exception>
    public static ImportedModel Read(SourceFile file, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        var zip = KerasZip.Open(file);
        byte[] json = zip.Read(ConfigName) ?? throw Missing(file, zip, ConfigName);
        ConfigNode config = ConfigNode.Parse(file, $"'{ConfigName}'", json);
        string? version = zip.Read(MetadataName) is { } metadata
            ? ConfigNode.Parse(file, $"'{MetadataName}'", metadata).Text("keras_version")
            : null;
        byte[] weights = zip.Read(WeightsName) ?? throw Missing(file, zip, WeightsName);
        Hdf5Group root = Hdf5File.Open(new SourceFile($"{file.Path}: {WeightsName}", weights));
        var architecture = KerasArchitecture.Read(config, version);
        return KerasLayerMapper.Read(file, ".keras", architecture, new PathWeights(root));
    }

    private static ModelFileException Missing(SourceFile file, KerasZip zip, string name) => file.Refuse(
        $"holds no '{name}', but {zip.Names}; expected a file of model.save('name.keras')");
}
