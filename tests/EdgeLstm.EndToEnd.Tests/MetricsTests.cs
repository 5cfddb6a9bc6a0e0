// The metrics port and the health check of a service that runs.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Health;
using EdgeLstm.Worker.Tests.Health;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class MetricsTests
{
    private const int Count = 200;

    // What the metrics leave out on purpose: ids, sums that can be made of others, and what is no number of its own; those of
    // forecasts have a table for themselves.
    private static readonly string[] LeftOut =
    [
        "ts", "boot", "id", "version", "instructionSet", "writtenBytesPerDay", "topic", "refusedNames", "coverage",
        "adapting",
    ];

    [SkippableFact]
    public async Task Every_counter_of_health_is_a_metric_while_the_broker_is_there_and_after()
    {
        using Device device = Device.Launch();
        using EdgeProcess edge = Start(device, MosquittoBroker.FreePort());
        Write(edge, Count);
        device.WaitForStates("oven", Count);
        JsonElement health = device.AskHealth();

        PrometheusText text = await Scrape(device);

        ShouldCover(health, "");
        Assert.Equal(Count, text["edgelstm_stream_steps_total{device=\"pi\",stream=\"oven\"}"]);
        Assert.Equal(1, text["edgelstm_mqtt_connected{device=\"pi\"}"]);
        double median = text["edgelstm_stream_step_p50_seconds{device=\"pi\",stream=\"oven\"}"];
        Assert.InRange(median, 1e-8, 1);
        Assert.InRange(text["edgelstm_stream_step_p99_seconds{device=\"pi\",stream=\"oven\"}"], median, 35);
        foreach (Metric metric in MetricTable.All.Where(metric => metric.Section != "devices"))
        {
            Assert.Contains(metric.Name, text.Types.Keys);
        }

        ShouldTellOfHeads(health.GetProperty("streams").GetProperty("oven"), text);
        PublishedMessages.ShouldAllKeepTheSchema(
            device.Subscriber.Messages.Where(message => !message.Topic.Contains("/request/", StringComparison.Ordinal)));
        device.Broker.Kill();
        Write(edge, 10);

        PrometheusText later = await ScrapeUntil(device, t => t["edgelstm_mqtt_connected{device=\"pi\"}"] == 0
            && t["edgelstm_stream_steps_total{device=\"pi\",stream=\"oven\"}"] == Count + 10);
        Assert.Empty(text.Types.Keys.Except(later.Types.Keys));
    }

    [SkippableFact]
    public void Without_the_setting_nothing_is_said_of_metrics()
    {
        using Device device = Device.Launch();
        using EdgeProcess edge = Start(device, null);

        Write(edge, 1);
        device.WaitForStates("oven", 1);

        Assert.DoesNotContain(edge.Log, line => line.Contains("metrics", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Check_says_how_the_service_is_and_that_it_is_gone()
    {
        using Device device = Device.Launch();
        using EdgeProcess edge = Start(device, null);
        Write(edge, Count);
        device.WaitForStates("oven", Count);
        Assert.True(device.Subscriber.Wait(s => s.Of("/health").Count > 0));

        // The outbox is made beside the first samples, and on a busy machine later.
        (int code, string output) = (-1, "");
        Assert.True(SpinWait.SpinUntil(() =>
        {
            (code, output, _) = EdgeProcess.Execute("check", device.Configuration, "--listen", "0");
            return output.Contains("outbox.db: 0 records wait", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(20)), output);
        edge.Terminate();
        edge.WaitForExit();
        (int laterCode, string later, _) = EdgeProcess.Execute("check", device.Configuration, "--listen", "0");

        Assert.Equal((0, 0), (code, laterCode));
        Assert.Contains("service: runs for ", output, StringComparison.Ordinal);
        Assert.Contains("; in use by process ", output, StringComparison.Ordinal);
        Assert.Contains("service: does not run; it last spoke ", later, StringComparison.Ordinal);
        Assert.DoesNotContain("in use by", later, StringComparison.Ordinal);
    }

    private static EdgeProcess Start(Device device, int? port)
    {
        JsonObject source = new() { ["kind"] = "stdin", ["profile"] = device.AddProfile("thermometer", "temperature", "°C") };
        JsonObject stream = device.AddStream(
            "oven", Device.Model("machine-temperature-gru.safetensors"), source, Device.LongPeriodMs);
        stream["clock"] = new JsonObject { ["resample"] = "each" };
        stream["adaptSamples"] = 500;
        device.Root["metricsPort"] = port;
        EdgeProcess edge = device.Start();
        device.WaitForOnline();
        if (port is not null)
        {
            edge.WaitForLog("/metrics");   // the port's thread comes after all others on a busy machine
        }

        return edge;
    }

    private static void Write(EdgeProcess edge, int lines)
    {
        edge.Input.Write(string.Join('\n', Records.Temperatures(lines)) + "\n");
        edge.Input.Flush();
    }

    private static async Task<PrometheusText> Scrape(Device device)
    {
        using HttpClient client = new();
        string address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{device.Root["metricsPort"]}/metrics");
        return new PrometheusText(await client.GetStringAsync(new Uri(address)));
    }

    private static async Task<PrometheusText> ScrapeUntil(Device device, Func<PrometheusText, bool> holds)
    {
        long untilMs = Environment.TickCount64 + 20_000;
        PrometheusText text;
        do
        {
            text = await Scrape(device);
        }
        while (!holds(text) && Environment.TickCount64 < untilMs);

        Assert.True(holds(text), string.Join('\n', text.Samples));
        return text;
    }

    // Of each forecast which head it comes from and how both did, in health and in the metrics alike.
    private static void ShouldTellOfHeads(JsonElement stream, PrometheusText text)
    {
        JsonProperty[] forecasts = [.. stream.GetProperty("adapting").EnumerateObject()];
        Assert.Equal(["temperature_h1", "temperature_h6", "temperature_h12"], forecasts.Select(forecast => forecast.Name));
        foreach (JsonProperty forecast in forecasts)
        {
            foreach (Metric metric in MetricTable.OfForecasts.Where(metric => metric.Section == "adapting"))
            {
                double found = text[$"{metric.Name}{{device=\"pi\",stream=\"oven\",forecast=\"{forecast.Name}\"}}"];
                JsonElement member = forecast.Value.GetProperty(metric.Key);
                Assert.Equal(member.ValueKind == JsonValueKind.String
                    ? member.ValueEquals("adapted") ? 1 : 0
                    : member.GetDouble(), found);
            }

            Assert.InRange(forecast.Value.GetProperty("compared").GetInt64(), 1, Count);
        }
    }

    // Whoever adds a number to health gives it a name here.
    private static void ShouldCover(JsonElement holder, string section)
    {
        foreach (JsonProperty member in holder.EnumerateObject().Where(member => !LeftOut.Contains(member.Name)))
        {
            if (member.Value.ValueKind == JsonValueKind.Object)
            {
                ShouldCover(member.Value, section is "streams" or "devices" ? section : member.Name);
            }
            else if (member.Value.ValueKind is JsonValueKind.Number)
            {
                Assert.True(MetricTable.All.Any(metric => metric.Section == section && metric.Key == member.Name),
                    $"health's {section}.{member.Name} is no metric");
            }
        }
    }
}
