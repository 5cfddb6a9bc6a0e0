// Words for nodes that cannot be imported: what was found and what to do instead.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Onnx;

/// <summary>Refuses a node by its operator.</summary>
internal static class Unsupported
{
    /// <summary>The refusal.</summary>
    /// <param name="at">The node.</param>
    /// <param name="hint">What is added for the whole graph.</param>
    public static ModelFileException Refuse(NodeScope at, string hint)
    {
        OnnxNode node = at.Node;
        if (node.OpType is "If" or "Loop" or "Scan")
        {
            return node.FindRecurrentWithin() is { } within
                ? at.Refuse($"holds the {within.OpType} '{within.Shown}' inside its body; export the model so that the "
                    + $"{within.OpType} stands in the graph itself (fixed control flow, torch.jit.trace)")
                : at.Refuse("is control flow, perhaps a recurrence that was taken apart into a loop; export the model with "
                    + "LSTM, GRU or RNN operators" + hint);
        }

        string what = QuotedText.Of(node.OpType);
        return at.Refuse(node switch
        {
            { OpType: var op } when op.Contains("Quantize", StringComparison.Ordinal)
                || op.StartsWith("QLinear", StringComparison.Ordinal)
                || op.EndsWith("Integer", StringComparison.Ordinal) =>
                "is quantised; export the float model, it can be quantised after the import",
            { OpType: "Attention" or "MultiHeadAttention" or "EmbedLayerNormalization" } =>
                "is attention, which sees the whole sequence and cannot be streamed",
            _ when !OnnxNode.IsStandard(node.Domain) =>
                $"is of the domain '{QuotedText.Of(node.Domain)}', which is not read. Where it is a function of the model "
                    + "itself, inline it (onnx.inliner.inline_local_functions)",
            _ => $"the operator {what} cannot be imported; a chain of LSTM, GRU, RNN, dense and convolutional layers, scales, "
                + $"normalisations and activations can{hint}",
        });
    }
}
