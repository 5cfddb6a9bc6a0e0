// Outputs are grouped by name and horizon; the median gives the value, the outer quantiles the edges.

using EdgeLstm.Worker.Mqtt;

namespace EdgeLstm.Worker.Tests.Mqtt;

public sealed class ForecastLayoutTests
{
    [Fact]
    public void The_median_gives_the_value_and_the_outermost_quantiles_the_edges()
    {
        ForecastField field = Assert.Single(Group(0.9, 0.05, 0.5, 0.95, 0.1));
        Assert.Equal((2, 1, 3), (field.Value, field.LowQuantile, field.HighQuantile));
    }

    [Fact]
    public void The_median_is_preferred_to_the_point_output_and_the_point_output_to_other_quantiles()
    {
        Assert.Equal(1, Assert.Single(Group(null, 0.5)).Value);
        Assert.Equal(1, Assert.Single(Group(0.4, null)).Value);
    }

    [Fact]
    public void A_point_output_takes_its_calibrated_band()
    {
        ForecastField field = Assert.Single(Group([null]));
        Assert.Equal((0, -1, -1), (field.Value, field.LowQuantile, field.HighQuantile));
    }

    [Fact]
    public void Names_and_horizons_are_groups_in_order_of_appearance()
    {
        OutputInfo[] outputs =
        [
            new("b", "K", 6, null), new("a", "K", 1, null), new("b", "K", 1, null),
            new("b", "K", 6, 0.9), new("fault", "1", 0, null),
        ];
        Assert.Equal(["b_h6", "a_h1", "b_h1", "fault"], ForecastLayout.Group(outputs).Select(field => field.Key.ToString()));
    }

    private static ForecastField[] Group(params double?[] quantiles) =>
        ForecastLayout.Group([.. quantiles.Select(quantile => new OutputInfo("t", "K", 1, quantile))]);
}
