// Weights that do not fit are refused, with layer, array, what was found and what was expected.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class LayerWeightsTests
{
    private static readonly LstmWeights Lstm = RandomWeights.Lstm(3, 4, peepholes: true);
    private static readonly GruWeights GruAfter = RandomWeights.Gru(3, 4, GruReset.After);
    private static readonly GruWeights GruBefore = RandomWeights.Gru(3, 4, GruReset.Before);
    private static readonly RnnWeights Rnn = RandomWeights.Rnn(3, 4, Activation.Tanh);
    private static readonly DenseWeights Dense = RandomWeights.Dense(3, 4, Activation.Linear);

    [Fact]
    public void A_wrong_length_names_layer_array_and_shape()
    {
        CheckRefused(
            Lstm with { InputWeights = new float[5] },
            "layer 'lstm': InputWeights has 5 values; expected [4·HiddenSize, InputSize] = [16, 3].");
        CheckRefused(
            Lstm with { RecurrentWeights = new float[5] },
            "layer 'lstm': RecurrentWeights has 5 values; expected [4·HiddenSize, HiddenSize] = [16, 4].");
        CheckRefused(Lstm with { Bias = null! }, "layer 'lstm': Bias is missing; expected [4·HiddenSize] = [16].");
        CheckRefused(Lstm with { Peepholes = [] }, "layer 'lstm': Peepholes has 0 values; expected [3·HiddenSize] = [12].");
        CheckRefused(
            GruAfter with { InputWeights = [] },
            "layer 'gru': InputWeights has 0 values; expected [3·HiddenSize, InputSize] = [12, 3].");
        CheckRefused(
            Rnn with { RecurrentWeights = [] },
            "layer 'rnn': RecurrentWeights has 0 values; expected [HiddenSize, HiddenSize] = [4, 4].");
        CheckRefused(
            Dense with { Weights = [1] },
            "layer 'dense': Weights has 1 values; expected [OutputSize, InputSize] = [4, 3].");
        CheckRefused(Dense with { Bias = [1] }, "layer 'dense': Bias has 1 values; expected [OutputSize] = [4].");
    }

    [Fact]
    public void A_recurrent_bias_goes_with_reset_after_only()
    {
        CheckRefused(
            GruAfter with { RecurrentBias = null },
            "layer 'gru': RecurrentBias is missing; expected [HiddenSize] = [4].");
        CheckRefused(
            GruBefore with { RecurrentBias = new float[4] },
            "layer 'gru': RecurrentBias has 4 values; expected none where Reset is Before.");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(4097)]
    [InlineData(int.MaxValue)]
    public void Sizes_outside_1_to_4096_are_refused(int size)
    {
        CheckRefused(Lstm with { HiddenSize = size }, $"layer 'lstm': HiddenSize is {size}; expected 1 to 4096.");
        CheckRefused(GruAfter with { InputSize = size }, $"layer 'gru': InputSize is {size}; expected 1 to 4096.");
        CheckRefused(Rnn with { HiddenSize = size }, $"layer 'rnn': HiddenSize is {size}; expected 1 to 4096.");
        CheckRefused(Dense with { OutputSize = size }, $"layer 'dense': OutputSize is {size}; expected 1 to 4096.");
    }

    [Fact]
    public void The_greatest_size_works()
    {
        const int Size = 4096;
        float[] weights = new float[Size];
        Array.Fill(weights, 0.5f);
        float[] x = new float[Size];
        Array.Fill(x, 1f);
        float[] y = new float[1];
        DenseLayer.Create(new DenseWeights("wide", Size, 1, weights, [1], Activation.Linear), VectorWidths.Best).Step(x, y);
        Assert.Equal(2049f, y[0]);

        float[] tall = new float[Size];
        DenseLayer.Create(new DenseWeights("tall", 1, Size, weights, new float[Size], Activation.Linear), VectorWidths.Best)
            .Step([2], tall);
        Assert.All(tall, value => Assert.Equal(1f, value));
    }

    [Fact]
    public void An_activation_that_the_layer_does_not_have_is_refused()
    {
        CheckRefused(
            Rnn with { Activation = Activation.Softmax },
            "layer 'rnn': Activation is Softmax; expected a function of each value alone, as tanh is.");
        CheckRefused(
            Dense with { Activation = (Activation)99 },
            "layer 'dense': Activation is 99; expected a known activation with finite parameters.");
        CheckRefused(
            Dense with { Activation = new ActivationFunction(Activation.Elu, float.NaN) },
            "layer 'dense': Activation is elu(NaN); expected a known activation with finite parameters.");
        CheckRefused(GruBefore with { Reset = (GruReset)9 }, "layer 'gru': Reset is 9; expected Before or After.");
    }

    [Fact]
    public void An_unknown_width_is_refused_by_every_kind()
    {
        VectorWidth width = (VectorWidth)64;
        Assert.StartsWith(
            "vector width 64 is not available in this process; available: 128",
            Assert.Throws<ArgumentException>(() => LstmLayer.Create(Lstm, width)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => GruLayer.Create(GruAfter, width));
        Assert.Throws<ArgumentException>(() => RnnLayer.Create(Rnn, width));
        Assert.Throws<ArgumentException>(() => DenseLayer.Create(Dense, width));
    }

    private static void CheckRefused(object weights, string message)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => weights switch
        {
            LstmWeights lstm => LstmLayer.Create(lstm, VectorWidth.Bits128),
            GruWeights gru => GruLayer.Create(gru, VectorWidth.Bits128),
            RnnWeights rnn => RnnLayer.Create(rnn, VectorWidth.Bits128),
            _ => DenseLayer.Create((DenseWeights)weights, VectorWidth.Bits128),
        });
        Assert.Equal(message, error.Message);
    }
}
