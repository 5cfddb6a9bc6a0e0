// The rules of a manifest's layers: names, sizes that chain from the inputs to the outputs, the keys of each kind, the window.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

internal sealed partial class ManifestRules
{
    private const int MaxLayers = 64;
    private const int MaxSize = 4096;
    private const int MaxLayerNameLength = 32;

    /// <summary>Of all states of a window: 16 MiB, a quarter of what a saved state may have.</summary>
    private const long MaxWindowState = 4 << 20;

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
        CheckKey(
            layer.Activation is not null, layer.Kind is LayerKind.Rnn or LayerKind.Dense, $"{path}.activation",
            "an rnn or dense layer");
        Check(layer.Peepholes is null || layer.Kind == LayerKind.Lstm, $"{path}.peepholes", "belongs to an lstm layer only");
        Check(
            layer.Kind != LayerKind.Rnn || layer.Activation?.Kind is null or Activation.Tanh or Activation.Relu, $"{path}.activation",
            $"of an rnn layer must be tanh or relu; got {layer.Activation}");
    }

    private void CheckWindow()
    {
        if (_manifest.Window is not int window)
        {
            return;
        }

        Check(
            window is >= SlidingWindow.MinLength and <= SlidingWindow.MaxLength, "window",
            $"must be from {SlidingWindow.MinLength} to {SlidingWindow.MaxLength}; got {window}");
        Check(
            _manifest.WarmUpSamples >= window, "warmUpSamples",
            $"must be at least the window, {window}: before that no output is of a whole one; got {_manifest.WarmUpSamples}");
        long state = _manifest.Layers.Sum(StateSizeOf);
        Check(state > 0, "window", "belongs to a model with an lstm, gru or rnn layer only");
        Check(
            window * state <= MaxWindowState, "window",
            $"{window} states of {state} values are more than {MaxWindowState}; shorten the window");
    }

    private static long StateSizeOf(LayerManifest layer) => layer.Kind switch
    {
        LayerKind.Lstm => 2L * layer.OutputSize,
        LayerKind.Dense => 0,
        _ => layer.OutputSize,
    };

    private void CheckKey(bool isGiven, bool isNeeded, string path, string owner) =>
        Check(isGiven == isNeeded, path, isNeeded ? $"missing; {owner} needs it" : $"belongs to {owner} only");
}
