// Figures over files: their value, their mean over seeds, their interval.

using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Suites;

public class RatioOfSumsTests
{
    [Fact]
    public void The_value_is_the_ratio_of_the_sums_not_the_mean_of_ratios()
    {
        Assert.Equal(100 * 4 / 10.0, new RatioOfSums([1, 3], [9, 1], 100).Value);
        Assert.True(double.IsNaN(new RatioOfSums([1], [0]).Value));
    }

    [Fact]
    public void The_mean_over_seeds_is_made_file_by_file()
    {
        RatioOfSums mean = RatioOfSums.Mean([new RatioOfSums([1, 3], [2, 2], 10), new RatioOfSums([2, 0], [2, 2], 10)]);

        Assert.Equal([1.5, 1.5], mean.Numerators);
        Assert.Equal(7.5, mean.Value);
    }

    [Fact]
    public void Files_that_say_the_same_leave_no_doubt()
    {
        (double low, double high) = new RatioOfSums([2, 2, 2], [4, 4, 4]).Interval();

        Assert.Equal((0.5, 0.5), (low, high));
    }

    [Fact]
    public void The_interval_of_a_mean_is_about_two_standard_errors_to_each_side()
    {
        Random random = new(7);
        double[] values = [.. Enumerable.Range(0, 400).Select(_ => random.NextDouble())];
        RatioOfSums mean = new(values, [.. values.Select(_ => 1.0)]);

        (double low, double high) = mean.Interval();

        // Uniform: deviation √(1/12), standard error 0.0144.
        Assert.InRange(mean.Value - low, 0.0144 * 1.7, 0.0144 * 2.3);
        Assert.InRange(high - mean.Value, 0.0144 * 1.7, 0.0144 * 2.3);
        Assert.Equal((low, high), mean.Interval());
    }

    [Fact]
    public void One_file_gives_no_interval_and_neither_do_files_that_say_nothing()
    {
        Assert.True(double.IsNaN(new RatioOfSums([1], [1]).Interval().Low));
        Assert.True(double.IsNaN(new RatioOfSums([0, 0], [0, 0]).Interval().High));
    }
}
