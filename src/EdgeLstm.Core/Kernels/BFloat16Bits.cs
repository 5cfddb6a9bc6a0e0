// The upper half of a float32 as a number of its own: 1 sign, 8 exponent and 7 fraction bits.

namespace EdgeLstm.Core.Kernels;

/// <summary>Conversion of weights to bfloat16 and back.</summary>
/// <remarks>Source: BF16 as of Intel 338302-001, "BFLOAT16 – Hardware Numerics Definition".</remarks>
internal static class BFloat16Bits
{
    /// <summary>The nearest bfloat16, ties to even; NaN stays NaN, and what lies beyond the greatest becomes infinite.</summary>
    public static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
        {
            // Rounding could carry a NaN's fraction over into the sign; the quiet bit keeps it a NaN without.
            return (ushort)((bits >> 16) | 0x40);
        }

        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The float32 of the same value.</summary>
    public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
