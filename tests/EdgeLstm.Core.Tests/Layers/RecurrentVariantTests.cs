// The variants of the recurrent layers against their textbook forms, streams, states and refusals.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class RecurrentVariantTests
{
    private static readonly int[] Sizes = [1, 3, 4, 5, 8, 15, 16, 17, 33];

    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Every_variant_agrees_with_the_textbook_over_200_steps(VectorWidth width, int inputSize)
    {
        foreach (int size in Sizes)
        {
            foreach (VariantCase variant in VariantCase.All(inputSize, size))
            {
                Agreement.Check(variant.Create(width), variant.CreateTextbook().Step, 200, variant.Name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void The_plain_cell_written_as_a_variant_agrees_with_the_fast_kernel(VectorWidth width)
    {
        LstmWeights lstm = RandomWeights.Lstm(3, 17, peepholes: true);
        CheckSame(LstmLayer.Create(lstm, width), LstmLayer.Create(lstm with { Variant = new LstmVariant() }, width));
        foreach (GruReset reset in Enum.GetValues<GruReset>())
        {
            GruWeights gru = RandomWeights.Gru(3, 17, reset);
            CheckSame(GruLayer.Create(gru, width), GruLayer.Create(gru with { Variant = new GruVariant() }, width));
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Each_stream_gives_the_bits_it_gives_alone(VectorWidth width)
    {
        foreach (int size in new[] { 1, 4, 7, 17 })
        {
            foreach (VariantCase variant in VariantCase.All(2, size))
            {
                Layer one = variant.Create(width);
                Layer[] alone = [one, one.ForStreams(1), one.ForStreams(1)];
                CheckStreams(alone, one.ForStreams(3), variant.Name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void The_state_goes_on_where_it_was_read_and_a_reset_begins_anew(VectorWidth width)
    {
        foreach (VariantCase variant in VariantCase.All(2, 5))
        {
            Layer layer = variant.Create(width);
            float[] first = Run(layer, 3);
            float[] state = new float[layer.StateSize];
            layer.ReadState(state);
            float[] second = Run(layer, 3);

            Layer other = variant.Create(width);
            other.WriteState(state);
            Assert.Equal(second, Run(other, 3));
            other.ResetState();
            Assert.Equal(first, Run(other, 3));
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void An_infinite_input_does_not_outlive_a_reset(VectorWidth width)
    {
        foreach (VariantCase variant in VariantCase.All(2, 5))
        {
            Layer layer = variant.Create(width);
            float[] before = Run(layer, 3);
            float[] y = new float[layer.OutputSize];
            layer.Step([float.PositiveInfinity, float.NegativeInfinity], y);
            layer.ResetState();
            Assert.Equal(before, Run(layer, 3));
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Clipped_sums_of_an_infinite_input_agree_with_the_textbook(VectorWidth width)
    {
        // Beyond the last unit weights are zero, and zero times infinity is NaN: it must not come back through the projection.
        LstmWeights weights = VariantCase.Lstm(1, 5, VariantCase.Projected(5, 3) with { Clip = 2 });
        double[] h = Array.ConvertAll(weights.InitialState![..3], value => (double)value);
        double[] c = Array.ConvertAll(weights.InitialState![3..], value => (double)value);
        Layer layer = LstmLayer.Create(weights, width);
        float[] y = new float[3];
        foreach (float x in new[] { 1f, float.PositiveInfinity, -1f, 0.5f, float.NegativeInfinity, 2f })
        {
            layer.Step([x], y);
            TextbookVariants.StepLstm(weights, [x], h, c);
            Agreement.CheckEqual(h, y, $"x {x}");
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_step_and_a_reset_allocate_nothing(VectorWidth width)
    {
        foreach (VariantCase variant in VariantCase.All(3, 9))
        {
            foreach (Layer layer in new[] { variant.Create(width), variant.Create(width).ForStreams(2) })
            {
                float[] x = new float[3 * layer.StreamCount];
                float[] y = new float[layer.OutputSize * layer.StreamCount];
                long before = 0;
                for (int round = 0; round < 2; round++)
                {
                    before = GC.GetAllocatedBytesForCurrentThread();
                    layer.Step(x, y);
                    layer.ResetState();
                }

                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }
    }

    [Fact]
    public void A_projected_layer_counts_state_and_parameters()
    {
        Layer layer = LstmLayer.Create(VariantCase.Lstm(3, 5, VariantCase.Projected(5, 2)), VectorWidth.Bits128);
        Assert.Equal((2, 7), (layer.OutputSize, layer.StateSize));
        Assert.Equal((20 * 3) + (20 * 2) + 20 + (2 * 5) + 7, layer.ParameterCount);
    }

    [Fact]
    public void The_streams_share_the_weights_in_memory()
    {
        Layer layer = LstmLayer.Create(VariantCase.Lstm(16, 256, VariantCase.Projected(256, 128)), VectorWidths.Best);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Layer other = layer.ForStreams(4);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, layer.WeightBytes / 20);
        Assert.Equal(layer.WeightBytes, other.WeightBytes);
    }

    [Theory]
    [InlineData(WeightPrecision.BFloat16)]
    [InlineData(WeightPrecision.Int8)]
    public void Narrow_weights_are_refused_by_name(WeightPrecision precision)
    {
        string expected = $"runs with float32 weights only; got {precision}.";
        VectorWidth width = VectorWidth.Bits128;
        LstmWeights lstm = VariantCase.Lstm(1, 2, new LstmVariant { Clip = 3 });
        GruWeights gru = RandomWeights.Gru(1, 2, GruReset.After) with { Variant = new GruVariant { Clip = 3 } };
        RnnWeights rnn = RandomWeights.Rnn(1, 2, Activation.Sigmoid);
        foreach (Action create in new Action[]
            {
                () => LstmLayer.Create(lstm, width, precision),
                () => GruLayer.Create(gru, width, precision),
                () => RnnLayer.Create(rnn, width, precision),
            })
        {
            Assert.Contains(expected, Assert.Throws<ArgumentException>(create).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_a_variant_is_made_of_is_checked()
    {
        CheckRefused(
            new LstmVariant { GateActivation = Activation.Softmax },
            "layer 'lstm': GateActivation is Softmax; expected a function of each value alone, as tanh is.");
        CheckRefused(new LstmVariant { Clip = 0 }, "layer 'lstm': Clip is 0; expected a number above 0.");
        CheckRefused(new LstmVariant { CellClip = float.NaN }, "layer 'lstm': CellClip is NaN; expected a number above 0.");
        CheckRefused(
            new LstmVariant { ProjectedSize = 2 },
            "layer 'lstm': Projection is missing; expected [ProjectedSize, HiddenSize] = [2, 3].");
        CheckRefused(
            new LstmVariant { ProjectedSize = 0 }, "layer 'lstm': ProjectedSize is 0; expected 1 to 4096.");
        CheckRefused(
            new LstmVariant { Projection = new float[6] },
            "layer 'lstm': Projection has 6 values; expected none without ProjectedSize.");
    }

    private static void CheckRefused(LstmVariant variant, string message)
    {
        LstmWeights weights = RandomWeights.Lstm(2, 3) with { Variant = variant };
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => LstmLayer.Create(weights, VectorWidth.Bits128)).Message);
    }

    private static void CheckSame(Layer fast, Layer variant)
    {
        float[] expected = Run(fast, 100);
        Agreement.CheckEqual([.. expected.Select(value => (double)value)], Run(variant, 100), fast.Name);
    }

    private static void CheckStreams(Layer[] alone, Layer together, string name)
    {
        Random random = new(5);
        float[] y = new float[together.StreamCount * together.OutputSize];
        for (int step = 0; step < 20; step++)
        {
            float[] x = RandomWeights.Uniform(random, together.StreamCount * together.InputSize, 2);
            together.Step(x, y);
            float[] expected = new float[together.OutputSize];
            for (int stream = 0; stream < alone.Length; stream++)
            {
                alone[stream].Step(x.AsSpan(stream * together.InputSize, together.InputSize), expected);
                Assert.True(
                    expected.AsSpan().SequenceEqual(y.AsSpan(stream * expected.Length, expected.Length)),
                    $"{name}: stream {stream} differs at step {step}");
            }
        }
    }

    // The last output of some steps over the same samples.
    private static float[] Run(Layer layer, int steps)
    {
        Random random = new(steps);
        float[] y = new float[layer.OutputSize];
        for (int step = 0; step < steps; step++)
        {
            layer.Step(RandomWeights.Uniform(random, layer.InputSize, 1), y);
        }

        return y;
    }
}
