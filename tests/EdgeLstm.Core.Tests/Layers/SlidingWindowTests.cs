// Sliding windows: the same bits as stepping each window from a zero state, for every cell, width, depth and length.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class SlidingWindowTests
{
    private const int Inputs = 3;

    private static readonly Dictionary<string, Func<VectorWidth, int, int, string, Layer>> Cells = new()
    {
        ["lstm"] = (width, inputs, hidden, name) => LstmLayer.Create(RandomWeights.Lstm(inputs, hidden, name: name), width),
        ["lstm with peepholes"] = (width, inputs, hidden, name) =>
            LstmLayer.Create(RandomWeights.Lstm(inputs, hidden, peepholes: true, name), width),
        ["gru, reset after"] = (width, inputs, hidden, name) =>
            GruLayer.Create(RandomWeights.Gru(inputs, hidden, GruReset.After, name), width),
        ["gru, reset before"] = (width, inputs, hidden, name) =>
            GruLayer.Create(RandomWeights.Gru(inputs, hidden, GruReset.Before, name), width),
        ["rnn, tanh"] = (width, inputs, hidden, name) =>
            RnnLayer.Create(RandomWeights.Rnn(inputs, hidden, Activation.Tanh, name), width),
        ["rnn, relu"] = (width, inputs, hidden, name) =>
            RnnLayer.Create(RandomWeights.Rnn(inputs, hidden, Activation.Relu, name), width),
        ["conv1d"] = (width, inputs, hidden, name) =>
            Conv1dLayer.Create(RandomWeights.Conv1d(inputs, hidden, 3, 1, Activation.Relu, name), width),
        ["conv1d, dilated"] = (width, inputs, hidden, name) =>
            Conv1dLayer.Create(RandomWeights.Conv1d(inputs, hidden, 2, 4, Activation.Tanh, name), width),
    };

    public static TheoryData<VectorWidth, string> WidthsAndCells
    {
        get
        {
            TheoryData<VectorWidth, string> data = [];
            foreach (VectorWidth width in VectorWidths.Supported)
            {
                foreach (string cell in Cells.Keys)
                {
                    data.Add(width, cell);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WidthsAndCells))]
    public void Answers_are_those_of_each_window_stepped_from_a_zero_state_bit_for_bit(VectorWidth width, string cell)
    {
        foreach (int hidden in new[] { 1, 3, 17, 33 })
        {
            foreach (int depth in new[] { 1, 2 })
            {
                foreach (int length in new[] { 2, 7, 32 })
                {
                    CheckAgainstWindows(() => Stack(width, cell, hidden, depth), length);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Layers_without_state_may_stand_before_between_and_after(VectorWidth width) =>
        CheckAgainstWindows(() => Mixed(width), 7);

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Convolutions_and_normalisations_may_stand_before_between_and_after(VectorWidth width)
    {
        foreach (int length in new[] { 2, 5, 16 })
        {
            CheckAgainstWindows(
                () => new Network(
                [
                    ScaleLayer.Create(RandomWeights.Scale(Inputs), width),
                    Conv1dLayer.Create(RandomWeights.Conv1d(Inputs, 5, 3, 2, Activation.Silu, "first"), width),
                    LayerNormLayer.Create(RandomWeights.LayerNorm(5), width),
                    LstmLayer.Create(RandomWeights.Lstm(5, 9, name: "lstm"), width),
                    ActivationLayer.Create("softsign", 9, Activation.Softsign, width),
                    Conv1dLayer.Create(RandomWeights.Conv1d(9, 4, 4, 1, Activation.Relu, "last"), width),
                    LayerNormLayer.Create(RandomWeights.LayerNorm(4, name: "norm"), width),
                ]),
                length);
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Narrow_weights_are_windowed_as_exactly(VectorWidth width)
    {
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            CheckAgainstWindows(
                () => new Network(
                [
                    LstmLayer.Create(RandomWeights.Lstm(Inputs, 19, name: "lstm"), width, precision),
                    GruLayer.Create(RandomWeights.Gru(19, 17, GruReset.After, "after"), width, precision),
                    GruLayer.Create(RandomWeights.Gru(17, 9, GruReset.Before, "before"), width, precision),
                    RnnLayer.Create(RandomWeights.Rnn(9, 5, Activation.Tanh, "rnn"), width, precision),
                ]),
                11);
        }
    }

    [Fact]
    public void The_longest_window_is_exact_too()
    {
        const int length = SlidingWindow.MaxLength;
        SlidingWindow window = new(Stack(VectorWidths.Best, "gru, reset after", 5, 1), length);
        Network fresh = Stack(VectorWidths.Best, "gru, reset after", 5, 1);
        float[] found = new float[2];
        float[] expected = new float[2];
        for (int step = 0; step < length + 3; step++)
        {
            window.Step(Sample(step), found);
        }

        for (int step = 3; step < length + 3; step++)
        {
            fresh.Step(Sample(step), expected);
        }

        Assert.Equal(expected, found);
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_window_given_the_state_of_another_continues_identically_from_any_phase(VectorWidth width)
    {
        const int length = 5;
        for (int cut = 0; cut <= 3 * length; cut++)
        {
            SlidingWindow window = new(Mixed(width), length);
            SlidingWindow copy = new(Mixed(width), length);
            Run(window, 0, cut);
            Run(copy, 70, 78);   // whatever it did before is overwritten
            float[] state = new float[window.StateSize];
            window.ReadState(state);
            copy.WriteState(state);
            Assert.Equal(Run(window, cut, cut + (2 * length)), Run(copy, cut, cut + (2 * length)));
        }
    }

    [Fact]
    public void A_reset_window_continues_like_a_new_one()
    {
        SlidingWindow window = new(Mixed(VectorWidths.Best), 5);
        Run(window, 0, 13);
        window.ResetState();
        Assert.Equal(Run(new SlidingWindow(Mixed(VectorWidths.Best), 5), 20, 40), Run(window, 20, 40));
    }

    [Fact]
    public void What_is_no_number_is_forgotten_with_the_window_it_came_in()
    {
        SlidingWindow window = new(Mixed(VectorWidths.Best), 5);
        SlidingWindow spared = new(Mixed(VectorWidths.Best), 5);
        Run(window, 0, 9);
        Run(spared, 0, 9);
        float[] y = new float[2];
        window.Step([float.PositiveInfinity, float.NaN, 0], y);
        spared.Step([0, 0, 0], y);
        Assert.NotEqual(Run(spared, 10, 14), Run(window, 10, 14));
        Assert.Equal(Run(spared, 14, 30), Run(window, 14, 30));
    }

    [Fact]
    public void It_counts_all_states_and_the_weights_once()
    {
        Network network = Mixed(VectorWidth.Bits128);
        SlidingWindow window = new(network, 7);
        Assert.Equal(7, window.Length);
        Assert.Equal(Inputs, window.InputSize);
        Assert.Equal(2, window.OutputSize);
        Assert.Equal((7 * ((2 * 9) + 5)) + 1, window.StateSize);
        Assert.Equal(network.ParameterCount, window.ParameterCount);
        Assert.Equal(network.WeightBytes, window.WeightBytes);
        Assert.Equal(network.Layers, window.Layers);
    }

    [Fact]
    public void Wrong_lengths_and_positions_are_refused_before_any_state_advances()
    {
        SlidingWindow window = new(Mixed(VectorWidth.Bits128), 3);
        Assert.Throws<ArgumentException>(() => window.Step(new float[2], new float[2]));
        Assert.Throws<ArgumentException>(() => window.Step(new float[3], new float[3]));
        Assert.Throws<ArgumentException>(() => window.ReadState(new float[window.StateSize - 1]));
        Assert.Throws<ArgumentException>(() => window.WriteState(new float[window.StateSize + 1]));
        float[] state = new float[window.StateSize];
        foreach (float position in new[] { -1, 6, 0.5f, float.NaN, float.PositiveInfinity })
        {
            state.AsSpan().Fill(position);
            Assert.StartsWith(
                "sliding window: the position must be a whole number below 6; got",
                Assert.Throws<ArgumentException>(() => window.WriteState(state)).Message, StringComparison.Ordinal);
        }

        window.ReadState(state);
        Assert.All(state, value => Assert.Equal(0f, value));
    }

    [Fact]
    public void The_head_input_is_what_the_last_layer_read()
    {
        Layer one = DenseLayer.Create(RandomWeights.Dense(9, 2, Activation.Linear, "head"), VectorWidth.Bits128);
        Layer several = DenseLayer.Create(RandomWeights.Dense(4, 2, Activation.Linear, "last"), VectorWidth.Bits128);
        CheckHead(new SlidingWindow(Stack(VectorWidth.Bits128, "lstm", 9, 2), 7), one);
        CheckHead(new SlidingWindow(Mixed(VectorWidth.Bits128), 7), several);

        static void CheckHead(SlidingWindow window, Layer head)
        {
            for (int step = 0; step < 17; step++)
            {
                float[] answer = Run(window, step, step + 1);
                float[] again = new float[2];
                head.Step(window.HeadInput, again);
                Assert.Equal(answer, again);
            }
        }
    }

    [Fact]
    public void Lengths_outside_the_range_and_networks_without_state_are_refused()
    {
        foreach (int length in new[] { -1, 0, 1, 1025 })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new SlidingWindow(Mixed(VectorWidth.Bits128), length));
        }

        Network dense = new([DenseLayer.Create(RandomWeights.Dense(3, 2, Activation.Linear), VectorWidth.Bits128)]);
        Assert.StartsWith(
            "a window needs a layer with state; the network has none.",
            Assert.Throws<ArgumentException>(() => new SlidingWindow(dense, 8)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            "a window is made of a network of one stream; this one has 2.",
            Assert.Throws<ArgumentException>(() => new SlidingWindow(Mixed(VectorWidth.Bits128).ForStreams(2), 8)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WidthsAndCells))]
    public void A_step_allocates_nothing(VectorWidth width, string cell)
    {
        SlidingWindow window = new(Stack(width, cell, 9, 2), 7);
        float[] x = Sample(1);
        float[] y = new float[2];
        Allocation.AssertNone(() =>
        {
            for (int step = 0; step < 200; step++)
            {
                window.Step(x, y);
            }
        });
    }

    // Over two windows and some, each answer against a second network that steps the latest samples anew.
    private static void CheckAgainstWindows(Func<Network> create, int length)
    {
        SlidingWindow window = new(create(), length);
        Network fresh = create();
        float[] found = new float[window.OutputSize];
        float[] expected = new float[window.OutputSize];
        for (int step = 0; step < (2 * length) + 3; step++)
        {
            window.Step(Sample(step), found);
            fresh.ResetState();
            for (int past = Math.Max(0, step + 1 - length); past <= step; past++)
            {
                fresh.Step(Sample(past), expected);
            }

            Assert.Equal(expected, found);
        }
    }

    /// <summary>Recurrent layers of one size, and a dense head of two outputs.</summary>
    private static Network Stack(VectorWidth width, string cell, int hidden, int depth) => new(
    [
        .. Enumerable.Range(0, depth).Select(k => Cells[cell](width, k == 0 ? Inputs : hidden, hidden, $"layer{k}")),
        DenseLayer.Create(RandomWeights.Dense(hidden, 2, Activation.Linear, "head"), width),
    ]);

    private static Network Mixed(VectorWidth width) => new(
    [
        DenseLayer.Create(RandomWeights.Dense(Inputs, 4, Activation.Linear, "first"), width),
        LstmLayer.Create(RandomWeights.Lstm(4, 9, name: "lstm"), width),
        DenseLayer.Create(RandomWeights.Dense(9, 6, Activation.Relu, "between"), width),
        GruLayer.Create(RandomWeights.Gru(6, 5, GruReset.After, "gru"), width),
        DenseLayer.Create(RandomWeights.Dense(5, 4, Activation.Tanh, "tanh"), width),
        DenseLayer.Create(RandomWeights.Dense(4, 2, Activation.Linear, "last"), width),
    ]);

    private static float[] Run(SlidingWindow window, int from, int to)
    {
        List<float> answers = [];
        float[] y = new float[window.OutputSize];
        for (int step = from; step < to; step++)
        {
            window.Step(Sample(step), y);
            answers.AddRange(y);
        }

        return [.. answers];
    }

    private static float[] Sample(int step) => [MathF.Sin(step), MathF.Cos(3 * step), (step % 5) - 2];
}
