// The order of columns and of packed weights.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Tests.Kernels;

public sealed class PanelsTests
{
    [Fact]
    public void Zeros_stand_before_the_values_and_h_on_a_vector_boundary()
    {
        ColumnLayout joint = ColumnLayout.Joint(inputSize: 3, hiddenSize: 6, unroll: 8, lanes: 4);
        Assert.Equal((7, 16, 16), (joint.InputPadding, joint.Columns, joint.HiddenStart));
        Assert.Equal((6, 13, 32), (joint.First, joint.InputStart, joint.Length));

        ColumnLayout separate = ColumnLayout.Separate(inputSize: 3, hiddenSize: 6, unroll: 4, lanes: 4);
        Assert.Equal((4, 8, 16), (separate.InputColumns, separate.HiddenColumns, separate.HiddenStart));
        Assert.Equal((10, 11, 32), (separate.First, separate.InputStart, separate.Length));
    }

    [Fact]
    public void Gates_of_a_column_lie_side_by_side_and_missing_units_are_zero()
    {
        // Three units in vectors of two, two gates, one input, one recurrent value; weights tell gate, unit and column.
        ColumnLayout columns = ColumnLayout.Joint(inputSize: 1, hiddenSize: 1, unroll: 2, lanes: 2);
        float[] bias = [1, 2, 3, 11, 12, 13];
        float[] input = [21, 22, 23, 31, 32, 33];
        float[] recurrent = [41, 42, 43, 51, 52, 53];
        Panels panels = new(columns, lanes: 2, isBFloat16: false, unitCount: 3, bias, input, recurrent);

        Assert.Equal(2, panels.GroupCount);
        Assert.Equal(24 * sizeof(float), panels.Bytes);
        Assert.Equal(
            [1, 2, 11, 12, 21, 22, 31, 32, 41, 42, 51, 52, 3, 0, 13, 0, 23, 0, 33, 0, 43, 0, 53, 0],
            panels.Span.ToArray());
    }
}
