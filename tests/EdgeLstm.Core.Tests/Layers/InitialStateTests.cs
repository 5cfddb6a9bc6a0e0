// Trained initial states of the fast recurrent layers at every precision, of their streams and of sliding windows.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class InitialStateTests
{
    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_layer_its_streams_and_a_reset_begin_there(VectorWidth width)
    {
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            foreach (Layer layer in Layers(width, precision))
            {
                string name = $"{layer.Name} {precision}";
                float[] initial = VariantCase.Initial(layer.StateSize);
                CheckState(initial, layer, name);
                layer.Step([1, 2], new float[layer.OutputSize]);
                layer.ResetState();
                CheckState(initial, layer, $"{name} reset");
                CheckStreams(layer.ForStreams(1).ForStreams(3), initial, name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void The_first_step_goes_on_from_there_to_the_bit(VectorWidth width)
    {
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            foreach ((Layer layer, Layer zero) in Layers(width, precision).Zip(ZeroLayers(width, precision)))
            {
                zero.WriteState(VariantCase.Initial(zero.StateSize));
                Assert.Equal(Step(zero, [1, -2]), Step(layer, [1, -2]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Every_window_begins_there(VectorWidth width)
    {
        Layer[] layers =
        [
            .. Layers(width, WeightPrecision.Float32),
            LstmLayer.Create(VariantCase.Lstm(2, 5, VariantCase.Projected(5, 3) with { CoupledForget = true }), width),
        ];
        foreach (Layer layer in layers)
        {
            const int Length = 4;
            SlidingWindow window = new(new Network([layer.ForStreams(1)]), Length);
            float[] y = new float[layer.OutputSize];
            float[][] samples = [.. Enumerable.Range(0, 13).Select(k => new[] { MathF.Sin(k), MathF.Cos(k) })];
            for (int round = 0; round < 2; round++)
            {
                for (int n = 0; n < samples.Length; n++)
                {
                    window.Step(samples[n], y);
                    layer.ResetState();
                    float[] expected = [];
                    foreach (float[] sample in samples[Math.Max(0, n + 1 - Length)..(n + 1)])
                    {
                        expected = Step(layer, sample);
                    }

                    Assert.Equal(expected, y);
                }

                window.ResetState();
            }
        }
    }

    [Fact]
    public void A_reset_allocates_nothing()
    {
        foreach (Layer layer in Layers(VectorWidths.Best, WeightPrecision.Float32))
        {
            layer.ResetState();
            long before = GC.GetAllocatedBytesForCurrentThread();
            layer.ResetState();
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void One_of_another_length_is_refused()
    {
        float[] wrong = new float[3];
        VectorWidth width = VectorWidth.Bits128;
        Assert.Equal(
            "layer 'lstm': InitialState has 3 values; expected [HiddenSize + HiddenSize] = [10].",
            Assert.Throws<ArgumentException>(
                () => LstmLayer.Create(RandomWeights.Lstm(2, 5) with { InitialState = wrong }, width)).Message);
        Assert.Throws<ArgumentException>(
            () => GruLayer.Create(RandomWeights.Gru(2, 5, GruReset.After) with { InitialState = wrong }, width));
        Assert.Throws<ArgumentException>(
            () => RnnLayer.Create(RandomWeights.Rnn(2, 5, Activation.Relu) with { InitialState = wrong }, width));
    }

    private static void CheckStreams(Layer streams, float[] initial, string name)
    {
        for (int stream = 0; stream < streams.StreamCount; stream++)
        {
            CheckState(initial, streams, $"{name} stream {stream}", stream);
        }

        streams.Step(new float[2 * streams.StreamCount], new float[streams.OutputSize * streams.StreamCount]);
        streams.ResetState(1);
        CheckState(initial, streams, $"{name} stream 1 reset", 1);
        float[] other = new float[streams.StateSize];
        streams.ReadState(other, 2);
        Assert.NotEqual(initial, other);
    }

    private static void CheckState(float[] expected, Layer layer, string name, int stream = 0)
    {
        float[] state = new float[layer.StateSize];
        layer.ReadState(state, stream);
        Assert.True(expected.AsSpan().SequenceEqual(state), name);
    }

    private static float[] Step(Layer layer, float[] x)
    {
        float[] y = new float[layer.OutputSize];
        layer.Step(x, y);
        return y;
    }

    private static Layer[] Layers(VectorWidth width, WeightPrecision precision) =>
        Create(width, precision, VariantCase.Initial);

    private static Layer[] ZeroLayers(VectorWidth width, WeightPrecision precision) =>
        Create(width, precision, _ => null);

    private static Layer[] Create(VectorWidth width, WeightPrecision precision, Func<int, float[]?> initial) =>
    [
        LstmLayer.Create(RandomWeights.Lstm(2, 5, name: "lstm") with { InitialState = initial(10) }, width, precision),
        LstmLayer.Create(
            RandomWeights.Lstm(2, 9, peepholes: true, name: "peepholes") with { InitialState = initial(18) }, width, precision),
        GruLayer.Create(RandomWeights.Gru(2, 5, GruReset.After, "after") with { InitialState = initial(5) }, width, precision),
        GruLayer.Create(RandomWeights.Gru(2, 5, GruReset.Before, "before") with { InitialState = initial(5) }, width, precision),
        RnnLayer.Create(RandomWeights.Rnn(2, 5, Activation.Tanh, "tanh") with { InitialState = initial(5) }, width, precision),
        RnnLayer.Create(RandomWeights.Rnn(2, 5, Activation.Relu, "relu") with { InitialState = initial(5) }, width, precision),
    ];
}
