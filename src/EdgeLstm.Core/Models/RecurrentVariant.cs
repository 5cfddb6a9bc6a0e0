// Which recurrent layers are not the plain cells, and what of a model keeps its weights from being held narrow.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>Tells variants of recurrent cells from the plain ones, which alone have narrow kernels.</summary>
internal static class RecurrentVariant
{
    /// <summary>Whether the plain cell computes the layer, however much of it the manifest says in words.</summary>
    public static bool IsPlain(LayerManifest layer) => Keys(layer).Count == 0;

    /// <summary>Why a model cannot run with weights of <paramref name="precision"/>; null where it can.</summary>
    /// <param name="file">The file that holds its tensors.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="precision">How the weights are to be held.</param>
    public static string? FindReasonAgainst(
        SafetensorsFile file, IReadOnlyList<LayerManifest> layers, WeightPrecision precision)
    {
        if (precision == WeightPrecision.Float32)
        {
            return null;
        }

        foreach (LayerManifest layer in layers)
        {
            if (Keys(layer) is { Count: > 0 } keys)
            {
                return $"layer '{layer.Name}' cannot be held in {PrecisionNames.Of(precision)}: with {string.Join(", ", keys)} "
                    + "it is not the plain cell, which alone has narrow weights; keep float32.";
            }

            if (precision == WeightPrecision.Int8 && BeginsBeyondOne(file, layer))
            {
                return $"layer '{layer.Name}' cannot be held in int8: tensor '{layer.Name}.initial_h' has values beyond ±1, "
                    + "and h is rounded to 127ths of 1; take bfloat16, or keep float32.";
            }
        }

        return null;
    }

    // The keys of the manifest that make the layer a variant.
    private static List<string> Keys(LayerManifest layer)
    {
        List<string> keys = [];
        void AddIf(bool isVariant, string key)
        {
            if (isVariant)
            {
                keys.Add(key);
            }
        }

        bool hasGates = layer.Kind is LayerKind.Lstm or LayerKind.Gru;
        AddIf(hasGates && (layer.GateActivation?.Kind ?? Activation.Sigmoid) != Activation.Sigmoid, "gateActivation");
        AddIf(hasGates && !IsTanh(layer.Activation), "activation");
        bool isRelu = layer.Kind == LayerKind.Rnn && layer.Activation?.Kind == Activation.Relu;
        AddIf(layer.Kind == LayerKind.Rnn && !IsTanh(layer.Activation) && !isRelu, "activation");
        AddIf(layer.Kind == LayerKind.Lstm && !IsTanh(layer.OutputActivation), "outputActivation");
        AddIf((hasGates || layer.Kind == LayerKind.Rnn) && layer.Clip is not null, "clip");
        AddIf(layer.Kind == LayerKind.Lstm && layer.CellClip is not null, "cellClip");
        AddIf(layer.Kind == LayerKind.Lstm && layer.CoupledForget == true, "coupledForget");
        AddIf(layer.Kind == LayerKind.Lstm && layer.HiddenSize is not null, "a projection");
        return keys;
    }

    private static bool IsTanh(ActivationFunction? activation) => (activation?.Kind ?? Activation.Tanh) == Activation.Tanh;

    private static bool BeginsBeyondOne(SafetensorsFile file, LayerManifest layer)
    {
        bool isBounded = layer.Kind != LayerKind.Rnn || layer.Activation?.Kind != Activation.Relu;
        return layer.InitialState == true
            && isBounded
            && file.TryGet($"{layer.Name}.initial_h", out _, out float[] initial)
            && Array.Exists(initial, value => Math.Abs(value) > 1);
    }
}
