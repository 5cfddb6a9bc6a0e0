// The link when the broker stops, dies, freezes or is cut off: nothing missing, everything dropped is counted, live
// before history.

using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Mqtt;

[Collection("mosquitto")]
public sealed class MqttLinkFaultTests
{
    [SkippableFact]
    public void What_a_stopped_broker_missed_arrives_in_order_as_history_and_live_records_go_to_state()
    {
        using MosquittoBroker broker = PersistentBroker();
        using MqttSubscriber subscriber = new(broker.Port, persistent: true);
        using LinkBench bench = new(LinkBench.Options(broker.Port));
        bench.WaitConnected();
        bench.Append(10);
        Assert.True(subscriber.Wait(s => s.Count(LinkBench.State) == 10));
        broker.Stop();
        Assert.True(LinkBench.Eventually(() => !bench.Link.Connected));
        bench.Append(500);
        Assert.True(LinkBench.Eventually(() => bench.Link.BacklogRecords >= 484));
        broker.Start();
        bench.WaitConnected();
        bench.Append(10);

        Assert.True(subscriber.Wait(s => Received(s).Count == 520), bench.Describe());
        AssertRising(subscriber.Of("/history"));
        Assert.Equal(520, subscriber.Of("/state")[^1].Sequence);
        Assert.Equal(1, bench.Link.Reconnects);
        Assert.Equal(0, bench.Link.DroppedRecords);
        PublishedMessages.ShouldAllKeepTheSchema(subscriber.Messages);
    }

    [SkippableFact]
    public void An_event_that_happened_offline_comes_before_the_history_and_with_its_own_time()
    {
        using MosquittoBroker broker = PersistentBroker();
        using MqttSubscriber subscriber = new(broker.Port, persistent: true);
        using LinkBench bench = new(LinkBench.Options(broker.Port) with { HistoryRecordsPerSecond = 200 });
        bench.WaitConnected();
        broker.Stop();
        Assert.True(LinkBench.Eventually(() => !bench.Link.Connected));
        bench.Append(50);
        bench.Append(1, StreamEvent.AlarmRaised);
        bench.Append(50);
        Assert.True(LinkBench.Eventually(() => bench.Link.BacklogRecords == 101));   // 100 samples and the event
        broker.Start();
        Assert.True(subscriber.Wait(s => s.Count(LinkBench.History) == 100), bench.Describe());

        IReadOnlyList<MqttMessage> messages = subscriber.Messages;
        MqttMessage happened = Assert.Single(subscriber.Of("/event"));
        Assert.Equal(51, happened.Sequence);
        Assert.Equal(1_763_690_000_051, happened.Json.GetProperty("ts").GetInt64());
        Assert.Equal("alarmRaised", happened.Json.GetProperty("event").GetString());
        Assert.True(IndexOf(messages, LinkBench.Event) < IndexOf(messages, LinkBench.History));
        Assert.Equal(101, Assert.Single(subscriber.Of("/state")).Sequence);
    }

    [SkippableFact]
    public void A_backlog_that_overflows_while_the_broker_is_away_keeps_the_newest_and_counts_exactly()
    {
        using MosquittoBroker broker = PersistentBroker();
        using MqttSubscriber subscriber = new(broker.Port, persistent: true);
        using LinkBench bench = new(LinkBench.Options(broker.Port), ring: 8192, backlog: 300);
        bench.WaitConnected();
        broker.Stop();
        Assert.True(LinkBench.Eventually(() => !bench.Link.Connected));
        bench.Append(5000);
        Assert.True(LinkBench.Eventually(() => bench.Link.DroppedRecords == 4699), bench.Describe());
        broker.Start();

        Assert.True(subscriber.Wait(s => Received(s).Count == 301), bench.Describe());
        Assert.Equal(Enumerable.Range(4700, 301).Select(i => (long)i), Received(subscriber).Order());
        Assert.Equal(4699, bench.Link.DroppedRecords);
    }

    [SkippableFact]
    public void Messages_in_flight_when_the_broker_is_killed_are_sent_again()
    {
        using MosquittoBroker broker = PersistentBroker();
        using MqttSubscriber subscriber = new(broker.Port, persistent: true);
        broker.SaveDatabase();
        using LinkBench bench = new(LinkBench.Options(broker.Port));
        bench.WaitConnected();
        bench.Append(5);
        Assert.True(subscriber.Wait(s => s.Count(LinkBench.State) == 5));
        Assert.True(LinkBench.Eventually(() => bench.Link.Acknowledged == 7));

        broker.Freeze();
        bench.Append(40);
        Assert.True(LinkBench.Eventually(() => bench.Link.Published == 27), bench.Describe());
        broker.Kill();
        Assert.True(LinkBench.Eventually(() => !bench.Link.Connected));
        broker.Start();

        Assert.True(subscriber.Wait(s => Received(s).Count == 45), bench.Describe());
        Assert.True(LinkBench.Eventually(() => bench.Link.Acknowledged == bench.Link.Published));
        Assert.Equal(0, bench.Link.DroppedRecords);
    }

