// The weights a layer really computes with, once they are rounded to its precision.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

/// <summary>Rounds weights, and h, as layers of narrow weights hold them.</summary>
internal static class HeldWeights
{
    /// <summary>The values in place of <paramref name="matrix"/> [any, columns].</summary>
    public static float[] Of(float[] matrix, int columns, WeightPrecision precision) => precision switch
    {
        WeightPrecision.BFloat16 => Array.ConvertAll(matrix, weight => BFloat16Bits.Widen(BFloat16Bits.Round(weight))),
        WeightPrecision.Int8 => [.. matrix.Chunk(columns).SelectMany(Dequantized)],
        _ => matrix,
    };

    /// <summary>What the products see of h: with 8-bit weights its nearest 127th, unless h has no bound.</summary>
    public static Func<double, double>? OfHidden(WeightPrecision precision, bool isBounded) =>
        precision == WeightPrecision.Int8 && isBounded
            ? h => MathF.Round(Math.Clamp((float)h, -1, 1) * Int8Values.UnitLimit) / (double)Int8Values.UnitLimit
            : null;

    private static float[] Dequantized(float[] row)
    {
        sbyte[] integers = new sbyte[row.Length];
        float scale = Int8Rows.Quantize(row, integers);
        return Array.ConvertAll(integers, q => q * scale);
    }
}
