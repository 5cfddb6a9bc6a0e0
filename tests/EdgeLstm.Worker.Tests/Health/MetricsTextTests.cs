// A health message and the Prometheus text made of it.

using System.Text;
using System.Text.Json;
using EdgeLstm.Worker.Health;

namespace EdgeLstm.Worker.Tests.Health;

public sealed class MetricsTextTests
{
    private const string Health = """
        "version": "1.2.3", "instructionSet": "AVX2 with FMA (256-bit)", "uptimeSeconds": 12.5, "residentBytes": 16300000,
        "mqtt": { "connected": true, "published": 9007199254740991, "backlogRecords": 3 },
        "outbox": { "problem": "disk full", "records": 5, "oldestTs": 1763700045123 },
        "streams": {
          "oven": { "status": "live", "alarm": true, "problem": null, "steps": 100, "stepP99Ns": 1500,
            "coverage": { "temperature_h1": { "nominal": 0.9, "achieved": 0.897, "values": 10 } } },
          "pump": { "status": "stale", "alarm": false, "problem": "unplugged", "steps": 7, "stepP99Ns": 0,
            "coverage": { "a \"b\"\\\n_h1": { "nominal": 0.9, "achieved": 1, "values": 1 } }, "adaptLearned": 40,
            "adapting": { "a_h1": { "head": "adapted", "compared": 30, "shippedError": 2.5, "adaptedError": 1.5 },
              "a_h6": { "head": "shipped", "compared": 25, "shippedError": 2.5, "adaptedError": 3.5 } } }
        },
        "devices": { "rooms": { "topic": "t/{device}", "problem": null, "streams": 2, "refused": 1, "dropped": 4 } }
        """;

    private readonly PrometheusText _text = new(Write());

    [Fact]
    public void Members_become_samples_with_the_device_and_the_stream_as_labels()
    {
        Assert.Equal(12.5, _text["edgelstm_uptime_seconds{device=\"pi\"}"]);
        Assert.Equal(16_300_000, _text["edgelstm_resident_memory_bytes{device=\"pi\"}"]);
        Assert.Equal(9_007_199_254_740_991, _text["edgelstm_mqtt_published_total{device=\"pi\"}"]);
        Assert.Equal(100, _text["edgelstm_stream_steps_total{device=\"pi\",stream=\"oven\"}"]);
        Assert.Equal(7, _text["edgelstm_stream_steps_total{device=\"pi\",stream=\"pump\"}"]);
        Assert.Equal(4, _text["edgelstm_devices_dropped_total{device=\"pi\",stream=\"rooms\"}"]);
    }

    [Fact]
    public void Times_are_in_seconds()
    {
        Assert.Equal(1.5e-6, _text["edgelstm_stream_step_p99_seconds{device=\"pi\",stream=\"oven\"}"], 12);
        Assert.Equal(1_763_700_045.123, _text["edgelstm_outbox_oldest_timestamp_seconds{device=\"pi\"}"], 4);
    }

    [Fact]
    public void What_is_true_a_problem_or_live_is_1_and_everything_else_0()
    {
        Assert.Equal(1, _text["edgelstm_mqtt_connected{device=\"pi\"}"]);
        Assert.Equal(1, _text["edgelstm_outbox_problem{device=\"pi\"}"]);
        Assert.Equal(1, _text["edgelstm_stream_live{device=\"pi\",stream=\"oven\"}"]);
        Assert.Equal(1, _text["edgelstm_stream_alarm{device=\"pi\",stream=\"oven\"}"]);
        Assert.Equal(0, _text["edgelstm_stream_problem{device=\"pi\",stream=\"oven\"}"]);
        Assert.Equal(0, _text["edgelstm_stream_live{device=\"pi\",stream=\"pump\"}"]);
        Assert.Equal(0, _text["edgelstm_stream_alarm{device=\"pi\",stream=\"pump\"}"]);
        Assert.Equal(1, _text["edgelstm_stream_problem{device=\"pi\",stream=\"pump\"}"]);
        Assert.Equal(0, _text["edgelstm_devices_problem{device=\"pi\",stream=\"rooms\"}"]);
    }

    [Fact]
    public void Labels_are_escaped()
    {
        Assert.Equal(0.897, _text[Coverage("oven", "temperature_h1")]);
        Assert.Equal(1, _text[Coverage("pump", """a \"b\"\\\n_h1""")]);
        Assert.Equal(1, _text["edgelstm_info{device=\"pi\",version=\"1.2.3\",instruction_set=\"AVX2 with FMA (256-bit)\"}"]);

        static string Coverage(string stream, string forecast) =>
            $"edgelstm_stream_band_coverage_ratio{{device=\"pi\",stream=\"{stream}\",forecast=\"{forecast}\"}}";
    }

    [Fact]
    public void Each_forecast_says_which_head_it_comes_from_and_how_both_did()
    {
        Assert.Equal(40, _text["edgelstm_stream_adapt_learned_total{device=\"pi\",stream=\"pump\"}"]);
        Assert.Equal(1, _text[Head("adapted", "a_h1")]);
        Assert.Equal(0, _text[Head("adapted", "a_h6")]);
        Assert.Equal(30, _text[Head("compared_forecasts", "a_h1")]);
        Assert.Equal(2.5, _text[Head("shipped_error", "a_h1")]);
        Assert.Equal(3.5, _text[Head("adapted_error", "a_h6")]);

        static string Head(string what, string forecast) =>
            $"edgelstm_stream_head_{what}{{device=\"pi\",stream=\"pump\",forecast=\"{forecast}\"}}";
    }

    [Fact]
    public void What_the_message_lacks_is_no_metric() =>
        Assert.DoesNotContain(_text.Types.Keys, name => name.Contains("reloads", StringComparison.Ordinal));

    [Fact]
    public void Names_and_members_differ()
    {
        Metric[] all = [.. MetricTable.All, .. MetricTable.OfForecasts];
        Assert.Equal(all.Length, all.DistinctBy(metric => metric.Name).Count());
        Assert.Equal(all.Length, all.DistinctBy(metric => (metric.Section, metric.Key)).Count());
    }

    private static string Write()
    {
        using JsonDocument health = JsonDocument.Parse($"{{{Health}}}");
        MetricsText text = new("pi", writer =>
        {
            foreach (JsonProperty member in health.RootElement.EnumerateObject())
            {
                member.WriteTo(writer);
            }
        });
        text.Write();
        return Encoding.UTF8.GetString(text.Write());
    }
}
