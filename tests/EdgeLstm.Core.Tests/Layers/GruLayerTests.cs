// Both forms of the GRU layer against their textbook form.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class GruLayerTests
{
    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Every_size_with_reset_after_agrees_with_the_textbook_over_1000_steps(VectorWidth width, int inputSize) =>
        CheckSizes(width, inputSize, GruReset.After);

    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Every_size_with_reset_before_agrees_with_the_textbook_over_1000_steps(VectorWidth width, int inputSize) =>
        CheckSizes(width, inputSize, GruReset.Before);

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void The_two_forms_differ(VectorWidth width)
    {
        GruWeights after = RandomWeights.Gru(3, 9, GruReset.After) with { RecurrentBias = new float[9] };
        GruWeights before = after with { RecurrentBias = null, Reset = GruReset.Before };
        Layer first = GruLayer.Create(after, width);
        Layer second = GruLayer.Create(before, width);
        float[] h = new float[9];
        float[] other = new float[9];
        for (int step = 0; step < 3; step++)
        {
            first.Step([1, -1, 0.5f], h);
            second.Step([1, -1, 0.5f], other);
        }

        Assert.True(h.Zip(other, (a, b) => Math.Abs(a - b)).Max() > 1e-3);
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void An_infinite_input_saturates_the_gates_and_does_not_leak_through_the_padding(VectorWidth width)
    {
        foreach (GruReset reset in new[] { GruReset.Before, GruReset.After })
        {
            GruWeights weights = RandomWeights.Gru(1, 5, reset);
            double[] h = new double[5];
            Layer layer = GruLayer.Create(weights, width);
            float[] y = new float[5];
            foreach (float x in new[] { 1f, float.PositiveInfinity, -1f, 0.5f, float.NegativeInfinity, 2f })
            {
                layer.Step([x], y);
                TextbookCells.StepGru(weights, [x], h);
                Agreement.CheckEqual(h, y, $"reset {reset}, x {x}");
            }
        }
    }

    private static void CheckSizes(VectorWidth width, int inputSize, GruReset reset)
    {
        foreach (int size in Agreement.Sizes)
        {
            GruWeights weights = RandomWeights.Gru(inputSize, size, reset);
            double[] h = new double[size];
            Agreement.Check(GruLayer.Create(weights, width), x => Step(weights, x, h), 1000, $"{size} units");
        }
    }

    private static double[] Step(GruWeights weights, double[] x, double[] h)
    {
        TextbookCells.StepGru(weights, x, h);
        return h;
    }
}
