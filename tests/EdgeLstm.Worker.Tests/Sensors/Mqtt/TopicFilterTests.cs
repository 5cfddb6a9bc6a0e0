// Topic filters against the examples of the MQTT standard and against a plain definition.

using System.Text;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Tests.Sensors.Mqtt;

public sealed class TopicFilterTests
{
    // MQTT 3.1.1, 4.7.1 and 4.7.2.
    [Theory]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/ranking", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true)]
    [InlineData("sport/tennis/player1/#", "sport/tennis/player10", false)]
    [InlineData("sport/#", "sport", true)]
    [InlineData("#", "anything/at/all", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1", true)]
    [InlineData("sport/tennis/+", "sport/tennis/player1/ranking", false)]
    [InlineData("sport/+", "sport", false)]
    [InlineData("sport/+", "sport/", true)]
    [InlineData("+/+", "/finance", true)]
    [InlineData("/+", "/finance", true)]
    [InlineData("+", "/finance", false)]
    [InlineData("#", "$SYS/uptime", false)]
    [InlineData("+/monitor/Clients", "$SYS/monitor/Clients", false)]
    [InlineData("$SYS/#", "$SYS/", true)]
    [InlineData("$SYS/monitor/+", "$SYS/monitor/Clients", true)]
    [InlineData("zigbee2mqtt/freezer", "zigbee2mqtt/freezer", true)]
    [InlineData("zigbee2mqtt/freezer", "zigbee2mqtt/Freezer", false)]
    [InlineData("a/b", "a/b/", false)]
    [InlineData("a/b/", "a/b", false)]
    [InlineData("a//c", "a//c", true)]
    public void A_filter_matches_as_the_standard_says(string filter, string topic, bool expected) =>
        Assert.Equal(expected, new TopicFilter(filter).Matches(Encoding.UTF8.GetBytes(topic), out _));

    [Theory]
    [InlineData("zigbee2mqtt/{device}", "zigbee2mqtt/Küche Süd", "Küche Süd")]
    [InlineData("tele/{device}/SENSOR", "tele/tasmota_1/SENSOR", "tasmota_1")]
    [InlineData("{device}/sensor/temperature/state", "attic/sensor/temperature/state", "attic")]
    [InlineData("zigbee2mqtt/+/{device}", "zigbee2mqtt/kitchen/freezer", "freezer")]
    [InlineData("zigbee2mqtt/{device}", "zigbee2mqtt/bridge/state", null)]
    [InlineData("tele/{device}/SENSOR", "tele/tasmota_1/STATE", null)]
    [InlineData("{device}/x", "$SYS/x", null)]
    public void The_level_of_the_device_is_cut_out(string filter, string topic, string? expected)
    {
        bool matches = new TopicFilter(filter).Matches(Encoding.UTF8.GetBytes(topic), out ReadOnlySpan<byte> device);
        Assert.Equal(expected, matches ? Encoding.UTF8.GetString(device) : null);
    }

    [Theory]
    [InlineData("a/b+")]
    [InlineData("a/#/b")]
    [InlineData("a/b#")]
    [InlineData("a\nb")]
    [InlineData("")]
    [InlineData("$share/group/a")]
    [InlineData("a/{device}x")]
    [InlineData("{device}/{device}")]
    [InlineData("{device}/a{device}")]
    [InlineData("{device}/#")]
    public void What_cannot_be_a_filter_is_said(string topic) => Assert.NotNull(TopicFilter.FindProblem(topic));

    [Theory]
    [InlineData("a")]
    [InlineData("+/+/#")]
    [InlineData("$SYS/broker/uptime")]
    [InlineData("zigbee2mqtt/{device}")]
    [InlineData("+/{device}/+")]
    [InlineData("Küche/Süd 1")]
    public void What_can_be_a_filter_has_no_problem(string topic) => Assert.Null(TopicFilter.FindProblem(topic));

    [Fact]
    public void Covering_and_overlapping_agree_with_trying_every_topic()
    {
        string[] levels = ["a", "b", "+", "#", "$c"];
        TopicFilter[] filters = [.. Texts(levels, 3).Where(text => TopicFilter.FindProblem(text) is null)
            .Select(text => new TopicFilter(text))];
        byte[][] topics = [.. Texts(["a", "b", "z", "$c", ""], 4).Where(text => text.Length > 0).Select(Encoding.UTF8.GetBytes)];
        bool[][] matches = [.. filters.Select(filter => topics.Select(topic => filter.Matches(topic, out _)).ToArray())];
        for (int i = 0; i < filters.Length; i++)
        {
            for (int j = 0; j < filters.Length; j++)
            {
                bool covers = !matches[j].Where((theirs, k) => theirs && !matches[i][k]).Any();
                bool overlaps = matches[j].Where((theirs, k) => theirs && matches[i][k]).Any();
                string what = $"{filters[i].Topic} and {filters[j].Topic}";

                // "+/#" is "#" in other words; that it is not seen costs one subscription.
                Assert.True(covers == filters[i].Covers(filters[j]) || filters[j].Topic == "#", $"{what}: covers {covers}");

                // Too careful where '$' stands first: a wildcard overlaps on paper what it never receives.
                bool isBrokers = filters[i].Topic[0] == '$' != (filters[j].Topic[0] == '$');
                Assert.True(overlaps == filters[i].Overlaps(filters[j]) || isBrokers, $"{what}: overlaps {overlaps}");
            }
        }
    }

    private static IEnumerable<string> Texts(string[] levels, int most)
    {
        IEnumerable<string> texts = levels;
        IEnumerable<string> all = texts;
        for (int i = 1; i < most; i++)
        {
            texts = [.. texts.SelectMany(text => levels.Select(level => $"{text}/{level}"))];
            all = all.Concat(texts);
        }

        return all;
    }
}
