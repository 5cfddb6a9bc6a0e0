// The dense layer with each activation against its textbook form.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class DenseLayerTests
{
    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Every_size_and_activation_agrees_with_the_textbook(VectorWidth width, int inputSize)
    {
        foreach (ActivationFunction activation in Activations.All)
        {
            foreach (int size in Agreement.Sizes)
            {
                DenseWeights weights = RandomWeights.Dense(inputSize, size, activation);
                Layer layer = DenseLayer.Create(weights, width);
                Agreement.Check(layer, x => TextbookLayers.StepDense(weights, x), 10, $"{activation}, {size} units");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Softmax_of_huge_values_neither_overflows_nor_loses_its_sum(VectorWidth width)
    {
        DenseWeights weights = new("head", 1, 3, [1e4f, 1e4f, -1e4f], [0, 1, 0], Activation.Softmax);
        float[] y = new float[3];
        DenseLayer.Create(weights, width).Step([1], y);

        Agreement.CheckEqual([1 - TextbookCells.Sigmoid(1), TextbookCells.Sigmoid(1), 0], y, "softmax");
        Assert.Equal(0f, y[2]);
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Softmax_of_negative_values_ignores_the_padding(VectorWidth width)
    {
        // The zeros in the padding lanes are greater than every unit here and must not count.
        DenseWeights weights = new("head", 1, 3, [-200, -201, -202], [0, 0, 0], Activation.Softmax);
        float[] y = new float[3];
        DenseLayer.Create(weights, width).Step([1], y);

        Agreement.CheckEqual(TextbookCells.StepDense(weights, [1]), y, "softmax");
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void NaN_passes_every_activation(VectorWidth width)
    {
        foreach (ActivationFunction activation in Activations.All)
        {
            float[] y = new float[2];
            DenseLayer.Create(RandomWeights.Dense(1, 2, activation), width).Step([float.NaN], y);
            Assert.All(y, value => Assert.True(float.IsNaN(value), $"{activation} gave {value}"));
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_step_allocates_nothing_whatever_the_activation(VectorWidth width)
    {
        float[] x = [1, 2, 3];
        float[] y = new float[21];
        foreach (ActivationFunction activation in Activations.All)
        {
            Layer layer = DenseLayer.Create(RandomWeights.Dense(3, 21, activation), width);
            Allocation.AssertNone(() => layer.Step(x, y));
        }
    }
}
