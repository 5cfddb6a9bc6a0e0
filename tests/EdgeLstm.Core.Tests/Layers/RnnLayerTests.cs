// The vanilla recurrent layer against its textbook form.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class RnnLayerTests
{
    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Every_size_with_tanh_agrees_with_the_textbook_over_1000_steps(VectorWidth width, int inputSize) =>
        CheckSizes(width, inputSize, Activation.Tanh);

    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Every_size_with_relu_agrees_with_the_textbook_over_1000_steps(VectorWidth width, int inputSize) =>
        CheckSizes(width, inputSize, Activation.Relu);

    private static void CheckSizes(VectorWidth width, int inputSize, Activation activation)
    {
        foreach (int size in Agreement.Sizes)
        {
            RnnWeights weights = RandomWeights.Rnn(inputSize, size, activation);
            double[] h = new double[size];
            Agreement.Check(RnnLayer.Create(weights, width), x => Step(weights, x, h), 1000, $"{size} units");
        }
    }

    private static double[] Step(RnnWeights weights, double[] x, double[] h)
    {
        TextbookCells.StepRnn(weights, x, h);
        return h;
    }
}
