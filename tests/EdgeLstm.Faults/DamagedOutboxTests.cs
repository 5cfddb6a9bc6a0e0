// Fault 7: the outbox file is truncated, or bits of it are flipped, while the program is not running.

using EdgeLstm.Faults.Rig;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Faults;

public sealed class DamagedOutboxTests
{
    private const int AtOnce = 6;
    private const int Rows = 500;
    private const int LiveSamples = 20;
    private const int MostFlips = 16;

    // Of a file cut shorter than this nothing is left that could say how much it held.
    private const int TellingBytes = 4 * 4096;
    private const int PollMs = 100;
    private const int WriteLimitMs = 30_000;
    private const int ReportLimitSeconds = 30;

    [SkippableFact]
    public void The_program_starts_with_any_damaged_outbox_and_says_what_is_lost()
    {
        int rounds = Counts.Of(6, 1000);
        FaultTable.Row(7, "outbox truncated or bits flipped", $"{rounds} × {Rows} rows", () =>
        {
            Skip.If(OutboxSupport.Missing is not null, OutboxSupport.Missing);
            Skip.If(SqliteFile.Missing is not null, SqliteFile.Missing);
            byte[] whole = WriteOutbox();
            int missing = 0;
            using MosquittoBroker broker = Brokers.Launch();
            Tally tally = Rounds.Run(rounds, AtOnce, round => Start(broker, Damage(whole, new Random(round)), ref missing));
            return tally with { Remark = $"lost counts what was not reported; {missing} records were lost in all" };
        });
    }

    // An outbox with all its rows in the file itself: what a write-ahead log loses at its end nobody can know.
    private static byte[] WriteOutbox()
    {
        using FaultDevice device = FaultDevice.Launch(isSerial: false);
        string path = Path.Combine(device.Folder, device.OutboxPath);
        string copy = Path.Combine(device.Folder, "copy.db");
        device.Link.GoAway();
        using WorkerProcess program = device.Start();
        device.Feed(Rows, perSecond: 2000);
        for (long until = Environment.TickCount64 + WriteLimitMs; CountRows() < Rows;)
        {
            Assert.True(Environment.TickCount64 < until, $"{CountRows()} of {Rows} records reached the outbox");
            Pause.For(PollMs);
        }

        program.Kill();
        SqliteFile.Copy(path, copy);
        SqliteFile.Checkpoint(copy);
        return File.ReadAllBytes(copy);

        int CountRows()
        {
            if (!File.Exists(path))
            {
                return 0;
            }

            SqliteFile.Copy(path, copy);
            return SqliteFile.CountRows(copy, "outbox");
        }
    }

    private static byte[] Damage(byte[] whole, Random random)
    {
        if (random.Next(2) == 0)
        {
            return whole[..random.Next(whole.Length)];
        }

        byte[] damaged = [.. whole];
        for (int flips = 1 + random.Next(MostFlips); flips > 0; flips--)
        {
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
        }

        return damaged;
    }

    private static Tally Start(MosquittoBroker broker, byte[] outbox, ref int missing)
    {
        using FaultDevice device = new(broker);
        File.WriteAllBytes(Path.Combine(device.Folder, device.OutboxPath), outbox);
        device.Adopt(Rows);
        using WorkerProcess program = device.Start();
        program.WaitForLog("connected to");
        device.Feed(LiveSamples, perSecond: 100);
        device.Subscriber.Wait(s => s.Health is { } health && Enumerable.Range(Rows, LiveSamples).All(s.Has)
            && (outbox.Length < TellingBytes || device.CountMissing() <= OutboxSupport.LostOf(health)), ReportLimitSeconds);

        Assert.False(program.HasExited, $"the program has ended:\n{string.Join('\n', program.Log)}");
        Assert.True(Enumerable.Range(Rows, LiveSamples).All(device.Subscriber.Has), "a live record did not arrive");
        int lost = device.CountMissing();
        int reported = device.Subscriber.Health is { } said ? OutboxSupport.LostOf(said) : 0;
        Interlocked.Add(ref missing, lost);
        int unreported = outbox.Length < TellingBytes ? 0 : Math.Max(0, lost - reported);
        return new Tally(unreported, device.Subscriber.Duplicates);
    }
}
