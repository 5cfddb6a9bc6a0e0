// The parts of the default detector, one by one.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Anomaly;

public sealed class DetectorPartsTests
{
    // By scipy.stats.norm.logsf(z) / −ln 10.
    [Theory]
    [InlineData(0.5, 0.510731)]
    [InlineData(1, 0.799546)]
    [InlineData(3, 2.869699)]
    [InlineData(5.9, 8.740372)]
    [InlineData(6.1, 9.275383)]
    [InlineData(10, 23.118054)]
    [InlineData(40, 349.437018)]
    public void The_normal_tail_is_right_near_and_far(double z, double expected) =>
        Assert.Equal(expected, NormalTail.Score(z), 1e-3 * expected);

    [Fact]
    public void The_normal_tail_is_0_below_the_mean_and_NaN_for_NaN()
    {
        Assert.Equal(0, NormalTail.Score(-3));
        Assert.Equal(0, NormalTail.Score(0));
        Assert.True(double.IsNaN(NormalTail.Score(double.NaN)));
    }

    [Fact]
    public void Several_larger_values_in_a_row_say_more_than_one()
    {
        var tail = new TailLikelihood(1000, 1, 3);
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            tail.Score(random.NextDouble());
        }

        double one = tail.Score(1.5);
        tail.Score(1.5);
        Assert.True(tail.Score(1.5) > 1.5 * one);
        Assert.True(double.IsNaN(tail.Score(double.NaN)));
    }

    [Fact]
    public void Novelty_is_the_logarithm_of_the_distance_outside_the_range_in_parts_of_it()
    {
        var novelty = new RangeNovelty(1, 0.01, 4);
        double[] contributions = new double[1];
        Assert.Equal(0, Of(10));
        Of(20);
        Assert.Equal(0, Of(15));
        Assert.Equal(0, Of(float.NaN));
        Assert.Equal(0, contributions[0]);
        Assert.Equal(4 * Math.Log10(11), Of(21), 1e-9);
        Assert.Equal(1, contributions[0]);
        Assert.Equal(0, Of(21));
        Assert.Equal(4 * Math.Log10(101), Of(-1), 1e-9);

        double Of(float value) => novelty.Score([value], contributions);
    }

    [Fact]
    public void Novelty_of_a_row_is_the_mean_of_its_channels_each_measured_by_a_wider_unit()
    {
        var novelty = new RangeNovelty(4, 0.01, 3);
        double[] parts = new double[4];
        novelty.Score([0, 0, 0, 0], parts);
        novelty.Score([100, 1, 10, 1], parts);
        Assert.Equal(3 * (Math.Log10(1 + (9 / 0.04)) + Math.Log10(11)) / 4, novelty.Score([50, 10, -4, float.NaN], parts), 1e-9);
        Assert.Equal([0, Math.Log10(1 + (9 / 0.04)), Math.Log10(11), 0],
            parts.Select(part => part * (Math.Log10(1 + (9 / 0.04)) + Math.Log10(11))), (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void News_is_what_is_higher_than_every_score_remembered()
    {
        var random = new Random(2);
        double[] scores = new double[3000];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = random.Next(10) == 0 ? double.NaN : random.Next(40);
        }

        var news = new NewsFilter(100);
        for (int i = 0; i < scores.Length; i++)
        {
            double top = scores[Math.Max(0, i - 100)..i].Where(double.IsFinite).DefaultIfEmpty(0).Max();
            Assert.Equal(scores[i] > top ? scores[i] : 0, news.Pass(scores[i]));
        }
    }

    [Fact]
    public void News_are_the_same_after_a_restart()
    {
        var news = new NewsFilter(5);
        foreach (double score in (double[])[5, 3, 4, 1])
        {
            news.Pass(score);
        }

        var writer = new StateWriter();
        news.Save(writer);
        var other = new NewsFilter(5);
        var reader = new StateReader(writer.Written);
        other.Restore(ref reader);
        foreach (double score in (double[])[4.5, 2, 4.6, 5, 5, 7])
        {
            Assert.Equal(news.Pass(score), other.Pass(score));
        }
    }

    [Fact]
    public void A_scale_is_that_of_the_middle_half_and_can_be_undone()
    {
        var scaler = new StreamScaler();
        double[] values = [.. Enumerable.Range(0, 100).Select(i => i == 99 ? 1e6 : (double)i)];
        scaler.Fit(values);
        Assert.Equal(50, scaler.Centre);
        Assert.InRange(scaler.Spread, 9_000, 11_000);   // a tenth of the deviation, which the one value decides
        Assert.Equal(77.5, scaler.Unsquash(scaler.Squash(77.5)), 1e-9);
        Assert.InRange(scaler.Squash(1e9), 5, 20);
    }

    [Fact]
    public void Values_that_never_differ_have_a_scale()
    {
        var scaler = new StreamScaler();
        scaler.Fit([20, 20, 20]);
        Assert.True(scaler.Spread > 0);
        Assert.Equal(0, scaler.Squash(20));
        scaler.Fit([]);
        Assert.Equal(20, scaler.Centre);
    }

    [Fact]
    public void A_bucket_is_its_mean_greatest_and_least_value()
    {
        var bucket = new BucketFeatures();
        double[] features = new double[BucketFeatures.Count];
        foreach (double value in (double[])[1, double.NaN, 5, 3])
        {
            bucket.Add(value);
        }

        bucket.Close(features);
        Assert.Equal([3, 5, 1], features);
        bucket.Close(features);
        Assert.All(features, value => Assert.True(double.IsNaN(value)));
    }

    [Theory]
    [InlineData(false, 0.05)]
    [InlineData(true, 0.1)]
    public void Forecasts_learn_a_wave_at_every_horizon(bool hasNetwork, double tolerance)
    {
        OnlineForecast forecast = hasNetwork
            ? new NetworkForecast(DetectorSettings.WithNetwork, 1)
            : new LaggedForecast(DetectorSettings.Default);
        double[] residuals = new double[3];
        for (int i = 0; i < 2000; i++)
        {
            double value = Math.Sin(i / 10.0);
            forecast.Step([value, value + 0.1, value - 0.1], residuals);
            if (i > 1500)
            {
                Assert.All(residuals, residual => Assert.InRange(residual, -tolerance, tolerance));
                Assert.InRange(forecast.Forecast(1) - Math.Sin((i + 6) / 10.0), -tolerance, tolerance);
            }
        }
    }
}
