// Alarm events: when they begin, what they remember, when pauses belong to them and when they end.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Anomaly;

public class AlarmEventsTests
{
    private const double Threshold = 10;

    [Fact]
    public void An_event_is_raised_once_and_cleared_once()
    {
        Assert.Equal("..R......C..", Changes(new AlarmEvents(0, 1, 3), 1, 9, 10, 50, 9, 8, 12, 1, 1, 1, 1, 1));
    }

    [Fact]
    public void Rows_between_the_clearing_threshold_and_the_threshold_hold_an_event_but_begin_none()
    {
        Assert.Equal("...", Changes(new AlarmEvents(0, 1, 1), 8, 9.9, 8));
        Assert.Equal("R..C", Changes(new AlarmEvents(0, 1, 1), 10, 8, 9.9, 7.9));
    }

    [Fact]
    public void A_given_clearing_threshold_takes_the_place_of_the_usual_one()
    {
        AlarmEvents events = new(0, 1, 1);
        Assert.Equal(AlarmChange.Raised, events.Update(10, Threshold, 9.5, [], 0));
        Assert.Equal(AlarmChange.None, events.Update(9.6, Threshold, 9.5, [], 1));
        Assert.Equal(AlarmChange.Cleared, events.Update(9.4, Threshold, 9.5, [], 2));
    }

    [Fact]
    public void Pauses_shorter_than_the_quiet_time_belong_to_the_event()
    {
        Assert.Equal("R......C.", Changes(new AlarmEvents(0, 1, 3), 11, 1, 1, 11, 9, 1, 1, 1, 1));
    }

    [Fact]
    public void An_event_shorter_than_the_minimum_duration_is_never_raised()
    {
        Assert.Equal("......", Changes(new AlarmEvents(0, 3, 2), 20, 20, 1, 20, 20, 1));
        Assert.Equal("..R.C", Changes(new AlarmEvents(0, 3, 2), 20, 9, 20, 1, 1));
    }

    [Fact]
    public void Onset_peak_and_end_are_those_of_the_rows_that_were_not_quiet()
    {
        AlarmEvents events = new(2, 2, 2);
        double[] scores = [1, 11, 12, 30, 9, 1, 9, 1, 1, 1];
        for (int row = 0; row < scores.Length; row++)
        {
            events.Update(scores[row], Threshold, [row, 1 - row], row * 100);
        }

        Assert.False(events.IsRaised);
        Assert.Equal(100, events.OnsetNs);
        Assert.Equal(300, events.PeakNs);
        Assert.Equal(30, events.PeakScore);
        Assert.Equal(600, events.EndNs);
        Assert.Equal([3.0, -2.0], events.Contributions.ToArray());
    }

    [Fact]
    public void Times_follow_a_clock_that_is_set_during_the_event()
    {
        AlarmEvents events = new(0, 1, 2);
        events.Update(11, Threshold, [], 100);
        events.Update(12, Threshold, [], 200);
        events.Shift(5000);
        events.Update(11, Threshold, [], 5300);
        Assert.Equal((5100L, 5200L, 5300L), (events.OnsetNs, events.PeakNs, events.EndNs));
    }

    [Fact]
    public void The_next_event_starts_with_its_own_onset_and_peak()
    {
        AlarmEvents events = new(0, 1, 1);
        events.Update(90, Threshold, [], 1);
        events.Update(0, Threshold, [], 2);
        events.Update(11, Threshold, [], 3);
        Assert.Equal((3, 3, 3), (events.OnsetNs, events.PeakNs, events.EndNs));
        Assert.Equal(11, events.PeakScore);
    }

    [Fact]
    public void A_long_event_takes_an_eighth_of_its_length_to_end()
    {
        AlarmEvents events = new(0, 1, 2);
        for (int row = 0; row < 80; row++)
        {
            events.Update(20, Threshold, [], row);
        }

        Assert.Equal(".........C", Changes(events, new double[10]));
    }

    [Fact]
    public void No_event_takes_longer_to_end_than_twenty_quiet_times()
    {
        AlarmEvents events = new(0, 1, 2);
        for (int row = 0; row < 100_000; row++)
        {
            events.Update(20, Threshold, [], row);
        }

        Assert.Equal(new string('.', 39) + "C", Changes(events, new double[40]));
    }

    [Fact]
    public void Rows_without_a_score_or_threshold_change_nothing()
    {
        AlarmEvents events = new(0, 1, 2);
        Assert.Equal("R....C", Changes(events, 20, 1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1));
        events.Update(20, Threshold, [], 0);
        Assert.Equal(AlarmChange.None, events.Update(1, double.NaN, [], 0));
        Assert.Equal(AlarmChange.None, events.Update(1, Threshold, [], 0));
        Assert.True(events.IsRaised);
    }

    [Fact]
    public void No_score_reaches_the_threshold_of_warm_up()
    {
        AlarmEvents events = new(0, 1, 1);
        Assert.Equal(AlarmChange.None, events.Update(1e300, double.PositiveInfinity, [], 0));
        Assert.False(events.IsRaised);
    }

    [Fact]
    public void Contributions_of_another_number_of_channels_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new AlarmEvents(2, 1, 1).Update(1, Threshold, [1.0], 0));
    }

    [Fact]
    public void A_minute_is_the_quiet_time_where_nobody_chose()
    {
        Assert.Equal(60, AlarmEvents.QuietRowsFor(86_400));
        Assert.Equal(AlarmEvents.FewestQuietRows, AlarmEvents.QuietRowsFor(288));
    }

    [Fact]
    public void State_carries_over_in_the_middle_of_an_event()
    {
        AlarmEvents first = new(1, 2, 3);
        foreach (double score in new double[] { 11, 25, 1, 1 })
        {
            first.Update(score, Threshold, [score], (long)score);
        }

        StateWriter writer = new();
        first.Save(writer);
        AlarmEvents second = new(1, 2, 3);
        StateReader reader = new(writer.Written);
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        Assert.True(second.IsRaised);
        Assert.Equal((11, 25, 25), (second.OnsetNs, second.PeakNs, second.EndNs));
        Assert.Equal((25, 25), (second.PeakScore, second.Contributions[0]));
        Assert.Equal(AlarmChange.Cleared, second.Update(1, Threshold, [0.0], 99));
    }

    [Fact]
    public void State_of_other_channels_is_refused()
    {
        StateWriter writer = new();
        new AlarmEvents(2, 1, 1).Save(writer);
        Assert.Throws<FormatException>(() =>
        {
            StateReader reader = new(writer.Written);
            new AlarmEvents(3, 1, 1).Restore(ref reader);
        });
    }

    [Fact]
    public void Updating_allocates_nothing()
    {
        AlarmEvents events = new(3, 1, 2);
        double[] contributions = [0.2, 0.3, 0.5];
        events.Update(20, Threshold, contributions, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int row = 0; row < 1000; row++)
        {
            events.Update(row % 16, Threshold, contributions, row);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static string Changes(AlarmEvents events, params double[] scores) =>
        string.Concat(scores.Select((score, row) => events.Update(score, Threshold, [], row) switch
        {
            AlarmChange.Raised => 'R',
            AlarmChange.Cleared => 'C',
            _ => '.',
        }));
}
