// The conformal band of forecasts far ahead that are held between the ends of buckets.

using EdgeLstm.Core.Forecasting;

namespace EdgeLstm.Core.Tests.Forecasting;

public class ConformalBandHorizonTests
{
    [Theory]
    [InlineData(60, 10)]
    [InlineData(120, 10)]
    [InlineData(1200, 100)]
    public void Long_horizons_of_forecasts_that_are_held_for_a_bucket_are_covered_by_rows_of_any_age(int horizon, int bucket)
    {
        Noise noise = new(17);
        ConformalBand band = new(horizon);
        double[] series = new double[300 * horizon];
        double[] forecast = new double[series.Length];
        (double inside, double judged) = (0, 0);
        for (int i = 1; i < series.Length; i++)
        {
            series[i] = (0.999 * series[i - 1]) + noise.Normal();
            forecast[i] = i % bucket == 0 ? Math.Pow(0.999, horizon) * series[i] : forecast[i - 1];
            BandVerdict verdict = band.Observe(i < horizon ? double.NaN : series[i] - forecast[i - horizon]);
            if (i >= 20 * horizon && verdict != BandVerdict.None)
            {
                judged++;
                inside += verdict == BandVerdict.Inside ? 1 : 0;
            }
        }

        Assert.InRange(inside / judged, 0.88, 0.92);
    }
}
