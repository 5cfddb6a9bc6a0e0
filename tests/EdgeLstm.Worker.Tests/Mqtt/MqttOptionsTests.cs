// The rules of the options, and that a password never comes out of them.

using EdgeLstm.Worker.Mqtt;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeLstm.Worker.Tests.Mqtt;

public sealed class MqttOptionsTests
{
    private static readonly MqttOptions Good = LinkBench.Options(1883);

    public static TheoryData<MqttOptions, string> Broken => new()
    {
        { Good with { Host = "" }, "host:" },
        { Good with { Port = 0 }, "port:" },
        { Good with { Port = 65536 }, "port:" },
        { Good with { KeepAliveSeconds = 4 }, "keepAliveSeconds:" },
        { Good with { InFlight = 0 }, "inFlight:" },
        { Good with { HistoryRecordsPerSecond = 0 }, "historyRecordsPerSecond:" },
        { Good with { Password = "x" }, "password:" },
        { Good with { Tls = new TlsOptions(null, "client.pem", null) }, "tls:" },
        { Good with { TopicPrefix = "a//b" }, "topicPrefix:" },
        { Good with { HomeAssistantPrefix = "a/+" }, "homeAssistantPrefix:" },
    };

    [Theory]
    [MemberData(nameof(Broken), DisableDiscoveryEnumeration = true)]
    public void A_broken_rule_is_named_by_its_key(MqttOptions options, string expected)
    {
        Assert.StartsWith(expected, Assert.Single(options.FindProblems()), StringComparison.Ordinal);
    }

    [Fact]
    public void Good_options_have_no_problems()
    {
        Assert.Empty(Good.FindProblems());
        Assert.Empty((Good with { KeepAliveSeconds = 0, TopicPrefix = "home/edge" }).FindProblems());
    }

    [Fact]
    public void The_password_is_not_in_the_text_of_the_options()
    {
        string text = (Good with { Username = "pi", Password = "hunter2" }).ToString();
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.Contains("pi", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a+")]
    [InlineData("#")]
    [InlineData("$SYS")]
    [InlineData("a\0b")]
    public void A_name_that_is_no_topic_level_is_refused(string name)
    {
        Assert.False(MqttTopics.IsLevel(name));
        Assert.Throws<ArgumentException>(() =>
            new MqttLink(Good, name, LinkBench.Boot, [LinkBench.NewOutlet()], _ => { }, NullLogger.Instance));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("request")]
    public void A_stream_cannot_take_a_name_of_the_device(string name)
    {
        StreamOutlet outlet = LinkBench.NewOutlet() with { Name = name };
        Assert.Throws<ArgumentException>(() =>
            new MqttLink(Good, "pi", LinkBench.Boot, [outlet], _ => { }, NullLogger.Instance));
    }
}
