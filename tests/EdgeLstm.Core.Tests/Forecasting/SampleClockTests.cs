// The sample clock: readings early, late, twice, not at all; every resampling; gaps short and long; clocks that drift and jump.

using EdgeLstm.Core.Forecasting;

namespace EdgeLstm.Core.Tests.Forecasting;

public class SampleClockTests
{
    private const long Second = 1_000_000_000;

    private static SampleClock Clock(Resampling resampling, int fill = 10, int hold = 0, long period = Second) =>
        new(1, period, resampling, fill, hold);

    /// <summary>Adds readings (time in seconds, value) and writes each tick as s(value), m or L.</summary>
    private static string Run(SampleClock clock, params (double Time, float Value)[] readings)
    {
        List<string> ticks = [];
        foreach ((double time, float value) in readings)
        {
            if (float.IsNegativeInfinity(value))
            {
                clock.Advance((long)(time * Second));
            }
            else
            {
                clock.Add([value], (long)(time * Second));
            }

            Drain(clock, ticks);
        }

        return string.Join(' ', ticks);
    }

    private static void Drain(SampleClock clock, List<string> ticks)
    {
        float[] sample = new float[1];
        while (clock.TryNext(sample, out _, out TickKind kind))
        {
            ticks.Add(kind switch
            {
                TickKind.Sample => sample[0].ToString(System.Globalization.CultureInfo.InvariantCulture),
                TickKind.Missing => "m",
                _ => "L",
            });
        }
    }

    private const float Passes = float.NegativeInfinity;

    [Fact]
    public void Hold_gives_one_sample_per_period_at_once()
    {
        Assert.Equal("1 2 3", Run(Clock(Resampling.Hold), (100, 1), (101, 2), (102, 3)));
    }

    [Fact]
    public void Hold_absorbs_jitter_of_nearly_half_a_period()
    {
        Assert.Equal("1 2 3 4 5", Run(Clock(Resampling.Hold), (100, 1), (101.4, 2), (101.7, 3), (103.4, 4), (103.7, 5)));
    }

    [Fact]
    public void Hold_counts_a_second_reading_of_a_period_and_keeps_the_first()
    {
        SampleClock clock = Clock(Resampling.Hold);
        Assert.Equal("1 3", Run(clock, (100, 1), (100.1, 2), (101, 3), (101.2, 4)));
        Assert.Equal(2, clock.Extra);
    }

    [Fact]
    public void Hold_marks_each_missing_period_before_the_next_sample()
    {
        Assert.Equal("1 m m 4", Run(Clock(Resampling.Hold), (100, 1), (103, 4)));
    }

    [Fact]
    public void Hold_marks_missing_periods_as_time_passes_without_a_reading()
    {
        Assert.Equal("1 m m 4",
            Run(Clock(Resampling.Hold), (100, 1), (100.4, Passes), (101.6, Passes), (102.55, Passes), (103, 4)));
    }

    [Fact]
    public void Hold_repeats_an_old_reading_for_as_long_as_told()
    {
        Assert.Equal("1 1 1 m 5", Run(Clock(Resampling.Hold, hold: 2), (100, 1), (104, 5)));
    }

    [Fact]
    public void A_gap_beyond_the_limit_is_lost_once_and_the_next_reading_starts_anew()
    {
        Assert.Equal("1 m m L 9 10", Run(Clock(Resampling.Hold, fill: 2), (100, 1), (5000, 9), (5001, 10)));
        Assert.Equal("1 m m L 9 10", Run(Clock(Resampling.Each, fill: 2), (100, 1), (5000, 9), (5001, 10)));
    }

    [Fact]
    public void Nothing_more_is_said_while_a_stream_stays_lost()
    {
        SampleClock clock = Clock(Resampling.Hold, fill: 1);
        Assert.Equal("1 m L", Run(clock, (100, 1), (200, Passes), (300, Passes), (400, Passes)));
        Assert.True(clock.Waiting);
        Assert.Null(clock.DueNs);
    }

