// The order in which a program stores the gates of a cell, as letters: canonical are i f g o of an LSTM, r z n of a GRU.

namespace EdgeLstm.Import.Canonical;

/// <summary>Brings the row blocks of gates into canonical order.</summary>
internal static class GateOrder
{
    /// <summary>Order of a model file: input, forget, cell candidate, output.</summary>
    public const string Lstm = "ifgo";

    /// <summary>Order of a model file: reset, update, candidate.</summary>
    public const string Gru = "rzn";

    /// <summary>ONNX writes c for g: W is iofc.</summary>
    public const string OnnxLstm = "iofg";

    /// <summary>Keras and ONNX: update, reset, candidate.</summary>
    public const string UpdateFirstGru = "zrn";

    /// <summary>The same tensor with its blocks of rows in the order <paramref name="to"/>.</summary>
    /// <param name="tensor">[gates · n, …], the blocks in the order <paramref name="from"/>.</param>
    /// <param name="from">A letter for each block.</param>
    /// <param name="to">The same letters.</param>
    public static SourceTensor Reorder(SourceTensor tensor, string from, string to)
    {
        if (from == to)
        {
            return tensor;
        }

        int block = tensor.Values.Length / from.Length;
        float[] values = new float[tensor.Values.Length];
        for (int k = 0; k < to.Length; k++)
        {
            int source = from.IndexOf(to[k], StringComparison.Ordinal);
            tensor.Values.AsSpan(source * block, block).CopyTo(values.AsSpan(k * block));
        }

        return tensor with { Values = values };
    }
}
