// NAB's scoring, a test for each of its rules with values worked out by hand, and held against a scorer without cleverness.

using EdgeLstm.Worker.Evaluation.Scoring;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Scoring;

public class NabScorerTests
{
    private const int Rows = 40;

    // S(x) / S(−1), worked out from the formula: a row's value by how much of its window is left.
    private static readonly double AtFirst = 1;
    private static readonly double AtHalf = ((2 / (1 + Math.Exp(-2.5))) - 1) / ((2 / (1 + Math.Exp(-5))) - 1);

    [Theory]
    [InlineData(-1, 0.98661)]
    [InlineData(-0.5, 0.84828)]
    [InlineData(0, 0)]
    [InlineData(1, -0.98661)]
    [InlineData(3, -0.9999994)]
    [InlineData(3.0001, -1)]
    [InlineData(double.PositiveInfinity, -1)]
    public void The_value_of_a_position_is_the_scaled_sigmoid_that_NAB_documents(double x, double expected) =>
        Assert.Equal(expected, NabScorer.Sigmoid(x), 5e-6);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(6, 0)]
    [InlineData(7, 1)]
    [InlineData(4032, 604)]
    [InlineData(4999, 749)]
    [InlineData(5000, 750)]
    [InlineData(22695, 750)]
    public void Probation_is_15_percent_of_a_file_and_750_rows_at_most(int rows, int expected) =>
        Assert.Equal(expected, NabScorer.ProbationOf(rows));

    [Fact]
    public void A_detector_that_never_fires_scores_0_by_every_profile()
    {
        NabScores scores = Score(File([new Window(10, 19)], probation: 5), File([], probation: 5));
        Assert.Equal([0.0, 0, 0], Finals(scores));
        Assert.Equal(0, Score(([new Window(10, 19)], new double[Rows], 5), ([], new double[10 * Rows], 5)).Standard);
    }

    [Fact]
    public void Silence_is_kept_where_every_detection_loses()
    {
        NabScores scores = Score(File([], 0, (3, 1)), File([new Window(10, 19)], 0));
        Assert.Equal([0.0, 0, 0], Finals(scores));
        Assert.All(scores.Profiles, profile => Assert.Equal(double.PositiveInfinity, profile.Threshold));
    }

    [Fact]
    public void A_window_found_at_its_first_row_without_a_false_alarm_scores_100() =>
        Assert.Equal([100.0, 100, 100], Finals(Score(File([new Window(10, 19)], 5, (10, 0.3)))));

    [Fact]
    public void Rows_of_the_probation_do_not_count()
    {
        (IReadOnlyList<Window>, double[], int) file = File([new Window(10, 19)], 5, (0, 1), (4, 1), (10, 1));
        Assert.Equal(100, Score(file).Standard, 1e-9);
        Assert.Equal(100 - (0.11 * 100 / 2), Score(file with { Item3 = 4 }).Standard, 1e-9);
    }

    [Fact]
    public void A_window_that_begins_in_the_probation_counts_by_its_rows_behind_it()
    {
        NabScores scores = Score(File([new Window(10, 19)], 15, (12, 1), (15, 1)));
        Assert.Equal(Final(AtHalf), scores.Standard, 1e-9);
    }

    [Fact]
    public void A_window_within_the_probation_neither_gains_nor_loses()
    {
        NabScores scores = Score(File([new Window(2, 4), new Window(10, 19)], 5, (2, 1), (10, 1)));
        Assert.Equal(100, scores.Standard, 1e-9);
        Assert.Equal(1, scores.Profiles[0].Files[0].Windows);
    }

    [Fact]
    public void A_row_inside_a_window_is_worth_more_the_earlier_it_is()
    {
        // x = −(19 − i + 1) / 10: half of the window is left at row 15, a tenth at its last row.
        Assert.Equal(Final(AtHalf), Score(File([new Window(10, 19)], 0, (15, 1))).Standard, 1e-9);
        Assert.Equal(
            Final(NabScorer.Sigmoid(-0.1) / NabScorer.Sigmoid(-1)),
            Score(File([new Window(10, 19)], 0, (19, 1))).Standard, 1e-9);
    }

    [Fact]
    public void A_row_before_the_first_window_loses_all_of_A_FP()
    {
        NabScores scores = Score(File([new Window(10, 19)], 0, (9, 1), (10, 1)));
        Assert.Equal(Final(AtFirst - 0.11), scores.Standard, 1e-9);
        Assert.Equal(Final(AtFirst - 0.22), scores.RewardLowFP, 1e-9);
    }

    [Theory]
    [InlineData(20, 1 / 9.0)]
    [InlineData(28, 1)]
    [InlineData(39, 20 / 9.0)]
    public void A_row_behind_a_window_loses_by_its_distance_in_lengths_of_the_window(int row, double x)
    {
        NabScores scores = Score(File([new Window(10, 19)], 0, (row, 1), (10, 1)));
        Assert.Equal(Final(AtFirst + (0.11 * NabScorer.Sigmoid(x))), scores.Standard, 1e-9);
    }

    [Fact]
    public void A_row_between_two_windows_is_measured_from_the_one_before_it()
    {
        NabScores scores = Score(File([new Window(30, 34), new Window(5, 14)], 0, (5, 1), (18, 1), (30, 1)));
        Assert.Equal(Final(2 + (0.11 * NabScorer.Sigmoid(4 / 9.0)), windows: 2), scores.Standard, 1e-9);
    }

    [Fact]
    public void A_row_behind_a_window_of_one_row_loses_all_of_A_FP() =>
        Assert.Equal(Final(1 - 0.11), Score(File([new Window(10, 10)], 0, (10, 1), (11, 1))).Standard, 1e-9);

    [Fact]
    public void A_window_that_begins_within_another_one_cuts_it_short_as_in_NAB()
    {
        // Row 30 lies behind window [20, 27] alone; the first window never ended.
        NabScores scores = Score(File([new Window(10, 35), new Window(20, 27)], 0, (10, 1), (20, 1), (30, 1)));
        Assert.Equal(Final(2 + (0.11 * NabScorer.Sigmoid(3 / 7.0)), windows: 2), scores.Standard, 1e-9);
    }

    [Fact]
    public void A_window_counts_its_earliest_detection_once()
    {
        NabScores scores = Score(File([new Window(10, 19)], 0, (15, 1), (16, 1), (18, 1)));
        Assert.Equal(Final(AtHalf), scores.Standard, 1e-9);
        Assert.Equal((1, 1, 0), Counts(scores.Profiles[0].Files[0]));
    }

    [Fact]
    public void Every_row_of_a_false_alarm_counts()
    {
        NabScores scores = Score(File([new Window(10, 19)], 0, (5, 1), (6, 1), (7, 1), (10, 1)));
        Assert.Equal(Final(1 - (3 * 0.11)), scores.Standard, 1e-9);
        Assert.Equal((1, 1, 3), Counts(scores.Profiles[0].Files[0]));
    }

    [Fact]
    public void A_missed_window_loses_A_FN()
    {
        NabScores scores = Score(File([new Window(10, 19), new Window(30, 34)], 0, (10, 1)));
        Assert.Equal(Final(1 - 1, windows: 2), scores.Standard, 1e-9);
        Assert.Equal(100 * (1 - 2 + 4) / (2 + 4.0), scores.RewardLowFN, 1e-9);
    }

    [Fact]
    public void One_threshold_holds_for_the_whole_corpus_and_each_profile_has_its_own()
    {
        // To find the second file's window ten rows of the first must go: worth it only where missing costs twice.
        double[] first = new double[Rows];
        first.AsSpan(1, 10).Fill(0.5);
        first[20] = 1;
        NabScores scores = Score(
            ([new Window(20, 29)], first, 0), File([new Window(10, 19)], 0, (15, 0.5)));
        Assert.Equal([0.5, 1, 0.5], scores.Profiles.Select(profile => profile.Threshold));
        Assert.Equal(Final(1 + AtHalf - 1.1, windows: 2), scores.Standard, 1e-9);
        Assert.Equal(50, scores.RewardLowFP, 1e-9);
        Assert.Equal((1, 0, 0), Counts(scores.Profiles[1].Files[1]));
    }

    [Fact]
    public void Equal_scores_are_detected_together()
    {
        // Thirty false alarms as high as the detection: taken apart from it they would not cost anything.
        double[] tied = new double[Rows];
        tied.AsSpan(0, 30).Fill(1);
        NabScores scores = Score(([], tied, 0), File([new Window(10, 19)], 0, (10, 1)));
        Assert.Equal(0, scores.Standard);
    }

    [Fact]
    public void The_highest_of_equally_good_thresholds_is_kept()
    {
        NabScores scores = Score(File([new Window(10, 19)], 0, (10, 0.9), (15, 0.8), (16, 0.7)));
        Assert.Equal([0.9, 0.9, 0.9], scores.Profiles.Select(profile => profile.Threshold));
    }

    [Fact]
    public void Infinite_scores_are_detections_and_NaN_is_none()
    {
        NabScores scores = Score(File(
            [new Window(10, 19)], 0, (5, double.NaN), (10, double.PositiveInfinity), (30, double.NegativeInfinity)));
        Assert.Equal(100, scores.Standard, 1e-9);
        Assert.Equal((1, 1, 0), Counts(scores.Profiles[0].Files[0]));
        Assert.Equal(0, Score(File([], 0, (5, double.PositiveInfinity)), File([new Window(1, 5)], 0)).Standard);
    }

    [Fact]
    public void Thresholds_chosen_on_some_files_can_be_held_on_others()
    {
        NabScores chosen = Score(File([new Window(10, 19)], 0, (10, 0.6)));
        (IReadOnlyList<Window>, double[], int)[] others = [File([new Window(10, 19)], 0, (5, 0.8), (15, 0.6), (12, 0.5))];
        NabScores held = NabScorer.ScoreAt(others, chosen);
        Assert.Equal(0.6, held.Profiles[0].Threshold);
        Assert.Equal(Final(AtHalf - 0.11), held.Standard, 1e-9);
    }

    [Fact]
    public void The_parts_of_the_files_make_up_the_whole()
    {
        NabScores scores = NabScorer.Score(RandomCorpus(11));
        foreach (NabProfileScore profile in scores.Profiles)
        {
            Assert.Equal(profile.Final, profile.Profile.Final(profile.Files), 1e-9);
            Assert.True(profile.Files.Sum(file => file.WindowsFound) > 0);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Random_corpora_score_as_with_every_threshold_tried_in_full(int seed)
    {
        (IReadOnlyList<Window> Windows, double[] Scores, int Probation)[] files = RandomCorpus(seed);
        NabScores scores = NabScorer.Score(files);
        Assert.Equal(SlowScore(files, 0.11, 1), scores.Standard, 1e-9);
        Assert.Equal(SlowScore(files, 0.22, 1), scores.RewardLowFP, 1e-9);
        Assert.Equal(SlowScore(files, 0.11, 2), scores.RewardLowFN, 1e-9);
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(35, 40)]
    [InlineData(6, 5)]
    public void A_window_outside_its_file_is_refused(int first, int last) =>
        Assert.Throws<ArgumentException>(() => Score(File([new Window(first, last)], 0)));

    private static NabScores Score(params (IReadOnlyList<Window>, double[], int)[] files) => NabScorer.Score(files);

    private static double Final(double raw, int windows = 1) => 100 * (raw + windows) / (2.0 * windows);

    private static double[] Finals(NabScores scores) => [scores.Standard, scores.RewardLowFP, scores.RewardLowFN];

    private static (int, int, int) Counts(NabFileScore file) => (file.Windows, file.WindowsFound, file.FalsePositiveRows);

    // A file without a score but for the rows named.
    private static (IReadOnlyList<Window>, double[], int) File(
        Window[] windows, int probation, params (int Row, double Score)[] detections)
    {
        double[] scores = new double[Rows];
        scores.AsSpan().Fill(double.NaN);
        foreach ((int row, double score) in detections)
        {
            scores[row] = score;
        }

        return (windows, scores, probation);
    }

    private static (IReadOnlyList<Window>, double[], int)[] RandomCorpus(int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, 4).Select(_ =>
        {
            int rows = random.Next(150, 250);
            Window[] windows = [new Window(40, 40 + random.Next(30)), new Window(90, 95 + random.Next(40))];
            double[] scores = [.. Enumerable.Range(0, rows).Select(row =>
                Math.Round(random.NextDouble() * (windows.Any(window => window.Contains(row)) ? 1.3 : 1), 2))];
            return ((IReadOnlyList<Window>)windows, scores, (int)(0.15 * rows));
        })];
    }

    // The rules word for word: for every threshold, for every row.
    private static double SlowScore(
        (IReadOnlyList<Window> Windows, double[] Scores, int Probation)[] files, double falsePositive, double falseNegative)
    {
        int windows = files.Sum(file => file.Windows.Count);
        double best = -falseNegative * windows;
        foreach (double threshold in files.SelectMany(file => file.Scores).Distinct())
        {
            double raw = 0;
            foreach ((IReadOnlyList<Window> labelled, double[] scores, int probation) in files)
            {
                int[] detected = [.. Enumerable.Range(probation, scores.Length - probation).Where(i => scores[i] >= threshold)];
                raw += labelled.Sum(window => detected.Any(window.Contains)
                    ? NabScorer.Sigmoid(-(window.Last - detected.First(window.Contains) + 1) / (double)window.Length)
                        / NabScorer.Sigmoid(-1)
                    : -falseNegative);
                raw += detected.Where(i => !labelled.Any(window => window.Contains(i))).Sum(i =>
                    labelled.Any(window => window.Last < i)
                        ? falsePositive * SlowBehind(labelled.Last(window => window.Last < i), i)
                        : -falsePositive);
            }

            best = Math.Max(best, raw);
        }

        return 100 * (best + (falseNegative * windows)) / (windows + (falseNegative * windows));
    }

    private static double SlowBehind(Window window, int row) =>
        window.Length == 1 ? -1 : NabScorer.Sigmoid((row - window.Last) / (window.Length - 1.0));
}
