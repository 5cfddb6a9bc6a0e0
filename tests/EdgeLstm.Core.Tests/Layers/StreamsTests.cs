// Several streams over one network: the same bits as each stream stepped alone.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class StreamsTests
{
    private static readonly int[] Counts = [1, 2, 3, 4, 5, 8, 9];
    private static readonly int[] Sizes = [1, 3, 4, 7, 16, 17, 33, 50];

    [Theory]
    [MemberData(nameof(Agreement.WidthsAndInputSizes), MemberType = typeof(Agreement))]
    public void Each_stream_gives_the_bits_it_gives_alone_at_every_precision(VectorWidth width, int inputSize)
    {
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            foreach (int size in Sizes)
            {
                foreach (CellCase cell in CellCase.All(inputSize, size))
                {
                    Array.ForEach(Counts, count => Check(cell.Create(width, precision), count, $"{precision} {cell.Name}"));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_stack_with_a_dense_head_does_too(VectorWidth width)
    {
        Network one = Stack(width);
        Network[] alone = [one, one.ForStreams(1), one.ForStreams(1)];
        Network together = one.ForStreams(3);
        float[] x = new float[6];
        float[] y = new float[12];
        Random random = new(3);
        for (int step = 0; step < 30; step++)
        {
            Fill(x, random);
            together.Step(x, y);
            Assert.Equal([.. alone.SelectMany((network, stream) => Step(network, x.AsSpan(stream * 2, 2)))], y);
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void The_state_of_a_stream_is_its_own(VectorWidth width)
    {
        Network together = Stack(width).ForStreams(6);
        float[] x = new float[12];
        float[] y = new float[24];
        Fill(x, new Random(4));
        together.Step(x, y);
        float[] state = new float[together.StateSize];
        together.ReadState(state, 4);

        // Stream 4 goes on in stream 1; stream 2 begins anew; the others are as they were.
        together.WriteState(state, 1);
        together.ResetState(2);
        x.AsSpan(8, 2).CopyTo(x.AsSpan(2));
        together.Step(x, y);
        Assert.Equal(y[16..20], y[4..8]);
        Assert.Equal(Step(Stack(width), x.AsSpan(4, 2)), y[8..12]);

        together.ResetState();
        together.Step(x, y);
        Assert.Equal(Step(Stack(width), x.AsSpan(0, 2)), y[..4]);
    }

    [Fact]
    public void They_share_the_weights_in_memory()
    {
        Layer layer = LstmLayer.Create(RandomWeights.Lstm(16, 256), VectorWidths.Best);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Layer other = layer.ForStreams(4);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 1, layer.WeightBytes / 20);
        Assert.Equal((4, layer.WeightBytes, layer.StateSize), (other.StreamCount, other.WeightBytes, other.StateSize));
    }

    [Fact]
    public void A_number_of_streams_out_of_range_is_refused()
    {
        Layer layer = LstmLayer.Create(RandomWeights.Lstm(1, 1), VectorWidth.Bits128);
        foreach (int count in new[] { -1, 0, Layer.MaxStreamCount + 1 })
        {
            Assert.Contains("'lstm': streams must be 1 to 1024", Assert.Throws<ArgumentOutOfRangeException>(
                () => layer.ForStreams(count)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_stream_that_does_not_exist_is_refused()
    {
        Layer layer = LstmLayer.Create(RandomWeights.Lstm(1, 1), VectorWidth.Bits128).ForStreams(3);
        foreach (int stream in new[] { -1, 3 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => layer.ResetState(stream));
            Assert.Throws<ArgumentOutOfRangeException>(() => layer.ReadState(new float[2], stream));
            Assert.Throws<ArgumentOutOfRangeException>(() => layer.WriteState(new float[2], stream));
        }
    }

    [Fact]
    public void Layers_of_different_numbers_of_streams_do_not_chain()
    {
        Layer first = LstmLayer.Create(RandomWeights.Lstm(1, 2, name: "first"), VectorWidth.Bits128);
        Layer second = LstmLayer.Create(RandomWeights.Lstm(2, 2, name: "second"), VectorWidth.Bits128);
        Assert.Equal(
            "layer 'first' serves 2 streams; layer 'second' serves 1.",
            Assert.Throws<ArgumentException>(() => new Network([first.ForStreams(2), second])).Message);
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_step_allocates_nothing(VectorWidth width)
    {
        Network together = Stack(width).ForStreams(7);
        float[] x = new float[14];
        float[] y = new float[28];
        Allocation.AssertNone(() => together.Step(x, y));
    }

    private static void Check(Layer layer, int count, string describe)
    {
        Layer together = layer.ForStreams(count);
        Layer[] alone = [.. Enumerable.Range(0, count).Select(_ => layer.ForStreams(1))];
        float[] x = new float[count * layer.InputSize];
        float[] y = new float[count * layer.OutputSize];
        float[] expected = new float[layer.OutputSize];
        Random random = new(count);
        for (int step = 0; step < 10; step++)
        {
            Fill(x, random);
            together.Step(x, y);
            for (int stream = 0; stream < count; stream++)
            {
                alone[stream].Step(x.AsSpan(stream * layer.InputSize, layer.InputSize), expected);
                ReadOnlySpan<float> found = y.AsSpan(stream * layer.OutputSize, layer.OutputSize);
                Assert.True(found.SequenceEqual(expected), $"{describe}, {count} streams: stream {stream} differs at step {step}");
            }
        }
    }

    private static Network Stack(VectorWidth width) => new(
    [
        LstmLayer.Create(RandomWeights.Lstm(2, 9, name: "lstm"), width),
        GruLayer.Create(RandomWeights.Gru(9, 5, GruReset.Before, "gru"), width),
        DenseLayer.Create(RandomWeights.Dense(5, 4, Activation.Linear, "head"), width),
    ]);

    private static float[] Step(Network network, ReadOnlySpan<float> x)
    {
        float[] y = new float[network.OutputSize];
        network.Step(x, y);
        return y;
    }

    private static void Fill(float[] x, Random random)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = (random.NextSingle() * 4) - 2;
        }
    }
}
