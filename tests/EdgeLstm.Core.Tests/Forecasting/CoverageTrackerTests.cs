// The coverage of the last day: counting, forgetting hour by hour, clocks that jump, carrying over.

using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Forecasting;

public class CoverageTrackerTests
{
    private const double Hour = 3600;
    private const double Start = 1_763_683_200;   // a full hour

    [Fact]
    public void Without_a_value_nothing_is_claimed()
    {
        CoverageTracker tracker = new(0.9);
        tracker.Observe(BandVerdict.None, Start);
        Assert.Equal(double.NaN, tracker.Achieved);
        Assert.Equal(double.NaN, tracker.Below);
        Assert.Equal(double.NaN, tracker.Above);
        Assert.Equal(0, tracker.Count);
        Assert.Equal(0.9, tracker.Nominal);
    }

    [Fact]
    public void The_parts_inside_below_and_above_are_those_of_the_values_judged()
    {
        CoverageTracker tracker = new(0.9);
        for (int i = 0; i < 100; i++)
        {
            tracker.Observe(i < 85 ? BandVerdict.Inside : i < 95 ? BandVerdict.Below : BandVerdict.Above, Start + i);
            tracker.Observe(BandVerdict.None, Start + i);
        }

        Assert.Equal(100, tracker.Count);
        Assert.Equal(0.85, tracker.Achieved, 1e-12);
        Assert.Equal(0.10, tracker.Below, 1e-12);
        Assert.Equal(0.05, tracker.Above, 1e-12);
    }

    [Fact]
    public void An_hour_counts_until_it_is_24_hours_old()
    {
        CoverageTracker tracker = new(0.9);
        for (int hour = 0; hour < 100; hour++)
        {
            for (int i = 0; i < 10; i++)
            {
                tracker.Observe(hour < 50 ? BandVerdict.Below : BandVerdict.Inside, Start + (hour * Hour) + (i * 360));
            }

            Assert.Equal(10 * Math.Min(24, hour + 1), tracker.Count);
            Assert.Equal(Math.Clamp((hour - 49) / 24.0, 0, 1), tracker.Achieved, 1e-12);
        }
    }

    [Fact]
    public void Hours_without_values_are_forgotten_too()
    {
        CoverageTracker tracker = new(0.9);
        tracker.Observe(BandVerdict.Below, Start);
        tracker.Observe(BandVerdict.Inside, Start + (23 * Hour));
        Assert.Equal(2, tracker.Count);
        tracker.Observe(BandVerdict.None, Start + (24 * Hour));
        Assert.Equal(1, tracker.Count);
        Assert.Equal(1, tracker.Achieved);
        tracker.Observe(BandVerdict.None, Start + (60 * Hour));
        Assert.Equal(0, tracker.Count);
    }

    [Fact]
    public void A_late_value_counts_as_of_the_newest_hour()
    {
        CoverageTracker tracker = new(0.9);
        tracker.Observe(BandVerdict.Inside, Start);
        tracker.Observe(BandVerdict.Below, Start - (5 * Hour));
        Assert.Equal(2, tracker.Count);
        tracker.Observe(BandVerdict.None, Start + (23 * Hour));
        Assert.Equal(2, tracker.Count);
    }

    [Theory]
    [InlineData(-1000)]
    [InlineData(1000)]
    public void A_clock_set_by_more_than_a_day_begins_anew(int hours)
    {
        CoverageTracker tracker = new(0.9);
        tracker.Observe(BandVerdict.Below, Start);
        tracker.Observe(BandVerdict.Inside, Start + (hours * Hour));
        Assert.Equal(1, tracker.Count);
        Assert.Equal(1, tracker.Achieved);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    [InlineData(-5)]
    public void What_is_no_time_leaves_the_hour_as_it_is(double unixSeconds)
    {
        CoverageTracker tracker = new(0.9);
        tracker.Observe(BandVerdict.Inside, unixSeconds);
        Assert.Equal(0, tracker.Count);   // no hour is known yet
        tracker.Observe(BandVerdict.Inside, Start);
        tracker.Observe(BandVerdict.Below, unixSeconds);
        Assert.Equal(2, tracker.Count);
    }

    [Fact]
    public void A_restored_tracker_counts_on()
    {
        CoverageTracker first = new(0.9);
        for (int i = 0; i < 500; i++)
        {
            first.Observe((BandVerdict)(i % 4), Start + (i * 300));
        }

        StateWriter writer = new();
        first.Save(writer);
        CoverageTracker second = new(0.9);
        second.Observe(BandVerdict.Above, Start + (9000 * Hour));
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        for (int i = 500; i < 900; i++)
        {
            Assert.Equal((first.Count, first.Achieved, first.Below, first.Above),
                (second.Count, second.Achieved, second.Below, second.Above));
            first.Observe((BandVerdict)(i % 3), Start + (i * 300));
            second.Observe((BandVerdict)(i % 3), Start + (i * 300));
        }
    }

    [Fact]
    public void Saved_counts_below_zero_and_state_cut_short_are_refused()
    {
        StateWriter writer = new();
        new CoverageTracker(0.9).Save(writer);
        byte[] saved = writer.Written.ToArray();
        byte[] negative = [.. saved];
        negative[^1] = 0x80;
        foreach (byte[] bytes in new[] { negative, saved[..^1] })
        {
            Assert.Throws<FormatException>(() =>
            {
                StateReader reader = new(bytes);
                new CoverageTracker(0.9).Restore(ref reader);
            });
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_nominal_coverage_that_is_none_is_refused(double nominal) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CoverageTracker(nominal));

    [Fact]
    public void Observe_and_Achieved_allocate_nothing()
    {
        CoverageTracker tracker = new(0.9);
        double sum = 0;
        int step = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                tracker.Observe((BandVerdict)(i % 4), Start + (step++ * 60.0));
                sum += tracker.Achieved;
            }
        });
    }
}
