// Axes of values and of scores, round steps, and the spans and kinds of alarms.

using EdgeLstm.Worker.Evaluation.Report;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Report;

public class PlotAxesTests
{
    [Fact]
    public void Values_are_placed_from_the_top_and_kept_within_the_panel()
    {
        ValueAxis axis = new(-10, 10, 100);
        Assert.Equal([0, 0, 500, 750, 1000, 1000], new[] { 1e300, 10, 0, -5, -10, -1e300 }.Select(axis.TenthsOf));
        Assert.Equal(["-10", "-5", "0", "5", "10"], axis.Ticks(5).Select(tick => tick.Label));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1e12, 1e12)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(-float.MaxValue, float.MaxValue)]
    [InlineData(-double.MaxValue, double.MaxValue)]
    [InlineData(1e-9, 2e-9)]
    public void Any_range_has_ticks_within_it(double low, double high)
    {
        ValueAxis axis = new(low, high, 100);
        List<(double Value, string Label)> ticks = axis.Ticks(5);
        Assert.InRange(ticks.Count, 1, 6);
        Assert.All(ticks, tick => Assert.InRange(tick.Value, axis.Low, axis.High));
        Assert.Equal(ticks.Count, ticks.DistinctBy(tick => tick.Label).Count());
    }

    [Theory]
    [InlineData(0.3, 0.5)]
    [InlineData(1, 1)]
    [InlineData(2.1, 5)]
    [InlineData(7, 10)]
    [InlineData(0, 1)]
    [InlineData(double.NaN, 1)]
    public void Steps_are_one_two_or_five_times_a_power_of_ten(double wanted, double step) =>
        Assert.Equal(step, NumberSteps.AtLeast(wanted), 12);

    [Theory]
    [InlineData(0.25, 0.05, "0.25")]
    [InlineData(15_000_000, 500_000, "1.5e7")]
    [InlineData(1_000_001, 1, "1000001")]
    [InlineData(1e-20, 1, "0")]
    [InlineData(2e-6, 1e-6, "2e-6")]
    public void Ticks_have_the_digits_of_their_step(double value, double step, string text) =>
        Assert.Equal(text, NumberSteps.Text(value, step));

    [Fact]
    public void Scores_are_linear_up_to_the_threshold_and_logarithmic_above()
    {
        ScoreScale scale = ScoreScale.For(5, 5000, 100);
        int zero = scale.TenthsOf(0);
        Assert.Equal((zero - scale.TenthsOf(5)) / 2.0, zero - scale.TenthsOf(2.5), 1.0);
        Assert.Equal(scale.TenthsOf(5) - scale.TenthsOf(50), scale.TenthsOf(50) - scale.TenthsOf(500), 1.0);
        Assert.Equal([0, 5, 50, 500, 5000], scale.Ticks());
        Assert.InRange(scale.TenthsOf(5000), 1, 100);
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NaN)]
    [InlineData(0)]
    public void Without_a_threshold_scores_are_linear(double threshold)
    {
        ScoreScale scale = ScoreScale.For(threshold, 8, 100);
        Assert.True(scale.IsLinear);
        Assert.Equal([0, 8], scale.Ticks());
        Assert.Equal((scale.TenthsOf(0) + scale.TenthsOf(8)) / 2.0, scale.TenthsOf(4), 1.0);
    }

    [Fact]
    public void Spans_that_touch_become_one_and_rows_outside_the_file_are_cut()
    {
        TimeAxis axis = new([.. Enumerable.Range(0, 1000).Select(row => (double)row)], 1);
        Window[] stretches = [new(-9, -1), new(-5, 3), new(4, 4), new(100, 100), new(102, 110), new(990, 2000), new(1000, 1001)];
        Assert.Equal([(0, 6), (100, 110), (990, 999)], PlotLane.Spans(axis, stretches, 2));
    }

    [Fact]
    public void An_alarm_that_touches_a_window_found_it_and_a_window_is_found_once()
    {
        Window[] windows = [new(200, 220), new(300, 310), new(320, 330)];
        SuiteFile file = MadeReport.File("a", 1000) with { Probation = 100, Windows = windows };
        FileRun run = new(file, "d", [], [])
        {
            Alarms = [new(10, 20), new(90, 100), new(190, 200), new(210, 211), new(221, 230), new(305, 325), new(900, 999)],
        };
        AlarmOutcome outcome = AlarmOutcome.Of(run);
        Assert.Equal(
            [AlarmKind.Early, AlarmKind.False, AlarmKind.Hit, AlarmKind.Hit, AlarmKind.False, AlarmKind.Hit, AlarmKind.False],
            outcome.Kinds);
        Assert.Equal((3, 3), (outcome.WindowsFound, outcome.FalseAlarms));
    }
}
