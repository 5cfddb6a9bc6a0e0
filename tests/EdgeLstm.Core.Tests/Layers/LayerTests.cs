// What holds for every kind of layer: state round trips, wrong lengths, and steps that allocate nothing.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class LayerTests
{
    private const int InputSize = 3;
    private const int HiddenSize = 21;

    private static readonly string[] Stateless = ["dense", "elu", "activation", "scale", "layerNorm"];

    public static TheoryData<string, VectorWidth> EveryKindAndWidth { get; } = CrossKinds();

    [Theory]
    [MemberData(nameof(EveryKindAndWidth))]
    public void A_copied_state_continues_identically(string kind, VectorWidth width)
    {
        Layer layer = Create(kind, width);
        Layer copy = Create(kind, width);
        float[] y = new float[layer.OutputSize];
        float[] other = new float[layer.OutputSize];
        float[] state = new float[layer.StateSize];
        Run(layer, 5, y);
        Run(copy, 2, other);

        layer.ReadState(state);
        copy.WriteState(state);
        float[] written = new float[layer.StateSize];
        copy.ReadState(written);
        Assert.Equal(state, written);

        Run(layer, 5, y);
        Run(copy, 5, other);
        Assert.Equal(y, other);
    }

    [Theory]
    [MemberData(nameof(EveryKindAndWidth))]
    public void A_reset_layer_continues_like_a_new_one(string kind, VectorWidth width)
    {
        Layer layer = Create(kind, width);
        float[] y = new float[layer.OutputSize];
        float[] other = new float[layer.OutputSize];
        Run(layer, 5, y);
        layer.ResetState();

        float[] state = new float[layer.StateSize];
        layer.ReadState(state);
        Assert.All(state, value => Assert.Equal(0f, value));
        Run(layer, 3, y);
        Run(Create(kind, width), 3, other);
        Assert.Equal(other, y);
    }

    [Theory]
    [MemberData(nameof(EveryKindAndWidth))]
    public void The_state_begins_with_the_output_of_the_last_step(string kind, VectorWidth width)
    {
        Layer layer = Create(kind, width);
        float[] y = new float[layer.OutputSize];
        float[] state = new float[layer.StateSize];
        Run(layer, 4, y);
        layer.ReadState(state);
        if (Stateless.Contains(kind))
        {
            Assert.Empty(state);
        }
        else if (kind == "conv1d")
        {
            // The past samples instead: (3 − 1) · 2 of them, oldest first.
            Assert.Equal([0, 0.5f, 0.25f, 1, -0.5f, 0.25f, 2, -1.5f, 0.25f, 3, -2.5f, 0.25f], state);
        }
        else
        {
            Assert.Equal(y, state[..layer.OutputSize]);
        }
    }

    [Theory]
    [MemberData(nameof(EveryKindAndWidth))]
    public void Wrong_lengths_are_refused_by_name_and_leave_the_state_alone(string kind, VectorWidth width)
    {
        Layer layer = Create(kind, width);
        float[] y = new float[layer.OutputSize];
        Run(layer, 2, y);
        float[] state = new float[layer.StateSize];
        layer.ReadState(state);

        ArgumentException error = Assert.Throws<ArgumentException>(() => layer.Step(new float[InputSize + 1], y));
        Assert.StartsWith($"layer '{kind}': x has 4 values; expected 3.", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => layer.Step(new float[InputSize], new float[layer.OutputSize - 1]));
        Assert.Throws<ArgumentException>(() => layer.ReadState(new float[layer.StateSize + 1]));
        Assert.Throws<ArgumentException>(() => layer.WriteState(new float[layer.StateSize + 1]));

        float[] after = new float[layer.StateSize];
        layer.ReadState(after);
        Assert.Equal(state, after);
    }

    [Theory]
    [MemberData(nameof(EveryKindAndWidth))]
    public void A_step_allocates_nothing(string kind, VectorWidth width)
    {
        Layer layer = Create(kind, width);
        float[] x = [1, 2, 3];
        float[] y = new float[layer.OutputSize];
        float[] state = new float[layer.StateSize];
        Allocation.AssertNone(() =>
        {
            for (int step = 0; step < 100; step++)
            {
                layer.Step(x, y);
                layer.ReadState(state);
                layer.WriteState(state);
            }

            layer.ResetState();
        });
    }

    private static void Run(Layer layer, int steps, float[] y)
    {
        for (int step = 0; step < steps; step++)
        {
            layer.Step([step, 0.5f - step, 0.25f], y);
        }
    }

    private static Layer Create(string kind, VectorWidth width) => kind switch
    {
        "lstm" => LstmLayer.Create(RandomWeights.Lstm(InputSize, HiddenSize, name: kind), width),
        "peephole" => LstmLayer.Create(RandomWeights.Lstm(InputSize, HiddenSize, peepholes: true, name: kind), width),
        "after" => GruLayer.Create(RandomWeights.Gru(InputSize, HiddenSize, GruReset.After, kind), width),
        "before" => GruLayer.Create(RandomWeights.Gru(InputSize, HiddenSize, GruReset.Before, kind), width),
        "tanh" => RnnLayer.Create(RandomWeights.Rnn(InputSize, HiddenSize, Activation.Tanh, kind), width),
        "relu" => RnnLayer.Create(RandomWeights.Rnn(InputSize, HiddenSize, Activation.Relu, kind), width),
        "elu" => DenseLayer.Create(
            RandomWeights.Dense(InputSize, HiddenSize, new ActivationFunction(Activation.Elu, 1), kind), width),
        "activation" => ActivationLayer.Create(kind, InputSize, Activation.Gelu, width),
        "scale" => ScaleLayer.Create(RandomWeights.Scale(InputSize, kind), width),
        "layerNorm" => LayerNormLayer.Create(RandomWeights.LayerNorm(InputSize, name: kind), width),
        "conv1d" => Conv1dLayer.Create(
            RandomWeights.Conv1d(InputSize, HiddenSize, kernelSize: 3, dilation: 2, Activation.Relu, kind), width),
        _ => DenseLayer.Create(RandomWeights.Dense(InputSize, HiddenSize, Activation.Softmax, kind), width),
    };

    private static TheoryData<string, VectorWidth> CrossKinds()
    {
        TheoryData<string, VectorWidth> data = [];
        string[] withState = ["lstm", "peephole", "after", "before", "tanh", "relu", "conv1d"];
        foreach (string kind in withState.Concat(Stateless))
        {
            foreach (VectorWidth width in VectorWidths.Supported)
            {
                data.Add(kind, width);
            }
        }

        return data;
    }
}
