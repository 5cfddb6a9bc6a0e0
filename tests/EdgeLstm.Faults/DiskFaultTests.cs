// Fault 8: the disk under the outbox is full, fails, or may not be written.

using System.Diagnostics;
using EdgeLstm.Faults.Rig;

namespace EdgeLstm.Faults;

public sealed class DiskFaultTests
{
    private const int AtOnce = 4;
    private const int LiveSamples = 50;
    private const int OfflineSamples = 3000;   // more than a megabyte: beyond what either disk takes
    private const int LimitBytes = 256 * 1024;
    private const int ReportLimitSeconds = 30;

    private static readonly int Each = Counts.Of(2, 20);

    [SkippableFact]
    public void Sampling_and_live_publishing_go_on_with_a_full_disk() =>
        FaultTable.Row(8, "disk full (a tmpfs of 256 KB)", $"{Each}", () => RunAll(
            device => Mount(device, $"size={LimitBytes}"), fileLimitBytes: null));

    [SkippableFact]
    public void Sampling_and_live_publishing_go_on_with_a_disk_that_fails() =>
        FaultTable.Row(8.1, "I/O error (no file may grow beyond 256 KB)", $"{Each}", () => RunAll(_ => { }, LimitBytes));

    [SkippableFact]
    public void Sampling_and_live_publishing_go_on_with_a_read_only_disk() =>
        FaultTable.Row(8.2, "disk read-only", $"{Each}", () => RunAll(device => Mount(device, "ro"), fileLimitBytes: null));

    [SkippableFact]
    public void Live_publishing_goes_on_with_a_read_only_disk_even_where_it_is_to_be_written_first() =>
        FaultTable.Row(8.3, "disk read-only, durability strict", $"{Each}", () => RunAll(
            device =>
            {
                device.Outbox!["durability"] = "strict";
                Mount(device, "ro");
            },
            fileLimitBytes: null));

    private static Tally RunAll(Action<FaultDevice> prepare, long? fileLimitBytes)
    {
        Skip.If(OutboxSupport.Missing is not null, OutboxSupport.Missing);
        int missing = 0;
        Tally tally = Rounds.Run(Each, AtOnce, _ =>
        {
            using FaultDevice device = FaultDevice.Launch();
            prepare(device);
            try
            {
                return Run(device, fileLimitBytes, ref missing);
            }
            finally
            {
                Execute("umount", "-l", device.StateFolder);
            }
        });
        return tally with
        {
            Remark = $"lost counts what was not reported; {missing} of {Each * OfflineSamples} records found no room offline",
        };
    }

    private static Tally Run(FaultDevice device, long? fileLimitBytes, ref int missing)
    {
        using WorkerProcess program = device.Start(fileLimitBytes: fileLimitBytes);
        program.WaitForLog("connected to");
        FeedLive(device);
        device.Link.GoAway();
        device.Feed(OfflineSamples, perSecond: 2000);
        device.Link.ComeBack();
        program.WaitForLog("connected to", times: 2);
        FeedLive(device);
        device.Subscriber.Wait(
            s => s.Health is { } health && device.CountMissing() <= OutboxSupport.DroppedOf(health), ReportLimitSeconds);

        int lost = device.CountMissing();
        int reported = device.Subscriber.Health is { } said ? OutboxSupport.DroppedOf(said) : 0;
        Assert.True(reported <= lost, $"{reported} records were reported as dropped, {lost} are missing");
        Interlocked.Add(ref missing, lost);
        program.Kill();
        return new Tally(Math.Max(0, lost - reported), device.Subscriber.Duplicates);
    }

    private static void FeedLive(FaultDevice device)
    {
        int first = device.Written;
        device.Feed(LiveSamples, perSecond: 100);
        int[] numbers = [.. Enumerable.Range(first, LiveSamples)];
        Assert.True(device.Subscriber.Wait(s => Array.TrueForAll(numbers, number => s.LiveTicks(number) is not null)),
            $"{numbers.Count(number => device.Subscriber.LiveTicks(number) is null)} of {LiveSamples} did not arrive live");
    }

    private static void Mount(FaultDevice device, string options)
    {
        int code = Execute("mount", "-t", "tmpfs", "-o", options, "tmpfs", device.StateFolder);
        Skip.If(code != 0, "a tmpfs cannot be mounted here (needs root)");
    }

    private static int Execute(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
