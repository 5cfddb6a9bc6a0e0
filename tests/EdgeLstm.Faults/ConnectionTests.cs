// Faults 4 and 5: the connection is reset at each byte; PUBACKs are swallowed and the connection is closed.

using EdgeLstm.Faults.Rig;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Faults;

public sealed class ConnectionTests
{
    private const int AtOnce = 6;
    private const int Samples = 5;
    private const int CutRecords = 3;

    // Of CONNECT exactly, which the test checks; records are longer.
    private const int ConnectBytes = 62;
    private const int RecordBytes = 250;

    [SkippableFact]
    public void Nothing_is_missing_after_a_reset_at_any_byte_of_connect_and_three_publish()
    {
        CutPoint[] all =
        [
            .. Enumerable.Range(0, ConnectBytes).Select(offset => new CutPoint(PacketKind.Connect, 0, offset)),
            .. Enumerable.Range(0, CutRecords * RecordBytes / 4).Select(
                k => new CutPoint(PacketKind.Publish, k % CutRecords, k / CutRecords * 4)),
        ];
        CutPoint[] points = Counts.AreFull ? all : [.. all.Where((_, k) => k % 31 == 3)];
        using MosquittoBroker broker = Brokers.Launch();
        FaultTable.Row(4, "connection reset inside CONNECT (each byte) and three PUBLISH (each fourth)", $"{points.Length}", () =>
        {
            int cuts = 0;
            Tally tally = Rounds.Run(points.Length, AtOnce, round => Cut(broker, points[round], ref cuts));
            Assert.Equal(points.Length, cuts);
            return tally;
        });
    }

    [SkippableFact]
    public void Records_whose_pubacks_were_swallowed_are_sent_again()
    {
        int rounds = Counts.Of(4, 100);
        using MosquittoBroker broker = Brokers.Launch();
        FaultTable.Row(5, "PUBACKs swallowed, then closed", $"{rounds}",
            () => Rounds.Run(rounds, AtOnce, round => Swallow(broker, 1 + (7 * round % 40))));
    }

    private static Tally Cut(MosquittoBroker broker, CutPoint point, ref int cuts)
    {
        using FaultDevice device = new(broker);
        device.Link.CutAt(point);
        device.Feed(Samples);
        using WorkerProcess program = device.Start();
        Assert.True(device.Link.Ledger.Wait(_ => device.Link.Cuts == 1), $"no {point} passed");
        device.Feed(Samples);
        Tally tally = device.WaitForAll();
        Assert.Equal(ConnectBytes, device.Link.Ledger.Passages[0].ConnectBytes);
        Interlocked.Add(ref cuts, device.Link.Cuts);
        return tally;
    }

    private static Tally Swallow(MosquittoBroker broker, int count)
    {
        using FaultDevice device = new(broker);
        LinkLedger ledger = device.Link.Ledger;
        using WorkerProcess program = device.Start();
        device.Feed(1);
        Assert.True(ledger.Wait(l => l.IsAcknowledged(0)), "the first record had no PUBACK");
        device.Link.SwallowsAcks = true;
        device.Feed(count);
        Assert.True(ledger.Wait(_ => ArePublished(1)), "not all records were published");
        Assert.True(ledger.Wait(l => l.Swallowed >= count), $"{ledger.Swallowed} of {count} PUBACKs came");
        device.Link.SwallowsAcks = false;
        device.Link.Drop();

        Tally tally = device.WaitForAll(isAtBroker: true);
        Assert.True(ArePublished(2), "a record without PUBACK was not sent again");
        Assert.True(ledger.Repeats >= count, $"{ledger.Repeats} of {count} packets said that they are sent again");
        return tally;

        bool ArePublished(int times) => Enumerable.Range(1, count).All(number => ledger.PublishesOf(number) >= times);
    }
}
