// Fault 12, first part: another client of the same id throws the program out again and again.

using System.Diagnostics;
using EdgeLstm.Faults.Rig;

namespace EdgeLstm.Faults;

public sealed class TakeoverTests
{
    private const int Takeovers = 3;
    private const double FirstWaitMs = 500;

    [SkippableFact]
    public void A_rival_with_the_same_client_id_is_met_less_and_less_often()
    {
        int rounds = Counts.Of(2, 20);
        FaultTable.Row(12, "client-id takeover", $"{rounds} × {Takeovers}", () => Rounds.Run(rounds, 5, _ => MeetRival()));
    }

    private static Tally MeetRival()
    {
        using FaultDevice device = FaultDevice.Launch();
        using WorkerProcess program = device.Start();
        program.WaitForLog("connected to");
        using (MqttClient rival = new(device.Broker.Port, $"edgelstm-{device.Name}", filter: null, _ => { }))
        {
            Thread sensor = device.FeedAside(150, perSecond: 50);
            Assert.True(device.Link.Ledger.Wait(l => l.Passages.Count > Takeovers), "the program did not come back");
            sensor.Join();
        }

        // It waits twice as long each time: half of 1, 2, 4 … s at least.
        IReadOnlyList<LinkPassage> passages = device.Link.Ledger.Passages;
        for (int k = 1; k <= Takeovers; k++)
        {
            double waitMs = Stopwatch.GetElapsedTime(passages[k - 1].EndedTicks, passages[k].BeganTicks).TotalMilliseconds;
            double leastMs = FirstWaitMs * Math.Pow(2, k - 1) * 0.9;
            Assert.True(waitMs > leastMs, $"came back after {waitMs:0} ms the {k}. time; at least {leastMs:0} ms expected");
        }

        return device.WaitForAll(seconds: 90);
    }
}
