// Faults 2 and 3: the broker is killed, stopped, or stands still.

using System.Diagnostics;
using EdgeLstm.Faults.Rig;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Faults;

public sealed class BrokerTests
{
    private const int AtOnce = 4;
    private const int FrozenMs = 15_000;
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
        int rounds = Counts.Of(2, 20);
        double longestMs = 0;
        FaultTable.Row(3, "broker SIGSTOP 15 s", $"{rounds}", () =>
        {
            Tally tally = Rounds.Run(rounds, 10, _ => Freeze(ref longestMs));
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
        Thread sensor = device.FeedAside(120, 150);
        Pause.For(random.Next(50, 400));
        end(broker);
        Pause.For(random.Next(200));
        broker.Start();
        sensor.Join();

        Tally tally = device.WaitForAll(isAtBroker: true);
        Assert.Equal(0, device.Link.Ledger.StrayAcks);
        return tally;
    }

    private static Tally Freeze(ref double longestMs)
    {
        using MosquittoBroker broker = Brokers.LaunchPersistent();
        using FaultDevice device = new(broker);
        device.Mqtt["keepAliveSeconds"] = KeepAliveSeconds;
        using WorkerProcess program = device.Start();
        program.WaitForLog("connected to");
        Thread sensor = device.FeedAside(FrozenMs / 50, perSecond: 20);
        Pause.For(200);
        long frozenTicks = Stopwatch.GetTimestamp();
        broker.Freeze();
        Pause.For(FrozenMs);
        broker.Thaw();
        sensor.Join();

        double noticedMs = Stopwatch.GetElapsedTime(frozenTicks, program.WaitForLog("MQTT: lost")).TotalMilliseconds;
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
