// The threshold that follows from a rate: warm-up, floor, anomalies, changes of regime, wild input and state.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Tests.Anomaly;

public class PeaksOverThresholdTests
{
    private const int ScoresPerDay = 86_400;

    private static PeaksOverThreshold Daily(double floor = 0.01) => new(1, ScoresPerDay, floor);

    [Fact]
    public void There_is_no_threshold_before_warm_up_is_over_and_one_after_it()
    {
        PeaksOverThreshold peaks = Daily();
        ScoreNoise noise = new(ScoreNoiseKind.White, 3);
        Assert.Equal(1950, peaks.WarmUpScores);
        for (int i = 1; i < peaks.WarmUpScores; i++)
        {
            peaks.Observe(noise.Next());
            Assert.Equal(double.PositiveInfinity, peaks.Threshold);
            Assert.Equal(double.PositiveInfinity, peaks.ClearThreshold);
            Assert.True(double.IsNaN(peaks.ExceedanceProbability(5)));
        }

        peaks.Observe(noise.Next());
        Assert.True(peaks.IsWarm);
        Assert.InRange(peaks.Threshold, 3.5, 10);
    }

    [Theory]
    [InlineData(ScoreNoiseKind.White)]
    [InlineData(ScoreNoiseKind.HeavyTailed)]
    [InlineData(ScoreNoiseKind.Bursts)]
    public void On_the_first_day_it_is_above_the_highest_score_seen_but_not_out_of_reach(ScoreNoiseKind kind)
    {
        for (ulong seed = 1; seed <= 50; seed++)
        {
            PeaksOverThreshold peaks = Daily();
            ScoreNoise noise = new(kind, seed);
            double highest = 0;
            for (int i = 1; i < 4 * 3600; i++)
            {
                double score = noise.Next();
                highest = Math.Max(highest, score);
                peaks.Observe(score);
                if (peaks.IsWarm && i % 600 == 0)
                {
                    Assert.InRange(peaks.Threshold / highest, 0.4, 2.2);   // in units of a scale that moves
                }
            }
        }
    }

    [Fact]
    public void The_threshold_approaches_the_level_that_one_score_of_a_day_reaches()
    {
        // P(|e| > 4.38) = 1 / 86,400.
        PeaksOverThreshold peaks = Daily();
        Run(peaks, new ScoreNoise(ScoreNoiseKind.White, 5), 15 * ScoresPerDay);
        Assert.InRange(peaks.Threshold, 4.1, 4.7);
        Assert.InRange(peaks.ClearThreshold, AlarmEvents.Hysteresis * peaks.Threshold, peaks.Threshold);
    }

    [Fact]
    public void The_probability_of_exceedance_is_about_that_of_the_noise()
    {
        PeaksOverThreshold peaks = Daily();
        Run(peaks, new ScoreNoise(ScoreNoiseKind.LogProbability, 5), 15 * ScoresPerDay);
        Assert.InRange(peaks.ExceedanceProbability(4) / 1e-4, 0.7, 1.4);
        Assert.InRange(peaks.ExceedanceProbability(5) / 1e-5, 0.5, 2);
        Assert.Equal(1, peaks.ExceedanceProbability(0));
        Assert.True(double.IsNaN(peaks.ExceedanceProbability(double.NaN)));
    }

    [Fact]
    public void The_probability_of_exceedance_never_rises_with_the_score()
    {
        PeaksOverThreshold peaks = Daily();
        Run(peaks, new ScoreNoise(ScoreNoiseKind.Quantised, 5), ScoresPerDay);
        double previous = 1;
        for (double score = 0; score < 20; score += 0.01)
        {
            double probability = peaks.ExceedanceProbability(score);
            Assert.InRange(probability, 0, previous);
            previous = probability;
        }
    }

    [Fact]
    public void More_alarms_asked_for_give_a_lower_threshold()
    {
        PeaksOverThreshold few = new(0.1, ScoresPerDay, 0.01);
        PeaksOverThreshold many = new(100, ScoresPerDay, 0.01);
        Run(few, new ScoreNoise(ScoreNoiseKind.White, 5), 2 * ScoresPerDay);
        Run(many, new ScoreNoise(ScoreNoiseKind.White, 5), 2 * ScoresPerDay);
        Assert.InRange(many.Threshold, 2.5, few.Threshold - 1);
    }

    [Fact]
    public void The_threshold_is_never_below_the_floor()
    {
        PeaksOverThreshold peaks = Daily(floor: 50);
        Run(peaks, new ScoreNoise(ScoreNoiseKind.White, 5), ScoresPerDay);
        Assert.Equal(50, peaks.Threshold);

        PeaksOverThreshold silent = Daily(floor: 2);
        Run(silent, () => 0, ScoresPerDay);
        Assert.Equal(2, silent.Threshold);
    }

