// Volumes under the surface worked out by hand, and those that the reference (TheDatumOrg/VUS, RangeAUC_volume_opt) computes.

using EdgeLstm.Worker.Evaluation.Scoring;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Scoring;

public class VusPrTests
{
    [Fact]
    public void Scores_that_put_all_labelled_rows_first_have_volume_1()
    {
        double[] scores = new double[100];
        scores.AsSpan(40, 10).Fill(1);
        Assert.Equal(1, VusPr.Score(scores, [new Window(40, 49)], 20), 1e-12);
    }

    [Fact]
    public void Scores_that_tell_nothing_have_the_share_of_labelled_rows()
    {
        // One threshold: everything detected, recall 1 and precision 10 of 100.
        Assert.Equal(0.1, VusPr.Score(new double[100], [new Window(40, 49)], 0), 1e-12);
    }

    [Fact]
    public void Without_a_buffer_it_is_the_area_of_precision_over_recall()
    {
        // Descending: hit, miss, hit, miss. Recall 1/2, 1/2, 1, 1 with precision 1, 1/2, 2/3, 1/2.
        double[] scores = [0.9, 0.8, 0.7, 0.6];
        Assert.Equal((0.5 * 1) + (0.5 * 2 / 3), VusPr.Score([0.9, 0.7, 0.8, 0.6], [new Window(0, 1)], 0), 1e-12);
        Assert.Equal((0.5 * 1 * 0.5) + ((1 - 0.25) * 2 / 3), VusPr.Score(scores, [new Window(0, 0), new Window(2, 2)], 0), 1e-12);
    }

    [Fact]
    public void A_detection_beside_a_window_counts_by_its_distance_where_the_buffer_reaches()
    {
        // The best score lies 1 before the window of 1 row. Buffer 0 and 1: a miss first, then a hit at precision 1/2.
        double[] scores = new double[9];
        (scores[4], scores[5]) = (2, 1);
        double without = 0.5;

        // Buffer 2: label √½ there; P' = (2 + √½) / 2 once it is detected.
        double label = Math.Sqrt(0.5);
        double first = label / (1 + (label / 2));
        double with = (first * label) + ((1 - first) * (1 + label) / 2);
        Assert.Equal(((2 * without) + with) / 3, VusPr.Score(scores, [new Window(5, 5)], 2), 1e-12);
    }

    [Theory]
    [InlineData(1, 0.0, 100, 0, VusPr.ReferenceThresholds, 0.12553349786209136)]
    [InlineData(2, 0.3, 100, 10, VusPr.ReferenceThresholds, 0.4720140784884297)]
    [InlineData(3, 0.3, 1000000, 41, VusPr.ReferenceThresholds, 0.59644511190221)]
    [InlineData(4, 1.5, 1000, 20, VusPr.ReferenceThresholds, 1)]
    [InlineData(7, 0.3, 100, 25, 400, 0.5205733103421409)]
    public void Random_scores_have_the_volume_of_the_reference(
        uint seed, double lift, int levels, int buffer, int thresholds, double expected)
    {
        Window[] windows = [new Window(50, 69), new Window(120, 120), new Window(130, 150), new Window(395, 399)];
        Assert.Equal(
            expected, VusPr.Score(Scores(seed, 400, windows, lift, levels), windows, buffer, 0, thresholds), 1e-9);
    }

    [Fact]
    public void Long_and_short_files_have_the_volume_of_the_reference()
    {
        Window[] windows = [new Window(0, 9), new Window(400, 470), new Window(480, 500), new Window(900, 910)];
        Assert.Equal(0.6742102961489943, VusPr.Score(Scores(5, 1000, windows, 0.5, 10), windows, 30), 1e-9);
        windows = [new Window(20, 29), new Window(60, 60)];
        Assert.Equal(0.6291699760011858, VusPr.Score(Scores(6, 90, windows, 0.5, 100), windows, 12), 1e-9);
    }

    [Fact]
    public void The_probation_is_as_if_it_were_not_there()
    {
        Window[] windows = [new Window(20, 29), new Window(60, 60)];
        double[] scores = Scores(8, 90, windows, 0.5, 100);
        double expected = VusPr.Score(scores[25..], [new Window(0, 4), new Window(35, 35)], 12);
        Assert.Equal(expected, VusPr.Score(scores, windows, 12, probation: 25), 1e-12);
        Assert.InRange(expected, 0.1, 0.9);
    }

    [Fact]
    public void A_missing_score_is_lower_than_every_number()
    {
        double[] scores = [double.NaN, 0.5, double.NegativeInfinity, -3, double.PositiveInfinity];
        Assert.Equal(
            VusPr.Score([-9, 0.5, -8, -3, 1], [new Window(1, 1)], 0), VusPr.Score(scores, [new Window(1, 1)], 0), 1e-12);
        Assert.Equal(
            VusPr.Score([-9, 0.5, -8, -3, 1], [new Window(0, 0)], 0), VusPr.Score(scores, [new Window(0, 0)], 0), 1e-12);
    }

    [Fact]
    public void Windows_that_touch_are_one_and_their_order_does_not_matter()
    {
        double[] scores = Lcg.Values(9, 60);
        double expected = VusPr.Score(scores, [new Window(10, 20), new Window(40, 44)], 6);
        Assert.Equal(expected, VusPr.Score(scores, [new Window(40, 44), new Window(15, 20), new Window(10, 14)], 6));
    }

    [Fact]
    public void There_is_no_volume_without_a_window_that_counts()
    {
        Assert.Equal(double.NaN, VusPr.Score(new double[10], [], 3));
        Assert.Equal(double.NaN, VusPr.Score(new double[10], [new Window(0, 3)], 3, probation: 4));
        Assert.Equal(double.NaN, VusPr.Score([], [], 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => VusPr.Score(new double[10], [], -1));
    }

    private static double[] Scores(uint seed, int rows, Window[] windows, double lift, int levels)
    {
        double[] scores = Lcg.Values(seed, rows);
        for (int i = 0; i < rows; i++)
        {
            bool labelled = windows.Any(window => window.Contains(i));
            scores[i] = Math.Floor((scores[i] + (labelled ? lift : 0)) * levels) / levels;
        }

        return scores;
    }
}
