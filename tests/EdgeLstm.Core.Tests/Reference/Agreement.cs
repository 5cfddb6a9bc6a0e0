// Steps a layer and its textbook reference side by side over the same samples.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

/// <summary>Compares a layer with the double-precision reference.</summary>
internal static class Agreement
{
    public const double Tolerance = 1e-5;

    /// <summary>One below, at and one above every vector width and its multiples.</summary>
    public static IEnumerable<int> Sizes { get; } = [.. Enumerable.Range(1, 33), 63, 64, 65, 128];

    /// <summary>Every width this process can use.</summary>
    public static TheoryData<VectorWidth> Widths { get; } = [.. VectorWidths.Supported];

    /// <summary>Every width with one input and with 17, one more than the widest vector.</summary>
    public static TheoryData<VectorWidth, int> WidthsAndInputSizes { get; } = Cross(VectorWidths.Supported, [1, 17]);

    /// <summary>Fails at the first step and unit whose output differs by more than the tolerance.</summary>
    /// <param name="layer">The layer, in its zero state.</param>
    /// <param name="textbook">Steps the reference and returns its output.</param>
    /// <param name="steps">Steps with the state carried.</param>
    /// <param name="describe">What is tested, for the message.</param>
    /// <param name="tolerance">Greatest difference.</param>
    public static void Check(
        Layer layer, Func<double[], double[]> textbook, int steps, string describe, double tolerance = Tolerance)
    {
        Random random = new(7);
        float[] x = new float[layer.InputSize];
        double[] wide = new double[layer.InputSize];
        float[] y = new float[layer.OutputSize];
        for (int step = 0; step < steps; step++)
        {
            for (int i = 0; i < x.Length; i++)
            {
                x[i] = (float)((random.NextDouble() * 4) - 2);
                wide[i] = x[i];
            }

            layer.Step(x, y);
            CheckEqual(textbook(wide), y, $"{describe}, step {step}", tolerance);
        }
    }

    /// <summary>Fails at the first element that differs by more than the tolerance, relative where above 1.</summary>
    public static void CheckEqual(double[] expected, float[] found, string describe, double tolerance = Tolerance)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(expected[i] - found[i]);
            if (!(difference <= tolerance * Math.Max(1, Math.Abs(expected[i]))))
            {
                Assert.Fail($"{describe}, unit {i}: found {found[i]:R}, expected {expected[i]:R}.");
            }
        }
    }

    private static TheoryData<VectorWidth, int> Cross(IEnumerable<VectorWidth> widths, int[] sizes)
    {
        TheoryData<VectorWidth, int> data = [];
        foreach (VectorWidth width in widths)
        {
            foreach (int size in sizes)
            {
                data.Add(width, size);
            }
        }

        return data;
    }
}
