// Rounds weights until the narrow kernels are there.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Layers;

internal static class TemporaryRounding
{
    public static float[] Round(float[] w, int columns, WeightPrecision precision)
    {
        if (precision == WeightPrecision.Float32)
        {
            return w;
        }

        if (precision == WeightPrecision.BFloat16)
        {
            return [.. w.Select(v => BFloat16s.Widen(BFloat16s.Round(v)))];
        }

        float[] rounded = new float[w.Length];
        sbyte[] q = new sbyte[columns];
        for (int at = 0; at < w.Length; at += columns)
        {
            float scale = Int8Rows.Quantize(w.AsSpan(at, columns), q);
            for (int k = 0; k < columns; k++)
            {
                rounded[at + k] = q[k] * scale;
            }
        }

        return rounded;
    }
}