    [Fact]
    public void A_score_that_is_always_the_same_raises_no_alarm()
    {
        Assert.Equal(0, Run(Daily(), () => 7, ScoresPerDay));
    }

    [Fact]
    public void Scores_far_from_zero_that_lie_close_together_keep_their_rate_and_their_events_end()
    {
        PeaksOverThreshold peaks = new(10, ScoresPerDay, 0.01);
        ScoreNoise noise = new(ScoreNoiseKind.White, 8);
        Assert.InRange(Run(peaks, () => 20 + noise.Next(), 10 * ScoresPerDay), 50, 200);
    }

    [Fact]
    public void Rows_five_minutes_apart_keep_the_rate_over_a_year()
    {
        PeaksOverThreshold peaks = new(1, 288, 0.01);
        Assert.InRange(Run(peaks, new ScoreNoise(ScoreNoiseKind.White, 8), 365 * 288), 182, 730);
    }

    [Fact]
    public void An_anomaly_of_hours_is_one_event_and_hardly_moves_the_threshold()
    {
        PeaksOverThreshold peaks = Daily();
        ScoreNoise noise = new(ScoreNoiseKind.White, 7);
        Run(peaks, noise, 6 * ScoresPerDay);
        double before = peaks.Threshold;
        Assert.Equal(1, Run(peaks, () => 1000 + noise.Next(), 3 * 3600));
        Assert.InRange(peaks.Threshold, before, 1.6 * before);
        Run(peaks, noise, ScoresPerDay);
        Assert.InRange(peaks.Threshold, 0.95 * before, 1.1 * before);
    }

    [Fact]
    public void Anomalies_every_day_do_not_make_it_deaf()
    {
        PeaksOverThreshold peaks = Daily();
        ScoreNoise noise = new(ScoreNoiseKind.White, 7);
        for (int day = 0; day < 20; day++)
        {
            Run(peaks, noise, ScoresPerDay);
            Run(peaks, () => 40, 600);
        }

        Assert.InRange(peaks.Threshold, 4, 10);
    }

    [Fact]
    public void Three_times_the_alarms_asked_for_do_not_hide_the_anomalies_that_raise_them()
    {
        PeaksOverThreshold peaks = Daily();
        ScoreNoise noise = new(ScoreNoiseKind.White, 7);
        Run(peaks, noise, 6 * ScoresPerDay);
        int events = 0;
        for (int anomaly = 0; anomaly < 3 * 20; anomaly++)
        {
            events += Run(peaks, noise, ScoresPerDay / 3);
            events += Run(peaks, () => 40, 20);
        }

        Assert.InRange(events, 60, 80);
    }

    // A machine whose cycles are all alike: each hour the same peak but for a slow swing, which is no tail at all.
    [Theory]
    [InlineData(0.2)]
    [InlineData(1)]
    public void Peaks_that_are_nearly_equal_raise_no_alarm_each(double asked)
    {
        PeaksOverThreshold peaks = new(asked, ScoresPerDay, 0.01);
        long second = 0;
        int events = Run(peaks, () => Swinging(second++), 40 * ScoresPerDay);
        Assert.InRange(events / (asked * 40), 0, 2);

        static double Swinging(long second)
        {
            double swing = 1 + (0.03 * Math.Sin(2 * Math.PI * second / (17.0 * ScoresPerDay)));
            return second % 3500 < 60 ? 5 * swing : 0.4;
        }
    }

    [Fact]
    public void An_anomaly_during_warm_up_is_forgotten()
    {
        PeaksOverThreshold peaks = Daily();
        ScoreNoise noise = new(ScoreNoiseKind.White, 7);
        Run(peaks, noise, 1000);
        Run(peaks, () => 1e6, 100);
        Run(peaks, noise, 16 * ScoresPerDay);
        Assert.InRange(peaks.Threshold, 4, 6);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(30)]
    public void A_lasting_change_of_regime_becomes_the_new_normal_without_a_flood_of_alarms(double factor)
    {
        PeaksOverThreshold peaks = Daily();
        ScoreNoise noise = new(ScoreNoiseKind.White, 7);
        Run(peaks, noise, 6 * ScoresPerDay);
        double before = peaks.Threshold;
        int during = Run(peaks, () => factor * noise.Next(), 5 * ScoresPerDay);
        Assert.InRange(during, 1, 8);
        Assert.InRange(peaks.Threshold / (factor * before), 0.85, 1.3);
    }

