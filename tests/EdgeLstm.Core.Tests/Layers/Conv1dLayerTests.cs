// Causal convolutions against their textbook form: sizes, dilations, the past, several streams.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class Conv1dLayerTests
{
    private static readonly (int Kernel, int Dilation)[] Reaches =
        [(1, 1), (1, 7), (2, 1), (2, 3), (3, 1), (3, 4), (5, 2), (16, 1)];

    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Every_size_kernel_and_dilation_agrees_with_the_textbook(VectorWidth width, int inputSize)
    {
        foreach ((int kernel, int dilation) in Reaches)
        {
            foreach (int size in new[] { 1, 3, 4, 5, 8, 9, 16, 17, 33 })
            {
                Conv1dWeights weights = RandomWeights.Conv1d(inputSize, size, kernel, dilation, Activation.Tanh);
                Agreement.Check(
                    Conv1dLayer.Create(weights, width), TextbookLayers.Stepper(weights), 30,
                    $"{size} units, kernel {kernel}, dilation {dilation}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Every_activation_agrees_with_the_textbook(VectorWidth width)
    {
        foreach (ActivationFunction activation in Activations.All)
        {
            Conv1dWeights weights = RandomWeights.Conv1d(2, 11, 3, 2, activation);
            Agreement.Check(Conv1dLayer.Create(weights, width), TextbookLayers.Stepper(weights), 20, $"{activation}");
        }
    }

    [Fact]
    public void A_kernel_of_one_sample_is_a_dense_layer_without_state()
    {
        Conv1dWeights weights = RandomWeights.Conv1d(5, 7, kernelSize: 1, dilation: 9);
        Layer layer = Conv1dLayer.Create(weights, VectorWidths.Best);
        Layer dense = DenseLayer.Create(
            new DenseWeights("dense", 5, 7, weights.Weights, weights.Bias, Activation.Linear), VectorWidths.Best);
        float[] x = [1, -2, 3, -4, 5];
        float[] y = new float[7];
        float[] expected = new float[7];
        layer.Step([9, 9, 9, 9, 9], y);
        layer.Step(x, y);
        dense.Step(x, expected);
        Assert.Equal(expected, y);
        Assert.Equal(0, layer.StateSize);
    }

    [Fact]
    public void The_newest_sample_takes_the_last_weights_and_zeros_lie_before_the_first()
    {
        Conv1dWeights weights = new("c", 1, 1, 3, 2, [100, 10, 1], [0], Activation.Linear);
        Layer layer = Conv1dLayer.Create(weights, VectorWidth.Bits128);
        float[] found = [.. Enumerable.Range(1, 7).Select(t => Step(layer, t))];
        Assert.Equal([1, 2, 13, 24, 135, 246, 357], found);
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Streams_give_the_bits_they_give_alone_whenever_they_were_reset(VectorWidth width)
    {
        foreach ((int kernel, int dilation) in Reaches)
        {
            Layer alone = Conv1dLayer.Create(RandomWeights.Conv1d(2, 5, kernel, dilation, Activation.Relu), width);
            Layer[] singles = [alone, alone.ForStreams(1), alone.ForStreams(1)];
            Layer together = alone.ForStreams(3);
            float[] x = new float[6];
            float[] y = new float[15];
            float[] single = new float[5];
            Random random = new(5);
            for (int step = 0; step < 60; step++)
            {
                RandomWeights.Uniform(random, 6, 2).CopyTo(x, 0);
                together.Step(x, y);
                for (int stream = 0; stream < 3; stream++)
                {
                    singles[stream].Step(x.AsSpan(stream * 2, 2), single);
                    Assert.Equal(single, y[(stream * 5)..((stream + 1) * 5)]);
                }

                if (step % 7 == 6)
                {
                    together.ResetState(step % 3);
                    singles[step % 3].ResetState();
                }
            }
        }
    }

    [Fact]
    public void A_state_is_the_past_samples_and_goes_into_a_ring_at_any_slot()
    {
        foreach ((int kernel, int dilation) in Reaches)
        {
            Conv1dWeights weights = RandomWeights.Conv1d(2, 3, kernel, dilation);
            Layer layer = Conv1dLayer.Create(weights, VectorWidths.Best);
            Layer copy = Conv1dLayer.Create(weights, VectorWidths.Best);
            float[] state = new float[layer.StateSize];
            float[] y = new float[3];
            float[] other = new float[3];
            for (int step = 0; step < 40; step++)
            {
                layer.Step([step, -step], y);
                copy.Step([1000, 1000], other);
                layer.ReadState(state);
                Assert.Equal(Past(step, layer.StateSize / 2), state);
                copy.WriteState(state);
                layer.Step([0.5f, 1], y);
                copy.Step([0.5f, 1], other);
                Assert.Equal(y, other);
                layer.WriteState(state);
            }
        }
    }

    [Fact]
    public void Outputs_may_take_the_place_of_the_inputs()
    {
        Conv1dWeights weights = RandomWeights.Conv1d(3, 3, 2);
        Layer apart = Conv1dLayer.Create(weights, VectorWidths.Best).ForStreams(2);
        Layer inPlace = Conv1dLayer.Create(weights, VectorWidths.Best).ForStreams(2);
        float[] values = [1, 2, 3, 4, 5, 6];
        float[] y = new float[6];
        apart.Step(values, y);
        inPlace.Step(values, values);
        Assert.Equal(y, values);
    }

    [Fact]
    public void What_is_no_number_is_forgotten_with_the_samples_it_came_in()
    {
        Layer layer = Conv1dLayer.Create(RandomWeights.Conv1d(1, 1, 3, 2), VectorWidths.Best);
        float[] found = [.. Enumerable.Range(0, 9).Select(t => Step(layer, t == 2 ? float.NaN : t))];
        Assert.Equal([false, false, true, false, true, false, true, false, false], found.Select(float.IsNaN));
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused_by_name()
    {
        Conv1dWeights good = RandomWeights.Conv1d(2, 3, 4);
        Check(good with { InputSize = 0 }, "InputSize is 0; expected 1 to 4096.");
        Check(good with { OutputSize = 4097 }, "OutputSize is 4097; expected 1 to 4096.");
        Check(good with { KernelSize = 0 }, "KernelSize is 0; expected 1 to 1024.");
        Check(good with { KernelSize = 1025 }, "KernelSize is 1025; expected 1 to 1024.");
        Check(good with { Dilation = 0 }, "Dilation is 0; expected 1 to 1024.");
        Check(good with { Dilation = int.MaxValue }, "Dilation is 2147483647; expected 1 to 1024.");
        Check(
            good with { InputSize = 4096, KernelSize = 65, Dilation = 1 },
            "KernelSize·InputSize is 266240; expected at most 262144.");
        Check(
            good with { InputSize = 4096, KernelSize = 3, Dilation = 1024 },
            "(KernelSize−1)·Dilation·InputSize is 8388608; expected at most 4194304.");
        Check(good with { Weights = [1] }, "Weights has 1 values; expected [OutputSize, KernelSize·InputSize] = [3, 8].");
        Check(good with { Bias = null! }, "Bias is missing; expected [OutputSize] = [3].");
        Check(
            good with { Activation = new ActivationFunction(Activation.Clamp, 0, float.PositiveInfinity) },
            "Activation is clamp(0, Infinity); expected a known activation with finite parameters.");

        static void Check(Conv1dWeights weights, string message) => Assert.Equal(
            $"layer 'conv1d': {message}",
            Assert.Throws<ArgumentException>(() => Conv1dLayer.Create(weights, VectorWidth.Bits128)).Message);
    }

    private static float Step(Layer layer, float x)
    {
        float[] y = new float[1];
        layer.Step([x], y);
        return y[0];
    }

    private static float[] Past(int newest, int count) =>
        [.. Enumerable.Range(newest - count + 1, count).SelectMany(t => t < 0 ? new float[2] : [t, -t])];
}
