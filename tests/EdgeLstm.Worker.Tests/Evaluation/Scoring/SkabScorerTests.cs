// SKAB's score of change points, a test for each of its rules, and figures that its own program (chp_score) computes.

using EdgeLstm.Worker.Evaluation.Scoring;

namespace EdgeLstm.Worker.Tests.Evaluation.Scoring;

public class SkabScorerTests
{
    private const int Rows = 700;

    [Fact]
    public void Silence_scores_0_and_the_change_points_themselves_100()
    {
        SkabScores silent = Score(Run([500, 600], []));
        Assert.Equal([0.0, 0, 0], Finals(silent));
        Assert.Equal((2, 2, 0), (silent.ChangePoints, silent.Missed, silent.FalsePositives));
        Assert.Equal(double.NaN, silent.MeanDelaySeconds);
        Assert.All(Finals(Score(Run([500, 600], [500, 600]))), final => Assert.Equal(100, final, 1e-9));
    }

    [Fact]
    public void Rows_to_learn_from_and_their_change_points_do_not_count()
    {
        SkabScores scores = Score(Run([100, 399, 500], [50, 120, 399, 500]));
        Assert.Equal(100, scores.Standard, 1e-9);
        Assert.Equal((1, 0, 0), (scores.ChangePoints, scores.Missed, scores.FalsePositives));
        Assert.Equal(1, Score(Run([], [400])).FalsePositives);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(30, 0.445)]
    [InlineData(60, -0.11)]
    public void A_prediction_is_worth_less_the_later_it_comes(int delay, double value)
    {
        SkabScores scores = Score(Run([500], [500 + delay]));
        Assert.Equal(value, scores.Files[0].Raw[0], 1e-3);
        Assert.Equal(50 * (value + 1), scores.Standard, 0.1);
        Assert.Equal(delay, scores.MeanDelaySeconds);
    }

    [Fact]
    public void Where_false_alarms_cost_twice_a_late_prediction_is_worth_less_too() =>
        Assert.Equal([-0.11, -0.22, -0.11], Score(Run([500], [560])).Files[0].Raw, new Near(1e-9));

    [Fact]
    public void Of_a_window_only_the_first_prediction_counts()
    {
        SkabScores scores = Score(Run([500], [510, 511, 520, 560]));
        Assert.Equal(Score(Run([500], [510])).Standard, scores.Standard);
        Assert.Equal(0, scores.FalsePositives);
    }

    [Fact]
    public void Every_row_predicted_outside_the_windows_costs_the_same_however_far_it_is()
    {
        foreach (int row in (int[])[400, 499, 561, 699])
        {
            SkabScores scores = Score(Run([500], [500, row]));
            Assert.Equal(100 * (1 - 0.11 + 1) / 2, scores.Standard, 1e-9);
            Assert.Equal(100 * (1 - 0.22 + 1) / 2, scores.LowFP, 1e-9);
            Assert.Equal(1, scores.FalsePositives);
        }

        Assert.Equal(2, Score(Run([], [500, 501])).FalsePositives);
    }

    [Fact]
    public void A_missed_change_point_costs_twice_where_misses_do()
    {
        SkabScores scores = Score(Run([450, 600], [450]));
        Assert.Equal(50, scores.Standard, 1e-9);
        Assert.Equal(100 * (1 - 2 + 4) / 6.0, scores.LowFN, 1e-9);
        Assert.Equal(1, scores.Missed);
    }

    [Fact]
    public void A_window_that_overlaps_the_one_before_it_begins_where_that_ends()
    {
        // Windows [500, 560] and [560, 580]: what comes at 530 finds the first alone, and 570 is halfway into the second.
        Assert.Equal(1, Score(Run([500, 520], [530])).Missed);
        SkabScores scores = Score(Run([500, 520], [500, 570]));
        Assert.Equal(1 + 0.445, scores.Files[0].Raw[0], 1e-3);

        // The border lies in both.
        scores = Score(Run([500, 520], [560]));
        Assert.Equal(1 - 0.11, scores.Files[0].Raw[0], 1e-9);
        Assert.Equal(0, scores.Missed);
    }

