// How a recurrent layer holds its weights in memory: float32, bfloat16, or int8 with one scale per row.

namespace EdgeLstm.Core.Layers;

#pragma warning disable CA1720
/// <summary>How a recurrent layer holds its weights.</summary>
public enum WeightPrecision
{
    Float32,
    BFloat16,
    Int8,
}
