// Narrow weights: the layers against a reference whose weights are rounded in the same way.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class WeightPrecisionTests
{
    private static readonly int[] Sizes = [1, 3, 4, 5, 8, 15, 16, 17, 33, 64, 100];

    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void BFloat16_agrees_with_the_textbook_on_rounded_weights(VectorWidth width, int inputSize) =>
        CheckSizes(width, inputSize, WeightPrecision.BFloat16, Agreement.Tolerance, isStepwise: false);

    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Int8_agrees_with_the_textbook_on_quantised_weights_and_h(VectorWidth width, int inputSize) =>
        // Step by step from the same state: where h lies halfway between two 127ths, its last bit decides, and cells that had
        // been stepped on their own would part. x is rounded to 16 bits.
        CheckSizes(width, inputSize, WeightPrecision.Int8, 1e-4, isStepwise: true);

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Narrow_weights_take_half_and_a_quarter_of_the_memory(VectorWidth width)
    {
        foreach (CellCase cell in CellCase.All(16, 256))
        {
            double whole = cell.Create(width, WeightPrecision.Float32).WeightBytes;
            Assert.Equal(0.5, cell.Create(width, WeightPrecision.BFloat16).WeightBytes / whole, 0.02);
            Assert.Equal(0.25, cell.Create(width, WeightPrecision.Int8).WeightBytes / whole, 0.02);
        }
    }

    [Fact]
    public void Int8_sums_of_4096_units_at_their_greatest_do_not_overflow()
    {
        // Every product at its greatest: 4096 weights of 1 with h of 1 and x of 1000.
        float[] ones = [.. Enumerable.Repeat(1f, Layer.MaxSize)];
        foreach (VectorWidth width in VectorWidths.Supported)
        {
            RnnWeights weights = new("rnn", Layer.MaxSize, 1, ones, [1], [0], Activation.Relu);
            float[] x = [.. Enumerable.Repeat(1000f, Layer.MaxSize)];
            float[] y = new float[1];
            RnnLayer.Create(weights, width, WeightPrecision.Int8).Step(x, y);
            Assert.Equal(1000.0 * Layer.MaxSize, y[0], 1000.0 * Layer.MaxSize * 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Int8_products_of_the_greatest_h_and_weights_do_not_saturate(VectorWidth width)
    {
        // Sums of two products in 16 bits are the narrowest place: all at their greatest, in every combination of signs.
        const int size = 64;
        foreach (float weight in new[] { 1f / size, -1f / size })
        {
            foreach (float hidden in new[] { 1f, -1f })
            {
                float[] recurrent = [.. Enumerable.Repeat(weight, size * size)];
                RnnWeights weights = new("rnn", 1, size, new float[size], recurrent, new float[size], Activation.Tanh);
                Layer layer = RnnLayer.Create(weights, width, WeightPrecision.Int8);
                layer.WriteState([.. Enumerable.Repeat(hidden, size)]);
                float[] y = new float[size];
                layer.Step([0], y);
                Assert.All(y, value => Assert.Equal(MathF.Tanh(size * weight * hidden), value, 1e-6f));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_value_that_is_not_finite_makes_int8_outputs_NaN_and_a_reset_removes_it(VectorWidth width)
    {
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            foreach (CellCase cell in CellCase.All(2, 5))
            {
                Layer layer = cell.Create(width, WeightPrecision.Int8);
                float[] before = new float[5];
                float[] y = new float[5];
                layer.Step([1, 2], before);
                layer.Step([0, bad], y);
                Assert.All(y, value => Assert.True(float.IsNaN(value), $"{cell.Name}: {value}"));

                layer.ResetState();
                layer.Step([1, 2], y);
                Assert.Equal(before, y);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_step_allocates_nothing(VectorWidth width)
    {
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            foreach (CellCase cell in CellCase.All(3, 20))
            {
                Layer layer = cell.Create(width, precision).ForStreams(5);
                float[] x = new float[15];
                float[] y = new float[100];
                Allocation.AssertNone(() => layer.Step(x, y));
            }
        }
    }

    [Fact]
    public void An_unknown_precision_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => LstmLayer.Create(RandomWeights.Lstm(1, 1), VectorWidth.Bits128, (WeightPrecision)7));

    private static void CheckSizes(
        VectorWidth width, int inputSize, WeightPrecision precision, double tolerance, bool isStepwise)
    {
        foreach (int size in Sizes)
        {
            foreach (CellCase cell in CellCase.All(inputSize, size))
            {
                Layer layer = cell.Create(width, precision);
                TextbookCell textbook = cell.CreateTextbook(precision);
                double[] Step(double[] x)
                {
                    double[] h = [.. textbook.Step(x)];
                    if (isStepwise)
                    {
                        textbook.CopyStateOf(layer);
                    }

                    return h;
                }

                // r ⊙ h is rounded within the step, where the last bit of r decides.
                bool roundsTwice = isStepwise && cell.Name.Contains(nameof(GruReset.Before), StringComparison.Ordinal);
                Agreement.Check(layer, Step, 100, $"{precision} {cell.Name}", roundsTwice ? 2e-3 : tolerance);
            }
        }
    }
}
