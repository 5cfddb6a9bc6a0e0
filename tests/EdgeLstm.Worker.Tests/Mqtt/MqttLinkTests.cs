// The link against a real broker that is well: counts, order, retained topics, schema, latency, allocations.

using System.Diagnostics;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Streams;
using Xunit.Abstractions;

namespace EdgeLstm.Worker.Tests.Mqtt;

[Collection("mosquitto")]
public sealed class MqttLinkTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Twenty_thousand_records_arrive_once_and_in_order()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(broker.Port), ring: 32_768);
        bench.WaitConnected();

        long start = Stopwatch.GetTimestamp();
        bench.Append(20_000);
        Assert.True(subscriber.Wait(s => s.Count(LinkBench.State) >= 20_000, 60));
        output.WriteLine($"20,000 records in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");

        Assert.Equal(Enumerable.Range(1, 20_000).Select(i => (long)i), subscriber.Of("/state").Select(m => m.Sequence));
        Assert.Equal(0, subscriber.Count(LinkBench.History));
        Assert.Equal(0, bench.Link.DroppedRecords);
        Assert.True(LinkBench.Eventually(() => bench.Link.Acknowledged == bench.Link.Published));
        Assert.Equal(20_002, bench.Link.Published);
    }

    [SkippableFact]
    public void Every_published_message_keeps_the_schema()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port);
        MqttOptions options = LinkBench.Options(broker.Port) with { HomeAssistant = true, Requests = true };
        using LinkBench bench = new(options);
        bench.WaitConnected();
        bench.Append(3);
        bench.Append(1, StreamEvent.AlarmRaised);
        bench.Append(1, StreamEvent.StreamLost);
        Assert.True(subscriber.Wait(s => s.Count(LinkBench.State) == 5));
        broker.Stop();
        Assert.True(LinkBench.Eventually(() => !bench.Link.Connected));
        bench.Append(20, StreamEvent.AlarmCleared);
        broker.Start();
        Assert.True(subscriber.Wait(s => s.Of("/history").Count + s.Of("/state").Count == 25));
        subscriber.Publish("edgelstm/pi/request/ping", "{\"id\":\"7\"}"u8);
        subscriber.Publish("edgelstm/pi/request/health", ""u8);
        Assert.True(subscriber.Wait(s => s.Of("/response/ping").Count == 1 && s.Of("/response/health").Count == 1));
        bench.Link.Stop(TimeSpan.FromSeconds(2));
        Assert.True(subscriber.Wait(s => s.Of("/status").Any(m => m.Text == "offline")));

        IEnumerable<MqttMessage> published = subscriber.Messages
            .Where(m => !m.Topic.Contains("/request/", StringComparison.Ordinal));
        PublishedMessages.ShouldAllKeepTheSchema(published);
        string[] kinds = [.. published.Select(m => m.Topic.Split('/')[^1]).Distinct().Order()];
        Assert.Equal(["config", "event", "health", "history", "ping", "state", "status"], kinds);
    }

    [SkippableFact]
    public void A_late_subscriber_finds_status_and_health_retained()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using LinkBench bench = new(LinkBench.Options(broker.Port));
        Assert.True(LinkBench.Eventually(() => bench.Link.Acknowledged == 2));

        using MqttSubscriber subscriber = new(broker.Port);
        Assert.True(subscriber.Wait(s => s.Messages.Count == 2));
        MqttMessage status = Assert.Single(subscriber.Of("/status"));
        Assert.Equal("online", status.Text);
        Assert.True(status.Retained);
        Assert.Equal(1, Assert.Single(subscriber.Of("/health")).Json.GetProperty("uptimeS").GetInt32());
    }

    [SkippableFact]
    public void Stop_sends_what_waits_and_then_a_retained_offline()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(broker.Port), ring: 8192);
        bench.WaitConnected();
        bench.Append(5000);
        bench.Link.Stop(TimeSpan.FromSeconds(5));

        Assert.True(subscriber.Wait(s => s.Messages[^1].Text == "offline"));
        Assert.Equal(5000, subscriber.Count(LinkBench.State));
        Assert.False(bench.Link.Connected);
        using MqttSubscriber late = new(broker.Port, LinkBench.Status);
        Assert.True(late.Wait(s => s.Messages.Count == 1 && s.Messages[0] is { Text: "offline", Retained: true }));
    }

    [SkippableFact]
    public void Publishing_allocates_nothing_on_the_io_thread()
    {
        Skip.If(MosquittoBroker.OtherDriver is not null, MosquittoBroker.OtherDriver);
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using LinkBench bench = new(LinkBench.Options(broker.Port), ring: 16_384);
        bench.WaitConnected();
        bench.Append(2000);
        Assert.True(LinkBench.Eventually(() => bench.Link.Acknowledged == 2002), bench.Describe());
        long before = bench.Link.AllocatedBytes;
        bench.Append(10_000);
        Assert.True(LinkBench.Eventually(() => bench.Link.Acknowledged == 12_002), bench.Describe());
        Assert.Equal(0, bench.Link.AllocatedBytes - before);
    }

    [SkippableFact]
    public void Wake_allocates_nothing()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using LinkBench bench = new(LinkBench.Options(broker.Port));
        Allocation.AssertNone(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                bench.Link.Wake();
            }
        });
    }

    [SkippableFact]
    public void Latency_from_append_to_subscriber_is_measured()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(broker.Port));
        bench.WaitConnected();
        List<double> latenciesMs = [];
        for (int i = 1; i <= 500; i++)
        {
            long appended = bench.Append();
            int expected = i;
            Assert.True(subscriber.Wait(s => s.Count(LinkBench.State) == expected));
            latenciesMs.Add(Stopwatch.GetElapsedTime(appended, subscriber.Messages[^1].ReceivedTicks).TotalMilliseconds);
        }

        latenciesMs.Sort();
        output.WriteLine($"append to subscriber: median {latenciesMs[250]:F3} ms, p99 {latenciesMs[495]:F3} ms");
    }

    [SkippableFact]
    public void Packet_ids_may_wrap_around()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port, LinkBench.State);
        using LinkBench bench = new(LinkBench.Options(broker.Port), ring: 70_000);
        bench.WaitConnected();
        bench.Append(70_000);
        Assert.True(subscriber.Wait(s => s.Count(LinkBench.State) == 70_000, 60), bench.Describe());
        Assert.Equal(70_000, subscriber.Messages.Select(m => m.Sequence).Distinct().Count());
    }

    [SkippableFact]
    public void Live_records_do_not_wait_for_the_backlog()
    {
        Skip.If(MosquittoBroker.Missing is not null, MosquittoBroker.Missing);
        using MosquittoBroker broker = new();
        MqttOptions options = LinkBench.Options(broker.Port) with { HistoryRecordsPerSecond = 5000 };
        using LinkBench bench = new(options, ring: 16_384, backlog: 10_000);
        bench.Append(10_000);
        Assert.True(LinkBench.Eventually(() => bench.Link.BacklogRecords == 9_999), bench.Describe());
        broker.Start();
        using MqttSubscriber subscriber = new(broker.Port);
        bench.WaitConnected();
        List<double> latenciesMs = [];
        while (bench.Link.BacklogRecords > 100)
        {
            int expected = subscriber.Count(LinkBench.State) + 1;
            long appended = bench.Append();
            Assert.True(subscriber.Wait(s => s.Count(LinkBench.State) >= expected), bench.Describe());
            latenciesMs.Add(Stopwatch.GetElapsedTime(appended).TotalMilliseconds);
        }

        latenciesMs.Sort();
        double p99Ms = latenciesMs[latenciesMs.Count * 99 / 100];
        double medianMs = latenciesMs[latenciesMs.Count / 2];
        output.WriteLine($"{latenciesMs.Count} live records beside the backlog: median {medianMs:F3} ms, p99 {p99Ms:F3} ms");
        Assert.True(p99Ms < 100, $"p99 {p99Ms} ms");
    }

    [SkippableFact]
    public void Requests_are_answered_with_their_id_and_refused_when_too_long()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(broker.Port) with { Requests = true });
        Assert.True(LinkBench.Eventually(() => bench.Link.Acknowledged == 2));
        subscriber.Publish("edgelstm/pi/request/ping", "{\"id\":\"42\"}"u8);
        subscriber.Publish("edgelstm/pi/request/ping", new byte[5000]);
        subscriber.Publish("edgelstm/pi/request/ping", "no json"u8);
        Assert.True(subscriber.Wait(s => s.Of("/response/ping").Count == 3));

        IReadOnlyList<MqttMessage> answers = subscriber.Of("/response/ping");
        Assert.Equal("42", answers[0].Json.GetProperty("id").GetString());
        Assert.Contains("5000 bytes", answers[1].Json.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.True(answers[2].Json.TryGetProperty("error", out _));
        PublishedMessages.ShouldAllKeepTheSchema(answers);
    }

    [SkippableFact]
    public void Requests_are_not_answered_unless_they_are_switched_on()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(broker.Port));
        Assert.True(LinkBench.Eventually(() => bench.Link.Acknowledged == 2));
        subscriber.Publish("edgelstm/pi/request/ping", ""u8);
        bench.Append();
        Assert.True(subscriber.Wait(s => s.Count(LinkBench.State) == 1 && s.Of("/request/ping").Count == 1));
        bench.Link.Stop(TimeSpan.FromSeconds(2));
        Assert.True(subscriber.Wait(s => s.Of("/status").Any(m => m.Text == "offline")));
        Assert.Empty(subscriber.Of("/response/ping"));
    }

    [SkippableFact]
    public void Home_Assistant_is_told_on_connect_and_again_when_it_starts()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(broker.Port) with { HomeAssistant = true });
        Assert.True(subscriber.Wait(s => s.Of("/config").Count == 1));
        Assert.True(LinkBench.Eventually(() => bench.Link.Acknowledged == 3));
        broker.WaitForLog("edgelstm-pi 1 homeassistant/status");
        subscriber.Publish("homeassistant/status", "online"u8);
        Assert.True(subscriber.Wait(s => s.Of("/config").Count == 2));
        Assert.Equal("homeassistant/device/edgelstm_pi/config", subscriber.Of("/config")[1].Topic);
    }
}
