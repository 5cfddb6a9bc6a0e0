// Stacks of layers: order, state, and steps that allocate nothing.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class NetworkTests
{
    private static readonly LstmWeights First = RandomWeights.Lstm(3, 19, peepholes: true, name: "first");
    private static readonly GruWeights Second = RandomWeights.Gru(19, 10, GruReset.After, "second");
    private static readonly RnnWeights Third = RandomWeights.Rnn(10, 7, Activation.Tanh, "third");
    private static readonly DenseWeights Head = RandomWeights.Dense(7, 2, Activation.Linear, "head");

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_stack_agrees_with_the_textbook_over_1000_steps(VectorWidth width)
    {
        Network network = Create(width);
        double[] h1 = new double[19];
        double[] c1 = new double[19];
        double[] h2 = new double[10];
        double[] h3 = new double[7];
        float[] y = new float[2];
        Random random = new(3);
        for (int step = 0; step < 1000; step++)
        {
            float[] x = RandomWeights.Uniform(random, 3, 2);
            network.Step(x, y);
            TextbookCells.StepLstm(First, [.. x.Select(value => (double)value)], h1, c1);
            TextbookCells.StepGru(Second, h1, h2);
            TextbookCells.StepRnn(Third, h2, h3);
            Agreement.CheckEqual(TextbookCells.StepDense(Head, h3), y, $"step {step}");
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_network_given_the_state_of_another_continues_identically(VectorWidth width)
    {
        Network network = Create(width);
        float[] y = new float[2];
        Run(network, 10, y);
        float[] state = new float[network.StateSize];
        network.ReadState(state);

        Network copy = Create(width);
        float[] other = new float[2];
        copy.WriteState(state);
        for (int step = 0; step < 20; step++)
        {
            Run(network, 1, y);
            Run(copy, 1, other);
            Assert.Equal(y, other);
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void The_head_input_is_what_the_last_layer_read(VectorWidth width)
    {
        Network network = Create(width);
        float[] y = new float[2];
        Run(network, 10, y);
        float[] again = new float[2];
        DenseLayer.Create(Head, width).Step(network.HeadInput, again);
        Assert.Equal(y, again);
        Assert.True(new Network([DenseLayer.Create(Head, width)]).HeadInput.IsEmpty);
    }

    [Fact]
    public void A_state_passes_between_networks_of_different_widths()
    {
        Network narrow = Create(VectorWidth.Bits128);
        Network wide = Create(VectorWidths.Best);
        float[] y = new float[2];
        float[] other = new float[2];
        float[] state = new float[narrow.StateSize];
        Run(narrow, 10, y);
        narrow.ReadState(state);
        wide.WriteState(state);

        Run(narrow, 5, y);
        Run(wide, 5, other);
        Agreement.CheckEqual([y[0], y[1]], other, "after the exchange");
    }

    [Fact]
    public void A_reset_network_continues_like_a_new_one()
    {
        Network network = Create(VectorWidths.Best);
        float[] y = new float[2];
        float[] other = new float[2];
        Run(network, 10, y);
        network.ResetState();
        Run(network, 3, y);
        Run(Create(VectorWidths.Best), 3, other);
        Assert.Equal(other, y);
    }

    [Fact]
    public void It_adds_up_what_its_layers_count()
    {
        Network network = Create(VectorWidth.Bits128);

        Assert.Equal(3, network.InputSize);
        Assert.Equal(2, network.OutputSize);
        Assert.Equal((2 * 19) + 10 + 7, network.StateSize);
        Assert.Equal(
            ((4 * 19 * (3 + 19 + 1)) + (3 * 19)) + ((3 * 10 * (19 + 10 + 1)) + 10) + (7 * (10 + 7 + 1)) + (2 * (7 + 1)),
            network.ParameterCount);
        Assert.Equal(network.Layers.Sum(layer => layer.WeightBytes), network.WeightBytes);
        Assert.Equal(["first", "second", "third", "head"], network.Layers.Select(layer => layer.Name));
    }

    [Fact]
    public void Sizes_that_do_not_chain_name_both_layers()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new Network(
            [LstmLayer.Create(First, VectorWidth.Bits128), DenseLayer.Create(Head, VectorWidth.Bits128)]));

        Assert.Equal("layer 'first' has 19 outputs; layer 'head' expects 7 inputs.", error.Message);
    }

    [Fact]
    public void No_layer_and_the_same_layer_twice_are_refused()
    {
        Layer layer = RnnLayer.Create(RandomWeights.Rnn(4, 4, Activation.Tanh), VectorWidth.Bits128);

        Assert.Equal(
            "a network needs at least one layer; got none.",
            Assert.Throws<ArgumentException>(() => new Network([])).Message);
        Assert.Equal(
            "layer 'rnn' stands in the network twice.",
            Assert.Throws<ArgumentException>(() => new Network([layer, layer])).Message);
    }

    [Fact]
    public void Wrong_lengths_are_refused_before_any_state_advances()
    {
        Network network = Create(VectorWidth.Bits128);
        float[] y = new float[2];
        Assert.Throws<ArgumentException>(() => network.Step(new float[2], y));
        Assert.Throws<ArgumentException>(() => network.Step(new float[3], new float[3]));
        Assert.Throws<ArgumentException>(() => network.ReadState(new float[network.StateSize - 1]));
        Assert.Throws<ArgumentException>(() => network.WriteState(new float[network.StateSize + 1]));

        float[] state = new float[network.StateSize];
        network.ReadState(state);
        Assert.All(state, value => Assert.Equal(0f, value));
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_step_allocates_nothing(VectorWidth width)
    {
        Network network = Create(width);
        float[] x = [1, 2, 3];
        float[] y = new float[2];
        Allocation.AssertNone(() =>
        {
            for (int step = 0; step < 1000; step++)
            {
                network.Step(x, y);
            }
        });
    }

    private static void Run(Network network, int steps, float[] y)
    {
        for (int step = 0; step < steps; step++)
        {
            network.Step([step, 0.5f, -step], y);
        }
    }

    private static Network Create(VectorWidth width) => new(
    [
        LstmLayer.Create(First, width),
        GruLayer.Create(Second, width),
        RnnLayer.Create(Third, width),
        DenseLayer.Create(Head, width),
    ]);
}
