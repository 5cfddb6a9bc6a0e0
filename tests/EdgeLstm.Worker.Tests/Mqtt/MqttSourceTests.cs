// Topics as sources over a real broker: beside what is published, on the same connection.

using System.Globalization;
using System.Text;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Streams;
using EdgeLstm.Worker.Tests.Sensors.Mqtt;

namespace EdgeLstm.Worker.Tests.Mqtt;

[Collection("mosquitto")]
public sealed class MqttSourceTests
{
    private const string Topic = "home/freezer";

    private readonly TopicRouter _router = new();
    private readonly byte[] _buffer = new byte[TopicQueue.MessageLimitBytes];

    private QueuedSource Open(string topic = Topic) => _router.Open(TopicPlans.Create(topic));

    private (SourceRead Found, string Text) Read(QueuedSource source)
    {
        SourceRead found;
        int count = 0;
        long until = Environment.TickCount64 + 20_000;
        while ((found = source.Read(_buffer, 100, out count, out _)) == SourceRead.Idle && Environment.TickCount64 < until)
        {
        }

        return (found, Encoding.UTF8.GetString(_buffer, 0, count));
    }

    [SkippableFact]
    public void Messages_arrive_in_order_while_records_are_published()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber peer = new(broker.Port, LinkBench.State);
        using QueuedSource source = Open();
        using LinkBench bench = new(LinkBench.Options(broker.Port), ring: 4096, sources: _router);
        broker.WaitForLog($"edgelstm-pi 1 {Topic}");
        for (int i = 0; i < 1000; i++)
        {
            bench.Append();
            peer.Publish(Topic, Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture)));
            Assert.Equal((SourceRead.Data, i.ToString(CultureInfo.InvariantCulture)), Read(source));
        }

        Assert.True(peer.Wait(s => s.Count(LinkBench.State) == 1000), bench.Describe());
        Assert.True(LinkBench.Eventually(() => _router.Routed >= 1000), "counted after it was handed over");
        Assert.Equal((1000, 0, 0), (_router.Routed, _router.Retained, source.Dropped));
    }

    [SkippableFact]
    public void Receiving_allocates_nothing_on_the_io_thread()
    {
        Skip.If(MosquittoBroker.OtherDriver is not null, MosquittoBroker.OtherDriver);
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber peer = new(broker.Port, "none");
        using QueuedSource source = Open();
        using LinkBench bench = new(LinkBench.Options(broker.Port), sources: _router);
        broker.WaitForLog($"edgelstm-pi 1 {Topic}");
        Send(1000);

        // The least of several rounds: the runtime's own rare allocations on the thread do not count.
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = bench.Link.AllocatedBytes;
            Send(2000);
            least = Math.Min(least, bench.Link.AllocatedBytes - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(SourceRead.Data, Read(source).Found);

        void Send(int count)
        {
            long expected = _router.Routed + count;
            for (int i = 0; i < count; i++)
            {
                peer.Publish(Topic, "-18.25"u8);
            }

            Assert.True(LinkBench.Eventually(() => _router.Routed == expected), $"{_router.Routed} of {expected}");

            // The figure is written at the end of the step that received the last message.
            bench.Append();
            Assert.True(LinkBench.Eventually(() => bench.Link.IsDelivered), bench.Describe());
        }
    }

    [SkippableFact]
    public void A_broker_that_goes_loses_the_source_and_the_next_message_brings_it_back()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber peer = new(broker.Port, "none");
        using QueuedSource source = Open();
        using LinkBench bench = new(LinkBench.Options(broker.Port), sources: _router);
        broker.WaitForLog($"edgelstm-pi 1 {Topic}");
        peer.Publish(Topic, "1"u8);
        Assert.Equal((SourceRead.Data, "1"), Read(source));

        broker.Stop();
        Assert.Equal((SourceRead.Lost, "the broker is not connected"), (Read(source).Found, source.Problem));
        broker.Start();
        broker.WaitForLog($"edgelstm-pi 1 {Topic}");
        Assert.True(LinkBench.Eventually(() => source.Problem == "no message since the broker is back"), source.Problem);
        using MqttSubscriber after = new(broker.Port, "none");
        after.Publish(Topic, "2"u8);
        Assert.Equal(SourceRead.Back, Read(source).Found);
        Assert.Equal((SourceRead.Data, "2"), Read(source));
        Assert.Null(source.Problem);
    }

    [SkippableFact]
    public void A_broker_that_was_never_there_is_said()
    {
        using QueuedSource source = Open();
        using LinkBench bench = new(LinkBench.Options(MosquittoBroker.FreePort()), sources: _router);
        Assert.Equal((SourceRead.Lost, "the broker is not connected"), (Read(source).Found, source.Problem));
    }

    [SkippableFact]
    public void A_retained_message_is_no_reading()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber peer = new(broker.Port, Topic);
        peer.Publish(Topic, "old"u8, retain: true);
        Assert.True(peer.Wait(s => s.Messages.Count == 1));
        using QueuedSource source = Open();
        using LinkBench bench = new(LinkBench.Options(broker.Port), sources: _router);
        Assert.True(LinkBench.Eventually(() => _router.Retained == 1));

        // Retained for others, but fresh for those who already listen.
        peer.Publish(Topic, "new"u8, retain: true);
        Assert.Equal((SourceRead.Data, "new"), Read(source));
    }

    [SkippableFact]
    public void A_refused_subscription_is_said_by_the_source_and_in_the_log()
    {
        Skip.If(MosquittoBroker.Missing is not null, MosquittoBroker.Missing);
        using RefusingBroker broker = new();
        using QueuedSource source = Open();
        using LinkBench bench = new(LinkBench.Options(broker.Port), sources: _router);
        Assert.Equal(SourceRead.Lost, Read(source).Found);
        Assert.Contains($"the broker refuses subscription to '{Topic}'", source.Problem, StringComparison.Ordinal);
        Assert.True(LinkBench.Eventually(
            () => bench.Log.Lines.Any(line => line.Contains("refuses subscription", StringComparison.Ordinal))));
        Assert.True(bench.Link.Connected, bench.Describe());
    }

    [SkippableFact]
    public void A_stream_that_is_added_while_the_link_runs_is_published_and_announced()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber peer = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(broker.Port) with { HomeAssistant = true });
        Assert.True(peer.Wait(s => s.Of("/config").Count == 1), bench.Describe());
        StreamOutlet added = LinkBench.NewOutlet() with { Name = "pump-2", Live = new RecordRing(64, 2, 5) };
        bench.Link.Add(added);
        Assert.True(peer.Wait(s => s.Of("/config").Count == 2), bench.Describe());
        StreamRecord record = new(2, 5);
        LinkBench.Fill(record, 1);
        added.Live.Append(record);
        bench.Link.Wake();
        Assert.True(peer.Wait(s => s.Count("edgelstm/pi/pump-2/state") == 1), bench.Describe());
        bench.Append();
        Assert.True(peer.Wait(s => s.Count(LinkBench.State) == 1), bench.Describe());

        string[] components = [.. peer.Of("/config")[1].Json.GetProperty("cmps").EnumerateObject().Select(entry => entry.Name)];
        Assert.Contains("pump_score", components);
        Assert.Contains("pump-2_score", components);
        PublishedMessages.ShouldAllKeepTheSchema(peer.Messages);
        Assert.Throws<ArgumentException>(() => bench.Link.Add(added));
        Assert.Throws<ArgumentException>(() => bench.Link.Add(added with { Name = "a/b" }));
    }

    [SkippableFact]
    public void Without_the_service_topics_can_be_listened_to_and_the_service_goes_on()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber peer = new(broker.Port);
        using LinkBench service = new(LinkBench.Options(broker.Port));
        service.WaitConnected();
        using QueuedSource source = Open("zigbee2mqtt/{device}");   // of whatever device
        using (TopicListener listener = new(LinkBench.Options(broker.Port), "pi", _router))
        {
            listener.Start();
            broker.WaitForLog($"edgelstm-pi-listen-{Environment.ProcessId} 1 zigbee2mqtt/+");
            peer.Publish("zigbee2mqtt/freezer", "1"u8);
            peer.Publish("zigbee2mqtt/attic", "2"u8);
            Assert.Equal((SourceRead.Data, "1"), Read(source));
            Assert.Equal((SourceRead.Data, "2"), Read(source));
        }

        service.Append();
        Assert.True(peer.Wait(s => s.Count(LinkBench.State) == 1), service.Describe());
        Assert.True(service.Link.Connected);
        Assert.DoesNotContain(peer.Messages, message => message.Text == "offline");
        Assert.DoesNotContain(peer.Messages, message => message.Topic.Contains("response", StringComparison.Ordinal));
    }
}
