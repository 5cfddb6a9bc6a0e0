// The pipeline with a shipped model: warming, gaps, missing values, alarms, carrying over, noise, splits, allocations.

using System.Globalization;
using System.Text;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Streams;

public class StreamPipelineTests
{
    private const int Fill = TestStream.FillSamples;

    // At most so many residuals are seen before one is scored, and so many samples before a threshold is stated.
    private const int FirstResiduals = 20;
    private const int FirstScores = 250;

    private static int WarmUp => TestStream.Model.Manifest.WarmUpSamples;

    [Fact]
    public void A_stream_warms_and_then_is_live_and_scored()
    {
        TestStream stream = new();
        stream.Feed(WarmUp + 10);
        Assert.Equal(new string('W', WarmUp) + new string('L', 10), stream.Statuses);
        Assert.All(stream.Records.Take(WarmUp), r => Assert.Equal(float.NaN, r.Score));
        Assert.Equal(Enumerable.Range(1, WarmUp + 10).Select(i => (long)i), stream.Records.Select(r => r.Sequence));
        Assert.Equal(WarmUp + 10, stream.Pipeline.Counters.Steps);
        stream.Feed(100);
        Assert.All(stream.Records.Skip(WarmUp + FirstResiduals), r => Assert.True(r.Score >= 0));
    }

