// Faults 1 and 14: the program is killed at random moments of its life, with the broker in reach and without.

using EdgeLstm.Faults.Rig;

namespace EdgeLstm.Faults;

public sealed class WorkerKillTests
{
    private const int Window = 64;
    private const int AtOnce = 4;

    private static readonly int Lives = Counts.Of(3, 10);
    private static readonly int Devices = Counts.Of(2, 20);
    private static readonly int Samples = Counts.Of(40, 100);

    // Long enough that some samples of each life are older than the flush interval when it ends.
    private static readonly double LifeMs = 2 * (Counts.FlushIntervalMs + FaultDevice.ScheduleSlackMs);

    [SkippableFact]
    public void Nothing_older_than_the_flush_interval_is_missing_after_kills_of_the_program()
    {
        int damaged = 0;
        string count = $"{Devices * Lives} kills, {Devices * Lives * Samples} records";
        try
        {
            FaultTable.Row(1, "kill -9 of the program at random", count, () => Rounds.Run(Devices, AtOnce, Survive));
        }
        finally
        {
            if (OutboxSupport.Missing is null && SqliteFile.Missing is null)
            {
                FaultTable.Row(14, "integrity of the outbox after each of these kills", $"{Devices * Lives} files",
                    () => new Tally(damaged, 0));
            }
        }

        Tally Survive(int round)
        {
            Random random = new(round);
            using FaultDevice device = FaultDevice.Launch();
            for (int life = 0; life < Lives; life++)
            {
                bool isAway = OutboxSupport.Missing is null && life % 2 == 1;
                LiveAndDie(device, random, isAway);
                Interlocked.Add(ref damaged, IsOutboxWhole(device) ? 0 : 1);
            }

            using WorkerProcess last = device.Start();
            Tally tally = device.WaitForAll();
            int perKill = Window + (int)(Counts.FlushIntervalMs * Samples / LifeMs) + 1;
            Assert.True(tally.Duplicates <= Lives * perKill, $"{tally.Duplicates} duplicates; at most {Lives} × {perKill}");
            return tally with { Remark = OutboxSupport.Missing is { } why ? $"broker in reach only: {why}" : "" };
        }
    }

    private static void LiveAndDie(FaultDevice device, Random random, bool isAway)
    {
        if (isAway)
        {
            device.Link.GoAway();
        }

        using WorkerProcess life = device.Start();
        double perSecond = Samples * 1000 / LifeMs;
        device.Feed(Samples, perSecond * (1 + random.NextDouble()));
        Pause.For(random.Next(Counts.FlushIntervalMs));
        device.Kill(Counts.FlushIntervalMs);
        if (isAway)
        {
            device.Link.ComeBack();
        }
    }

    // The write-ahead log of a killed program is part of its database.
    private static bool IsOutboxWhole(FaultDevice device)
    {
        string path = Path.Combine(device.Folder, device.OutboxPath);
        if (SqliteFile.Missing is not null || !File.Exists(path))
        {
            return true;
        }

        string copy = Path.Combine(device.Folder, "copy.db");
        SqliteFile.Copy(path, copy);
        return SqliteFile.Integrity(copy) == "ok";
    }
}
