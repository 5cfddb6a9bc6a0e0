// One matrix or vector of a layer's parameters.

namespace EdgeLstm.Training.Layers;

/// <summary>What a stretch of a layer's parameters is, as a model file names it.</summary>
/// <param name="Name">Name within the layer: weight_ih, weight_hh, bias, bias_hn, weight_peephole, weight.</param>
/// <param name="Rows">Rows; of a vector its length.</param>
/// <param name="Columns">Columns; null of a vector.</param>
/// <param name="Offset">Index of the first within the layer.</param>
/// <param name="IsDecayed">Whether weight decay draws it to zero: matrices, not biases.</param>
public sealed record ParameterBlock(string Name, int Rows, int? Columns, int Offset, bool IsDecayed)
{
    /// <summary>Numbers.</summary>
    public int Count => Rows * (Columns ?? 1);
}
