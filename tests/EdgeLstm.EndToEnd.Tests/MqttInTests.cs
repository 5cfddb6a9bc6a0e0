// Topics of other devices in, forecasts out: one stream for each device, as many as allowed, through every mishap.

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Tests;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class MqttInTests
{
    private const string Topic = "zigbee2mqtt/{device}";

    private static JsonObject AddClimate(Device device, string topic = Topic, int? maxDevices = null)
    {
        JsonObject source = new()
        {
            ["kind"] = "mqtt",
            ["topic"] = topic,
            ["profile"] = Path.Combine(RepositoryRoot.Path, "firmware-configs/mqtt/zigbee2mqtt-climate.json"),
        };
        if (maxDevices is not null)
        {
            source["maxDevices"] = maxDevices;
        }

        JsonObject stream = device.AddStream("climate", Device.Model("machine-temperature-gru.safetensors"), source,
            Device.LongPeriodMs);
        stream["clock"] = new JsonObject { ["resample"] = "each" };
        return stream;
    }

    // Requests are subscribed before topics: an answer says that both are.
    private static EdgeProcess StartListening(Device device)
    {
        EdgeProcess edge = device.Start();
        int answers = device.Subscriber.Of("/response/ping").Count;
        for (int i = 0; device.Subscriber.Of("/response/ping").Count == answers; i++)
        {
            Assert.True(i < 40, string.Join('\n', edge.Log));
            device.Subscriber.Publish($"edgelstm/{Device.Name}/request/ping", ""u8);
            device.Subscriber.Wait(s => s.Of("/response/ping").Count > answers, 1);
        }

        return edge;
    }

    private static void Say(Device device, string name, string temperature, bool retain = false) =>
        device.Subscriber.Publish($"zigbee2mqtt/{name}",
            Encoding.UTF8.GetBytes($$"""{"battery":97,"humidity":55.4,"temperature":{{temperature}}}"""), retain);

    // Not faster than the other end publishes: the queue of a device is bounded, and so is patience.
    private static void SayAll(Device device, string name, string stream, IEnumerable<string> temperatures)
    {
        int count = device.Subscriber.Count(Device.Topic(stream, "state"));
        foreach (string temperature in temperatures)
        {
            Say(device, name, temperature);
            device.WaitForStates(stream, ++count);
        }
    }

    private static JsonElement Devices(Device device) => device.AskHealth().GetProperty("devices").GetProperty("climate");

    [SkippableFact]
    public void Devices_that_appear_one_after_another_get_streams_and_forecasts_of_their_own()
    {
        using Device device = Device.Launch();
        device.Mqtt["homeAssistant"] = true;
        AddClimate(device);
        using EdgeProcess edge = StartListening(device);
        (string Name, string Stream)[] sensors =
            [("freezer", "climate-freezer"), ("living room", "climate-living-room-"), ("Küche", "climate-K-che-")];
        string[] lines = Records.Temperatures(60);
        for (int i = 0; i < sensors.Length; i++)
        {
            Say(device, sensors[i].Name, lines[0]);
            edge.WaitForLog($"climate: device '{sensors[i].Name}' has spoken; its stream is ", times: 1);
            string[] log = [.. edge.Log.Where(line => line.Contains($"'{sensors[i].Name}'", StringComparison.Ordinal))];
            string stream = Assert.Single(log).Split(' ')[^1];
            Assert.StartsWith(sensors[i].Stream, stream, StringComparison.Ordinal);
            sensors[i].Stream = stream;
            device.WaitForStates(stream, 1);
            SayAll(device, sensors[i].Name, stream, lines[1..]);
        }

        string[] expected = ReplayOf(device, lines);
        foreach ((_, string stream) in sensors)
        {
            SortedDictionary<long, JsonElement> records = Records.Of(device, stream);
            records.ShouldBe(lines, "temperature");
            Assert.Equal(expected, records.Values.Select(Records.Figures));
        }

        Assert.Equal(
            sensors.Select(sensor => sensor.Stream).Order(),
            device.AskHealth().GetProperty("streams").EnumerateObject().Select(stream => stream.Name).Order());
        string announced = device.Subscriber.Of("/config")[^1].Text;
        Assert.All(sensors, sensor => Assert.Contains(Device.Topic(sensor.Stream, "state"), announced, StringComparison.Ordinal));
        PublishedMessages.ShouldAllKeepTheSchema(
            device.Subscriber.Messages.Where(message => message.Topic.StartsWith("edgelstm/", StringComparison.Ordinal)
                && !message.Topic.Contains("/request/", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public void Devices_beyond_the_limit_are_counted_and_named_once()
    {
        using Device device = Device.Launch();
        AddClimate(device, maxDevices: 2);
        using EdgeProcess edge = StartListening(device);
        foreach (string name in new[] { "first", "second" })
        {
            Say(device, name, "90");
            device.WaitForStates($"climate-{name}", 1);
        }

        Say(device, "third", "90");
        edge.WaitForLog("climate: device 'third' gets no stream: source.maxDevices is 2");
        for (int i = 0; i < 50; i++)
        {
            Say(device, "third", "90");
        }

        SayAll(device, "first", "climate-first", ["91"]);
        JsonElement devices = Devices(device);
        Assert.Equal((2, 2, 1), (Int(devices, "streams"), Int(devices, "limit"), Int(devices, "refused")));
        Assert.Equal("third", devices.GetProperty("refusedNames")[0].GetString());
        Assert.Equal(51, Int(devices, "dropped"));
        Assert.Single(edge.Log, line => line.Contains("'third'", StringComparison.Ordinal));
        Assert.DoesNotContain(device.Subscriber.Messages,
            message => message.Topic.StartsWith($"edgelstm/{Device.Name}/climate-third", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void What_is_malformed_retained_or_of_another_kind_is_counted_and_never_a_value()
    {
        using Device device = Device.Launch();
        device.Subscriber.Publish("zigbee2mqtt/freezer", """{"temperature":11}"""u8, retain: true);
        Assert.True(device.Subscriber.Wait(s => s.Count("zigbee2mqtt/freezer") == 1));
        AddClimate(device);
        using EdgeProcess edge = StartListening(device);
        string[] foreign = ["""{"state":"ON"}""", "online", """{"temperature":""", """{"temperature":"warm"}""", "[]"];
        foreach (string message in foreign)
        {
            device.Subscriber.Publish("zigbee2mqtt/lamp", Encoding.UTF8.GetBytes(message));
        }

        string[] lines = Records.Temperatures(20);
        SayAll(device, "freezer", "climate-freezer", lines[..10]);
        foreach (string message in foreign)
        {
            device.Subscriber.Publish("zigbee2mqtt/freezer", Encoding.UTF8.GetBytes(message));
        }

        device.Subscriber.Publish("zigbee2mqtt/freezer", new byte[20_000]);
        SayAll(device, "freezer", "climate-freezer", lines[10..]);
        Records.Of(device, "climate-freezer").ShouldBe(lines, "temperature");

        JsonElement health = device.AskHealth();
        JsonElement stream = health.GetProperty("streams").GetProperty("climate-freezer");
        JsonElement devices = health.GetProperty("devices").GetProperty("climate");
        Assert.Equal((5, 1), (Int(stream, "recordsRejected"), Int(stream, "sourceDropped")));
        Assert.Equal((5, 1, 0), (Int(devices, "unreadable"), Int(devices, "streams"), Int(devices, "refused")));
        Assert.Equal(1, Int(health.GetProperty("mqtt"), "receivedRetained"));
        Assert.Equal(31, Int(health.GetProperty("mqtt"), "received"));
    }

    [SkippableFact]
    public void A_broker_that_goes_and_comes_loses_nothing_but_what_was_said_meanwhile()
    {
        using Device device = Device.Launch();
        AddClimate(device, "zigbee2mqtt/freezer");
        using EdgeProcess edge = StartListening(device);
        string[] lines = Records.Temperatures(20);
        SayAll(device, "freezer", "climate", lines[..10]);
        device.Broker.Stop();
        edge.WaitForLog("climate: topic zigbee2mqtt/freezer is lost: the broker is not connected");
        device.Broker.Start();
        device.Broker.WaitForLog($"edgelstm-{Device.Name} 1 zigbee2mqtt/freezer");
        device.Broker.WaitForLog(" 1 #");   // the listener of this test is back too
        SayAll(device, "freezer", "climate", lines[10..]);
        edge.WaitForLog("climate: topic zigbee2mqtt/freezer is back");
        Records.Of(device, "climate").ShouldBe(lines, "temperature");
        JsonElement stream = device.AskHealth().GetProperty("streams").GetProperty("climate");
        Assert.Equal((1, JsonValueKind.Null), (Int(stream, "reopened"), stream.GetProperty("problem").ValueKind));
    }

    [SkippableFact]
    public void After_a_restart_each_device_goes_on_where_it_was_once_it_speaks()
    {
        using Device device = Device.Launch();
        AddClimate(device);
        string[] lines = Records.Temperatures(60);
        string[] names = ["attic", "cellar"];
        using (EdgeProcess first = StartListening(device))
        {
            foreach (string name in names)
            {
                Say(device, name, lines[0]);
                device.WaitForStates($"climate-{name}", 1);
                SayAll(device, name, $"climate-{name}", lines[1..30]);
            }

            first.Terminate();
            Assert.Equal(0, first.WaitForExit());
        }

        using EdgeProcess second = StartListening(device);
        Assert.Equal(0, Int(Devices(device), "streams"));
        SayAll(device, "cellar", "climate-cellar", lines[30..]);
        second.WaitForLog("climate-cellar: state restored");
        SayAll(device, "attic", "climate-attic", lines[30..]);
        string[] expected = ReplayOf(device, lines);
        foreach (string name in names)
        {
            string[] boots = Records.Boots(device, $"climate-{name}");
            Assert.Equal(expected, boots.SelectMany(boot =>
                Records.Of(device, $"climate-{name}", boot).Values.Select(Records.Figures)));
        }
    }

    private static int Int(JsonElement parent, string name) => parent.GetProperty(name).GetInt32();

    // A recording stands for the stream of any device; it holds the channels in their units.
    private static string[] ReplayOf(Device device, string[] lines)
    {
        string recording = Path.Combine(device.Folder, "recording.csv");
        File.WriteAllLines(recording, ["temperature", .. lines]);
        (int code, string output, string log) = EdgeProcess.Execute("replay", device.Configuration, recording);
        Assert.True(code == 0, log);
        string[] records = output.Split('\n');
        Assert.True(records.Length == lines.Length, records.Length.ToString(CultureInfo.InvariantCulture));
        return [.. records.Select(line => Records.Figures(JsonDocument.Parse(line).RootElement))];
    }
}