    [Fact]
    public void Windows_are_measured_in_seconds_not_rows()
    {
        bool[] predicted = new bool[Rows];
        predicted[531] = true;
        double[] seconds = [.. Enumerable.Range(0, Rows).Select(i => 2.0 * i)];
        Assert.Equal(1, Score(new SkabRun(seconds, [500], predicted)).Missed);
        Assert.Equal(0, SkabScorer.Score([new SkabRun(seconds, [500], predicted)], windowSeconds: 62).Missed);
    }

    [Theory]
    [InlineData(0.01, 60, 36.94, 16.54, 48.44, 2, 24, 23.4)]
    [InlineData(0.003, 60, 34.42, 28.62, 41.99, 3, 5, 31.75)]
    [InlineData(0.03, 30, -15.01, -71.71, 9.04, 3, 70, 15)]
    public void Random_predictions_score_as_by_SKABs_own_program(
        double rate,
        double windowSeconds,
        double standard,
        double lowFP,
        double lowFN,
        int missed,
        int falsePositives,
        double delay)
    {
        double[] seconds = new double[1000];
        for (int i = 0; i < seconds.Length; i++)
        {
            seconds[i] = (i == 0 ? 0 : seconds[i - 1]) + (i % 10 == 0 ? 2 : 1);
        }

        int[][] changePoints = [[500, 560, 620], [450, 470, 510, 900], []];
        SkabScores scores = SkabScorer.Score(
            [.. changePoints.Select((rows, file) => new SkabRun(
                seconds, rows, [.. Lcg.Values((uint)file + 1, 1000).Select(value => value < rate)]))],
            windowSeconds);
        Assert.Equal([standard, lowFP, lowFN], Finals(scores), new Near(0.005001));
        Assert.Equal((7, missed, falsePositives), (scores.ChangePoints, scores.Missed, scores.FalsePositives));
        Assert.Equal(delay, scores.MeanDelaySeconds, 1e-9);
    }

    [Fact]
    public void The_parts_of_the_files_make_up_the_whole()
    {
        SkabScores scores = Score(Run([500], [510]), Run([450, 600], [451, 480, 550]), Run([], [650]));
        Assert.Equal(scores.LowFP, SkabScores.Final(1, scores.Files));
        Assert.Equal(
            100 * (scores.Files.Sum(file => file.Raw[0]) + 3) / 6, scores.Standard, 1e-9);
    }

    [Fact]
    public void Alarms_are_predicted_to_change_where_they_begin_and_where_they_end()
    {
        double[] scores = new double[20];
        scores[2] = scores[5] = scores[6] = scores[9] = 1;
        scores[12] = double.NaN;
        Assert.Equal([5, 7, 9, 10], Where(SkabScorer.AlarmEdges(scores, 1, testFrom: 4)));
        Assert.Equal([5, 12], Where(SkabScorer.AlarmEdges(scores, 1, holdRows: 2, testFrom: 4)));
        Assert.Equal([6, 7, 9, 10], Where(SkabScorer.AlarmEdges(scores, 1, testFrom: 6)));
    }

    [Fact]
    public void What_does_not_fit_together_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Score(new SkabRun(new double[3], [], new bool[2])));
        Assert.Throws<ArgumentException>(() => Score(Run([Rows], [])));
    }

    private static SkabScores Score(params SkabRun[] runs) => SkabScorer.Score(runs);

    private static double[] Finals(SkabScores scores) => [scores.Standard, scores.LowFP, scores.LowFN];

    private static int[] Where(bool[] rows) => [.. Enumerable.Range(0, rows.Length).Where(row => rows[row])];

    // One row a second.
    private static SkabRun Run(int[] changePoints, int[] predictedRows)
    {
        bool[] predicted = new bool[Rows];
        foreach (int row in predictedRows)
        {
            predicted[row] = true;
        }

        return new SkabRun([.. Enumerable.Range(0, Rows).Select(i => (double)i)], changePoints, predicted);
    }

    private sealed class Near(double tolerance) : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= tolerance;

        public int GetHashCode(double value) => 0;
    }
}
