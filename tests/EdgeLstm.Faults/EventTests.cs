// Fault 15: the broker is away for longer than there is room; alarms must outlast the samples around them.

using EdgeLstm.Faults.Rig;

namespace EdgeLstm.Faults;

public sealed class EventTests
{
    private const int Samples = 300;   // from one alarm to the next: it is cleared in between
    private const int SamplesPerSecond = 2000;
    private const int JumpBy = 1000;
    private const int RoomRecords = 500;
    private const long RoomBytes = 1024 * 1024;
    private const int LimitSeconds = 60;

    [SkippableFact]
    public void Alarms_outlast_the_samples_around_them_when_room_is_short()
    {
        int alarms = Counts.Of(16, 100);
        FaultTable.Row(15, "no room left while offline: alarms before samples", $"{alarms} alarms", () => Overflow(alarms));
    }

    private static Tally Overflow(int alarms)
    {
        using FaultDevice device = FaultDevice.Launch();
        if (device.Outbox is null)
        {
            device.Mqtt["backlogRecords"] = RoomRecords;
        }
        else
        {
            device.Outbox["maxBytes"] = RoomBytes;
        }

        using WorkerProcess program = device.Start();
        program.WaitForLog("connected to");
        device.Feed(Samples, SamplesPerSecond);
        device.WaitForAll();
        device.Link.GoAway();
        List<int> raised = [];
        for (int k = 0; k < alarms; k++)
        {
            raised.Add(device.Jump(JumpBy));
            device.Feed(Samples, SamplesPerSecond);
        }

        device.Link.ComeBack();
        bool isSettled = device.Subscriber.Wait(s => raised.TrueForAll(number => s.EventsOf(number) > 0)
            && s.Health is { } health && OutboxSupport.DroppedOf(health) == device.CountMissing(), LimitSeconds);
        int dropped = device.CountMissing();
        int lost = raised.Count(number => device.Subscriber.EventsOf(number) == 0);
        Assert.True(isSettled || lost > 0, $"{dropped} samples are missing, but health says {device.Subscriber.Health}");
        return new Tally(lost, raised.Sum(number => Math.Max(0, device.Subscriber.EventsOf(number) - 1)),
            $"{dropped} samples dropped, as many counted");
    }
}
