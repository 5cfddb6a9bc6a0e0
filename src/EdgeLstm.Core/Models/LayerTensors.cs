// Takes the tensors of one layer from a model file: lstm 4·H rows i f g o, gru 3·H rows r z n, rnn H rows, dense O rows.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>Reads the weights of a layer and says how to make it; each call of the result makes one with its own state.</summary>
internal static class LayerTensors
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

    private static Func<VectorWidth, WeightPrecision, Layer> TakeLstm(
        SafetensorsFile file, LayerManifest layer, WeightPrecision stored)
    {
        int hidden = layer.OutputSize;
        (float[] input, float[] recurrent, float[] bias) = TakeGates(file, layer, stored, 4);
        float[]? peepholes = layer.Peepholes == true
            ? file.Take($"{layer.Name}.weight_peephole", "[3·HiddenSize]", 3 * hidden)
            : null;
        var weights = new LstmWeights(layer.Name, layer.InputSize, hidden, input, recurrent, bias, peepholes);
        return (width, precision) => LstmLayer.Create(weights, width, precision);
    }

    private static Func<VectorWidth, WeightPrecision, Layer> TakeGru(
        SafetensorsFile file, LayerManifest layer, WeightPrecision stored)
    {
        int hidden = layer.OutputSize;
        (float[] input, float[] recurrent, float[] bias) = TakeGates(file, layer, stored, 3);
        float[]? recurrentBias = layer.Reset == GruReset.After
            ? file.Take($"{layer.Name}.bias_hn", "[HiddenSize]", hidden)
            : null;
        var weights = new GruWeights(
            layer.Name, layer.InputSize, hidden, input, recurrent, bias, recurrentBias, layer.Reset!.Value);
        return (width, precision) => GruLayer.Create(weights, width, precision);
    }

    private static Func<VectorWidth, WeightPrecision, Layer> TakeRnn(
        SafetensorsFile file, LayerManifest layer, WeightPrecision stored)
    {
        (float[] input, float[] recurrent, float[] bias) = TakeGates(file, layer, stored, 1);
        var weights = new RnnWeights(
            layer.Name, layer.InputSize, layer.OutputSize, input, recurrent, bias, layer.Activation!.Value.Kind);
        return (width, precision) => RnnLayer.Create(weights, width, precision);
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

    private static (float[] Input, float[] Recurrent, float[] Bias) TakeGates(
        SafetensorsFile file, LayerManifest layer, WeightPrecision stored, int gates)
    {
        int hidden = layer.OutputSize;
        string rows = gates == 1 ? "HiddenSize" : $"{gates}·HiddenSize";
        return (
            WeightMatrix.Take(file, $"{layer.Name}.weight_ih", stored, (rows, gates * hidden), ("InputSize", layer.InputSize)),
            WeightMatrix.Take(file, $"{layer.Name}.weight_hh", stored, (rows, gates * hidden), ("HiddenSize", hidden)),
            file.Take($"{layer.Name}.bias", $"[{rows}]", gates * hidden));
    }
}
