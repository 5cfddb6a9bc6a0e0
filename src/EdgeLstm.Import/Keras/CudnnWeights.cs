// The weights of CuDNNLSTM and CuDNNGRU: shapes as in Keras, but within each gate the order of the CuDNN library.
//
//   kernel            [I, gates·H]   the columns of a gate hold, in C order, its matrix [H, I]
//   recurrent_kernel  [H, gates·H]   the columns of a gate are its matrix [H, H], not transposed as in Keras
//   bias              [2·gates·H]    input biases, then recurrent biases

using EdgeLstm.Core.Json;

namespace EdgeLstm.Import.Keras;

/// <summary>The weights in rows of gates.</summary>
/// <param name="Input">[gates·H, I].</param>
/// <param name="Recurrent">[gates·H, H].</param>
/// <param name="InputBias">[gates·H].</param>
/// <param name="RecurrentBias">[gates·H].</param>
internal sealed record CudnnWeights(
    SourceTensor Input, SourceTensor Recurrent, SourceTensor InputBias, SourceTensor RecurrentBias)
{
    /// <summary>Brings the weights of a layer into rows of gates.</summary>
    public static CudnnWeights Read(KerasLayer layer, SourceTensor[] weights, int gates)
    {
        (SourceTensor kernel, SourceTensor recurrent, SourceTensor bias) = (weights[0], weights[1], weights[2]);
        int hidden = recurrent.Shape.Length == 2 ? recurrent.Rows : 0;
        Expect(layer, recurrent, hidden > 0 && recurrent.Columns == (long)gates * hidden, $"[units, {gates}·units]");
        bool isKernel = kernel.Shape.Length == 2 && kernel.Rows > 0 && kernel.Columns == gates * hidden;
        Expect(layer, kernel, isKernel, $"[inputs, {gates * hidden}]");
        Expect(layer, bias, bias.Values.Length == 2L * gates * hidden, $"[{2L * gates * hidden}]");
        SourceTensor flat = bias.Reshape(bias.Values.Length);
        return new CudnnWeights(
            Blocks(kernel, gates, hidden), Blocks(recurrent, gates, hidden),
            flat.RowRange(0, gates * hidden), flat.RowRange(gates * hidden, 2 * gates * hidden));
    }

    // Copies the columns of each gate, row by row, behind each other: the values of its matrix [H, columns] in C order.
    private static SourceTensor Blocks(SourceTensor matrix, int gates, int hidden)
    {
        int rows = matrix.Rows;
        float[] values = new float[matrix.Values.Length];
        for (int gate = 0; gate < gates; gate++)
        {
            for (int row = 0; row < rows; row++)
            {
                matrix.Values.AsSpan((row * gates * hidden) + (gate * hidden), hidden)
                    .CopyTo(values.AsSpan(((gate * rows) + row) * hidden));
            }
        }

        return matrix with { Shape = [gates * hidden, rows], Values = values };
    }

    private static void Expect(KerasLayer layer, SourceTensor tensor, bool isRight, string expected)
    {
        if (!isRight)
        {
            throw layer.Config.Refuse($"tensor '{QuotedText.Of(tensor.Name)}' has shape {tensor.ShapeText}; expected {expected}");
        }
    }
}
