// Fault 12, third part: the machine boots with a wrong clock, the program is killed before the clock is set, and runs on when it
// is.

using System.Text.Json;
using EdgeLstm.Faults.Rig;

namespace EdgeLstm.Faults;

public sealed class UnsyncedClockTests
{
    private const int WrongBySeconds = -7200;
    private const int Samples = 60;   // for longer than the program goes without a look at the clock
    private const double PerSecond = 40;
    private const int WaitSeconds = 3600;
    private const long ToleranceMs = 5000;   // a loaded machine hands samples over late

    [SkippableFact]
    public void Records_from_before_the_clock_was_set_are_marked_and_can_be_corrected()
    {
        Skip.If(WorkerProcess.Binary is null, "needs the published program: run by dotnet, its calls go past the shim");
        FaultTable.Row(12.2, "clock wrong by two hours until it is synchronised, kill -9 before", "3 × 60", Run);
    }

    private static Tally Run()
    {
        using FaultDevice device = FaultDevice.Launch();
        device.TimeSyncWaitSeconds = WaitSeconds;
        ClockShim clock = new(device.Folder) { OffsetSeconds = WrongBySeconds };
        long startMs = NowMs();
        using (WorkerProcess first = device.Start(clock.Variables))
        {
            Feed(device, first);
            device.Kill(Counts.FlushIntervalMs);
        }

        using WorkerProcess second = device.Start(clock.Variables);
        Feed(device, second);
        int marked = device.Written;
        clock.OffsetSeconds = 0;
        clock.IsSynchronised = true;
        second.WaitForLog("the system clock is synchronised");
        device.Feed(Samples, PerSecond);
        Tally tally = device.WaitForAll(seconds: 30);
        Dictionary<uint, long> corrections = Corrections(device.Subscriber);

        PublishedRecord[] records = [.. Enumerable.Range(0, device.Written).Select(device.Subscriber.Record)];
        Assert.All(records[..marked], record => Assert.True(record.IsUnsynced));
        Assert.False(records[^1].IsUnsynced);
        Assert.Equal(2, corrections.Count);
        long[] correctedMs =
            [.. records.Select(record => record.TimestampUnixMs + (record.IsUnsynced ? corrections[record.Boot] : 0))];
        // Two samples read at once may be a millisecond out of order where one of them is corrected.
        Assert.All(correctedMs.Zip(correctedMs.Skip(1)), pair => Assert.True(pair.Second >= pair.First - 1));
        Assert.InRange(correctedMs[0], startMs, startMs + (ToleranceMs * 4));
        Assert.InRange(correctedMs[^1], NowMs() - (ToleranceMs * 4), NowMs());
        foreach (IGrouping<uint, PublishedRecord> boot in records.GroupBy(record => record.Boot))
        {
            Assert.Equal(Enumerable.Range(1, boot.Count()).Select(i => (long)i), boot.Select(record => record.Sequence));
        }

        return tally;
    }

    private static void Feed(FaultDevice device, WorkerProcess program)
    {
        program.WaitForLog("connected to");
        device.Feed(Samples, PerSecond);
        device.WaitForAll(seconds: 30);
    }

    private static Dictionary<uint, long> Corrections(RecordSubscriber subscriber)
    {
        Assert.True(subscriber.Wait(s => s.Health is { } health && health.GetProperty("timeSynced").GetBoolean(), 20),
            $"health does not say that the clock is synchronised: {subscriber.Health}");
        return subscriber.Health!.Value.GetProperty("timeCorrections").EnumerateArray().ToDictionary(
            correction => Convert.ToUInt32(correction.GetProperty("boot").GetString(), 16), OffsetMs);
    }

    private static long OffsetMs(JsonElement correction)
    {
        long offsetMs = correction.GetProperty("offsetMs").GetInt64();
        Assert.InRange(offsetMs, (-WrongBySeconds * 1000L) - 1, (-WrongBySeconds * 1000L) + 1);
        return offsetMs;
    }

    private static long NowMs() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
}
