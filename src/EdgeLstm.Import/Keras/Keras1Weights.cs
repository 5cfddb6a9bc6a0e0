// The weights of Keras 1: a matrix for each gate, joined into those of Keras 2.
//
//   LSTM   W_i U_i b_i  W_c U_c b_c  W_f U_f b_f  W_o U_o b_o      GRU   W_z U_z b_z  W_r U_r b_r  W_h U_h b_h
//   W [I, H], U [H, H], b [H]

using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Keras;

/// <summary>Joins the matrices of the gates.</summary>
internal static class Keras1Weights
{
    /// <summary>Kernel, recurrent kernel and bias, gates i f c o, of twelve tensors.</summary>
    public static SourceTensor[] JoinLstm(KerasLayer layer, SourceTensor[] weights) => Join(layer, weights, [0, 2, 1, 3]);

    /// <summary>Kernel, recurrent kernel and bias, gates z r h, of nine tensors.</summary>
    public static SourceTensor[] JoinGru(KerasLayer layer, SourceTensor[] weights) => Join(layer, weights, [0, 1, 2]);

    private static SourceTensor[] Join(KerasLayer layer, SourceTensor[] weights, int[] order) =>
        [JoinKind(layer, weights, order, 0), JoinKind(layer, weights, order, 1), JoinKind(layer, weights, order, 2)];

    // Kind 0 are the W, 1 the U, 2 the b; the columns of the gates are put beside each other.
    private static SourceTensor JoinKind(KerasLayer layer, SourceTensor[] weights, int[] order, int kind)
    {
        SourceTensor first = weights[kind];
        int columns = first.Shape.Length == 0 ? 0 : first.Shape[^1];
        if (first.Shape.Length != (kind == 2 ? 1 : 2) || columns == 0)
        {
            throw layer.Config.Refuse($"tensor '{QuotedText.Of(first.Name)}' has shape {first.ShapeText}; expected that of one "
                + "gate");
        }

        int rows = first.Values.Length / columns;
        int width = order.Length * columns;
        float[] values = new float[rows * width];
        for (int gate = 0; gate < order.Length; gate++)
        {
            SourceTensor part = weights[(3 * order[gate]) + kind];
            if (!part.Shape.AsSpan().SequenceEqual(first.Shape))
            {
                throw layer.Config.Refuse(
                    $"tensor '{QuotedText.Of(part.Name)}' has shape {part.ShapeText}; expected {first.ShapeText}, as of the "
                        + "other gates");
            }

            for (int row = 0; row < rows; row++)
            {
                part.Values.AsSpan(row * columns, columns).CopyTo(values.AsSpan((row * width) + (gate * columns)));
            }
        }

        return new SourceTensor(first.Name, kind == 2 ? [width] : [rows, width], values);
    }
}
