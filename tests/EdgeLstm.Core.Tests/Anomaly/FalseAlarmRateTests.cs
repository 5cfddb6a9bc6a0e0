// The rate of events against the rate asked for, from the first score on, over 40 simulated days at 1 Hz without anomalies.

using EdgeLstm.Core.Anomaly;

namespace EdgeLstm.Core.Tests.Anomaly;

public class FalseAlarmRateTests
{
    private const int ScoresPerDay = 86_400;
    private const int Days = 40;
    private static readonly double[] Asked = [0.2, 1, 10];

    [Theory]
    [InlineData(ScoreNoiseKind.White)]
    [InlineData(ScoreNoiseKind.Autoregressive)]
    [InlineData(ScoreNoiseKind.HeavyTailed)]
    [InlineData(ScoreNoiseKind.Drifting)]
    [InlineData(ScoreNoiseKind.Bursts)]
    [InlineData(ScoreNoiseKind.Seasonal)]
    [InlineData(ScoreNoiseKind.LogProbability)]
    [InlineData(ScoreNoiseKind.Quantised)]
    public void The_rate_of_events_is_within_a_factor_of_two_of_what_was_asked(ScoreNoiseKind kind)
    {
        int[] events = Count(new ScoreNoise(kind, seed: 1), Days);
        for (int i = 0; i < Asked.Length; i++)
        {
            double ratio = events[i] / (Asked[i] * Days);
            Assert.True(ratio is >= 0.5 and <= 2, $"{kind}: {events[i]} events in {Days} days, asked for {Asked[i]} a day");
        }
    }

    // The three rates are asked of one series: making it takes most of the time.
    private static int[] Count(ScoreNoise noise, int days)
    {
        PeaksOverThreshold[] thresholds = [.. Asked.Select(rate => new PeaksOverThreshold(rate, ScoresPerDay, 0.01))];
        AlarmEvents[] alarms = [.. Asked.Select(_ => new AlarmEvents(0, 1, AlarmEvents.QuietRowsFor(ScoresPerDay)))];
        int[] events = new int[Asked.Length];
        for (long second = 0; second < days * (long)ScoresPerDay; second++)
        {
            double score = noise.Next();
            for (int i = 0; i < events.Length; i++)
            {
                PeaksOverThreshold threshold = thresholds[i];
                AlarmChange change = alarms[i].Update(score, threshold.Threshold, threshold.ClearThreshold, [], second);
                events[i] += change == AlarmChange.Raised ? 1 : 0;
                threshold.Observe(score);
            }
        }

        return events;
    }
}
