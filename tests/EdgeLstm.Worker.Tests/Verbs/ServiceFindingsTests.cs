// What check says of a service that runs, for health messages whole, bad, late and damaged.

using System.Text;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Tests.Verbs;

public sealed class ServiceFindingsTests
{
    private const long Now = 1_763_700_000_000;

    private const string Whole = """
        {"boot":"1a2b3c4d","ts":1763699988000,
         "mqtt":{"published":12345,"droppedRecords":0,"droppedEvents":0,"rejected":0,"backlogRecords":0},
         "version":"1.2.3","uptimeSeconds":11500.4,"residentBytes":16312345,
         "outbox":{"problem":null,"lost":0},
         "streams":{"oven":{"status":"live","problem":null},"pump":{"status":"filling","problem":null}}}
        """;

    [Fact]
    public void A_service_that_is_well_is_one_line()
    {
        Finding finding = Assert.Single(Find("online", Whole));

        Assert.Equal("runs for 3.2 h, version 1.2.3; 16.3 MB resident, 12,345 messages published; its health is 12 s old",
            finding.Message);
        Assert.True(finding is { Item: "service", Passed: true, IsWarning: false });
    }

    [Fact]
    public void Of_all_streams_together_it_says_how_long_a_step_takes_and_what_was_rejected()
    {
        Finding[] findings = Find("online", Whole
            .Replace("\"live\"", """
                "live","stepP50Ns":600,"stepP99Ns":2900,"recordsRejected":3,"restarts":1
                """, StringComparison.Ordinal)
            .Replace("\"filling\"", """
                "filling","stepP50Ns":450,"stepP99Ns":3100,"badChecksums":4
                """, StringComparison.Ordinal));

        Assert.Equal(2, findings.Length);
        string steps = findings[1].Message;
        Assert.StartsWith("a step takes 0.6 µs (p99 3.1 µs) in the slowest stream;", steps, StringComparison.Ordinal);
        Assert.EndsWith("readings rejected 7, resynchronised 0, retried 1, restored 0", steps, StringComparison.Ordinal);
    }

    [Fact]
    public void Health_that_is_late_is_a_warning()
    {
        Finding finding = Assert.Single(Find("online", Whole, Now + 600_000));

        Assert.True(finding.IsWarning);
        Assert.EndsWith("its health is 10 min old, expected every 60 s", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Streams_that_are_not_live_are_named_with_their_problem()
    {
        Finding[] findings = Find("online", Whole
            .Replace("\"live\",\"problem\":null", "\"stale\",\"problem\":\"unplugged\"", StringComparison.Ordinal)
            .Replace("filling", "warming", StringComparison.Ordinal));

        Assert.Equal(3, findings.Length);
        Assert.Equal(Finding.Warning("service: oven", "stale: unplugged"), findings[1]);
        Assert.Equal(Finding.Good("service: pump", "warming"), findings[2]);
    }

    [Fact]
    public void Of_many_streams_that_are_not_live_eight_are_named()
    {
        string streams = string.Join(',', Enumerable.Range(0, 64).Select(i => $$"""
            "s{{i}}":{"status":"stale","problem":null}
            """));

        Finding[] findings = Find("online", "{\"ts\":" + Now + ",\"streams\":{" + streams + "}}");

        Assert.Equal(1 + 8 + 1, findings.Length);
        Assert.Equal("56 further streams are not live", findings[^1].Message);
    }

    [Fact]
    public void What_was_lost_and_what_waits_is_said()
    {
        Finding[] findings = Find("online", Whole
            .Replace("\"droppedRecords\":0", "\"droppedRecords\":1200", StringComparison.Ordinal)
            .Replace("\"droppedEvents\":0", "\"droppedEvents\":1", StringComparison.Ordinal)
            .Replace("\"backlogRecords\":0", "\"backlogRecords\":500", StringComparison.Ordinal)
            .Replace("\"problem\":null,\"lost\":0", "\"problem\":\"disk full\",\"lost\":3", StringComparison.Ordinal));

        Assert.Equal(
        [
            Finding.Warning("service", "since its start: 1,200 samples dropped for want of room, "
                + "1 events dropped for want of room, 3 records lost with a damaged outbox"),
            Finding.Warning("service: outbox", "disk full"),
            Finding.Good("service", "500 records wait to be sent as history"),
        ], findings[1..]);
    }

    [Fact]
    public void A_service_that_does_not_run_is_said_without_its_counters()
    {
        Finding finding = Assert.Single(Find("offline", Whole));

        Assert.Equal(Finding.Good("service", "does not run; it last spoke 12 s ago"), finding);
        Assert.Equal("does not run", Assert.Single(Find("offline", null)).Message);
    }

    [Fact]
    public void Where_no_service_ever_spoke_nothing_is_said() => Assert.Empty(Find(null, null));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"ts\":")]
    public void Health_that_cannot_be_read_is_said(string health) =>
        Assert.Equal("runs, but has left no health that can be read", Assert.Single(Find("online", health)).Message);

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"ts\":\"now\",\"mqtt\":[],\"streams\":7,\"outbox\":\"\",\"version\":{}}")]
    [InlineData("{\"ts\":1e300,\"uptimeSeconds\":-1e300,\"residentBytes\":1e300,\"mqtt\":{\"published\":1e300}}")]
    [InlineData("{\"streams\":{\"a\":null,\"b\":[],\"c\":{\"status\":1,\"problem\":2}}}")]
    public void Health_of_another_shape_is_survived(string health) => Assert.NotEmpty(Find("online", health));

    private static Finding[] Find(string? status, string? health, long nowUnixMs = Now)
    {
        List<Finding> findings = [];
        Settings settings = new("pi", new MqttSettings("localhost"), []);
        byte[]? bytes = health is null ? null : Encoding.UTF8.GetBytes(health);
        ServiceFindings.Add(new BrokerAnswer(null, status, bytes), settings, nowUnixMs, findings);
        return [.. findings];
    }
}
