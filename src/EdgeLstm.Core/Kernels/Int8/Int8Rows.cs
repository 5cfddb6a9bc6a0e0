// Weights as integers: each row of a matrix on its own scale.
//
//   scale = max|w| / 127      q = round(w / scale), ties to even, −127 … 127      w ≈ q · scale

namespace EdgeLstm.Core.Kernels.Int8;

/// <summary>Rows of weights, quantised symmetrically to eight bits.</summary>
/// <remarks>
/// Quantising rows that were dequantised from this form gives the same integers: the greatest of a row stays ±127. Source: Jacob
/// et al. (2018), "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", per row.
/// </remarks>
internal static class Int8Rows
{
    /// <summary>Greatest integer; −128 is not used, so that a row and its negative round alike.</summary>
    public const int Greatest = 127;

    /// <summary>Quantises one row.</summary>
    /// <param name="row">Finite weights [n].</param>
    /// <param name="quantized">Receives the integers [n].</param>
    /// <returns>The scale; 0 for a row of zeros.</returns>
    public static float Quantize(ReadOnlySpan<float> row, Span<sbyte> quantized)
    {
        float greatest = 0;
        foreach (float weight in row)
        {
            greatest = MathF.Max(greatest, MathF.Abs(weight));
        }

        // In double: the scale of a row of subnormal weights would else be 0 and its quotients infinite.
        float scale = greatest / Greatest;
        double inverse = scale > 0 ? 1.0 / scale : 0;
        for (int i = 0; i < row.Length; i++)
        {
            quantized[i] = (sbyte)Math.Clamp(Math.Round(row[i] * inverse), -Greatest, Greatest);
        }

        return scale;
    }
}
