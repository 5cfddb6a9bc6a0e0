// The rules of a manifest's layers: names, sizes that chain from inputs to outputs, the keys of each kind, the state.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

internal sealed partial class ManifestRules
{
    private const int MaxLayers = 64;
    private const int MaxSize = 4096;
    private const int MaxLayerNameLength = 32;

    /// <summary>Of all layers, and of all states of a window: 16 MiB, a quarter of what a saved state may have.</summary>
    private const long MaxState = 4 << 20;

    private void CheckLayers()
    {
        IReadOnlyList<LayerManifest> layers = _manifest.Layers;
        CheckCount(layers.Count, "layers", MaxLayers);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int k = 0; k < layers.Count; k++)
        {
            (LayerManifest layer, string path) = (layers[k], $"layers[{k}]");
            Check(
                IsWord(layer.Name, MaxLayerNameLength, '_'), $"{path}.name",
                $"must be 1 to {MaxLayerNameLength} of a-z, 0-9 and '_'; got {Show(layer.Name)}");
            Check(names.Add(layer.Name), $"{path}.name", $"{Show(layer.Name)} already names another layer");
            CheckSize(layer.InputSize, $"{path}.inputSize");
            CheckSize(layer.OutputSize, $"{path}.outputSize");
            CheckKind(layer, path);
            (int expected, string of) = k == 0
                ? (_manifest.Inputs.Count, "number of inputs")
                : (layers[k - 1].OutputSize, "previous outputSize");
            Check(layer.InputSize == expected, $"{path}.inputSize", $"must be the {of}, {expected}; got {layer.InputSize}");
        }

