// The weights of one layer of nn.LSTM, nn.GRU, nn.RNN or their cells:  weight_ih_l0 [G·H, I], weight_hh_l0 [G·H, H], bias_ih_l0
// and bias_hh_l0 [G·H], weight_hr_l0 [P, H]; a cell has no _l0, a backward layer a further _reverse.

using System.Globalization;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.PyTorch;

/// <summary>One recurrent layer.</summary>
/// <param name="Gates">Blocks of rows: 4 of an LSTM, 3 of a GRU, 1 of a plain recurrent layer.</param>
/// <param name="HiddenSize">H.</param>
/// <param name="W">weight_ih.</param>
/// <param name="R">weight_hh.</param>
/// <param name="InputBias">bias_ih.</param>
/// <param name="RecurrentBias">bias_hh.</param>
/// <param name="Projection">weight_hr.</param>
internal sealed record RecurrentWeights(
    int Gates,
    int HiddenSize,
    StateTensor W,
    StateTensor R,
    StateTensor? InputBias,
    StateTensor? RecurrentBias,
    StateTensor? Projection)
{
    private const int MaxLayers = 64;

    private static readonly string[] Parts = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"];

    /// <summary>Values it gives at each step.</summary>
    public int OutputSize => Projection?.Shape[0] ?? HiddenSize;

    /// <summary>Whether a part of a module is a recurrent layer's.</summary>
    public static bool IsPart(string part) => Array.Exists(Parts, name => part.StartsWith(name, StringComparison.Ordinal));

    /// <summary>All layers of a module, first to last.</summary>
    public static List<RecurrentWeights> Read(SourceFile file, StateModule module)
    {
        var layers = new SortedDictionary<int, StateTensor?[]>();
        foreach ((string part, StateTensor tensor) in module.Parts)
        {
            (int kind, int layer) = Parse(file, part, tensor);
            if (!layers.TryGetValue(layer, out StateTensor?[]? parts))
            {
                layers.Add(layer, parts = new StateTensor?[Parts.Length]);
            }

            parts[kind] = parts[kind] is null
                ? tensor
                : throw file.Refuse($"has '{Shown(parts[kind]!)}' and '{Shown(tensor)}', the same part of the same layer");
        }

        if (layers.Keys.Last() != layers.Count - 1)
        {
            throw file.Refuse($"module '{QuotedText.Of(module.Path)}' has layer {layers.Keys.Last()} but {layers.Count} "
                + $"layers in all; "
                + "the state_dict is not complete");
        }

        return [.. layers.ToArray(layer => Check(file, module, layer.Key, layer.Value))];
    }

    private static (int Kind, int Layer) Parse(SourceFile file, string part, StateTensor tensor)
    {
        int kind = Array.FindIndex(Parts, name => part.StartsWith(name, StringComparison.Ordinal));
        string rest = kind < 0 ? part : part[Parts[kind].Length..];
        if (kind >= 0 && rest.EndsWith("_reverse", StringComparison.Ordinal))
        {
            throw file.Refuse($"tensor '{Shown(tensor)}' belongs to a bidirectional layer: its backward half needs the "
                + $"samples still "
                + "to come, so it cannot run on a stream. Train the model with bidirectional=False");
        }

        int layer = 0;
        bool isKnown = kind >= 0 && (rest.Length == 0
            || (rest.StartsWith("_l", StringComparison.Ordinal)
                && int.TryParse(rest.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out layer)));
        if (!isKnown || layer >= MaxLayers || !tensor.IsReal)
        {
            throw file.Refuse($"tensor '{Shown(tensor)}' is not one of a recurrent layer's: weight_ih_l0, weight_hh_l0, "
                + $"bias_ih_l0, "
                + $"bias_hh_l0, weight_hr_l0 and so on for up to {MaxLayers} layers");
        }

        return (kind, layer);
    }

    private static RecurrentWeights Check(SourceFile file, StateModule module, int layer, StateTensor?[] parts)
    {
        if (parts is not [{ Shape.Length: 2 } w, { Shape.Length: 2 } r, { } or null, { } or null, null or { Shape.Length: 2 }])
        {
            throw file.Refuse($"layer {layer} of module '{QuotedText.Of(module.Path)}' lacks weight_ih or weight_hh, or one "
                + $"of its "
                + "weights is no matrix; the state_dict is not complete");
        }

        (StateTensor? inputBias, StateTensor? recurrentBias, StateTensor? projection) = (parts[2], parts[3], parts[4]);
        if (inputBias is null != recurrentBias is null)
        {
            throw file.Refuse($"has '{Shown((inputBias ?? recurrentBias)!)}' without its other half (bias_ih and bias_hh); "
                + "the state_dict is not complete");
        }

        // The columns of weight_hh are H; with a projection they are P, and H is what weight_hr reads.
        int hidden = projection?.Shape[1] ?? r.Shape[1];
        int gates = hidden > 0 && w.Shape[0] % hidden == 0 ? w.Shape[0] / hidden : 0;
        if (gates is not (1 or 3 or 4) || (projection is not null && gates != 4))
        {
            throw file.Refuse($"tensor '{Shown(w)}' has shape {w.ShapeText} beside a hidden size of {hidden}; expected 4 "
                + $"(LSTM), 3 (GRU) "
                + "or 1 (RNN) times as many rows, 4 with a projection");
        }

        return new RecurrentWeights(gates, hidden, w, r, inputBias, recurrentBias, projection);
    }

    private static string Shown(StateTensor tensor) => QuotedText.Of(tensor.Name);
}
