// Activation, scale and layer normalisation against their textbook forms.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class NormalizationLayerTests
{
    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Every_activation_as_a_layer_agrees_with_the_textbook(VectorWidth width)
    {
        foreach (ActivationFunction activation in Activations.All)
        {
            foreach (int size in Agreement.Sizes)
            {
                Layer layer = ActivationLayer.Create("a", size, activation, width);
                Agreement.Check(layer, x => Activations.Apply(activation, x), 10, $"{activation}, {size} values");
                Assert.Equal((0L, 0L, 0), (layer.ParameterCount, layer.WeightBytes, layer.StateSize));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Scales_agree_with_the_textbook(VectorWidth width)
    {
        foreach (int size in Agreement.Sizes)
        {
            ScaleWeights weights = RandomWeights.Scale(size);
            Layer layer = ScaleLayer.Create(weights, width);
            Agreement.Check(layer, x => TextbookLayers.Scale(weights.Weight, weights.Bias, x), 10, $"{size} values");
            Assert.Equal(2 * size, layer.ParameterCount);
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Normalisations_agree_with_the_textbook(VectorWidth width)
    {
        foreach (int size in Agreement.Sizes.Append(1000).Append(4096))
        {
            foreach (float epsilon in new[] { 1e-3f, 1e-5f })
            {
                LayerNormWeights weights = RandomWeights.LayerNorm(size, epsilon);
                Agreement.Check(
                    LayerNormLayer.Create(weights, width),
                    x => TextbookLayers.Normalize(weights.Weight, weights.Bias, weights.Epsilon, x), 10, $"{size} values");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void A_great_mean_does_not_drown_a_small_variance(VectorWidth width)
    {
        foreach (int size in new[] { 3, 7, 64, 333, 4096 })
        {
            LayerNormWeights weights = RandomWeights.LayerNorm(size, 0);
            Layer layer = LayerNormLayer.Create(weights, width);
            float[] x = [.. RandomWeights.Uniform(new Random(size), size, 1).Select(value => value + 10_000)];
            float[] y = new float[size];
            layer.Step(x, y);
            Agreement.CheckEqual(
                TextbookLayers.Normalize(weights.Weight, weights.Bias, 0, [.. x.Select(value => (double)value)]), y,
                $"{size} values");
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void What_is_no_number_passes_and_is_forgotten(VectorWidth width)
    {
        foreach (int size in new[] { 3, 9, 17 })
        {
            Layer[] layers =
            [
                LayerNormLayer.Create(RandomWeights.LayerNorm(size), width), ScaleLayer.Create(RandomWeights.Scale(size), width),
                ActivationLayer.Create("a", size, Activation.Softmax, width),
            ];
            foreach (Layer layer in layers)
            {
                float[] x = [.. Enumerable.Range(0, size).Select(k => (float)k)];
                float[] before = new float[size];
                float[] after = new float[size];
                layer.Step(x, before);
                float kept = x[1];
                x[1] = float.NaN;
                layer.Step(x, after);
                Assert.True(float.IsNaN(after[1]), layer.Name);
                x[1] = kept;
                layer.Step(x, after);
                Assert.Equal(before, after);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Agreement.Widths), MemberType = typeof(Agreement))]
    public void Streams_give_the_bits_they_give_alone(VectorWidth width)
    {
        Network one = new(
        [
            LayerNormLayer.Create(RandomWeights.LayerNorm(5), width),
            ScaleLayer.Create(RandomWeights.Scale(5), width),
            ActivationLayer.Create("a", 5, new ActivationFunction(Activation.Elu, 1), width),
            ActivationLayer.Create("b", 5, Activation.Softmax, width),
        ]);
        Network together = one.ForStreams(7);
        float[] x = RandomWeights.Uniform(new Random(3), 35, 3);
        float[] y = new float[35];
        float[] single = new float[5];
        together.Step(x, y);
        for (int stream = 0; stream < 7; stream++)
        {
            one.Step(x.AsSpan(stream * 5, 5), single);
            Assert.Equal(single, y[(stream * 5)..((stream + 1) * 5)]);
        }

        Assert.Equal(one.WeightBytes, together.WeightBytes);
    }

    [Fact]
    public void Sizes_and_parameters_that_do_not_fit_are_refused_by_name()
    {
        Check("layer 'scale': Size is 0; expected 1 to 4096.", () => Scale(RandomWeights.Scale(3) with { Size = 0 }));
        Check(
            "layer 'scale': Weight has 1 values; expected [Size] = [3].",
            () => Scale(RandomWeights.Scale(3) with { Weight = [1] }));
        Check(
            "layer 'scale': Bias is missing; expected [Size] = [3].",
            () => Scale(RandomWeights.Scale(3) with { Bias = null! }));
        Check(
            "layer 'layerNorm': Size is 4097; expected 1 to 4096.",
            () => Normalize(RandomWeights.LayerNorm(3) with { Size = 4097 }));
        Check(
            "layer 'layerNorm': Weight has 0 values; expected [Size] = [3].",
            () => Normalize(RandomWeights.LayerNorm(3) with { Weight = [] }));
        Check(
            "layer 'layerNorm': Bias has 0 values; expected [Size] = [3].",
            () => Normalize(RandomWeights.LayerNorm(3) with { Bias = [] }));
        foreach ((float epsilon, string shown) in new[] { (-1f, "-1"), (float.NaN, "NaN"), (float.PositiveInfinity, "Infinity") })
        {
            Check(
                $"layer 'layerNorm': Epsilon is {shown}; expected a finite number of at least 0.",
                () => Normalize(RandomWeights.LayerNorm(3, epsilon)));
        }

        Check("layer 'a': size is 0; expected 1 to 4096.", () => ActivationLayer.Create("a", 0, default, VectorWidth.Bits128));
        Check(
            "layer 'a': Activation is 77; expected a known activation with finite parameters.",
            () => ActivationLayer.Create("a", 1, (Activation)77, VectorWidth.Bits128));

        static Layer Scale(ScaleWeights weights) => ScaleLayer.Create(weights, VectorWidth.Bits128);
        static Layer Normalize(LayerNormWeights weights) => LayerNormLayer.Create(weights, VectorWidth.Bits128);
        static void Check(string message, Func<Layer> create) =>
            Assert.Equal(message, Assert.Throws<ArgumentException>(create).Message);
    }
}
