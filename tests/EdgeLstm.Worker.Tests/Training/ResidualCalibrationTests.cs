// The calibration of residuals against the same by hand.

using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Training;

namespace EdgeLstm.Worker.Tests.Training;

public class ResidualCalibrationTests
{
    [Fact]
    public void A_calibration_has_the_quantiles_of_the_absolute_residuals_as_numpy_has_them()
    {
        double[] residuals = [.. Enumerable.Range(1, 101).Select(i => i % 2 == 0 ? i : -(double)i)];

        ResidualManifest calibration = ResidualCalibration.Of(residuals)!;

        Assert.Equal(101, calibration.Samples);
        Assert.Equal(residuals.Average(), calibration.Mean, 1e-12);
        Assert.Equal(
            Math.Sqrt(residuals.Average(r => (r - residuals.Average()) * (r - residuals.Average()))),
            calibration.StandardDeviation, 1e-9);
        Assert.Equal([0.5, 0.2, 0.1, 0.05], calibration.TailProbability);   // 3 of 101 exceed each at least
        Assert.Equal([51, 81, 91, 96], calibration.AbsoluteResidual.Select(value => Math.Round(value, 9)));
    }

    [Fact]
    public void There_is_no_calibration_of_a_handful_of_residuals_nor_of_zeros()
    {
        Assert.Null(ResidualCalibration.Of([1, 2, 3, 4, 5]));
        Assert.Null(ResidualCalibration.Of(new double[100]));
        Assert.NotNull(ResidualCalibration.Of([1, 2, 3, 4, 5, 6]));
    }
}
