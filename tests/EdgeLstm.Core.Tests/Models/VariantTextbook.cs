// The textbook form of a recurrent layer as a manifest describes it, with the tensors of a model file.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Models;

internal static class VariantTextbook
{
    /// <summary>A reference cell that begins where the layer does.</summary>
    public static TextbookCell Create(LayerManifest layer, IEnumerable<Tensor> tensors)
    {
        Dictionary<string, float[]> byName = tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.Values);
        float[]? Take(string suffix) => byName.GetValueOrDefault($"{layer.Name}.{suffix}");
        double[] Initial(string suffix, int size) =>
            Array.ConvertAll(Take(suffix) ?? new float[size], value => (double)value);
        float[] w = Take("weight_ih")!;
        float[] r = Take("weight_hh")!;
        float[] b = Take("bias")!;
        double[] h = Initial("initial_h", layer.OutputSize);
        float clip = (float)(layer.Clip ?? double.PositiveInfinity);
        ActivationFunction gate = layer.GateActivation ?? Activation.Sigmoid;
        ActivationFunction activation = layer.Activation ?? Activation.Tanh;
        switch (layer.Kind)
        {
            case LayerKind.Lstm:
                int cells = layer.HiddenSize ?? layer.OutputSize;
                double[] c = Initial("initial_c", cells);
                LstmVariant lstm = new()
                {
                    GateActivation = gate,
                    Activation = activation,
                    OutputActivation = layer.OutputActivation ?? Activation.Tanh,
                    Clip = clip,
                    CellClip = (float)(layer.CellClip ?? double.PositiveInfinity),
                    CoupledForget = layer.CoupledForget == true,
                    ProjectedSize = layer.HiddenSize is null ? null : layer.OutputSize,
                    Projection = Take("weight_hr"),
                };
                LstmWeights weights = new(
                    layer.Name, layer.InputSize, cells, w, r, b, Take("weight_peephole"), InitialState: null, lstm);
                return new TextbookCell([h, c], x => TextbookVariants.StepLstm(weights, x, h, c));
            case LayerKind.Gru:
                GruVariant variant = new() { GateActivation = gate, Activation = activation, Clip = clip };
                (int inputs, GruReset reset) = (layer.InputSize, layer.Reset!.Value);
                GruWeights gru = new(
                    layer.Name, inputs, h.Length, w, r, b, Take("bias_hn"), reset, InitialState: null, variant);
                return new TextbookCell([h], x => TextbookVariants.StepGru(gru, x, h));
            default:
                RnnWeights rnn = new(
                    layer.Name, layer.InputSize, h.Length, w, r, b, activation, InitialState: null, clip);
                return new TextbookCell([h], x => TextbookVariants.StepRnn(rnn, x, h));
        }
    }
}
