// The rate of alarms of the whole chain against the rate asked for: 30 days at 1 Hz without anomalies, and recordings.

using Xunit.Abstractions;

namespace EdgeLstm.Core.Tests.Anomaly;

public class DetectorRateTests(ITestOutputHelper output)
{
    private const int Days = 30;
    private const int RowsPerDay = 86_400;
    private static readonly double[] Asked = [1, 10];

    [Theory]
    [InlineData(StreamNoiseKind.White)]
    [InlineData(StreamNoiseKind.Autoregressive)]
    [InlineData(StreamNoiseKind.SlowAutoregressive)]
    [InlineData(StreamNoiseKind.Sine)]
    [InlineData(StreamNoiseKind.DailySeason)]
    [InlineData(StreamNoiseKind.DailySeasonOfNoise)]
    [InlineData(StreamNoiseKind.HeavyTailed)]
    [InlineData(StreamNoiseKind.Quantised)]
    [InlineData(StreamNoiseKind.BoundedWalk)]
    [InlineData(StreamNoiseKind.DutyCycle)]
    [InlineData(StreamNoiseKind.Bursts)]
    public void The_rate_of_alarms_is_within_a_factor_of_two_of_what_was_asked(StreamNoiseKind kind)
    {
        StreamNoise noise = new(kind, seed: 1);
        AlarmRates rates = new(Asked, RowsPerDay);
        float[] row = new float[1];
        for (long second = 0; second < Days * (long)RowsPerDay; second++)
        {
            row[0] = noise.Next();
            rates.Step(row);
        }

        AssertFactorOfTwo(kind.ToString(), rates);
    }

    [Fact]
    public void The_rate_of_alarms_of_three_channels_is_within_a_factor_of_two_of_what_was_asked()
    {
        StreamNoise[] noise =
        [
            new(StreamNoiseKind.DailySeason, seed: 1), new(StreamNoiseKind.SlowAutoregressive, seed: 2),
            new(StreamNoiseKind.HeavyTailed, seed: 3),
        ];
        AlarmRates rates = new(Asked, RowsPerDay, noise.Length);
        float[] row = new float[noise.Length];
        for (long second = 0; second < Days * (long)RowsPerDay; second++)
        {
            for (int channel = 0; channel < row.Length; channel++)
            {
                row[channel] = noise[channel].Next();
            }

            rates.Step(row);
        }

        AssertFactorOfTwo("three channels", rates);
    }

    // Its scores repeat too, nearly: whatever the threshold is, all of their peaks lie on one side of it.
    [Fact]
    public void A_stream_that_repeats_exactly_does_not_raise_an_alarm_at_each_repeat()
    {
        StreamNoise noise = new(StreamNoiseKind.ExactRepeat, seed: 1);
        AlarmRates rates = new([0.2, 1, 10], RowsPerDay);
        float[] row = new float[1];
        for (long second = 0; second < Days * (long)RowsPerDay; second++)
        {
            row[0] = noise.Next();
            rates.Step(row);
        }

        output.WriteLine($"exact repeat: {rates}");
        Assert.All(rates.Asked.Select((_, i) => rates.Ratio(i)), ratio => Assert.InRange(ratio, 0, 2));
    }

    // Played as if a row were a second, again from the start when they end: as the files of a category differ in level and scale,
    // so does the stream several times a day.
    [SkippableTheory]
    [InlineData("artificialNoAnomaly")]
    [InlineData("realKnownCause")]
    [InlineData("realTraffic")]
    [InlineData("realTweets")]
    public void Stretches_without_a_label_played_at_1_Hz_keep_the_rate_asked_for(string category)
    {
        float[] values = [.. Recordings().Where(file => file.Category == category).SelectMany(file => file.Values)];
        AlarmRates rates = new(Asked, RowsPerDay);
        for (long second = 0; second < Days * (long)RowsPerDay; second++)
        {
            rates.Step(values.AsSpan((int)(second % values.Length), 1));
        }

        AssertFactorOfTwo(category, rates);
    }

    // At their own pace a bucket is ten rows. An hour's row leaves two buckets to a day: an alarm a day cannot be told apart from
    // no choice at all, and ten cannot be had. The bounds are wide for that reason, and as a stretch without a label may hold
    // what its labeller overlooked.
    [SkippableFact]
    public void Stretches_without_a_label_at_their_own_pace_raise_no_more_alarms_than_asked_for()
    {
        double[] asked = [0.2, 1, 10];
        (double Days, double[] Events) all = (0, new double[asked.Length]);
        foreach (IGrouping<string, RecordedStretches> category in Recordings().GroupBy(file => file.Category))
        {
            (double days, double[] events) = (0, new double[asked.Length]);
            foreach (RecordedStretches file in category)
            {
                AlarmRates rates = new(asked, 86_400 / file.PeriodSeconds, 1, Math.Min(600, file.Values.Length / 4));
                for (int row = 0; row < file.Values.Length; row++)
                {
                    rates.Step(file.Values.AsSpan(row, 1));
                }

                days += rates.Days;
                for (int i = 0; i < asked.Length; i++)
                {
                    events[i] += rates.Events[i];
                    all.Events[i] += rates.Events[i];
                }
            }

            all.Days += days;
            Write(category.Key, days, asked, events);
        }

        Write("all", all.Days, asked, all.Events);
        Assert.InRange(all.Events[0] / (0.2 * all.Days), 0.5, 2);
        Assert.InRange(all.Events[1] / all.Days, 0.25, 2);
        Assert.InRange(all.Events[2] / (10 * all.Days), 0.02, 2);
    }

    private void AssertFactorOfTwo(string name, AlarmRates rates)
    {
        output.WriteLine($"{name,-20} {rates}");
        for (int i = 0; i < rates.Asked.Count; i++)
        {
            Assert.True(rates.Ratio(i) is >= 0.5 and <= 2, $"{name}: {rates}");
        }
    }

    private void Write(string name, double days, double[] asked, double[] events) => output.WriteLine(
        FormattableString.Invariant($"{name,-22} {days,6:F0} stream-days  ") + string.Join("  ", asked.Select((rate, i) =>
        FormattableString.Invariant($"asked {rate,4}/day: {events[i],4} events, ratio {events[i] / (rate * days):F2}"))));

    private static List<RecordedStretches> Recordings()
    {
        string folder = RecordedStretches.Folder;
        Skip.IfNot(Directory.Exists(folder), $"{folder} is not there: set EDGELSTM_SHARED to the folder that holds data/");
        return RecordedStretches.ReadAll();
    }
}
