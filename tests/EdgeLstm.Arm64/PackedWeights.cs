// A layer's weights as they lie in memory, by the packing code of the layers themselves.

using System.Runtime.InteropServices;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Arm64;

/// <summary>Panels for 128-bit vectors.</summary>
/// <param name="Bytes">All panels.</param>
/// <param name="Groups">Number of panels.</param>
internal sealed record PackedWeights(byte[] Bytes, int Groups)
{
    /// <summary>Packs weights of <paramref name="units"/> units.</summary>
    public static PackedWeights Pack(
        WeightPrecision precision,
        ColumnLayout columns,
        int units,
        ReadOnlySpan<float> unitVectors,
        ReadOnlySpan<float> inputWeights,
        ReadOnlySpan<float> recurrentWeights)
    {
        if (precision == WeightPrecision.Int8)
        {
            Int8Panels integers = new(
                Simd128.Lanes, units, columns.InputSize, columns.HiddenSize, unitVectors, inputWeights, recurrentWeights);
            return new PackedWeights(MemoryMarshal.AsBytes(integers.Span).ToArray(), integers.GroupCount);
        }

        bool isBFloat16 = precision == WeightPrecision.BFloat16;
        Panels panels = new(columns, Simd128.Lanes, isBFloat16, units, unitVectors, inputWeights, recurrentWeights);
        return new PackedWeights(MemoryMarshal.AsBytes(panels.Span).ToArray(), panels.GroupCount);
    }
}
