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
            LayerKind.Dense => TakeDense(file, layer),
            LayerKind.Activation => TakeActivation(layer),
            LayerKind.Scale => TakeScale(file, layer),
            LayerKind.LayerNorm => TakeLayerNorm(file, layer),
            LayerKind.Conv1d => TakeConv1d(file, layer),
            _ => throw new ArgumentException($"layer '{layer.Name}': no model holds the kind {layer.Kind}.", nameof(layer)),
        };
    }

    private static Func<VectorWidth, WeightPrecision, Layer> TakeDense(SafetensorsFile file, LayerManifest layer)
    {
        float[] matrix = file.Take($"{layer.Name}.weight", "[OutputSize, InputSize]", layer.OutputSize, layer.InputSize);
        float[] bias = file.Take($"{layer.Name}.bias", "[OutputSize]", layer.OutputSize);
        var weights = new DenseWeights(layer.Name, layer.InputSize, layer.OutputSize, matrix, bias, layer.Activation!.Value);
        return (width, _) => DenseLayer.Create(weights, width);
    }

    private static Func<VectorWidth, WeightPrecision, Layer> TakeActivation(LayerManifest layer) =>
        (width, _) => ActivationLayer.Create(layer.Name, layer.InputSize, layer.Activation!.Value, width);

    private static Func<VectorWidth, WeightPrecision, Layer> TakeScale(SafetensorsFile file, LayerManifest layer)
    {
        (float[] weight, float[] bias) = TakeUnits(file, layer);
        var weights = new ScaleWeights(layer.Name, layer.InputSize, weight, bias);
        return (width, _) => ScaleLayer.Create(weights, width);
    }

    private static Func<VectorWidth, WeightPrecision, Layer> TakeLayerNorm(SafetensorsFile file, LayerManifest layer)
    {
        (float[] weight, float[] bias) = TakeUnits(file, layer);
        var weights = new LayerNormWeights(layer.Name, layer.InputSize, weight, bias, (float)layer.Epsilon!.Value);
        return (width, _) => LayerNormLayer.Create(weights, width);
    }

    private static Func<VectorWidth, WeightPrecision, Layer> TakeConv1d(SafetensorsFile file, LayerManifest layer)
    {
        (int inputs, int outputs, int kernel) = (layer.InputSize, layer.OutputSize, layer.KernelSize!.Value);
        float[] matrix = file.Take($"{layer.Name}.weight", "[OutputSize, KernelSize, InputSize]", outputs, kernel, inputs);
        float[] bias = file.Take($"{layer.Name}.bias", "[OutputSize]", outputs);
        var weights = new Conv1dWeights(
            layer.Name, inputs, outputs, kernel, layer.Dilation ?? 1, matrix, bias, layer.Activation!.Value);
        return (width, _) => Conv1dLayer.Create(weights, width);
    }

    private static (float[] Weight, float[] Bias) TakeUnits(SafetensorsFile file, LayerManifest layer) => (
        file.Take($"{layer.Name}.weight", "[InputSize]", layer.InputSize),
        file.Take($"{layer.Name}.bias", "[InputSize]", layer.InputSize));
}
