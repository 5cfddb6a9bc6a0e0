// Takes the tensors of one layer from a model file; those of recurrent layers are in LayerTensors.Recurrent.cs.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>Reads the weights of a layer and says how to make it; each call of the result makes one with its own state.</summary>
internal static partial class LayerTensors
{
    /// <summary>Takes all tensors that <paramref name="layer"/> needs.</summary>
    /// <param name="file">The file that holds them.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="stored">How the weights of a recurrent layer are stored.</param>
    /// <exception cref="ModelFileException">One is missing, or is of another type, shape or range than it must be.</exception>
    public static Func<VectorWidth, WeightPrecision, Layer> Take(
        SafetensorsFile file, LayerManifest layer, WeightPrecision stored)
    {
        return layer.Kind switch
        {
            LayerKind.Lstm => TakeLstm(file, layer, stored),
            LayerKind.Gru => TakeGru(file, layer, stored),
            LayerKind.Rnn => TakeRnn(file, layer, stored),
            _ => TakeDense(file, layer),
        };
    }

    private static Func<VectorWidth, WeightPrecision, Layer> TakeDense(SafetensorsFile file, LayerManifest layer)
    {
        float[] matrix = file.Take($"{layer.Name}.weight", "[OutputSize, InputSize]", layer.OutputSize, layer.InputSize);
        float[] bias = file.Take($"{layer.Name}.bias", "[OutputSize]", layer.OutputSize);
        var weights = new DenseWeights(layer.Name, layer.InputSize, layer.OutputSize, matrix, bias, layer.Activation!.Value.Kind);
        return (width, _) => DenseLayer.Create(weights, width);
    }
}