    [Fact]
    public void A_return_to_smaller_scores_is_followed()
    {
        PeaksOverThreshold peaks = Daily();
        ScoreNoise noise = new(ScoreNoiseKind.White, 7);
        Run(peaks, () => 100 * noise.Next(), 3 * ScoresPerDay);
        Run(peaks, noise, 4 * ScoresPerDay);
        Assert.InRange(peaks.Threshold, 4, 6);
    }

    [Fact]
    public void Nothing_stays_broken_after_scores_of_any_kind()
    {
        PeaksOverThreshold peaks = Daily();
        ScoreNoise noise = new(ScoreNoiseKind.White, 7);
        double[] wild =
        [
            double.NaN, double.PositiveInfinity, double.NegativeInfinity, -5, double.MaxValue, double.Epsilon, 1e300,
        ];
        for (int i = 0; i < 20_000; i++)
        {
            peaks.Observe(wild[i % wild.Length]);
            Assert.False(double.IsNaN(peaks.Threshold));
            Assert.False(double.IsNaN(peaks.ClearThreshold));
        }

        Run(peaks, noise, 35 * ScoresPerDay);
        Assert.InRange(peaks.Threshold, 3, 20);
    }

    [Fact]
    public void Scores_that_are_missing_change_nothing()
    {
        PeaksOverThreshold peaks = Daily();
        Run(peaks, new ScoreNoise(ScoreNoiseKind.White, 7), 10_000);
        byte[] before = Saved(peaks);
        peaks.Observe(double.NaN);
        peaks.Observe(double.PositiveInfinity);
        Assert.Equal(before, Saved(peaks));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(40_000)]
    public void A_restored_threshold_goes_on_exactly_as_the_saved_one(int scores)
    {
        PeaksOverThreshold first = Daily();
        ScoreNoise noise = new(ScoreNoiseKind.HeavyTailed, 7);
        Run(first, noise, scores);
        PeaksOverThreshold second = Daily();
        StateReader reader = new(Saved(first));
        second.Restore(ref reader);
        Assert.True(reader.AtEnd);
        for (int i = 0; i < 40_000; i++)
        {
            double score = noise.Next();
            Assert.Equal(first.Threshold, second.Threshold);
            first.Observe(score);
            second.Observe(score);
        }

        Assert.Equal(Saved(first), Saved(second));
    }

    [Fact]
    public void State_that_cannot_be_is_refused()
    {
        byte[] saved = Saved(Daily());
        Assert.Throws<FormatException>(() => Restore(saved.AsSpan(0, saved.Length - 1)));
        saved[(2 + 35) * sizeof(long)] ^= 1;   // the ring's capacity
        Assert.Throws<FormatException>(() => Restore(saved));
        saved[(2 + 35) * sizeof(long)] ^= 1;
        saved.AsSpan(2 * sizeof(long), sizeof(double)).Fill(0xFF);   // the scale as NaN
        Assert.Throws<FormatException>(() => Restore(saved));
    }

    [Fact]
    public void Observing_allocates_nothing()
    {
        PeaksOverThreshold peaks = Daily();
        ScoreNoise noise = new(ScoreNoiseKind.HeavyTailed, 7);
        Run(peaks, noise, 4000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        double sum = 0;
        for (int i = 0; i < 50_000; i++)
        {
            double score = noise.Next();
            sum += peaks.Threshold + peaks.ClearThreshold + peaks.ExceedanceProbability(score);
            peaks.Observe(score);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(double.IsFinite(sum));
    }

    private static void Restore(ReadOnlySpan<byte> saved)
    {
        StateReader reader = new(saved);
        Daily().Restore(ref reader);
    }

    private static byte[] Saved(PeaksOverThreshold peaks)
    {
        StateWriter writer = new();
        peaks.Save(writer);
        return writer.Written.ToArray();
    }

    private static int Run(PeaksOverThreshold peaks, ScoreNoise noise, int count) => Run(peaks, noise.Next, count);

    // Returns the events.
    private static int Run(PeaksOverThreshold peaks, Func<double> next, int count)
    {
        AlarmEvents alarm = new(0, 1, AlarmEvents.QuietRowsFor(ScoresPerDay));
        int events = 0;
        for (int i = 0; i < count; i++)
        {
            double score = next();
            events += alarm.Update(score, peaks.Threshold, peaks.ClearThreshold, [], i) == AlarmChange.Raised ? 1 : 0;
            peaks.Observe(score);
        }

        return events;
    }
}