    [Fact]
    public void A_record_carries_the_sample_its_residual_and_bands_around_the_forecasts()
    {
        TestStream stream = Warm();
        float forecast = stream.Last.Outputs[0];
        stream.FeedText("90.5");
        Assert.Equal(90.5f, stream.Last.Values[0]);
        Assert.Equal(90.5f - forecast, stream.Last.Residuals[0]);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(stream.Last.Low[i] < stream.Last.Outputs[i] && stream.Last.Outputs[i] < stream.Last.High[i]);
        }
    }

    [Fact]
    public void A_missing_value_is_filled_by_the_forecast_and_shown_as_not_a_number()
    {
        TestStream stream = Warm();
        float forecast = stream.Last.Outputs[0];
        TestStream twin = Warm();
        stream.FeedText("nan");
        twin.FeedText(forecast.ToString("G9", CultureInfo.InvariantCulture));
        Assert.Equal(float.NaN, stream.Last.Values[0]);
        Assert.Equal(float.NaN, stream.Last.Residuals[0]);
        Assert.Equal(float.NaN, stream.Last.Score);
        Assert.Equal(StreamStatus.Filling, stream.Last.Status);
        Assert.Equal(twin.Last.Outputs.ToArray(), stream.Last.Outputs.ToArray());
        Assert.Equal(1, stream.Pipeline.Counters.Filled);
    }

    [Theory]
    [InlineData("nan")]
    [InlineData(null)]
    public void The_first_sample_after_a_fill_is_scored_by_what_was_forecast_before_the_fill(string? reading)
    {
        TestStream stream = Warm();
        int before = stream.Records.Count;
        if (reading is null)
        {
            stream.Pass(1);
        }
        else
        {
            stream.FeedText(reading);
        }

        stream.Feed(2);
        Assert.Equal("FLL", stream.Statuses[before..]);
        Assert.Equal([true, false, false], stream.Records.Skip(before).Select(r => float.IsNaN(r.Score)));
        Assert.True(float.IsFinite(stream.Records[before + 1].Residuals[0]));
    }

    [Fact]
    public void Missing_values_beyond_the_limit_make_the_stream_stale_once_until_a_value_comes()
    {
        TestStream stream = Warm();
        int before = stream.Records.Count;
        for (int i = 0; i < Fill + 5; i++)
        {
            stream.FeedText("nan");
        }

        Assert.Equal(new string('F', Fill) + "S", stream.Statuses[before..]);
        stream.Feed(2);
        Assert.Equal("StreamLost StreamBack", stream.Events);
        Assert.EndsWith("SWW", stream.Statuses, StringComparison.Ordinal);
        Assert.Equal(1, stream.Pipeline.Counters.TimesStale);
        Assert.Equal(5, stream.Pipeline.Counters.Unusable);
        Assert.Equal(Fill, stream.Pipeline.Counters.Filled);
    }

    [Fact]
    public void A_gap_within_the_limit_is_filled_sample_by_sample()
    {
        TestStream stream = Warm();
        int before = stream.Records.Count;
        stream.Pass(Fill);
        stream.Feed(1);
        Assert.Equal(new string('F', Fill) + "L", stream.Statuses[before..]);
        Assert.Equal("", stream.Events);
        Assert.Equal(Fill, stream.Pipeline.Counters.Filled);
        Assert.Equal(0, stream.Pipeline.Counters.ChannelsFilled);   // no reading came in which they were missing
        long[] times = [.. stream.Records.Skip(before).Select(r => r.TimestampUnixMs)];
        Assert.All(times.Zip(times.Skip(1)),
            pair => Assert.Equal(TestStream.Model.Manifest.SamplePeriodMs, pair.Second - pair.First));
    }

    [Fact]
    public void A_gap_beyond_the_limit_ends_in_one_stale_record_and_the_stream_warms_anew()
    {
        TestStream stream = Warm();
        int before = stream.Records.Count;
        stream.Pass(1000);
        stream.Advance();
        stream.Advance();
        Assert.Equal(new string('F', Fill) + "S", stream.Statuses[before..]);
        Assert.Equal(StreamStatus.Stale, stream.Pipeline.Status);
        Assert.All(stream.Last.Outputs.ToArray(), output => Assert.Equal(float.NaN, output));
        stream.Feed(WarmUp + 2);
        Assert.Equal(new string('F', Fill) + "S" + new string('W', WarmUp) + "LL", stream.Statuses[before..]);
        Assert.Equal("StreamLost StreamBack", stream.Events);
        Assert.Equal(StreamEvent.StreamBack, stream.Records[before + Fill + 1].Event);
    }

    [Fact]
    public void A_stream_that_sends_only_missing_values_and_then_nothing_is_lost_once()
    {
        TestStream stream = Warm();
        for (int i = 0; i < Fill + 1; i++)
        {
            stream.FeedText("nan");
        }

        stream.Pass(1000);
        stream.Advance();
        Assert.Equal("StreamLost", stream.Events);
        Assert.Equal(1, stream.Pipeline.Counters.TimesStale);
        stream.Feed(1);
        Assert.Equal("StreamLost StreamBack", stream.Events);
    }

    [Fact]
    public void Silence_from_the_start_is_told_once()
    {
        TestStream stream = new();
        stream.Pipeline.ReportSilence(1_000_000_000);
        stream.Pipeline.ReportSilence(2_000_000_000);
        Assert.Equal("S", stream.Statuses);
        stream.Feed(1);
        Assert.Equal("StreamLost StreamBack", stream.Events);
    }

    [Fact]
    public void Values_that_are_missing_before_any_was_known_are_unusable()
    {
        TestStream stream = new();
        stream.FeedText("nan");
        Assert.Empty(stream.Records);
        Assert.Equal(1, stream.Pipeline.Counters.Unusable);
        Assert.Equal(0, stream.Pipeline.Counters.ChannelsFilled);
        stream.Feed(1);
        Assert.Equal("W", stream.Statuses);
    }

    [Fact]
    public void A_recording_with_a_failure_raises_alarms_and_each_is_cleared_before_the_next()
    {
        TestStream stream = PlayRecording(out int rows);
        string[] alarms = [.. stream.Events.Split(' ').Where(name => name.StartsWith("Alarm", StringComparison.Ordinal))];
        Assert.NotEmpty(alarms);
        for (int i = 0; i < alarms.Length; i++)
        {
            Assert.Equal(i % 2 == 0 ? "AlarmRaised" : "AlarmCleared", alarms[i]);
        }

        Assert.Equal(stream.Pipeline.Counters.Alarms, alarms.Count(name => name == "AlarmRaised"));
        Assert.Equal(rows, stream.Records.Count(r => r.Status is StreamStatus.Live or StreamStatus.Warming));
        Assert.InRange(stream.Pipeline.Counters.Alarms, 1, rows / 50);   // a normal sample does not alarm
        Assert.All(stream.Records.Where(r => r.Event == StreamEvent.AlarmRaised), r =>
        {
            Assert.Equal(AlarmState.Raised, r.Alarm);
            Assert.True(r.Score >= r.Threshold);
            Assert.Equal(r.TimestampUnixMs, r.Incident.OnsetUnixMs);
            Assert.Equal([1], r.Contributions.ToArray());
        });
    }

    [Fact]
    public void Bytes_split_at_any_position_give_the_same_records()
    {
        byte[] bytes = Encoding.ASCII.GetBytes("80.25\r\n81.5\nnan\n82\n\n-83e0\n84.125\n");
        string[] whole = Split(bytes, bytes.Length);
        Assert.Equal(6, whole.Length);
        for (int cut = 0; cut < bytes.Length; cut++)
        {
            Assert.Equal(whole, Split(bytes, cut));
        }

        Assert.Equal(whole, Split(bytes, -1));
    }

    [Fact]
    public void Garbage_between_lines_changes_only_counters()
    {
        TestStream clean = new();
        TestStream noisy = new();
        Random random = new(7);
        byte[] noise = new byte[40];
        for (int i = 0; i < 200; i++)
        {
            clean.Feed(1);
            random.NextBytes(noise);
            noise.AsSpan().Replace((byte)'\n', (byte)'#');
            noise[0] = (byte)'!';   // never a number by chance
            noisy.Pipeline.Process(noise.AsSpan(0, random.Next(1, 40)), noisy.Records.Count == 0
                ? 0
                : noisy.Last.TimestampUnixMs * 1_000_000);
            noisy.Pipeline.Process("\n"u8, noisy.Records.Count == 0 ? 0 : noisy.Last.TimestampUnixMs * 1_000_000);
            noisy.Feed(1);
        }

        Assert.Equal(clean.Records.Select(TestStream.Bits), noisy.Records.Select(TestStream.Bits));
        Assert.Equal(0, clean.Pipeline.Profile.Rejected);
        Assert.InRange(noisy.Pipeline.Profile.Rejected, 150, 200);   // a few are words alone: a header line, or blank
    }

    [Fact]
    public void After_a_rejoin_the_rest_of_a_line_is_dropped()
    {
        TestStream stream = new();
        stream.Feed(3);
        stream.Pipeline.Process("8"u8, 0);
        stream.Pipeline.Rejoin();
        stream.FeedText("5.5");
        stream.FeedText("86");
        Assert.Equal(86, stream.Last.Values[0]);
        Assert.DoesNotContain(stream.Records, r => r.Values[0] is 5.5f or 85.5f);
    }

    private static TestStream Warm()
    {
        TestStream stream = new();
        stream.Feed(WarmUp + FirstScores);
        return stream;
    }

    private static TestStream PlayRecording(out int rows)
    {
        string file = Path.Combine(RepositoryRoot.Path, "models", "recordings", "machine-temperature.csv");
        rows = File.ReadLines(file).Count() - 1;
        using ReplaySource source = new(file, 0, TestStream.Model.Manifest.SamplePeriodMs);
        TestStream stream = new();
        byte[] buffer = new byte[4096];
        while (source.Read(buffer, 0, out int count, out long timeNs) == SourceRead.Data)
        {
            stream.Pipeline.Process(buffer.AsSpan(0, count), timeNs);
        }

        return stream;
    }

    // Records of the bytes in two pieces, or byte by byte; all arrive at the same time.
    private static string[] Split(byte[] bytes, int cut)
    {
        TestStream stream = new();
        int[] cuts = cut < 0 ? [.. Enumerable.Range(0, bytes.Length + 1)] : [0, cut, bytes.Length];
        for (int i = 1; i < cuts.Length; i++)
        {
            stream.Pipeline.Process(bytes.AsSpan(cuts[i - 1]..cuts[i]), 1_000_000_000_000);
        }

        return [.. stream.Records.Select(TestStream.Bits)];
    }
}
