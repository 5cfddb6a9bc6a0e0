// Faults 2 and 3: the broker is killed, stopped, or stands still.

using System.Diagnostics;
using EdgeLstm.Faults.Rig;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Faults;

public sealed class BrokerTests
{
    private const int AtOnce = 4;
    private const int Samples = 500;
    private const int SamplesPerSecond = 1000;

    // PUBACKs that take their time: some records are always under way when the broker ends.
    private const int AckDelayMs = 20;
    private const int SilentMs = 15_000;
    private const int KeepAliveSeconds = 5;

    // The library looks at its clocks once a second, and so do we: each may cost one.
    private const int ClockSlackMs = 2500;

    [SkippableFact]
    public void What_the_program_forgets_the_broker_has_acknowledged_when_it_is_killed()
    {
        int rounds = Counts.Of(3, 50);
        FaultTable.Row(2, "broker kill -9", $"{rounds}",
            () => Rounds.Run(rounds, AtOnce, round => Restart(round, broker => broker.Kill())));
    }

    [SkippableFact]
    public void What_the_program_forgets_the_broker_has_acknowledged_when_it_is_stopped()
    {
        int rounds = Counts.Of(3, 50);
        FaultTable.Row(2.1, "broker SIGTERM", $"{rounds}",
            () => Rounds.Run(rounds, AtOnce, round => Restart(round, broker => broker.Stop())));
    }

    [SkippableFact]
    public void A_broker_that_stands_still_is_noticed_within_twice_the_keep_alive_and_loses_nothing()
    {
        RowOfSilence(3, "broker SIGSTOP 15 s", device => device.Broker.Freeze(), device => device.Broker.Thaw());
    }

    [SkippableFact]
    public void A_line_that_goes_silent_is_noticed_within_twice_the_keep_alive_and_loses_nothing()
    {
        RowOfSilence(3.1, "line silent for 15 s", device => device.Link.Stall(), device => device.Link.Resume());
    }

    private static void RowOfSilence(double number, string test, Action<FaultDevice> begin, Action<FaultDevice> end)
    {
        int rounds = Counts.Of(2, 20);
        double longestMs = 0;
        FaultTable.Row(number, test, $"{rounds}", () =>
        {
            Tally tally = Rounds.Run(rounds, 10, _ => Silence(begin, end, ref longestMs));
            return tally with { Remark = $"noticed after {longestMs / 1000:0.0} s at most, keep-alive {KeepAliveSeconds} s" };
        });
    }

    // Every record must have had its PUBACK on the link in the end: what the broker loses after that is the broker's.
    private static Tally Restart(int round, Action<MosquittoBroker> end)
    {
        Random random = new(round);
        using MosquittoBroker broker = Brokers.LaunchPersistent();
        using FaultDevice device = new(broker);
        using WorkerProcess program = device.Start();
        program.WaitForLog("connected to");
        device.Link.DelayMs = AckDelayMs;
        Thread sensor = device.FeedAside(Samples, SamplesPerSecond);
        Pause.For(random.Next(50, 400));
        end(broker);
        Pause.For(random.Next(200));
        broker.Start();
        sensor.Join();

        Tally tally = device.WaitForAll(isAtBroker: true);
        Assert.Equal(0, device.Link.Ledger.StrayAcks);
        return tally;
    }

    private static Tally Silence(Action<FaultDevice> begin, Action<FaultDevice> end, ref double longestMs)
    {
        using MosquittoBroker broker = Brokers.LaunchPersistent();
        using FaultDevice device = new(broker);
        device.Mqtt["keepAliveSeconds"] = KeepAliveSeconds;
        using WorkerProcess program = device.Start();
        program.WaitForLog("connected to");
        Thread sensor = device.FeedAside(SilentMs / 50, perSecond: 20);
        Pause.For(200);
        long silentTicks = Stopwatch.GetTimestamp();
        begin(device);
        Pause.For(SilentMs);
        end(device);
        sensor.Join();

        double noticedMs = Stopwatch.GetElapsedTime(silentTicks, program.WaitForLog("MQTT: lost")).TotalMilliseconds;
        Assert.True(noticedMs < (2000 * KeepAliveSeconds) + ClockSlackMs, $"noticed after {noticedMs:0} ms");
        InterlockedMax(ref longestMs, noticedMs);
        return device.WaitForAll();
    }

    private static void InterlockedMax(ref double target, double value)
    {
        double seen = Volatile.Read(ref target);
        while (value > seen)
        {
            double before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
