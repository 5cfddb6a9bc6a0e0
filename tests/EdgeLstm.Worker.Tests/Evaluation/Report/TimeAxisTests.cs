// The axis of time: round ticks, from milliseconds to years, and rows by number where times do not serve.

using EdgeLstm.Worker.Evaluation.Report;

namespace EdgeLstm.Worker.Tests.Evaluation.Report;

public class TimeAxisTests
{
    private const double Start = 1_391_769_000; // 2014-02-07 10:30 UTC

    [Theory]
    [InlineData(0.004, "10:30:00.000", 0.5)]
    [InlineData(1, "10:30:00", 20)]
    [InlineData(60, "10:30", 900)]
    [InlineData(3600, "2014-02-08", 604_800)]
    [InlineData(86_400, "2014-03-01", 31 * 86_400)]
    public void Ticks_stand_at_round_times(double periodSeconds, string firstLabel, double mostStepSeconds)
    {
        TimeAxis axis = Even(Start, periodSeconds, periodSeconds == 86_400 ? 240 : 121);
        List<TimeTick> ticks = axis.Ticks();
        Assert.Equal(firstLabel, ticks[0].Label);
        Assert.InRange(ticks.Count, 3, 10);
        Assert.All(ticks, tick => Assert.InRange(tick.Column, 0, TimeAxis.Columns - 1));
        double widestPx = mostStepSeconds / (axis.Last - axis.First) * (TimeAxis.Columns - 1);
        for (int i = 1; i < ticks.Count; i++)
        {
            Assert.InRange(ticks[i].Column - ticks[i - 1].Column, 1, widestPx + 1);
        }
    }

    [Fact]
    public void The_date_stands_below_the_first_time_of_each_day()
    {
        List<TimeTick> ticks = Even(Start, 300, 289).Ticks();
        Assert.Equal(["12:00", "15:00", "18:00", "21:00", "00:00", "03:00", "06:00", "09:00"], ticks.Select(tick => tick.Label));
        Assert.Equal(["2014-02-07", "2014-02-08"], ticks.Select(tick => tick.Day).Where(day => day.Length > 0));
        Assert.Equal("2014-02-08", ticks[4].Day);
    }

    [Fact]
    public void Years_have_ticks_at_first_days_of_months()
    {
        List<TimeTick> ticks = Even(Start, 86_400, 8000).Ticks();
        Assert.InRange(ticks.Count, 5, 12);
        Assert.All(ticks, tick => Assert.EndsWith("-01", tick.Label, StringComparison.Ordinal));
    }

    [Fact]
    public void Times_that_step_back_never_lead_to_the_left()
    {
        double[] times = [0, 10, 20, 5, 30, 40];
        TimeAxis axis = new(times, 10);
        Assert.False(axis.IsByRow);
        Assert.Equal([0, 250, 500, 500, 749, 999], Enumerable.Range(0, 6).Select(axis.ColumnOf));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    [InlineData(2e11)]
    [InlineData(-1e300)]
    public void One_wrong_date_leaves_a_plot_by_row_that_says_so(double wrong)
    {
        double[] times = [.. Enumerable.Range(0, 1000).Select(row => Start + row)];
        times[wrong < 0 ? 0 : 999] = wrong;
        TimeAxis axis = new(times, 1);
        Assert.True(axis.IsByRow);
        Assert.Equal(["row 0", "row 200", "row 400", "row 600", "row 800"], axis.Ticks().Select(tick => tick.Label));
        Assert.Equal(999, axis.ColumnOf(999));
    }

    [Fact]
    public void Equal_times_and_no_times_at_all_are_placed_by_row()
    {
        Assert.True(new TimeAxis([7, 7, 7], 1).IsByRow);
        Assert.Equal(["row 0"], new TimeAxis([7], 1).Ticks().Select(tick => tick.Label));
        Assert.Empty(new TimeAxis([], 1).Ticks());
    }

    private static TimeAxis Even(double start, double periodSeconds, int rows) =>
        new([.. Enumerable.Range(0, rows).Select(row => start + (periodSeconds * row))], periodSeconds);
}
