// The baselines, held against what their definitions say of streams made by hand.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Worker.Evaluation.Suites;
using EdgeLstm.Worker.Evaluation.Suites.Baselines;

namespace EdgeLstm.Worker.Tests.Evaluation.Suites;

public class BaselineTests
{
    private static readonly DetectorSetup OneChannel = new(1, 5, 1);

    [Fact]
    public void The_alarm_clock_counts_rows_and_looks_at_no_value()
    {
        AlarmClock clock = new();

        double[] scores = [.. Enumerable.Range(0, 17).Select(_ => clock.Step([float.NaN]).News)];

        Assert.Equal([0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0, 2, 0, 1, 0, 4], scores.Skip(1));
    }

    [Fact]
    public void The_range_rule_scores_the_distance_outside_the_range_so_far_over_that_range()
    {
        RangeRule rule = new(OneChannel);

        Assert.Equal([0, 0.1, 0, 0.5, 2.0 / 3], Scores(rule, 10, 11, 10.5f, 11.5f, 12.5f), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void The_range_rule_takes_the_worst_channel_and_leaves_missing_values_out()
    {
        RangeRule rule = new(new DetectorSetup(2, 0, 1));
        rule.Step([0, 0]);
        rule.Step([1, 10]);

        Assert.Equal(1, rule.Step([2, 15]).Score);
        Assert.Equal(0, rule.Step([float.NaN, float.PositiveInfinity]).Score);
        Assert.Equal(0.5, rule.Step([3, float.NaN]).Score);
    }

    [Fact]
    public void The_windowed_gaussian_scores_the_tail_beyond_the_mean_of_the_rows_before()
    {
        WindowedGaussian gaussian = new(OneChannel);

        double[] scores = Scores(gaussian, 1, 3, 2, 4, 0);

        // Of one row: mean 1, deviation 0. Then 2 and 1, 2 and √(2/3), 2.5 and √1.25.
        Assert.Equal(0, scores[0]);
        Assert.Equal(1, scores[1]);
        Assert.Equal(0.5, scores[2], 12);
        Assert.Equal(0.9928470607822851, scores[3], 11);
        Assert.Equal(0.9873263406612659, scores[4], 11);
    }

    [Fact]
    public void The_windowed_gaussian_forgets_what_left_its_window()
    {
        WindowedGaussian gaussian = new(OneChannel);
        for (int i = 0; i < WindowedGaussian.WindowRows; i++)
        {
            gaussian.Step([1000 + (i % 2)]);
        }

        for (int i = 0; i < WindowedGaussian.WindowRows; i++)
        {
            gaussian.Step([i % 2]);
        }

        Assert.Equal(0.841344746069, gaussian.Step([1]).Score, 9);
    }

    [Fact]
    public void Between_two_slides_a_full_window_stays_as_it_is()
    {
        WindowedGaussian gaussian = new(OneChannel);
        for (int i = 0; i < WindowedGaussian.WindowRows; i++)
        {
            gaussian.Step([i % 2]);
        }

        double[] scores = [.. Enumerable.Range(0, WindowedGaussian.StepRows + 1).Select(_ => gaussian.Step([3]).Score)];

        // Mean and deviation 0.5: five deviations away, until a hundred such rows are in the window.
        Assert.All(scores[..^1], score => Assert.Equal(1 - 2.866515718791939e-07, score, 11));
        Assert.InRange(scores[^1], 0.9999, 0.99999);
    }

    // By erfc of a C library.
    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(0.5, 0.3085375387259869)]
    [InlineData(1, 0.15865525393145707)]
    [InlineData(2.9999, 0.0013503412829549248)]
    [InlineData(3, 0.0013498980316300957)]
    [InlineData(5, 2.866515718791939e-07)]
    [InlineData(8, 6.220960574271785e-16)]
    [InlineData(40, 0)]
    public void The_upper_tail_of_the_normal_distribution_is_exact(double z, double expected) =>
        Assert.Equal(expected, WindowedGaussian.UpperTail(z), 1e-12 * Math.Max(expected, 1e-30));

    [Fact]
    public void No_detector_stays_spoilt_by_missing_or_endless_values()
    {
        foreach (Candidate candidate in Candidate.All)
        {
            IStreamDetector detector = candidate.Create(OneChannel);
            foreach (float value in new[] { float.NaN, 1, float.PositiveInfinity, float.MaxValue, -float.MaxValue, float.NaN, 2 })
            {
                detector.Step([value]);
            }

            for (int i = 0; i < 1000; i++)
            {
                Assert.True(double.IsFinite(detector.Step([i % 3]).News), $"{candidate.Name}, row {i}");
            }
        }
    }

    [Fact]
    public void A_step_of_any_detector_allocates_nothing()
    {
        foreach (Candidate candidate in Candidate.All)
        {
            IStreamDetector detector = candidate.Create(OneChannel);
            float[] row = [1];
            Allocation.AssertNone(() =>
            {
                for (int i = 0; i < 10_000; i++)
                {
                    row[0] = i % 7;
                    detector.Step(row);
                }
            });
        }
    }

    private static double[] Scores(IStreamDetector detector, params float[] values) =>
        [.. values.Select(value => detector.Step([value]).Score)];
}
