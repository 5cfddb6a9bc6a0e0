// Which widths a process can use.

using System.Runtime.Intrinsics;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Kernels;

public sealed class VectorWidthsTests
{
    [Fact]
    public void Narrow_vectors_are_always_supported() => Assert.Contains(VectorWidth.Bits128, VectorWidths.Supported);

    [Fact]
    public void The_best_width_is_the_widest_supported() => Assert.Equal(VectorWidths.Supported.Max(), VectorWidths.Best);

    [Fact]
    public void Wide_vectors_are_supported_where_the_hardware_has_them()
    {
        Assert.Equal(Vector256.IsHardwareAccelerated, VectorWidths.IsSupported(VectorWidth.Bits256));
        Assert.Equal(Vector512.IsHardwareAccelerated, VectorWidths.IsSupported(VectorWidth.Bits512));
        Assert.False(VectorWidths.IsSupported((VectorWidth)64));
    }

    [SkippableFact]
    public void A_width_without_hardware_is_refused()
    {
        Skip.If(Vector512.IsHardwareAccelerated, "this process has every width");
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => LstmLayer.Create(RandomWeights.Lstm(1, 1), VectorWidth.Bits512));
        Assert.StartsWith("vector width 512 is not available in this process", error.Message, StringComparison.Ordinal);
    }
}