    [Fact]
    public void Mean_averages_the_readings_of_a_period_and_skips_what_is_not_a_number()
    {
        Assert.Equal("2 6", Run(Clock(Resampling.Mean), (100, 1), (100.1, 3), (100.2, float.NaN), (101, 5), (101.2, 7),
            (102, 0)));
    }

    [Fact]
    public void Mean_marks_periods_without_readings_and_ends_a_period_when_time_passes()
    {
        Assert.Equal("1 m 4", Run(Clock(Resampling.Mean), (100, 1), (102, 4), (102.6, Passes)));
    }

    [Fact]
    public void Each_takes_every_reading_as_a_sample_however_bunched()
    {
        SampleClock clock = Clock(Resampling.Each, period: 1_000_000);
        (double, float)[] bursts = [.. Enumerable.Range(0, 160).Select(i => (100 + ((i / 16 * 16) + 15) * 1e-3, (float)i))];
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 160)), Run(clock, bursts));
    }

    [Fact]
    public void Each_notices_missed_ticks_and_counts_them_to_the_nearest()
    {
        Assert.Equal("1 2 m m 5 6", Run(Clock(Resampling.Each), (100, 1), (101, 2), (104.02, 5), (105, 6)));
        Assert.Equal("1 2 m m 5 6", Run(Clock(Resampling.Each), (100, 1), (101, 2), (103.7, Passes), (104.02, 5), (105, 6)));
    }

    [Fact]
    public void Each_follows_a_sensor_that_is_faster_than_the_period_without_inventing_samples()
    {
        Assert.Equal(string.Join(' ', Enumerable.Range(0, 500)),
            Run(Clock(Resampling.Each), [.. Enumerable.Range(0, 500).Select(i => (100 + (i * 0.01), (float)i))]));
    }

    [Theory]
    [InlineData(Resampling.Hold, 1.002)]
    [InlineData(Resampling.Hold, 0.998)]
    [InlineData(Resampling.Each, 1.002)]
    [InlineData(Resampling.Each, 0.998)]
    public void The_grid_follows_a_drifting_crystal_so_that_nothing_is_lost_or_doubled(Resampling resampling, double rate)
    {
        SampleClock clock = Clock(resampling);
        string expected = string.Join(' ', Enumerable.Range(0, 5000));
        Assert.Equal(expected, Run(clock, [.. Enumerable.Range(0, 5000).Select(i => (100 + (i * rate), (float)i))]));
        Assert.Equal(0, clock.Extra);
    }

    [Fact]
    public void A_clock_set_back_starts_a_new_timeline_and_loses_nothing()
    {
        Assert.Equal("1 2 3 4", Run(Clock(Resampling.Hold, fill: 3), (5000, 1), (5001, 2), (100, 3), (101, 4)));
        Assert.Equal("1 2 3 4", Run(Clock(Resampling.Each, fill: 3), (5000, 1), (5001, 2), (100, 3), (101, 4)));
    }

    [Fact]
    public void A_restored_clock_counts_the_time_in_between_as_a_gap()
    {
        SampleClock first = Clock(Resampling.Each);
        Run(first, (100, 1), (101, 2));
        SampleClock second = Clock(Resampling.Each);
        second.Restore(first.DueNs!.Value);
        Assert.Equal("m m m 6", Run(second, (105, 6)));
    }

    [Fact]
    public void A_decade_of_silence_costs_no_more_than_the_fill_limit()
    {
        Assert.Equal("1 m m m L 2", Run(Clock(Resampling.Each, fill: 3, period: 1000), (100, 1), (3e8, 2)));
    }

    [Fact]
    public void Hold_takes_one_sample_a_period_from_a_sensor_ten_times_faster_without_drifting()
    {
        const int Periods = 10_000;
        SampleClock clock = Clock(Resampling.Hold, period: Second);
        float[] sample = new float[1];
        long samples = 0;
        for (int i = 0; i < 10 * Periods; i++)
        {
            clock.Add([i], i * (Second / 10));
            while (clock.TryNext(sample, out long timeNs, out TickKind kind))
            {
                Assert.Equal(TickKind.Sample, kind);
                Assert.InRange(timeNs - (samples * Second), -Second, Second);
                samples++;
            }
        }

        Assert.InRange(samples, Periods - 1, Periods + 1);
        Assert.Equal((10 * Periods) - samples, clock.Extra);
    }

    [Fact]
    public void Mean_takes_one_sample_a_period_from_a_sensor_ten_times_faster_without_drifting()
    {
        const int Periods = 10_000;
        SampleClock clock = Clock(Resampling.Mean, period: Second);
        float[] sample = new float[1];
        long samples = 0;
        for (int i = 0; i < 10 * Periods; i++)
        {
            clock.Add([1], i * (Second / 10));
            while (clock.TryNext(sample, out _, out TickKind kind))
            {
                Assert.Equal(TickKind.Sample, kind);
                samples++;
            }
        }

        Assert.InRange(samples, Periods - 2, Periods + 1);
    }

    [Fact]
    public void The_mean_of_a_period_has_the_time_of_its_centre()
    {
        SampleClock clock = Clock(Resampling.Mean, period: Second);
        float[] sample = new float[1];
        Run(clock, (100, 1), (100.4, 3));
        clock.Advance(101 * Second);
        Assert.True(clock.TryNext(sample, out long timeNs, out _));
        Assert.InRange(timeNs, 100 * Second, (100 * Second) + (Second / 10));
        Assert.Equal(2, sample[0]);
    }

    [Fact]
    public void A_reading_of_a_period_that_is_over_is_counted_and_changes_nothing()
    {
        SampleClock clock = Clock(Resampling.Hold);
        Assert.Equal("1 2 m 4", Run(clock, (100, 1), (101, 2), (102.6, Passes), (102.3, 3), (103, 4)));
        Assert.Equal(1, clock.Extra);
    }

    [Fact]
    public void Each_takes_a_reading_that_comes_after_its_tick_was_given_up_as_the_next_sample()
    {
        Assert.Equal("1 m 2 3", Run(Clock(Resampling.Each), (100, 1), (101.9, Passes), (101.95, 2), (103, 3)));
    }

    [Fact]
    public void Each_notices_a_single_missed_reading_of_a_slow_sensor()
    {
        Assert.Equal("1 2 m 4 5", Run(Clock(Resampling.Each), (100, 1), (101, 2), (103, 4), (104, 5)));
    }

    [Fact]
    public void Without_a_fill_limit_the_first_missing_tick_is_the_loss()
    {
        Assert.Equal("1 L 4", Run(Clock(Resampling.Hold, fill: 0), (100, 1), (103, 4)));
        Assert.Equal("1 L 4", Run(Clock(Resampling.Each, fill: 0), (100, 1), (103, 4)));
    }

    [Fact]
    public void A_clock_waits_before_its_first_reading_and_says_nothing()
    {
        SampleClock clock = Clock(Resampling.Hold);
        Assert.True(clock.Waiting);
        Assert.Null(clock.DueNs);
        Assert.Equal("", Run(clock, (100, Passes), (200, Passes)));
        Assert.Equal("7", Run(clock, (300, 7)));
        Assert.False(clock.Waiting);
    }

    [Theory]
    [InlineData(0, 1, 0, 0)]
    [InlineData(1, 0, 0, 0)]
    [InlineData(1, 1, -1, 0)]
    [InlineData(1, 1, 0, -1)]
    public void Sizes_that_make_no_sense_are_refused(int channels, long period, int fill, int hold) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SampleClock(channels, period, Resampling.Hold, fill, hold));

    [Theory]
    [InlineData(Resampling.Each)]
    [InlineData(Resampling.Hold)]
    [InlineData(Resampling.Mean)]
    public void Adding_and_taking_allocates_nothing(Resampling resampling)
    {
        SampleClock clock = new(3, 1000, resampling, 5);
        float[] reading = [1, 2, 3];
        float[] sample = new float[3];
        int fed = 0;
        Allocation.AssertNone(() => Feed(clock, reading, sample, fed, fed += 50_000));
    }

    private static void Feed(SampleClock clock, float[] reading, float[] sample, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            clock.Add(reading, (i * 1000L) + (i % 7 * 150L));
            while (clock.TryNext(sample, out _, out _))
            {
            }
        }
    }
}
