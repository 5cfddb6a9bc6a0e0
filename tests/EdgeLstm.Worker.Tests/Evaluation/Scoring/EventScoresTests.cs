// Events at a threshold, counted by hand.

using EdgeLstm.Worker.Evaluation.Scoring;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Scoring;

public class EventScoresTests
{
    private const int Rows = 100;
    private const double PeriodSeconds = 300;

    [Fact]
    public void A_window_is_found_by_one_detection_and_late_by_the_rows_and_seconds_before_it()
    {
        EventScores events = Of([new Window(20, 29), new Window(50, 59)], [24, 27]);
        Assert.Equal((2, 1, 0), (events.Windows, events.WindowsFound, events.FalseAlarms));
        Assert.Equal(0.5, events.FoundShare);
        Assert.Equal(4, events.MeanDelayRows);
        Assert.Equal(4 * PeriodSeconds, events.MeanDelaySeconds);
    }

    [Fact]
    public void The_delay_in_seconds_is_that_of_the_timestamps()
    {
        SuiteFile file = File([new Window(20, 29)], 0);
        file.UnixSeconds[24] += 7;
        Assert.Equal((4 * PeriodSeconds) + 7, EventScores.Of(file, Scores([24]), 1, 0).MeanDelaySeconds);
    }

    [Fact]
    public void Detections_with_few_quiet_rows_between_them_are_one_false_alarm()
    {
        int[] detected = [40, 41, 44, 60];
        Assert.Equal(3, Of([], detected, mergeGapRows: 1).FalseAlarms);
        Assert.Equal(2, Of([], detected, mergeGapRows: 2).FalseAlarms);
        Assert.Equal(1, Of([], detected, mergeGapRows: 15).FalseAlarms);
    }

    [Fact]
    public void False_alarms_are_counted_per_day_of_the_stream_outside_windows_and_probation()
    {
        EventScores events = Of([new Window(20, 29)], [5, 40, 60, 80], probation: 10);
        Assert.Equal(3, events.FalseAlarms);
        Assert.Equal(80 * PeriodSeconds, events.NormalSeconds);
        Assert.Equal(3 / (80 * PeriodSeconds / 86_400), events.FalseAlarmsPerDay, 1e-9);
        Assert.Equal(3 / 80.0, events.FalseAlarmTimeShare, 1e-12);
    }

    [Fact]
    public void An_alarm_that_begins_in_a_window_is_not_false_however_long_it_lasts()
    {
        EventScores events = Of([new Window(20, 29)], [28, 29, 30, 31]);
        Assert.Equal(0, events.FalseAlarms);
        Assert.Equal(2 * PeriodSeconds, events.FalseAlarmSeconds);
    }

    [Fact]
    public void An_alarm_that_begins_before_a_window_is_false_though_it_finds_the_window()
    {
        EventScores events = Of([new Window(20, 29)], [18, 19, 20]);
        Assert.Equal((1, 1), (events.FalseAlarms, events.WindowsFound));
        Assert.Equal(0, events.MeanDelayRows);
    }

    [Fact]
    public void A_window_in_the_probation_is_not_asked_for_and_one_at_its_border_by_its_rest()
    {
        EventScores events = Of([new Window(2, 8), new Window(15, 29)], [3, 16, 24], probation: 20);
        Assert.Equal((1, 1), (events.Windows, events.WindowsFound));
        Assert.Equal(4, events.MeanDelayRows);
    }

    [Fact]
    public void Silence_finds_nothing_and_missing_scores_are_silence()
    {
        double[] scores = [.. Enumerable.Repeat(double.NaN, Rows)];
        EventScores events = EventScores.Of(File([new Window(20, 29)], 0), scores, double.NegativeInfinity, 0);
        Assert.Equal((1, 0, 0), (events.Windows, events.WindowsFound, events.FalseAlarms));
        Assert.Equal(0, events.FalseAlarmsPerDay);
        Assert.Equal(double.NaN, events.MeanDelayRows);
        Assert.Equal(double.NaN, EventScores.None.FoundShare);
        Assert.Equal(double.NaN, EventScores.None.FalseAlarmsPerDay);
    }

    [Fact]
    public void Files_are_summed_not_averaged()
    {
        EventScores sum = Of([new Window(20, 29)], [20, 40]) + Of([new Window(20, 29), new Window(40, 49)], [28, 46, 60, 70]);
        Assert.Equal((3, 3, 3), (sum.Windows, sum.WindowsFound, sum.FalseAlarms));
        Assert.Equal((0 + 8 + 6) / 3.0, sum.MeanDelayRows, 1e-12);
        Assert.Equal((90 + 80) * PeriodSeconds, sum.NormalSeconds);
        Assert.Equal(3 * PeriodSeconds, sum.FalseAlarmSeconds);
    }

    [Fact]
    public void Alarms_are_stretches_from_the_first_to_the_last_detection()
    {
        Assert.Equal(
            [new Window(40, 44), new Window(60, 60)],
            EventScores.Alarms(Scores([5, 40, 41, 44, 60]), 1, mergeGapRows: 2, probation: 10));
    }

    [Fact]
    public void As_many_scores_as_rows_are_needed() =>
        Assert.Throws<ArgumentException>(() => EventScores.Of(File([], 0), new double[Rows - 1], 1, 0));

    private static EventScores Of(Window[] windows, int[] detected, int mergeGapRows = 0, int probation = 0) =>
        EventScores.Of(File(windows, probation), Scores(detected), 1, mergeGapRows);

    private static double[] Scores(int[] detected)
    {
        double[] scores = new double[Rows];
        foreach (int row in detected)
        {
            scores[row] = 1;
        }

        return scores;
    }

    private static SuiteFile File(Window[] windows, int probation) => new(
        "made", "hand", [.. Enumerable.Range(0, Rows).Select(i => i * PeriodSeconds)], ["x"],
        [.. Enumerable.Range(0, Rows).Select(_ => new float[1])], windows, probation)
    {
        RowPeriodSeconds = PeriodSeconds,
    };
}
