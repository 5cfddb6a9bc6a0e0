// Figures of arrivals from times and values that are made up.

using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Listening;

namespace EdgeLstm.Worker.Tests.Listening;

public sealed class ArrivalStatisticsTests
{
    private const double Ms = 1e6;

    [Fact]
    public void An_even_stream_has_its_rate_and_no_jitter_and_no_gap()
    {
        ArrivalStatistics arrivals = Feed(10, Enumerable.Range(0, 301).Select(k => 10.0 * k));

        Assert.Equal(301, arrivals.Records);
        Assert.Equal(100, arrivals.RateHz, 1e-9);
        Assert.Equal(10, arrivals.MedianIntervalMs, 1e-9);
        Assert.Equal(0, arrivals.JitterMs, 1e-9);
        Assert.Equal(0, arrivals.Missing);
        Assert.Equal(1, arrivals.RecordsPerRead);
    }

    [Fact]
    public void Nothing_and_one_record_have_no_rate()
    {
        Assert.Equal((0L, 0d, 0L), Figures(new ArrivalStatistics(1, 10)));
        Assert.Equal((1L, 0d, 0L), Figures(Feed(10, [5])));
        Assert.True(double.IsNaN(new ArrivalStatistics(1, 10).JitterMs));
        Assert.True(double.IsNaN(new ArrivalStatistics(1, 10).Channels[0].Median));
    }

    [Fact]
    public void A_gap_of_more_than_one_and_a_half_periods_counts_what_is_missing()
    {
        List<double> times = [.. Enumerable.Range(0, 50).Select(k => 10.0 * k)];
        times.RemoveAll(time => time is 100 or 200 or 210 or 220);

        Assert.Equal(4, Feed(10, times).Missing);
    }

    [Fact]
    public void A_gap_at_the_end_counts_too() => Assert.Equal(2, Feed(10, [0, 10, 20, 30, 60]).Missing);

    [Fact]
    public void A_late_record_is_jitter_and_not_missing()
    {
        ArrivalStatistics arrivals = Feed(10, Enumerable.Range(0, 100).Select(k => (10.0 * k) + (k % 2 == 0 ? 0 : 4)));

        Assert.Equal(0, arrivals.Missing);
        Assert.Equal(4, arrivals.JitterMs, 1e-9);
    }

    [Fact]
    public void Jitter_leaves_out_the_rarest_twentieth()
    {
        double[] times = [.. Enumerable.Range(0, 101).Select(k => (10.0 * k) + (k > 50 ? 3 : 0))];   // one interval of 13

        Assert.Equal(0, Feed(10, times).JitterMs, 1e-9);
    }

    [Fact]
    public void Bunches_of_records_are_neither_jitter_nor_gaps()
    {
        ArrivalStatistics arrivals = Feed(1, Enumerable.Range(0, 1600).Select(k => 16.0 * (k / 16)));

        Assert.Equal(16, arrivals.RecordsPerRead);
        Assert.Equal(1000, arrivals.RateHz, 1e-6);
        Assert.Equal(0, arrivals.JitterMs, 1e-9);
        Assert.Equal(0, arrivals.Missing);
    }

    [Fact]
    public void A_pause_between_bunches_is_a_gap()
    {
        IEnumerable<double> times = Enumerable.Range(0, 1600).Select(k => (16.0 * (k / 16)) + (k < 800 ? 0 : 100));

        Assert.Equal(100, Feed(1, times).Missing);
    }

    [Fact]
    public void What_had_queued_before_the_first_read_does_not_raise_the_rate()
    {
        IEnumerable<double> times = Enumerable.Repeat(0.0, 40).Concat(Enumerable.Range(1, 100).Select(k => 10.0 * k));

        ArrivalStatistics arrivals = Feed(10, times);

        Assert.Equal(100, arrivals.RateHz, 1e-9);
        Assert.Equal(1, arrivals.RecordsPerRead);
        Assert.Equal(0, arrivals.Missing);
    }

    [Fact]
    public void Another_pace_than_the_profile_says_is_no_loss()
    {
        ArrivalStatistics slower = Feed(4, Enumerable.Range(0, 100).Select(k => 10.0 * k));

        Assert.True(slower.IsAnotherPace);
        Assert.Equal(0, slower.Missing);
        Assert.Equal(0, slower.JitterMs, 1e-9);
        Assert.False(Feed(10, Enumerable.Range(0, 100).Select(k => 10.0 * k)).IsAnotherPace);
    }

    [Fact]
    public void Many_losses_are_losses_and_no_other_pace()
    {
        IEnumerable<double> times = Enumerable.Range(0, 300).Where(k => k % 3 != 0).Select(k => 10.0 * k);

        ArrivalStatistics arrivals = Feed(10, times);

        Assert.InRange(arrivals.Missing, 98, 100);
    }

    [Fact]
    public void An_unknown_period_has_jitter_around_the_usual_interval_and_no_losses()
    {
        ArrivalStatistics arrivals = Feed(0, [0, 10, 20, 30, 60, 70, 80]);

        Assert.Equal(10, arrivals.MedianIntervalMs, 1e-9);
        Assert.Equal(0, arrivals.Missing);
    }

    [Fact]
    public void Channels_have_their_range_and_count_what_is_missing()
    {
        ArrivalStatistics arrivals = new(2, 10);
        float[][] rows = [[1, 20], [5, float.NaN], [2, 22], [3, float.NaN], [4, 21]];
        for (int k = 0; k < rows.Length; k++)
        {
            arrivals.Add((long)(10 * k * Ms), rows[k]);
        }

        ChannelStatistics first = arrivals.Channels[0];
        ChannelStatistics second = arrivals.Channels[1];
        Assert.Equal((1, 3, 5, 0), (first.Minimum, first.Median, first.Maximum, first.Missing));
        Assert.Equal((20, 21, 22, 2), (second.Minimum, second.Median, second.Maximum, second.Missing));
        Assert.Equal(3, second.Count);
    }

    [Fact]
    public void A_channel_is_measured_in_deviations_of_the_training_data()
    {
        ChannelStatistics channel = new();
        channel.Add(13);
        channel.Add(12);
        channel.Add(14);

        Assert.Equal(-9.125, channel.DeviationsFrom(new InputManifest("temperature", "°C", 86, 1 / 8.0)), 1e-9);
        Assert.Equal(-9.125, channel.DeviationsFrom(new InputManifest("temperature", "°C", 86, -1 / 8.0)), 1e-9);
    }

    [Fact]
    public void More_values_than_there_is_room_for_keep_their_median_and_their_range()
    {
        ChannelStatistics channel = new();
        for (int k = 0; k <= 100_000; k++)
        {
            channel.Add(k);
        }

        Assert.Equal((0, 100_000, 100_001), (channel.Minimum, channel.Maximum, channel.Count));
        Assert.InRange(channel.Median, 49_900, 50_100);
    }

    private static (long Records, double RateHz, long Missing) Figures(ArrivalStatistics arrivals) =>
        (arrivals.Records, arrivals.RateHz, arrivals.Missing);

    private static ArrivalStatistics Feed(double periodMs, IEnumerable<double> timesMs)
    {
        ArrivalStatistics arrivals = new(1, periodMs);
        foreach (double time in timesMs)
        {
            arrivals.Add((long)(time * Ms), [1f]);
        }

        return arrivals;
    }
}
