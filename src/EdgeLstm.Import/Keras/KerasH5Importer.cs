// Keras files in HDF5 (.h5, .hdf5): whole models, and weights alone that need the architecture from another file.
//
//   whole model    attributes model_config (JSON), keras_version; weights under model_weights/
//   weights        attribute layer_names, a group for each layer with the attribute weight_names      (Keras 1 and 2)
//   weights        groups layers/lstm/cell/vars/0 or _layer_checkpoint_dependencies/…                 (Keras 3, tf-keras 2.13)

using System.Text;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Hdf5;

namespace EdgeLstm.Import.Keras;

/// <summary>Reads <c>.h5</c> files of Keras 1, 2 and 3.</summary>
public static class KerasH5Importer
{
    private const string WeightsGroup = "model_weights";

    /// <summary>Whether a file is HDF5.</summary>
    /// <param name="bytes">The whole file.</param>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => Hdf5File.Recognises(bytes);

    /// <summary>Reads a model.</summary>
    /// <param name="file">The file.</param>
    /// <param name="options">For weights alone: where the architecture is.</param>
    /// <exception cref="ModelFileException">The file is refused.</exception>
    public static ImportedModel Read(SourceFile file, ImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(options);
        Hdf5Group root = Hdf5File.Open(file);
        return root.Text("model_config") is { } config
            ? ReadModel(file, root, config, options)
            : ReadWeights(file, root, options);
    }

    private static ImportedModel ReadModel(SourceFile file, Hdf5Group root, string json, ImportOptions options)
    {
        if (options.ConfigPath is not null)
        {
            throw file.Refuse("holds its own architecture (model_config); leave --config out");
        }

        Hdf5Group weights = root.Group(WeightsGroup)
            ?? throw file.Refuse($"has no group '{WeightsGroup}'; expected the weights there");
        ConfigNode config = ConfigNode.Parse(file, "attribute 'model_config'", Encoding.UTF8.GetBytes(json));
        var architecture = KerasArchitecture.Read(config, root.Text("keras_version") ?? weights.Text("keras_version"));
        return KerasLayerMapper.Read(file, "HDF5", architecture, new NamedWeights(weights));
    }

    private static ImportedModel ReadWeights(SourceFile file, Hdf5Group root, ImportOptions options)
    {
        bool isNamed = NamedWeights.TextsOf(root, "layer_names") is not null;
        if (!isNamed && !PathWeights.AreIn(root))
        {
            throw file.Refuse("is an HDF5 file, but not of Keras: expected the attribute 'model_config' or 'layer_names', or "
                + "the group "
                + $"'layers'; found {PathWeights.NamesOf(root)}");
        }

        if (options.ConfigPath is null)
        {
            throw file.Refuse(
                "holds the weights of a Keras model without its architecture; give it with --config FILE, the JSON that "
                + "model.to_json() writes");
        }

        var configFile = SourceFile.Open(options.ConfigPath);
        ConfigNode config = ConfigNode.Parse(configFile, "the file", configFile.Bytes);
        var architecture = KerasArchitecture.Read(config, root.Text("keras_version"));
        return KerasLayerMapper.Read(
            file, "HDF5 weights", architecture, isNamed ? new NamedWeights(root) : new PathWeights(root));
    }
}
