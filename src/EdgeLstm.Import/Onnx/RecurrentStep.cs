// An LSTM, GRU or RNN node as a layer. Gate orders of ONNX: LSTM i o f c, GRU z r h, peepholes i o f; B = Wb, Rb.

using EdgeLstm.Core.Layers;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.Onnx;

/// <summary>A recurrent layer.</summary>
/// <param name="Source">The name of its node.</param>
/// <param name="Before">The layer before.</param>
/// <param name="Id">Counts the recurrent nodes of the walk; elements of its last states carry it.</param>
/// <param name="Kind">LSTM, GRU or RNN.</param>
/// <param name="W">[G·H, I].</param>
/// <param name="R">[G·H, H].</param>
/// <param name="B">[2·G·H], or null.</param>
/// <param name="Reset">Of a GRU: linear_before_reset.</param>
/// <param name="Variant">Activations, clip, peepholes, a constant initial state.</param>
/// <param name="CarriedHidden">Elements of the graph inputs h begins at; null where it is a constant.</param>
/// <param name="CarriedCell">The same for c.</param>
internal sealed record RecurrentStep(
    string Source,
    LayerStep? Before,
    int Id,
    string Kind,
    SourceTensor W,
    SourceTensor R,
    SourceTensor? B,
    GruReset Reset,
    CellVariant Variant,
    Item[]? CarriedHidden,
    Item[]? CarriedCell) : LayerStep(Source, Before)
{
    public override int InputSize => W.Columns;

    public int HiddenSize => R.Columns;

    /// <summary>Blocks of rows in the weights of an operator.</summary>
    public static int GateCount(string kind) => kind switch { "LSTM" => 4, "GRU" => 3, _ => 1 };

    public override void AddTo(LayerBuilder layers, int inputSize)
    {
        int rows = GateCount(Kind) * HiddenSize;
        SourceTensor? inputBias = B?.RowRange(0, rows);
        SourceTensor? recurrentBias = B?.RowRange(rows, 2 * rows);
        SourceTensor[] biases = inputBias is null ? [] : [inputBias, recurrentBias!];
        switch (Kind)
        {
            case "LSTM": layers.AddLstm(Source, GateOrder.OnnxLstm, W, R, biases, Variant); break;
            case "GRU": layers.AddGru(Source, GateOrder.UpdateFirstGru, W, R, inputBias, recurrentBias, Reset, Variant); break;
            default: layers.AddRnn(Source, W, R, biases, Variant); break;
        }
    }
}
