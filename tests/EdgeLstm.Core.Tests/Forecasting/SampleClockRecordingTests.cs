// The sample clock on the timestamps of real sensors: a test rig at about 1 Hz with gaps, a road sensor that reports irregularly.

using System.Globalization;
using EdgeLstm.Core.Forecasting;
using EdgeLstm.Core.Tests.Models;

namespace EdgeLstm.Core.Tests.Forecasting;

public class SampleClockRecordingTests
{
    private const long Second = 1_000_000_000;
    private const int NoLimit = 100_000;

    private static readonly Recording Rig = new("skab/valve1/0.csv", ';', Second);
    private static readonly Recording Road = new("nab/realTraffic/speed_t4013.csv", ',', 300 * Second);

    [SkippableFact]
    public void Each_takes_every_reading_of_a_test_rig_and_marks_every_second_without_one()
    {
        long[] times = Read(Rig);
        Counts counts = Run(times, Rig.PeriodNs, Resampling.Each, NoLimit);
        Assert.Equal(times.Length, counts.Samples);
        Assert.Equal(((times[^1] - times[0]) / Second) + 1 - times.Length, counts.Missing);   // whole seconds, none twice
        Assert.Equal(0, counts.Lost);
    }

    [SkippableFact]
    public void Hold_gives_one_tick_for_every_second_of_a_test_rig()
    {
        long[] times = Read(Rig);
        Counts counts = Run(times, Rig.PeriodNs, Resampling.Hold, NoLimit);
        Assert.Equal(times.Length, counts.Samples + counts.Extra);
        Assert.Equal(0, counts.Extra);
        Assert.Equal(((times[^1] - times[0]) / Second) + 1, counts.Samples + counts.Missing);
    }

    [SkippableFact]
    public void Each_takes_every_reading_of_an_irregular_sensor_and_counts_what_is_missing_between()
    {
        long[] times = Read(Road);
        Counts counts = Run(times, Road.PeriodNs, Resampling.Each, NoLimit);
        Assert.Equal(times.Length, counts.Samples);

        // Rounding each interval to whole periods, alone, is off where a late reading is followed by an early one.
        long expected = Intervals(times).Sum(interval => Math.Max(0, Periods(interval, Road.PeriodNs) - 1));
        Assert.InRange(counts.Missing, expected * 0.97, expected * 1.03);
    }

    [SkippableFact]
    public void Hold_gives_one_tick_for_every_period_of_an_irregular_sensor()
    {
        long[] times = Read(Road);
        Counts counts = Run(times, Road.PeriodNs, Resampling.Hold, NoLimit);
        Assert.Equal(times.Length, counts.Samples + counts.Extra);
        Assert.InRange(counts.Extra, 0, Intervals(times).Count(interval => interval < Road.PeriodNs));
        long span = Periods(times[^1] - times[0], Road.PeriodNs) + 1;
        Assert.InRange(counts.Samples + counts.Missing, span - 3, span + 3);
    }

    [SkippableTheory]
    [InlineData(Resampling.Each)]
    [InlineData(Resampling.Hold)]
    public void An_irregular_sensor_is_lost_once_in_every_gap_beyond_the_limit(Resampling resampling)
    {
        const int Fill = 13;   // no interval of the recording ends near 14 periods, where rounding would decide
        long[] times = Read(Road);
        Counts counts = Run(times, Road.PeriodNs, resampling, Fill);
        int gaps = Intervals(times).Count(interval => Periods(interval, Road.PeriodNs) - 1 > Fill);
        Assert.True(gaps >= 5);
        Assert.Equal(gaps, counts.Lost);
        Assert.Equal(times.Length, counts.Samples + counts.Extra);
    }

    private static Counts Run(long[] times, long periodNs, Resampling resampling, int fill)
    {
        SampleClock clock = new(1, periodNs, resampling, fill);
        int[] kinds = new int[3];
        float[] sample = new float[1];
        foreach (long time in times)
        {
            clock.Add([1], time);
            while (clock.TryNext(sample, out _, out TickKind kind))
            {
                kinds[(int)kind]++;
            }
        }

        return new Counts(kinds[(int)TickKind.Sample], kinds[(int)TickKind.Missing], kinds[(int)TickKind.Lost], clock.Extra);
    }

    private static IEnumerable<long> Intervals(long[] times) => times.Zip(times.Skip(1), (a, b) => b - a);

    private static long Periods(long ns, long periodNs) => (ns + (periodNs / 2)) / periodNs;

    private static long[] Read(Recording recording)
    {
        string path = Path.Combine(RepositoryFolders.Shared, "data", recording.File);
        Skip.IfNot(File.Exists(path), $"{path} is not there");
        return
        [
            .. File.ReadLines(path).Skip(1).Where(line => line.Length > 0).Select(line =>
                (DateTime.Parse(line.Split(recording.Separator)[0],
                    CultureInfo.InvariantCulture) - DateTime.UnixEpoch).Ticks * 100)
        ];
    }

    private sealed record Recording(string File, char Separator, long PeriodNs);

    private sealed record Counts(int Samples, int Missing, int Lost, long Extra);
}
