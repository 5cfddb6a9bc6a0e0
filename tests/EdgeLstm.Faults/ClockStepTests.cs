// Fault 12, second part: the wall clock is moved by an hour, forwards and back, while the program runs.

using EdgeLstm.Faults.Rig;

namespace EdgeLstm.Faults;

public sealed class ClockStepTests
{
    private const int HourSeconds = 3600;
    private const int Samples = 80;   // for longer than the program goes without a look at the clock
    private const int ToleranceSeconds = 60;

    [SkippableFact]
    public void Moving_the_clock_by_an_hour_neither_reorders_nor_repeats_nor_stalls()
    {
        int steps = Counts.Of(4, 20);
        FaultTable.Row(12.1, "clock moved by an hour, forwards and back", $"{steps}", () => Step(steps));
    }

    private static Tally Step(int steps)
    {
        using FaultDevice device = FaultDevice.Launch();
        ClockShim clock = new(device.Folder);
        using WorkerProcess program = device.Start(clock.Variables);
        program.WaitForLog("connected to");
        Tally tally = new(0, 0);
        for (int step = 0; step < steps; step++)
        {
            int offsetSeconds = (step % 4) switch { 0 => HourSeconds, 2 => -HourSeconds, _ => 0 };
            clock.OffsetSeconds = offsetSeconds;
            device.Feed(Samples, perSecond: 50);
            tally = device.WaitForAll(seconds: 20);
            long shownMs = device.Subscriber.Record(device.Written - 1).TimestampUnixMs;
            double shiftSeconds = (shownMs - TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()) / 1000.0;
            Assert.InRange(shiftSeconds, offsetSeconds - ToleranceSeconds, offsetSeconds + ToleranceSeconds);
        }

        for (int number = 0; number < device.Written; number++)
        {
            Assert.Equal(number + 1, device.Subscriber.Record(number).Sequence);
        }

        Assert.Equal(0, tally.Duplicates);
        Assert.Single(device.Link.Ledger.Passages);
        return tally;
    }
}
