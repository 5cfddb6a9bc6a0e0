// The histogram of step times against sorted times, its forgetting, and that it allocates nothing.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public sealed class StepTimesTests
{
    [Fact]
    public void Without_a_step_every_percentile_is_0() => Assert.Equal(0, new StepTimes().PercentileNs(0.99));

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(999_999_999)]
    [InlineData(34_359_738_367)]
    public void One_time_is_given_back_within_a_sixteenth(long ns)
    {
        StepTimes times = new();
        times.Add(ns, 0);

        Assert.InRange(times.PercentileNs(0.5), ns * (1 - 0.0625), ns * (1 + 0.0625));
        Assert.Equal(times.PercentileNs(0.01), times.PercentileNs(1));
    }

    [Fact]
    public void Times_beyond_the_last_bucket_count_as_the_longest()
    {
        StepTimes times = new();
        times.Add(long.MaxValue, 0);
        times.Add(-1, 0);

        Assert.InRange(times.PercentileNs(1), 3.2e10, 3.5e10);
        Assert.Equal(0, times.PercentileNs(0.5));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.99)]
    public void Percentiles_of_many_times_are_those_of_the_sorted_ones(double share)
    {
        Random random = new(17);
        long[] sorted = new long[10_000];
        StepTimes times = new();
        for (int i = 0; i < sorted.Length; i++)
        {
            sorted[i] = (long)Math.Exp(5 + (8 * random.NextDouble()));
            times.Add(sorted[i], 0);
        }

        Array.Sort(sorted);
        double expected = sorted[(int)Math.Ceiling(share * sorted.Length) - 1];

        Assert.InRange(times.PercentileNs(share), expected * 0.93, expected * 1.07);
    }

    [Fact]
    public void What_is_older_than_two_intervals_is_forgotten()
    {
        StepTimes times = new();
        times.Add(1000, 0);
        times.Add(10, StepTimes.IntervalNs);
        Assert.InRange(times.PercentileNs(1), 900, 1100);

        times.Add(10, 2 * StepTimes.IntervalNs);

        Assert.InRange(times.PercentileNs(1), 9, 11);
    }

    [Fact]
    public void A_stream_that_rested_keeps_nothing_from_before()
    {
        StepTimes times = new();
        times.Add(1000, 0);

        times.Add(10, 5 * StepTimes.IntervalNs);

        Assert.InRange(times.PercentileNs(1), 9, 11);
    }

    [Fact]
    public void Add_allocates_nothing()
    {
        StepTimes times = new();
        long now = 0;
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                times.Add(i * 37, now += StepTimes.IntervalNs / 100);
            }
        });
    }
}
