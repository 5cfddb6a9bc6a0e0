// A stream that ends while the link goes on: what waits of it is delivered, Home Assistant deletes its entities, its name is
// free.

using System.Text.Json;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Mqtt;

[Collection("mosquitto")]
public sealed class MqttLinkRemoveTests
{
    private const string FanState = "edgelstm/pi/fan/state";

    private readonly StreamRecord _record = new(2, 5);

    private static StreamOutlet Fan() => LinkBench.NewOutlet(ring: 1024) with { Name = "fan" };

    [SkippableFact]
    public void Home_Assistant_is_told_once_what_is_gone_and_then_what_is_left()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(broker.Port) with { HomeAssistant = true });
        StreamOutlet fan = Fan();
        bench.Link.Add(fan);
        Assert.True(subscriber.Wait(s => s.Of("/config") is [.., { } last] && Keys(last).Contains("fan_score")));
        int before = subscriber.Of("/config").Count;

        bench.Link.Remove(fan);
        Assert.True(subscriber.Wait(s => s.Of("/config").Count == before + 2));

        MqttMessage removal = subscriber.Of("/config")[before];
        JsonElement components = removal.Json.GetProperty("cmps");
        string[] gone = [.. Keys(removal).Where(key => key.StartsWith("fan_", StringComparison.Ordinal))];
        Assert.Equal(7, gone.Length);
        Assert.All(gone, key => Assert.Equal("p", Assert.Single(components.GetProperty(key).EnumerateObject()).Name));
        Assert.Equal("binary_sensor", components.GetProperty("fan_alarm").GetProperty("p").GetString());
        Assert.All(Keys(subscriber.Of("/config")[^1]), key => Assert.StartsWith("pump_", key, StringComparison.Ordinal));
        PublishedMessages.ShouldAllKeepTheSchema(subscriber.Messages);
    }

    [SkippableFact]
    public void A_stream_removed_while_the_broker_is_away_is_delivered_and_its_entities_go_when_it_is_back()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(broker.Port) with { HomeAssistant = true });
        StreamOutlet fan = Fan();
        bench.Link.Add(fan);
        Assert.True(subscriber.Wait(s => s.Of("/config") is [.., { } last] && Keys(last).Contains("fan_score")));
        broker.Stop();
        Assert.True(LinkBench.Eventually(() => !bench.Link.Connected));
        for (int i = 1; i <= 50; i++)
        {
            LinkBench.Fill(_record, i);
            fan.Live.Append(_record);
        }

        bench.Link.Remove(fan);
        broker.Start();

        string history = FanState.Replace("/state", "/history", StringComparison.Ordinal);
        Assert.True(subscriber.Wait(s => s.Count(FanState) + s.Count(history) == 50, 30), bench.Describe());
        Assert.True(subscriber.Wait(
            s => Keys(s.Of("/config")[^1]).All(key => key.StartsWith("pump_", StringComparison.Ordinal))));
        Assert.Contains(subscriber.Of("/config"), message => message.Json.GetProperty("cmps").TryGetProperty("fan_alarm",
            out JsonElement alarm) && !alarm.TryGetProperty("name", out _));
        Assert.True(LinkBench.Eventually(() => bench.Link.IsDelivered), bench.Describe());
    }

    [SkippableFact]
    public void The_name_of_a_removed_stream_may_be_used_again()
    {
        using MosquittoBroker broker = MosquittoBroker.Launch();
        using MqttSubscriber subscriber = new(broker.Port);
        using LinkBench bench = new(LinkBench.Options(broker.Port));
        StreamOutlet fan = Fan(), again = Fan();
        bench.Link.Add(fan);
        Assert.Throws<ArgumentException>(() => bench.Link.Add(again));
        bench.Link.Remove(fan);
        bench.Link.Add(again);
        LinkBench.Fill(_record, 7);
        again.Live.Append(_record);
        bench.Link.Wake();
        Assert.True(subscriber.Wait(s => s.Of("/fan/state") is [{ Sequence: 7 }]), bench.Describe());
    }

    private static string[] Keys(MqttMessage message) =>
        [.. message.Json.GetProperty("cmps").EnumerateObject().Select(component => component.Name)];
}