    [SkippableFact]
    public void A_frozen_broker_is_noticed_within_twice_the_keep_alive_and_loses_nothing()
    {
        using MosquittoBroker broker = PersistentBroker();
        using MqttSubscriber subscriber = new(broker.Port, persistent: true);
        using LinkBench bench = new(LinkBench.Options(broker.Port));
        bench.WaitConnected();
        broker.Freeze();
        bench.Append(100);
        Assert.True(LinkBench.Eventually(() => !bench.Link.Connected, seconds: 13), bench.Describe());
        bench.Append(100);
        broker.Thaw();

        Assert.True(subscriber.Wait(s => Received(s).Count == 200, 30), bench.Describe());
        Assert.Equal(0, bench.Link.DroppedRecords);
        AssertRising(subscriber.Of("/history"));
    }

    [SkippableFact]
    public void A_broker_that_pauses_costs_nothing_while_the_live_ring_has_room()
    {
        using MosquittoBroker broker = PersistentBroker();
        using MqttSubscriber subscriber = new(broker.Port, persistent: true);
        using LinkBench bench = new(LinkBench.Options(broker.Port) with { KeepAliveSeconds = 60 }, ring: 4096, backlog: 100);
        bench.WaitConnected();
        broker.Freeze();
        bench.Append(2000);
        Assert.True(LinkBench.Eventually(() => bench.Link.BacklogRecords == 100), bench.Describe());
        broker.Thaw();

        Assert.True(subscriber.Wait(s => Received(s).Count == 2000), bench.Describe());
        Assert.Equal(0, bench.Link.DroppedRecords);
        Assert.Single(bench.Log.Lines);
    }

    [SkippableFact]
    public void A_cut_line_makes_the_broker_publish_the_last_will_and_the_link_comes_back()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port, LinkBench.Status);
        using TcpProxy proxy = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(proxy.Port));
        Assert.True(subscriber.Wait(s => s.Messages.Count == 1));

        // With both PUBACKs here nothing is sent twice, and the three texts are exact.
        Assert.True(LinkBench.Eventually(() => bench.Link.Acknowledged == 2));
        proxy.Drop();
        Assert.True(subscriber.Wait(s => s.Messages.Count >= 3), string.Join(", ", subscriber.Messages.Select(m => m.Text)));
        Assert.Equal(["online", "offline", "online"], subscriber.Messages.Select(m => m.Text));
    }

    [SkippableFact]
    public void A_missing_broker_is_one_log_line_and_stop_does_not_wait_for_it()
    {
        Skip.If(MosquittoBroker.Missing is not null, MosquittoBroker.Missing);
        using LinkBench bench = new(LinkBench.Options(MosquittoBroker.FreePort()));
        bench.Append(50);
        Assert.True(LinkBench.Eventually(() => bench.Log.Lines.Count == 1 && bench.Link.BacklogRecords == 49), bench.Describe());
        Assert.Contains("Connection refused", bench.Log.Lines[0], StringComparison.Ordinal);

        // Two more attempts take at most 1 + 2 s; their silence is what is tested.
        Assert.False(LinkBench.Eventually(() => bench.Log.Lines.Count > 1, seconds: 4));
        long start = Environment.TickCount64;
        bench.Link.Stop(TimeSpan.FromSeconds(30));
        Assert.InRange(Environment.TickCount64 - start, 0, 12_000);
        Assert.Contains("50 records not delivered", bench.Log.Lines[^1], StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Two_clients_of_one_id_do_not_fight_without_pause()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using LinkBench first = new(LinkBench.Options(broker.Port));
        first.WaitConnected();
        using LinkBench second = new(LinkBench.Options(broker.Port));
        Assert.True(LinkBench.Eventually(() => second.Log.Lines.Count >= 2));
        Assert.False(LinkBench.Eventually(() => first.Link.Reconnects + second.Link.Reconnects > 8, seconds: 4));
    }

    private static MosquittoBroker PersistentBroker()
    {
        Skip.If(MosquittoBroker.Missing is not null, MosquittoBroker.Missing);
        MosquittoBroker broker = new();
        broker.Configure(["allow_anonymous true", .. broker.Persistence]);
        broker.Start();
        return broker;
    }

    /// <summary>Sequence numbers of all records, duplicates removed.</summary>
    private static HashSet<long> Received(MqttSubscriber subscriber) =>
        [.. subscriber.Of("/state").Concat(subscriber.Of("/history")).Select(m => m.Sequence)];

    private static void AssertRising(IReadOnlyList<MqttMessage> messages)
    {
        long[] sequence = [.. messages.Where(m => !m.Duplicate).Select(m => m.Sequence).Distinct()];
        Assert.NotEmpty(sequence);
        Assert.Equal(sequence.Order(), sequence);
    }

    private static int IndexOf(IReadOnlyList<MqttMessage> messages, string topic) =>
        messages.Select((message, index) => (message, index)).First(pair => pair.message.Topic == topic).index;
}
