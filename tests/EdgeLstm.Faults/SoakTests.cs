// Fault 16: a day of two sensors at 5 Hz, compressed: the broker is stopped and killed, plugs are pulled, the program runs on.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Faults.Rig;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Faults;

/// <summary>Memory is measured here, so nothing else runs meanwhile.</summary>
[Collection("alone")]
public sealed class SoakTests
{
    // So that a connection holds for more than ten seconds between two faults of the broker: after a shorter one the program
    // waits longer each time before it calls again, and nearly all would be history.
    private const int LinePerSecond = 1250;
    private const int MostGrowthBytes = 1024 * 1024;
    private const int DrainLimitSeconds = 120;
    private const int OnTheWayMs = 100;

    // Nothing is allocated for a sample. A lock that is contended for the first time allocates what it waits on.
    private const int MostAllocatedBytes = 1000;

    // Health comes every second, and the counters in it are at most a second old.
    private const double HealthLagSeconds = 2;

    private enum Disturbance
    {
        BrokerStopped,
        LeftUnplugged,
        BrokerKilled,
        RightUnplugged,
    }

    [SkippableFact]
    public void A_day_of_two_sensors_loses_nothing_and_memory_stays_flat()
    {
        int samples = Counts.Of(20_000, 864_000);
        int rounds = Counts.Of(4, 40);
        const string what = "a day of two streams: broker stopped and killed, lines unplugged";
        FaultTable.Row(16, what, $"{samples}, {rounds} faults", () =>
        {
            Skip.If(OutboxSupport.Missing is not null, OutboxSupport.Missing);
            return Soak(samples, rounds);
        });
    }

    private static Tally Soak(int samples, int rounds)
    {
        using MosquittoBroker broker = Brokers.LaunchPersistent();
        using FaultDevice device = new(broker, isSerial: false);
        using SoakLine left = new("left", device.Folder, first: 0);
        using SoakLine right = new("right", device.Folder, first: samples / 2);
        device.Lines.AddRange([left, right]);
        device.Mqtt["historyRecordsPerSecond"] = 100_000;
        device.Mqtt["inFlight"] = 1000;
        using WorkerProcess program = device.Start();
        broker.SaveDatabase();   // the subscriber's session outlives a kill from now on
        using MemoryByTenths memory = new(program, () => (left.Written + right.Written) / (double)samples);
        Thread[] sensors = [.. device.Lines.Select(line => Begin(line, samples / 2))];
        long allocated = 0;   // while nothing was broken
        for (int round = 0; round < rounds; round++)
        {
            long before = AllocatedBytes(device);
            WaitUntil(device, (round + 0.5) * samples / rounds);
            allocated += AllocatedBytes(device) - before;
            Disturb(device, (Disturbance)(round % 4));
        }

        Array.ForEach(sensors, sensor => sensor.Join());
        int lost = WaitForAll(device);
        double growth = memory.GrownBytes;
        string remark = Remark(device, memory, allocated);
        Assert.True(device.Subscriber.OutOfOrder == 0, $"{device.Subscriber.OutOfOrder} records came before one that is older");
        Assert.True(device.Subscriber.Ambiguous == 0, $"{device.Subscriber.Ambiguous} samples came under two (boot, seq)");
        if (Counts.AreFull && WorkerProcess.Binary is not null)   // a just-in-time compiler grows by itself
        {
            Assert.True(growth <= MostGrowthBytes,
                $"{lost} lost, but memory grew by {growth} bytes, at most {MostGrowthBytes}; {remark}");
            Assert.True(allocated < MostAllocatedBytes, $"{lost} lost, but: {remark}");
        }

        return new Tally(lost, device.Subscriber.Duplicates, remark);
    }

    private static Thread Begin(SoakLine line, int samples)
    {
        Thread thread = new(() => line.Feed(samples, LinePerSecond)) { IsBackground = true, Name = line.Name };
        thread.Start();
        return thread;
    }

    private static void WaitUntil(FaultDevice device, double written)
    {
        while (device.Lines.Sum(line => line.Written) < written)
        {
            Pause.For(OnTheWayMs);
        }
    }

    private static void Disturb(FaultDevice device, Disturbance disturbance)
    {
        switch (disturbance)
        {
            case Disturbance.BrokerStopped:
                Restart(device, device.Broker.Stop);
                break;
            case Disturbance.LeftUnplugged:
                device.Lines[0].Unplug(device.Subscriber);
                break;
            case Disturbance.BrokerKilled:
                Restart(device, () => KillBroker(device));
                break;
            case Disturbance.RightUnplugged:
                device.Lines[1].Unplug(device.Subscriber);
                break;
            default:
                break;
        }
    }

    // Away for longer than the flush interval: what is measured meanwhile goes through the disk.
    private static void Restart(FaultDevice device, Action end)
    {
        end();
        Pause.For(Counts.FlushIntervalMs + FaultDevice.ScheduleSlackMs);
        device.Broker.Start();
    }

    // What a broker has acknowledged and forgets when it is killed is lost by the broker: it gets to pass that on, and is killed
    // with everything in its way that it has not acknowledged.
    private static void KillBroker(FaultDevice device)
    {
        device.Link.Stall();
        Pause.For(OnTheWayMs);
        Assert.True(device.Subscriber.Wait(
            subscriber => device.Lines.TrueForAll(line => line.HasAcknowledged(subscriber, device.Link.Ledger)),
            DrainLimitSeconds));
        device.Broker.Kill();
        device.Link.Resume();
    }

    private static int WaitForAll(FaultDevice device)
    {
        device.Subscriber.Wait(subscriber => device.Lines.TrueForAll(line => line.HasArrived(subscriber)), DrainLimitSeconds);
        return device.Lines.Sum(line => line.CountMissing(device.Subscriber));
    }

    // Of all stream threads as of now, which only a later health knows. A short run has no time to wait for one.
    private static long AllocatedBytes(FaultDevice device)
    {
        if (!Counts.AreFull)
        {
            return 0;
        }

        double uptimeSeconds = Uptime(device.Subscriber) + HealthLagSeconds;
        Assert.True(device.Subscriber.Wait(subscriber => Uptime(subscriber) > uptimeSeconds), "no health came");
        return device.Lines.Sum(line => line.HealthOf(device.Subscriber, "allocatedBytes"));
    }

    private static double Uptime(RecordSubscriber subscriber) =>
        subscriber.Health is { } health ? health.GetProperty("uptimeSeconds").GetDouble() : 0;

    private static string Remark(FaultDevice device, MemoryByTenths memory, long allocated)
    {
        JsonElement health = device.Subscriber.Health!.Value;
        double writtenMb = (health.GetProperty("stateBytesWritten").GetInt64()
            + health.GetProperty("outbox").GetProperty("writtenBytes").GetInt64()) / 1e6;
        int unplugs = device.Lines.Sum(line => line.Unplugs);
        int restarts = device.Link.Ledger.Passages.Count - 1;
        string counts = string.Create(CultureInfo.InvariantCulture,
            $"{restarts} reconnects, {unplugs} unplugs, {writtenMb:0.0} MB written to disk");
        string measured = Counts.AreFull
            ? string.Create(CultureInfo.InvariantCulture, $", {allocated} bytes allocated by stream threads between faults")
            : "";
        return $"{counts}{measured}; memory by tenths {memory} MB";
    }
}
