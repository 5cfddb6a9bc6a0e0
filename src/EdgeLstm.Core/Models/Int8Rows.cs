// A row of weights as int8 with one scale:  scale = max|w| / 127,  q = round-to-even(w / scale).

namespace EdgeLstm.Core.Models;

internal static class Int8Rows
{
    public const int Greatest = 127;

    public static float Quantize(ReadOnlySpan<float> row, Span<sbyte> q)
    {
        float greatest = 0;
        foreach (float w in row)
        {
            greatest = MathF.Max(greatest, MathF.Abs(w));
        }

        float scale = greatest / Greatest;
        for (int k = 0; k < row.Length; k++)
        {
            q[k] = scale == 0 ? (sbyte)0 : (sbyte)Math.Clamp(MathF.Round(row[k] / scale), -Greatest, Greatest);
        }

        return scale;
    }
}
