// The state of an io.json before the first sample:  h [layers, batch, H]  and  c [layers, batch, C],  of ONNX layout 1 [batch,
// layers, …].

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Trust;

/// <summary>Takes the state of one sequence from the arrays of a file and lays it into the state of a network.</summary>
internal static class IoState
{
    /// <summary>Of each recurrent layer h, of an LSTM h and c; null where the file has none.</summary>
    /// <exception cref="ModelFileException">The arrays do not fit the network.</exception>
    public static IReadOnlyList<double[]>? Of(IoFile file, ImportedModel model, int sequence, int batch)
    {
        if (file.Hidden is null && file.Cell is null)
        {
            return null;
        }

        LayerManifest[] layers = [.. model.Layers.Select(layer => layer.Manifest).Where(IsRecurrent)];
        bool isBatchFirst = model.Axes == SampleAxes.BatchFirst;
        var states = new List<double[]>(layers.Length);
        for (int k = 0; k < layers.Length; k++)
        {
            double[] h = Take(file, file.Hidden, (k, layers.Length), (sequence, batch), layers[k].OutputSize, isBatchFirst);
            states.Add(layers[k].Kind != LayerKind.Lstm
                ? h
                : [.. h, .. Take(file, file.Cell, (k, layers.Length), (sequence, batch), CellSize(layers[k]), isBatchFirst)]);
        }

        return states;
    }

    /// <summary>Replaces the recurrent part of a state, layer by layer; what convolutions carry stays.</summary>
    /// <param name="model">The network.</param>
    /// <param name="states">What <see cref="Of"/> gave.</param>
    /// <param name="sizes">Values each layer carries.</param>
    /// <param name="state">The state of the whole network.</param>
    /// <param name="convert">To the precision of the network.</param>
    public static void Lay<T>(
        ImportedModel model, IReadOnlyList<double[]> states, IReadOnlyList<int> sizes, Span<T> state, Func<double, T> convert)
    {
        int next = 0;
        for (int layer = 0; layer < sizes.Count; layer++)
        {
            if (IsRecurrent(model.Layers[layer].Manifest))
            {
                double[] values = states[next++];
                for (int k = 0; k < values.Length; k++)
                {
                    state[k] = convert(values[k]);
                }
            }

            state = state[sizes[layer]..];
        }
    }

    /// <summary>Values each layer of the network in double precision carries.</summary>
    public static IReadOnlyList<int> Sizes(ImportedModel model) => model.Layers.Select(layer => layer.Manifest).ToArray(
        layer => layer.Kind switch
        {
            LayerKind.Lstm => layer.OutputSize + CellSize(layer),
            LayerKind.Gru or LayerKind.Rnn => layer.OutputSize,
            LayerKind.Conv1d => (layer.KernelSize!.Value - 1) * (layer.Dilation ?? 1) * layer.InputSize,
            _ => 0,
        });

    private static bool IsRecurrent(LayerManifest layer) => layer.Kind is LayerKind.Lstm or LayerKind.Gru or LayerKind.Rnn;

    private static int CellSize(LayerManifest layer) => layer.HiddenSize ?? layer.OutputSize;

    private static double[] Take(
        IoFile file, IoTensor? tensor, (int Index, int Count) layer, (int Index, int Count) sequence, int size, bool isBatchFirst)
    {
        if (tensor is null)
        {
            return new double[size];
        }

        // Where both orders fit, ONNX layout 1 has the batch first and everything else the layers.
        bool layersFirst = IsShape(tensor, layer.Count, sequence.Count, size);
        bool batchFirst = IsShape(tensor, sequence.Count, layer.Count, size);
        if (!layersFirst && !batchFirst)
        {
            throw ModelFileException.In(
                file.Path, $"'{tensor.Name}' has the shape {tensor.ShapeText}; expected "
                + $"[{layer.Count}, {sequence.Count}, {size}]: recurrent layers, batch, size");
        }

        int row = batchFirst && (isBatchFirst || !layersFirst)
            ? (sequence.Index * layer.Count) + layer.Index
            : (layer.Index * sequence.Count) + sequence.Index;
        return tensor.Values[(row * size)..((row + 1) * size)];
    }

    // Axes of one entry may be left out.
    private static bool IsShape(IoTensor tensor, int first, int second, int size) =>
        tensor.Values.Length == (long)first * second * size && tensor.Shape[^1] == size
        && (tensor.Shape.Length < 3 || (tensor.Shape[0] == first && tensor.Shape[1] == second));
}
