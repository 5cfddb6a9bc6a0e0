// A trained network as the layers and tensors of a model file.

using EdgeLstm.Core.Models;
using EdgeLstm.Training.Layers;

namespace EdgeLstm.Training;

/// <summary>Turns layers into manifests and tensors; dropout is nothing at run time and left out.</summary>
public static class NetworkExport
{
    /// <summary>The manifest of each layer, first to last.</summary>
    public static IReadOnlyList<LayerManifest> Layers(TrainingNetwork<float> network)
    {
        ArgumentNullException.ThrowIfNull(network);
        List<LayerManifest> manifests = [];
        foreach (TrainingLayer<float> layer in network.Layers)
        {
            if (ManifestOf(layer) is { } manifest)
            {
                manifests.Add(manifest);
            }
        }

        return manifests;
    }

    /// <summary>The tensors of one layer, named as the model file names them.</summary>
    /// <param name="network">The network.</param>
    /// <param name="layer">Index of the layer.</param>
    public static IReadOnlyList<Tensor> Tensors(TrainingNetwork<float> network, int layer)
    {
        ArgumentNullException.ThrowIfNull(network);
        List<Tensor> tensors = [];
        foreach (ParameterBlock block in network.Layers[layer].Blocks)
        {
            long[] shape = block.Columns is int columns ? [block.Rows, columns] : [block.Rows];
            tensors.Add(new Tensor($"{network.Layers[layer].Name}.{block.Name}", shape, network.Block(layer, block).ToArray()));
        }

        return tensors;
    }

    private static LayerManifest? ManifestOf(TrainingLayer<float> layer) => layer switch
    {
        LstmTraining<float> lstm => Manifest(lstm, LayerKind.Lstm) with { Peepholes = lstm.HasPeepholes ? true : null },
        GruTraining<float> gru => Manifest(gru, LayerKind.Gru) with { Reset = gru.Reset },
        RnnTraining<float> rnn => Manifest(rnn, LayerKind.Rnn) with { Activation = rnn.Activation },
        DenseTraining<float> dense => Manifest(dense, LayerKind.Dense) with { Activation = dense.Activation },
        _ => null,
    };

    private static LayerManifest Manifest(TrainingLayer<float> layer, LayerKind kind) =>
        new(layer.Name, kind, layer.InputSize, layer.OutputSize);
}
