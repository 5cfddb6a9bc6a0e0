// A layer in words, as the import prints what it found:  LSTM 'lstm_1' 3 → 8, gates i f g o, hardSigmoid(0.2, 0.5) gates.

using System.Globalization;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Canonical;

/// <summary>Says what a layer is.</summary>
internal static class LayerText
{
    /// <summary>One line.</summary>
    /// <param name="source">The name the file gives the layer.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="detail">What only its reader knew: the order of gates.</param>
    public static string Describe(string source, LayerManifest layer, string detail)
    {
        string[] words =
        [
            $"{Kind(layer.Kind)} '{QuotedText.Of(source)}' {layer.InputSize} → {layer.OutputSize}",
            detail,
            layer.HiddenSize is { } hidden ? $"projected from {hidden}" : "",
            layer.GateActivation is { } gate ? $"{gate} gates" : "",
            layer.Activation?.ToString() ?? "",
            layer.OutputActivation is { } output ? $"{output} of c" : "",
            layer.Peepholes == true ? "peepholes" : "",
            layer.CoupledForget == true ? "f = 1 - i" : "",
            layer.Clip is { } clip ? $"sums within ±{Number(clip)}" : "",
            layer.CellClip is { } cell ? $"c within ±{Number(cell)}" : "",
            layer.InitialState == true ? "trained initial state" : "",
        ];
        return string.Join(", ", words.Where(word => word.Length > 0));
    }

    private static string Kind(LayerKind kind) => kind switch
    {
        LayerKind.Lstm => "LSTM",
        LayerKind.Gru => "GRU",
        LayerKind.Rnn => "RNN",
        LayerKind.Dense => "Dense",
        LayerKind.Activation => "Activation",
        LayerKind.Scale => "Scale",
        LayerKind.LayerNorm => "LayerNorm",
        _ => "Conv1d",
    };

    private static string Number(double value) => value.ToString("G9", CultureInfo.InvariantCulture);
}
