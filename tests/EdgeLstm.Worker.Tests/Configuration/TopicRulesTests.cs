// What a configuration may ask of a topic: a filter, no loop, room for the devices.

using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Tests.Configuration;

public sealed class TopicRulesTests
{
    private static readonly MqttSettings Broker = new("h");

    private static string Problems(MqttSettings mqtt, params StreamSettings[] streams)
    {
        ProblemList problems = new("edgelstm.json");
        SettingsRules.Check(new Settings("pi", mqtt, streams), problems);
        return problems.Any ? problems.ToString() : "";
    }

    private static StreamSettings Stream(string topic, string name = "a", int maxDevices = 16) =>
        new(name, new SourceSettings("mqtt", "p.json", Topic: topic, MaxDevices: maxDevices), "m");

    [Theory]
    [InlineData("zigbee2mqtt/freezer")]
    [InlineData("zigbee2mqtt/{device}")]
    [InlineData("{device}/sensor/temperature/state")]
    [InlineData("edgelstm/other/pump/state")]
    [InlineData("homeassistant/device/edgelstm_pi/config")]
    public void A_topic_of_others_is_accepted(string topic) => Assert.Equal("", Problems(Broker, Stream(topic)));

    [Theory]
    [InlineData("#")]
    [InlineData("+/+/+/state")]
    [InlineData("edgelstm/pi/pump/state")]
    [InlineData("edgelstm/{device}/pump/state")]
    [InlineData("edgelstm/#")]
    public void A_topic_that_this_device_publishes_itself_would_be_a_loop(string topic) =>
        Assert.Contains(
            $"streams[0].source.topic: '{topic}' matches what this device publishes itself, edgelstm/pi/#: a loop",
            Problems(Broker, Stream(topic)), StringComparison.Ordinal);

    [Fact]
    public void What_Home_Assistant_is_told_would_be_a_loop_too() =>
        Assert.Contains(
            "a loop", Problems(Broker with { HomeAssistant = true }, Stream("homeassistant/#")), StringComparison.Ordinal);

    [Fact]
    public void What_cannot_be_a_filter_is_named_with_its_place() =>
        Assert.Contains("streams[0].source.topic: '#' must be the last level; got 'a/#/b'", Problems(Broker, Stream("a/#/b")),
            StringComparison.Ordinal);

    [Fact]
    public void The_devices_count_among_the_streams()
    {
        Assert.Equal("", Problems(Broker, Stream("a/{device}", "a", 32), Stream("b/{device}", "b", 32)));
        Assert.Contains("they may become 65",
            Problems(Broker, Stream("a/{device}", "a", 32), Stream("b/{device}", "b", 32), Stream("c", "c")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_of_a_stream_for_each_device_leaves_room_for_theirs()
    {
        Assert.Equal("", Problems(Broker, Stream("a", new string('n', 64)), Stream("a/{device}", new string('n', 40))));
        Assert.Contains("streams[0].name: may have 40 characters", Problems(Broker, Stream("a/{device}", new string('n', 41))),
            StringComparison.Ordinal);
    }
}