        if (layers.Count > 0 && layers[^1].OutputSize != _manifest.Outputs.Count)
        {
            Check(
                false, $"layers[{layers.Count - 1}].outputSize",
                $"must be the number of outputs, {_manifest.Outputs.Count}; got {layers[^1].OutputSize}");
        }
    }

    private void CheckSize(int size, string path) =>
        Check(size is >= 1 and <= MaxSize, path, $"must be from 1 to {MaxSize}; got {size}");

    private void CheckKind(LayerManifest layer, string path)
    {
        CheckKey(layer.Reset is not null, layer.Kind == LayerKind.Gru, $"{path}.reset", "a gru layer");
        Check(
            layer.Kind is not (LayerKind.Activation or LayerKind.Scale or LayerKind.LayerNorm)
                || layer.OutputSize == layer.InputSize,
            $"{path}.outputSize",
            $"of {LayerKinds.WithArticle(layer.Kind)} layer must be its inputSize, {layer.InputSize}; got {layer.OutputSize}");
        CheckActivations(layer, path);
        CheckRecurrent(layer, path);
        CheckConvolution(layer, path);
        CheckKey(layer.Epsilon is not null, layer.Kind == LayerKind.LayerNorm, $"{path}.epsilon", "a layerNorm layer");
        Check(
            !(layer.Kind == LayerKind.LayerNorm && layer.Epsilon is { } epsilon) || (IsSingle(epsilon) && epsilon >= 0),
            $"{path}.epsilon", $"must be finite and at least 0; got {Show(layer.Epsilon)}");
    }

    private void CheckActivations(LayerManifest layer, string path)
    {
        LayerKind kind = layer.Kind;
        if (kind is LayerKind.Rnn or LayerKind.Dense or LayerKind.Conv1d or LayerKind.Activation)
        {
            Check(
                layer.Activation is not null, $"{path}.activation",
                "missing; an rnn, dense, conv1d or activation layer needs it");
        }
        else
        {
            Check(
                layer.Activation is null || kind.IsRecurrent(), $"{path}.activation",
                $"does not belong to {LayerKinds.WithArticle(kind)} layer");
        }

        Allow(
            layer.GateActivation is not null, kind is LayerKind.Lstm or LayerKind.Gru, $"{path}.gateActivation",
            "an lstm or gru layer");
        Allow(layer.OutputActivation is not null, kind == LayerKind.Lstm, $"{path}.outputActivation", "an lstm layer");
        if (kind.IsRecurrent())
        {
            CheckElementwise(layer.Activation, $"{path}.activation");
            CheckElementwise(layer.GateActivation, $"{path}.gateActivation");
            CheckElementwise(layer.OutputActivation, $"{path}.outputActivation");
        }
    }

    private void CheckRecurrent(LayerManifest layer, string path)
    {
        (bool isLstm, bool isRecurrent) = (layer.Kind == LayerKind.Lstm, layer.Kind.IsRecurrent());
        Allow(layer.Peepholes is not null, isLstm, $"{path}.peepholes", "an lstm layer");
        Allow(layer.CoupledForget is not null, isLstm, $"{path}.coupledForget", "an lstm layer");
        Allow(layer.InitialState is not null, isRecurrent, $"{path}.initialState", "an lstm, gru or rnn layer");
        if (Allow(layer.Clip is not null, isRecurrent, $"{path}.clip", "an lstm, gru or rnn layer"))
        {
            CheckBound(layer.Clip, $"{path}.clip");
        }

        if (Allow(layer.CellClip is not null, isLstm, $"{path}.cellClip", "an lstm layer"))
        {
            CheckBound(layer.CellClip, $"{path}.cellClip");
        }

        if (Allow(layer.HiddenSize is not null, isLstm, $"{path}.hiddenSize", "an lstm layer with a projection"))
        {
            CheckSize(layer.HiddenSize ?? 1, $"{path}.hiddenSize");
        }
    }

    private void CheckConvolution(LayerManifest layer, string path)
    {
        bool isConvolution = layer.Kind == LayerKind.Conv1d;
        CheckKey(layer.KernelSize is not null, isConvolution, $"{path}.kernelSize", "a conv1d layer");
        Allow(layer.Dilation is not null, isConvolution, $"{path}.dilation", "a conv1d layer");
        if (!isConvolution)
        {
            return;
        }

        CheckReach(layer.KernelSize ?? 1, $"{path}.kernelSize");
        CheckReach(layer.Dilation ?? 1, $"{path}.dilation");
        long columns = (long)(layer.KernelSize ?? 1) * layer.InputSize;
        Check(
            columns <= Conv1dWeights.MaxColumns, $"{path}.kernelSize",
            $"{layer.KernelSize} samples of {layer.InputSize} values are more than {Conv1dWeights.MaxColumns}");
    }

    private void CheckState()
    {
        long state = _manifest.Layers.Sum(StateSizeOf);
        if (_manifest.Window is not int window)
        {
            Check(state <= MaxState, "layers", $"carry {state} values of state together; the limit is {MaxState}");
            return;
        }

        Check(
            window is >= SlidingWindow.MinLength and <= SlidingWindow.MaxLength, "window",
            $"must be from {SlidingWindow.MinLength} to {SlidingWindow.MaxLength}; got {window}");
        Check(
            _manifest.WarmUpSamples >= window, "warmUpSamples",
            $"must be at least the window, {window}: before that no output is of a whole one; got {_manifest.WarmUpSamples}");
        Check(state > 0, "window", "belongs to a model with state only: one with an lstm, gru, rnn or conv1d layer");
        Check(
            Math.Clamp(window, 0, SlidingWindow.MaxLength) * state <= MaxState, "window",
            $"{window} states of {state} values are more than {MaxState}; shorten the window");
    }

    // Sizes out of range are reported as such; kept within it here, no product of them overflows.
    private static long StateSizeOf(LayerManifest layer)
    {
        long output = Math.Clamp(layer.OutputSize, 0, MaxSize);
        return layer.Kind switch
        {
            LayerKind.Lstm => output + Math.Clamp(layer.HiddenSize ?? layer.OutputSize, 0, MaxSize),
            LayerKind.Gru or LayerKind.Rnn => output,
            LayerKind.Conv1d => (Reach(layer.KernelSize) - 1) * Reach(layer.Dilation) * Math.Clamp(layer.InputSize, 0, MaxSize),
            _ => 0,
        };
    }

    private static long Reach(int? samples) => Math.Clamp(samples ?? 1, 1, Conv1dWeights.MaxReach);

    private void CheckReach(int samples, string path) =>
        Check(samples is >= 1 and <= Conv1dWeights.MaxReach, path, $"must be from 1 to {Conv1dWeights.MaxReach}; got {samples}");

    private void CheckBound(double? bound, string path) =>
        Check(
            bound is null || (IsSingle(bound.Value) && (float)bound > 0), path,
            $"must be finite and above 0; got {Show(bound)}");

    private void CheckElementwise(ActivationFunction? activation, string path) =>
        Check(
            activation is null || activation.Value.IsElementwise, path,
            $"must take each value alone, as tanh does; got {activation}");

    private void CheckKey(bool isGiven, bool isNeeded, string path, string owner) =>
        Check(isGiven == isNeeded, path, isNeeded ? $"missing; {owner} needs it" : $"belongs to {owner} only");

    /// <summary>An optional key of some kinds; false where it stands in a layer of another one.</summary>
    private bool Allow(bool isGiven, bool belongs, string path, string owner)
    {
        Check(!isGiven || belongs, path, $"belongs to {owner} only");
        return belongs;
    }
}
