// The bands around forecasts: their width from the calibration, none without one.

using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Tests.Forecasting;

public class ForecastBandsTests
{
    private static readonly ResidualManifest Calibration = new(1000, 0, 1, [0.5, 0.1, 0.01], [0.4, 1.2, 2.5]);

    private static readonly ModelManifest Manifest = TinyModel.Manifest(
        [TinyModel.Plain("t"), TinyModel.Plain("p")],
        [TinyModel.Plain("t", 1, Calibration), TinyModel.Plain("t", 12),
            TinyModel.Plain("p", 4, Calibration with { AbsoluteResidual = [1, 2, 3] })]);

    [Fact]
    public void A_band_reaches_to_the_residual_that_a_tenth_of_the_values_exceed()
    {
        float[] low = new float[3];
        float[] high = new float[3];
        new ForecastBands(Manifest, [0, 2]).Around([10, 20, 30], low, high);
        Assert.Equal(10 - 1.2f, low[0], 1e-5f);
        Assert.Equal(10 + 1.2f, high[0], 1e-5f);
        Assert.Equal(28, low[2], 1e-5f);
        Assert.Equal(32, high[2], 1e-5f);
    }

    [Fact]
    public void An_output_without_calibration_has_no_band()
    {
        float[] low = new float[3];
        float[] high = new float[3];
        new ForecastBands(Manifest, [0, 2]).Around([10, 20, 30], low, high);
        Assert.Equal(float.NaN, low[1]);
        Assert.Equal(float.NaN, high[1]);
    }

    [Fact]
    public void An_output_that_is_not_a_number_has_no_band()
    {
        float[] low = new float[3];
        float[] high = new float[3];
        new ForecastBands(Manifest, [0, 2]).Around([float.NaN, float.NaN, float.NaN], low, high);
        Assert.All(low.Concat(high), edge => Assert.Equal(float.NaN, edge));
    }

    [Theory]
    [InlineData(0, 2, 4)]
    [InlineData(0, -1, 1)]
    [InlineData(-1, -1, 0)]
    public void The_longest_scored_horizon_is_that_of_the_outputs_that_score(int ofFirst, int ofSecond, int expected) =>
        Assert.Equal(expected, new ForecastBands(Manifest, [ofFirst, ofSecond]).LongestScoredHorizon);

    [Fact]
    public void Around_allocates_nothing()
    {
        ForecastBands bands = new(Manifest, [0, 2]);
        float[] figures = [1, 2, 3];
        float[] low = new float[3];
        float[] high = new float[3];
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                bands.Around(figures, low, high);
            }
        });
    }
}
