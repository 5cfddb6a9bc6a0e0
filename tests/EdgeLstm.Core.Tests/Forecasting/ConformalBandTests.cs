// The conformal band: coverage for noise of many kinds, sudden changes, drift; delay; what it ignores; carrying over.

using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Forecasting;

public class ConformalBandTests
{
    private const int Day = 288;   // of samples every 5 minutes

    [Theory]
    [InlineData(0.5, 3)]
    [InlineData(0.9, 19)]
    [InlineData(0.99, 199)]
    public void There_is_no_band_before_a_residual_could_lie_beyond_its_quantile(double coverage, int least)
    {
        ConformalBand band = new(1, coverage);
        for (int i = 0; i < least; i++)
        {
            Assert.Equal(double.NaN, band.Low);
            Assert.Equal(double.NaN, band.High);
            Assert.Equal(BandVerdict.None, band.Observe(i));
        }

        Assert.Equal(0, band.Low, 1e-6);
        Assert.Equal(least - 1, band.High, 1e-6);
    }

    [Theory]
    [InlineData("normal")]
    [InlineData("heavy tails")]
    [InlineData("one-sided")]
    [InlineData("biased")]
    [InlineData("whole numbers")]
    [InlineData("alternating spread")]
    public void Coverage_comes_within_a_point_of_nominal_and_half_of_the_misses_lie_on_either_side(string kind)
    {
        Noise noise = new(3);
        Counts counts = Run(new ConformalBand(1), 20_000, i => Residual(noise, kind, i), from: 500);
        Assert.InRange(counts.Coverage, 0.89, 0.91);
        Assert.InRange(counts.Below, 0.04, 0.06);
        Assert.InRange(counts.Above, 0.04, 0.06);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.8)]
    [InlineData(0.98)]
    public void Coverage_is_what_was_asked(double coverage)
    {
        Noise noise = new(4);
        Counts counts = Run(new ConformalBand(1, coverage), 20_000, _ => noise.Normal(), from: 500);
        Assert.InRange(counts.Coverage, coverage - 0.01, coverage + 0.01);
    }

    [Fact]
    public void The_edges_lie_at_the_quantiles_of_the_residuals()
    {
        Noise noise = new(5);
        ConformalBand band = new(1);
        (double low, double high) = (0, 0);
        for (int i = 0; i < 10_000; i++)
        {
            band.Observe(2 + noise.Normal());
            low += i < 1000 ? 0 : band.Low / 9000;
            high += i < 1000 ? 0 : band.High / 9000;
        }

        Assert.Equal(2 - 1.645, low, 0.1);
        Assert.Equal(2 + 1.645, high, 0.1);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(12, 4)]
    [InlineData(1, 10)]
    [InlineData(12, 10)]
    public void After_a_sudden_growth_of_the_spread_the_first_day_is_covered_within_8_points_and_the_next_within_3(
        int horizon, double factor)
    {
        Noise noise = new(6);
        ConformalBand band = new(horizon);
        Run(band, 3000, _ => noise.Normal(), 0);
        Assert.InRange(Run(band, Day, _ => factor * noise.Normal(), 0).Coverage, 0.82, 1);
        Assert.InRange(Run(band, 3 * Day, _ => factor * noise.Normal(), 0).Coverage, 0.87, 0.93);
    }

    [Fact]
    public void After_a_sudden_fall_of_the_spread_the_band_is_narrow_again_when_the_old_residuals_are_forgotten()
    {
        Noise noise = new(7);
        ConformalBand band = new(1);
        Run(band, 3000, _ => noise.Normal(), 0);
        Run(band, 500, _ => noise.Normal() / 5, 0);
        Assert.InRange(band.High - band.Low, 0.3, 0.9);   // 2 · 1.645 / 5 = 0.66
        Run(band, 1000, _ => noise.Normal() / 5, 0);
        Assert.InRange(Run(band, 2000, _ => noise.Normal() / 5, 0).Coverage, 0.88, 0.92);
    }

    [Fact]
    public void A_drifting_spread_and_a_drifting_mean_are_followed()
    {
        Noise noise = new(8);
        Assert.InRange(Run(new ConformalBand(6), 6000, i => Math.Exp(i / 2000.0) * noise.Normal(), 500).Coverage, 0.88, 0.92);
        Assert.InRange(Run(new ConformalBand(6), 6000, i => (i / 500.0) + noise.Normal(), 500).Coverage, 0.88, 0.92);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(12)]
    public void Residuals_that_overlap_as_far_as_the_horizon_are_covered_in_the_long_run(int horizon)
    {
        // A random walk forecast by its last value: residuals are sums of the latest steps.
        Noise noise = new(9);
        double[] walk = new double[20_000];
        for (int i = 1; i < walk.Length; i++)
        {
            walk[i] = walk[i - 1] + noise.Normal();
        }

        Counts counts = Run(new ConformalBand(horizon), walk.Length,
            i => i < horizon ? double.NaN : walk[i] - walk[i - horizon], 1000);
        Assert.InRange(counts.Coverage, 0.88, 0.92);
    }

    [Fact]
    public void A_residual_is_judged_against_the_band_issued_a_horizon_ago()
    {
        Noise noise = new(10);
        foreach (int horizon in new[] { 1, 2, 7 })
        {
            ConformalBand band = new(horizon);
            List<(double Low, double High)> issued = [];
            for (int i = 0; i < 300; i++)
            {
                double residual = noise.Normal() * (1 + (i % 9));
                (double low, double high) = i < horizon ? (double.NaN, double.NaN) : issued[i - horizon];
                BandVerdict expected = double.IsNaN(low) ? BandVerdict.None
                    : residual < low ? BandVerdict.Below : residual > high ? BandVerdict.Above : BandVerdict.Inside;
                Assert.Equal(expected, band.Observe(residual));
                issued.Add((band.Low, band.High));
            }
        }
    }

    [Fact]
    public void A_flat_line_lies_inside_a_band_of_no_width()
    {
        ConformalBand band = new(1);
        Counts counts = Run(band, 1000, _ => 0.25, 20);
        Assert.Equal(1, counts.Coverage);
        Assert.Equal(0.25, band.Low);
        Assert.Equal(0.25, band.High);
    }

    [Fact]
    public void The_edges_never_cross()
    {
        Noise noise = new(11);
        ConformalBand band = new(3, 0.5);
        for (int i = 0; i < 20_000; i++)
        {
            double spread = Math.Exp(3 * Math.Sin(i / 300.0));
            band.Observe((i % 2000) < 1000 ? spread * noise.Normal() : Math.Round(noise.Normal()));
            Assert.True(band.Low <= band.High || double.IsNaN(band.Low));
        }
    }

    [Fact]
    public void Steps_without_a_residual_only_let_the_issued_bands_move_on()
    {
        Noise noise = new(12);
        ConformalBand whole = new(1);
        ConformalBand holed = new(1);
        double[] none = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue];
        for (int i = 0; i < 2000; i++)
        {
            double residual = noise.Normal();
            whole.Observe(residual);
            holed.Observe(residual);
            Assert.Equal(BandVerdict.None, holed.Observe(none[i % none.Length]));
            Assert.Equal(whole.Low, holed.Low);
            Assert.Equal(whole.High, holed.High);
        }
    }

    [Fact]
    public void The_largest_residuals_there_are_leave_the_band_finite_and_are_forgotten()
    {
        Noise noise = new(13);
        ConformalBand band = new(1);
        Run(band, 1000, _ => noise.Normal(), 0);
        for (int i = 0; i < 100; i++)
        {
            band.Observe(i % 2 == 0 ? 6e38 : -6e38);
            Assert.True(double.IsFinite(band.Low) && double.IsFinite(band.High));
        }

        Run(band, 1500, _ => noise.Normal(), 0);
        Assert.InRange(Run(band, 2000, _ => noise.Normal(), 0).Coverage, 0.88, 0.92);
        Assert.InRange(band.High, 1, 2.5);
    }

    [Fact]
    public void Until_it_is_learned_a_band_has_the_width_it_was_given()
    {
        ConformalBand band = new(1, 0.9, 2);
        for (int i = 0; i < 19; i++)
        {
            Assert.Equal(-2, band.Low);
            Assert.Equal(2, band.High);
            Assert.Equal(i == 0 ? BandVerdict.None : i == 5 ? BandVerdict.Above : BandVerdict.Inside,
                band.Observe(i == 5 ? 2.5 : 0.5));
        }

        Assert.Equal(0.5, band.Low);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConformalBand(1, 0.9, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConformalBand(1, 0.9, double.PositiveInfinity));
    }

    [Fact]
    public void Quantile_outputs_are_believed_until_their_misses_are_known()
    {
        ConformalBand band = ConformalBand.AroundQuantiles(1);
        Assert.Equal(0, band.Low);
        Assert.Equal(0, band.High);
        Assert.Equal(BandVerdict.None, band.Observe(1, -1));     // no band had been issued
        Assert.Equal(BandVerdict.Inside, band.Observe(1, -1));
        Assert.Equal(BandVerdict.Below, band.Observe(-0.1, -2));
        Assert.Equal(BandVerdict.Above, band.Observe(2, 0.1));
    }

    [Theory]
    [InlineData(0.4, 0.5, 1.7)]
    [InlineData(1, -0.5, 0.5)]
    [InlineData(3, -3.5, -1)]
    public void Quantile_outputs_too_narrow_or_too_wide_are_put_right(double factor, double least, double most)
    {
        Noise noise = new(14);
        ConformalBand band = ConformalBand.AroundQuantiles(2);
        Counts counts = default;
        for (int i = 0; i < 10_000; i++)
        {
            double spread = 1 + (0.5 * Math.Sin(i / 50.0));
            double value = spread * noise.Normal();
            double half = factor * 1.645 * spread;
            BandVerdict verdict = band.Observe(value + half, value - half);
            counts = i < 500 ? counts : counts.With(verdict);
        }

        Assert.InRange(counts.Coverage, 0.89, 0.91);
        Assert.InRange(band.High, least, most);
        Assert.InRange(-band.Low, least, most);
    }

    [Theory]
    [InlineData(6)]
    [InlineData(40)]
    public void A_restored_band_continues_bit_for_bit(int horizon)
    {
        foreach (int cut in new[] { 0, 5, 19, 400, 777, 1500 })
        {
            Noise noise = new(15);
            ConformalBand first = new(horizon);
            Run(first, cut, _ => noise.Normal(), 0);
            ConformalBand second = new(horizon);
            Run(second, 600, _ => 99 * noise.Normal(), 0);   // whatever it did before is overwritten
            StateReader reader = new(Saved(first));
            second.Restore(ref reader);
            Assert.True(reader.AtEnd);
            for (int i = 0; i < 700; i++)
            {
                double residual = noise.Normal();
                Assert.Equal(first.Observe(residual), second.Observe(residual));
                Assert.Equal(first.Low, second.Low);
                Assert.Equal(first.High, second.High);
            }
        }
    }

    [Fact]
    public void State_of_another_horizon_and_damaged_state_are_refused()
    {
        ConformalBand band = new(6);
        Run(band, 30, i => i, 0);
        byte[] saved = Saved(band);
        AssertRefused(saved, new ConformalBand(7));
        AssertRefused(saved[..^1], new ConformalBand(6));

        byte[] count = [.. saved];
        count[9] = 0xff;     // 65,310 residuals
        AssertRefused(count, new ConformalBand(6));
        byte[] level = [.. saved];
        level.AsSpan(0, 8).Fill(0xff);
        AssertRefused(level, new ConformalBand(6));
        byte[] residual = [.. saved];
        residual.AsSpan(16, 8).Fill(0xff);
        AssertRefused(residual, new ConformalBand(6));
    }

    [Theory]
    [InlineData(0, 0.9)]
    [InlineData(100_001, 0.9)]
    [InlineData(1, 0.49)]
    [InlineData(1, 0.991)]
    [InlineData(1, double.NaN)]
    public void A_horizon_or_coverage_outside_its_range_is_refused(int horizon, double coverage) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ConformalBand(horizon, coverage));

    [Fact]
    public void Observe_and_the_edges_allocate_nothing()
    {
        ConformalBand band = new(12);
        Noise noise = new(16);
        double sum = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                band.Observe(i % 10 == 0 ? double.NaN : noise.Normal());
                sum += band.High - band.Low;
            }
        });
    }

    private static double Residual(Noise noise, string kind, int i) => kind switch
    {
        "normal" => noise.Normal(),
        "heavy tails" => noise.HeavyTailed(),
        "one-sided" => noise.Exponential(),
        "biased" => 7 + noise.Normal(),
        "whole numbers" => Math.Round(2 * noise.Normal()),
        _ => ((i / Day) % 2 == 0 ? 1 : 3) * noise.Normal(),
    };

    private static Counts Run(ConformalBand band, int steps, Func<int, double> residual, int from)
    {
        Counts counts = default;
        for (int i = 0; i < steps; i++)
        {
            BandVerdict verdict = band.Observe(residual(i));
            counts = i < from ? counts : counts.With(verdict);
        }

        return counts;
    }

    private static byte[] Saved(ConformalBand band)
    {
        StateWriter writer = new();
        band.Save(writer);
        return writer.Written.ToArray();
    }

    private static void AssertRefused(byte[] saved, ConformalBand band) => Assert.Throws<FormatException>(() =>
    {
        StateReader reader = new(saved);
        band.Restore(ref reader);
    });

    private readonly record struct Counts(double InsideCount, double BelowCount, double AboveCount)
    {
        public double All => InsideCount + BelowCount + AboveCount;

        public double Coverage => InsideCount / All;

        public double Below => BelowCount / All;

        public double Above => AboveCount / All;

        public Counts With(BandVerdict verdict) => verdict switch
        {
            BandVerdict.Inside => this with { InsideCount = InsideCount + 1 },
            BandVerdict.Below => this with { BelowCount = BelowCount + 1 },
            BandVerdict.Above => this with { AboveCount = AboveCount + 1 },
            _ => this,
        };
    }
}
