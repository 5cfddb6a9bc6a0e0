// What no container can get past: sizes that do not fit each other, limits of the layers, weights that are no numbers.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.Tests.Canonical;

public sealed class LayerBuilderTests
{
    private readonly LayerBuilder _builder = new(new SourceFile("m.pt", []));

    [Theory]
    [InlineData(1025, 1, 1, "1025 samples of 1 values, dilation 1")]
    [InlineData(2, 1, 1025, "2 samples of 1 values, dilation 1025")]
    [InlineData(1024, 257, 1, "1024 samples of 257 values, dilation 1")]
    [InlineData(1024, 5, 1024, "1024 samples of 5 values, dilation 1024")]
    public void A_convolution_beyond_the_limits_is_refused_with_the_name_it_has_in_the_file(
        int kernel, int inputs, int dilation, string expected)
    {
        Assert.StartsWith(
            $"m.pt: layer 'front/conv' is a convolution of {expected}",
            Refusal(() => _builder.AddConv1d(
                "front/conv", Tensor(1, kernel, inputs), null, dilation, Activation.Linear)),
            StringComparison.Ordinal);
        Assert.True(_builder.IsEmpty);
    }

    [Fact]
    public void The_largest_convolution_is_taken()
    {
        _builder.AddConv1d("conv", Tensor(1, 1024, 4), null, 1024, Activation.Linear);
        Assert.Equal((4, 1024, 1024), (
            _builder.Layers[0].Manifest.InputSize, _builder.Layers[0].Manifest.KernelSize, _builder.Layers[0].Manifest.Dilation));
    }

    [Fact]
    public void A_layer_that_does_not_fit_the_one_before_it_is_refused()
    {
        AddDense("a", Tensor(3, 2));
        Assert.Contains(
            "layer 'b' reads 4 values, but 'a' before it gives 3", Refusal(() => AddDense("b", Tensor(1, 4))),
            StringComparison.Ordinal);
        Assert.Single(_builder.Layers);
    }

    [Fact]
    public void Weights_that_are_no_numbers_and_layers_too_wide_or_too_many_are_refused()
    {
        SourceTensor diverged = Tensor(2, 2);
        diverged.Values[3] = float.PositiveInfinity;
        Assert.Contains("has the value Infinity at index 3", Refusal(() => AddDense("a", diverged)), StringComparison.Ordinal);
        Assert.Contains("the limit is 4096", Refusal(() => AddDense("a", Tensor(4097, 1))), StringComparison.Ordinal);
        for (int layer = 0; layer < 64; layer++)
        {
            AddDense($"d{layer}", Tensor(1, 1));
        }

        Assert.Contains("more than 64 layers", Refusal(() => AddDense("last", Tensor(1, 1))), StringComparison.Ordinal);
    }

    private static SourceTensor Tensor(params int[] shape) => new("w", shape, new float[shape.Aggregate(1, (a, b) => a * b)]);

    private static string Refusal(Action add) => Assert.Throws<ModelFileException>(add).Message;

    private void AddDense(string name, SourceTensor w) =>
        _builder.AddDense(name, w, null, Activation.Linear);
}
