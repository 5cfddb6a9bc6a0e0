// Random numbers that any language can draw again:  x' = (1664525·x + 1013904223) mod 2³²,  value x' / 2³².

namespace EdgeLstm.Worker.Tests.Evaluation.Scoring;

internal static class Lcg
{
    /// <summary>The first values after a seed, 0 to 1.</summary>
    public static double[] Values(uint seed, int count)
    {
        double[] values = new double[count];
        for (int i = 0; i < count; i++)
        {
            seed = unchecked((1664525 * seed) + 1013904223);
            values[i] = seed / 4294967296.0;
        }

        return values;
    }
}
