// Faults 9 and 11: more packets than there are packet ids; brokers and programs that allow few or many in flight.

using EdgeLstm.Faults.Rig;

namespace EdgeLstm.Faults;

public sealed class WindowTests
{
    // Messages that are no records: status, health, an answer. They may pass the window, which is for records.
    private const int Announcements = 11;

    [SkippableFact]
    public void Packet_ids_that_begin_again_lose_and_repeat_nothing()
    {
        int count = Counts.Of(66_000, 70_000);
        FaultTable.Row(9, "packet-id wrap", $"{count}", () =>
        {
            using FaultDevice device = FaultDevice.Launch(isSerial: false);
            using WorkerProcess program = device.Start();
            program.WaitForLog("connected to");
            device.Feed(count);
            Tally tally = device.WaitForAll(seconds: 120);
            Assert.InRange(device.Link.Ledger.IdWraps, 1, 2);
            CheckProtocol(device, window: 64);
            Assert.Equal(0, tally.Duplicates);
            return tally;
        });
    }

    [SkippableFact]
    public void Windows_of_any_size_keep_the_protocol()
    {
        (int Broker, int Program)[] windows = [(1, 1), (20, 20), (65_535, 64), (65_535, 1000)];
        int count = Counts.Of(400, 5000);
        FaultTable.Row(11, "window of 1, 20, 64, 1000 against a broker's of 1, 20, 65535", $"{windows.Length} × {count}", () =>
            Rounds.Run(windows.Length, 2, round =>
            {
                (int ofBroker, int ofProgram) = windows[round];
                using FaultDevice device = FaultDevice.Launch(
                    isSerial: false, "allow_anonymous true", $"max_inflight_messages {ofBroker}");
                device.Mqtt["inFlight"] = ofProgram;
                using WorkerProcess program = device.Start();
                program.WaitForLog("connected to");
                device.Feed(count);
                Tally tally = device.WaitForAll(seconds: 120);
                CheckProtocol(device, ofProgram);
                return tally;
            }));
    }

    private static void CheckProtocol(FaultDevice device, int window)
    {
        LinkLedger ledger = device.Link.Ledger;
        Assert.Equal(0, ledger.IdsReused);
        Assert.Equal(0, ledger.StrayAcks);
        Assert.Single(ledger.Passages);
        Assert.InRange(ledger.MostInFlight, 1, window + Announcements);
    }
}
