// Faults 6 and 13: a day without the broker, and what the backlog of such a day does to live records.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Faults.Rig;

namespace EdgeLstm.Faults;

/// <summary>Times and memory are measured here, so nothing else runs meanwhile.</summary>
[Collection("alone")]
public sealed class BacklogTests
{
    private const int OfflinePerSecond = 4000;
    private const int LivePerSecond = 50;
    private const double LiveLimitMs = 100;
    private const int MostGrowthBytes = 2 * 1024 * 1024;
    private const long OutboxBytes = 2L * 1024 * 1024 * 1024;

    [SkippableFact]
    public void A_day_without_the_broker_costs_no_memory_and_no_record()
    {
        int count = Counts.Of(40_000, 864_000);
        FaultTable.Row(6, "a day offline at 10 Hz, accelerated", $"{count}", () =>
        {
            Skip.If(OutboxSupport.Missing is not null, OutboxSupport.Missing);
            return SpendOffline(count);
        });
    }

    [SkippableFact]
    public void Live_records_do_not_wait_for_the_backlog()
    {
        int backlog = Counts.Of(5000, 100_000);
        int drainedPerSecond = Counts.Of(1000, 5000);
        FaultTable.Row(13, $"backlog at {drainedPerSecond}/s against live", $"{backlog}", () => Drain(backlog, drainedPerSecond));
    }

    // In tenths, of which two warm up. What a record costs must not depend on how many wait already.
    private static Tally SpendOffline(int count)
    {
        using FaultDevice device = FaultDevice.Launch(isSerial: false);
        device.Mqtt["historyRecordsPerSecond"] = 100_000;
        device.Mqtt["inFlight"] = 1000;
        device.Outbox!["maxBytes"] = OutboxBytes;
        device.Link.GoAway();
        using WorkerProcess program = device.Start();
        int tenth = count / 10;
        device.Feed(2 * tenth, OfflinePerSecond);
        long bytesBefore = program.ResidentBytes;
        double firstMs = ProcessorMsOf(() => device.Feed(tenth, OfflinePerSecond), program);
        device.Feed(count - (4 * tenth), OfflinePerSecond);
        double lastMs = ProcessorMsOf(() => device.Feed(tenth, OfflinePerSecond), program);
        long grownBytes = program.ResidentBytes - bytesBefore;

        device.Link.ComeBack();
        Tally tally = device.WaitForAll(seconds: 600);
        Assert.True(lastMs < 2 * firstMs, $"the last tenth took {lastMs:0} ms of processor time, the third {firstMs:0} ms");
        bool isNative = WorkerProcess.Binary is not null;   // a just-in-time compiler grows by itself
        Assert.True(!isNative || grownBytes <= MostGrowthBytes, $"memory grew by {grownBytes} bytes; at most {MostGrowthBytes}");
        return tally with
        {
            Remark = Text($"memory {grownBytes / 1048576.0:+0.0;-0.0} MB, ")
                + Text($"{1000 * firstMs / tenth:0} → {1000 * lastMs / tenth:0} µs of processor time a record"),
        };
    }

    private static Tally Drain(int backlog, int drainedPerSecond)
    {
        using FaultDevice device = FaultDevice.Launch(isSerial: false);
        device.Mqtt["historyRecordsPerSecond"] = drainedPerSecond;
        if (device.Outbox is null)
        {
            device.Mqtt["backlogRecords"] = backlog + 1000;
        }

        device.Link.GoAway();
        using WorkerProcess program = device.Start();
        device.Feed(backlog, OfflinePerSecond);
        device.Link.ComeBack();
        program.WaitForLog("connected to", seconds: 90);
        int firstLive = device.Written;
        long startedTicks = Stopwatch.GetTimestamp();
        do
        {
            device.Feed(LivePerSecond, LivePerSecond);
        }
        while (!device.Subscriber.Wait(s => s.Unique >= firstLive, seconds: 0)
            && Stopwatch.GetElapsedTime(startedTicks).TotalSeconds < 3.0 * backlog / drainedPerSecond);

        Tally tally = device.WaitForAll(seconds: 60);
        double[] lateMs = [.. Enumerable.Range(firstLive, device.Written - firstLive).Select(k => LateMs(device, k)).Order()];
        double p50 = lateMs[lateMs.Length / 2];
        double p99 = lateMs[lateMs.Length * 99 / 100];
        Assert.True(p99 < LiveLimitMs, $"p99 of {lateMs.Length} live records is {p99:0.0} ms; below {LiveLimitMs} expected");
        string remark = Text($"live p50 {p50:0.0} ms, p99 {p99:0.0} ms, max {lateMs[^1]:0.0} ms of {lateMs.Length}");
        return tally with { Remark = remark };
    }

    private static double ProcessorMsOf(Action work, WorkerProcess program)
    {
        double before = program.ProcessorMs;
        work();
        return program.ProcessorMs - before;
    }

    // A record that came as history was not live.
    private static double LateMs(FaultDevice device, int number) => device.Subscriber.LiveTicks(number) is long ticks
        ? Stopwatch.GetElapsedTime(device.WrittenTicks(number), ticks).TotalMilliseconds
        : double.PositiveInfinity;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Tests that run when no other does.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;
