// The LSTM layer against its textbook form.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class LstmLayerTests
{
    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Every_size_agrees_with_the_textbook_over_1000_steps(VectorWidth width, int inputSize) =>
        CheckSizes(width, inputSize, peepholes: false);

    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Every_size_with_peepholes_agrees_with_the_textbook_over_1000_steps(VectorWidth width, int inputSize) =>
        CheckSizes(width, inputSize, peepholes: true);

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_gate_that_peeps_at_the_wrong_cell_state_would_be_noticed(VectorWidth width)
    {
        // Only p_o is large: had o seen the old c, the first output would be σ(0) · tanh(c) instead of σ(p_o · c) · tanh(c).
        LstmWeights weights = new("lstm", 1, 1, [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 10]);
        float[] y = new float[1];
        LstmLayer.Create(weights, width).Step([3], y);

        double c = 0.5 * Math.Tanh(3);
        Assert.Equal(TextbookCells.Sigmoid(10 * c) * Math.Tanh(c), y[0], 1e-6);
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void An_infinite_input_saturates_the_gates_and_does_not_leak_through_the_padding(VectorWidth width)
    {
        // One input and five units leave padding before x and beyond the last unit at every width.
        LstmWeights weights = RandomWeights.Lstm(1, 5);
        double[] h = new double[5];
        double[] c = new double[5];
        Layer layer = LstmLayer.Create(weights, width);
        float[] y = new float[5];
        foreach (float x in new[] { 1f, float.PositiveInfinity, -1f, 0.5f, float.NegativeInfinity, 2f })
        {
            layer.Step([x], y);
            TextbookCells.StepLstm(weights, [x], h, c);
            Agreement.CheckEqual(h, y, $"x {x}");
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void NaN_reaches_the_output_and_a_reset_removes_it(VectorWidth width)
    {
        Layer layer = LstmLayer.Create(RandomWeights.Lstm(2, 5), width);
        float[] before = new float[5];
        float[] y = new float[5];
        layer.Step([1, 2], before);
        layer.Step([float.NaN, 0], y);
        Assert.All(y, value => Assert.True(float.IsNaN(value)));

        layer.ResetState();
        layer.Step([1, 2], y);
        Assert.Equal(before, y);
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void It_counts_state_parameters_and_bytes(VectorWidth width)
    {
        Layer layer = LstmLayer.Create(RandomWeights.Lstm(3, 5, peepholes: true), width);

        // Five units: two vectors of four lanes, or one of eight; sixteen lanes would be mostly padding.
        int lanes = width == VectorWidth.Bits128 ? 4 : 8;
        int groups = (5 + lanes - 1) / lanes;

        Assert.Equal(10, layer.StateSize);
        Assert.Equal((4 * 5 * 3) + (4 * 5 * 5) + (4 * 5) + (3 * 5), layer.ParameterCount);
        Assert.Equal(groups * lanes * (7 + (4 * 8)) * sizeof(float), layer.WeightBytes);
    }

    private static void CheckSizes(VectorWidth width, int inputSize, bool peepholes)
    {
        foreach (int size in Agreement.Sizes)
        {
            LstmWeights weights = RandomWeights.Lstm(inputSize, size, peepholes);
            double[] h = new double[size];
            double[] c = new double[size];
            Agreement.Check(LstmLayer.Create(weights, width), x => Step(weights, x, h, c), 1000, $"{size} units");
        }
    }

    private static double[] Step(LstmWeights weights, double[] x, double[] h, double[] c)
    {
        TextbookCells.StepLstm(weights, x, h, c);
        return h;
    }
}
