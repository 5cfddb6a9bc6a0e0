// Takes the tensors of recurrent layers:
//
//   weight_ih [G·H, I]   weight_hh [G·H, P or H]   bias [G·H]      lstm G = 4 i f g o, gru G = 3 r z n, rnn G = 1
//   weight_peephole [3·H]   weight_hr [P, H]   bias_hn [H]   initial_h [P or H]   initial_c [H]

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

internal static partial class LayerTensors
{
    private static Func<VectorWidth, WeightPrecision, Layer> TakeLstm(
        SafetensorsFile file, LayerManifest layer, WeightPrecision stored)
    {
        int hidden = layer.HiddenSize ?? layer.OutputSize;
        (float[] input, float[] recurrent, float[] bias) = TakeGates(file, layer, stored, 4);
        float[]? peepholes = layer.Peepholes == true
            ? file.Take($"{layer.Name}.weight_peephole", "[3·HiddenSize]", 3 * hidden)
            : null;
        float[]? initialState = layer.InitialState == true
            ? [.. TakeInitialHidden(file, layer)!, .. file.Take($"{layer.Name}.initial_c", "[HiddenSize]", hidden)]
            : null;
        var weights = new LstmWeights(
            layer.Name, layer.InputSize, hidden, input, recurrent, bias, peepholes, initialState, TakeVariant(file, layer));
        return (width, precision) => LstmLayer.Create(weights, width, precision);
    }

    private static LstmVariant? TakeVariant(SafetensorsFile file, LayerManifest layer) => RecurrentVariant.IsPlain(layer)
        ? null
        : new LstmVariant
        {
            GateActivation = layer.GateActivation ?? Activation.Sigmoid,
            Activation = layer.Activation ?? Activation.Tanh,
            OutputActivation = layer.OutputActivation ?? Activation.Tanh,
            Clip = Bound(layer.Clip),
            CellClip = Bound(layer.CellClip),
            CoupledForget = layer.CoupledForget == true,
            ProjectedSize = layer.HiddenSize is null ? null : layer.OutputSize,
            Projection = layer.HiddenSize is { } hidden
                ? file.Take($"{layer.Name}.weight_hr", "[OutputSize, HiddenSize]", layer.OutputSize, hidden)
                : null,
        };

    private static Func<VectorWidth, WeightPrecision, Layer> TakeGru(
        SafetensorsFile file, LayerManifest layer, WeightPrecision stored)
    {
        int hidden = layer.OutputSize;
        (float[] input, float[] recurrent, float[] bias) = TakeGates(file, layer, stored, 3);
        float[]? recurrentBias = layer.Reset == GruReset.After
            ? file.Take($"{layer.Name}.bias_hn", "[HiddenSize]", hidden)
            : null;
        GruVariant? variant = RecurrentVariant.IsPlain(layer)
            ? null
            : new GruVariant
            {
                GateActivation = layer.GateActivation ?? Activation.Sigmoid,
                Activation = layer.Activation ?? Activation.Tanh,
                Clip = Bound(layer.Clip),
            };
        float[]? initialState = TakeInitialHidden(file, layer);
        var weights = new GruWeights(
            layer.Name,
            layer.InputSize,
            hidden,
            input,
            recurrent,
            bias,
            recurrentBias,
            layer.Reset!.Value,
            initialState,
            variant);
        return (width, precision) => GruLayer.Create(weights, width, precision);
    }

    private static Func<VectorWidth, WeightPrecision, Layer> TakeRnn(
        SafetensorsFile file, LayerManifest layer, WeightPrecision stored)
    {
        (float[] input, float[] recurrent, float[] bias) = TakeGates(file, layer, stored, 1);
        var weights = new RnnWeights(
            layer.Name,
            layer.InputSize,
            layer.OutputSize,
            input,
            recurrent,
            bias,
            layer.Activation ?? Activation.Tanh,
            TakeInitialHidden(file, layer),
            Bound(layer.Clip));
        return (width, precision) => RnnLayer.Create(weights, width, precision);
    }

    private static (float[] Input, float[] Recurrent, float[] Bias) TakeGates(
        SafetensorsFile file, LayerManifest layer, WeightPrecision stored, int gates)
    {
        int hidden = layer.HiddenSize ?? layer.OutputSize;
        string rows = gates == 1 ? "HiddenSize" : $"{gates}·HiddenSize";
        string columns = layer.HiddenSize is null ? "HiddenSize" : "OutputSize";
        return (
            WeightMatrix.Take(file, $"{layer.Name}.weight_ih", stored, (rows, gates * hidden), ("InputSize", layer.InputSize)),
            WeightMatrix.Take(file, $"{layer.Name}.weight_hh", stored, (rows, gates * hidden), (columns, layer.OutputSize)),
            file.Take($"{layer.Name}.bias", $"[{rows}]", gates * hidden));
    }

    private static float[]? TakeInitialHidden(SafetensorsFile file, LayerManifest layer) => layer.InitialState == true
        ? file.Take($"{layer.Name}.initial_h", "[OutputSize]", layer.OutputSize)
        : null;

    private static float Bound(double? clip) => (float)(clip ?? double.PositiveInfinity);
}
