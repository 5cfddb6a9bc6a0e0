// The health message as Prometheus text:
//
//     # HELP name what it says
//     # TYPE name counter|gauge
//     name{device="…",stream="…"} value

using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeLstm.Worker.Mqtt;

namespace EdgeLstm.Worker.Health;

/// <summary>Writes the metrics of one device. Used by one thread; its buffers are as large as the largest text so far.</summary>
/// <remarks>Source: Prometheus exposition formats, text-based format 0.0.4. All samples of a metric stand together, so the
/// message is gone through once for each metric. A metric without a member is left out.</remarks>
/// <param name="device">Name of the device, a label of every sample.</param>
/// <param name="writeHealth">Writes the members of the health message into an object that is begun.</param>
internal sealed class MetricsText(string device, Action<Utf8JsonWriter> writeHealth)
{
    private readonly PayloadBuffer _health = new();
    private readonly StringBuilder _text = new();

    /// <summary>What Prometheus calls this format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>The text of this moment, UTF-8.</summary>
    public byte[] Write()
    {
        _text.Clear();
        Utf8JsonWriter json = _health.Begin();
        json.WriteStartObject();
        writeHealth(json);
        json.WriteEndObject();
        Utf8JsonReader reader = new(_health.End());
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        WriteInfo(document.RootElement);
        foreach (Metric metric in MetricTable.All)
        {
            WriteMetric(metric, document.RootElement);
        }

        foreach (Metric metric in MetricTable.OfForecasts)
        {
            WriteForecasts(metric, document.RootElement);
        }

        return Encoding.UTF8.GetBytes(_text.ToString());
    }

    private void WriteInfo(JsonElement health)
    {
        Begin("edgelstm_info", isCounter: false, "Version of the program and instruction set of its kernels, as labels.");
        _text.Append("edgelstm_info{");
        Label("device", device);
        Label("version", Text(health, "version"));
        Label("instruction_set", Text(health, "instructionSet"));
        End(1);
    }

    private void WriteMetric(Metric metric, JsonElement health)
    {
        JsonElement section = health;
        if (metric.Section.Length > 0 && !health.TryGetProperty(metric.Section, out section))
        {
            return;
        }

        bool isBegun = false;
        if (metric.Section is not ("streams" or "devices"))
        {
            WriteSample(metric, section, null, ref isBegun);
            return;
        }

        foreach (JsonProperty stream in section.EnumerateObject())
        {
            WriteSample(metric, stream.Value, stream.Name, ref isBegun);
        }
    }

    private void WriteSample(Metric metric, JsonElement holder, string? stream, ref bool isBegun)
    {
        if (!holder.TryGetProperty(metric.Key, out JsonElement member))
        {
            return;
        }

        if (!isBegun)
        {
            isBegun = true;
            Begin(metric.Name, metric.IsCounter, metric.Help);
        }

        _text.Append(metric.Name).Append('{');
        Label("device", device);
        if (stream is not null)
        {
            Label("stream", stream);
        }

        End(ValueOf(member) * metric.Scale);
    }

    // One sample for each forecast of each stream.
    private void WriteForecasts(Metric metric, JsonElement health)
    {
        bool isBegun = false;
        foreach (JsonProperty stream in health.GetProperty("streams").EnumerateObject())
        {
            if (!stream.Value.TryGetProperty(metric.Section, out JsonElement forecasts))
            {
                continue;
            }

            foreach (JsonProperty forecast in forecasts.EnumerateObject())
            {
                if (!isBegun)
                {
                    isBegun = true;
                    Begin(metric.Name, metric.IsCounter, metric.Help);
                }

                _text.Append(metric.Name).Append('{');
                Label("device", device);
                Label("stream", stream.Name);
                Label("forecast", forecast.Name);
                End(ValueOf(forecast.Value.GetProperty(metric.Key)) * metric.Scale);
            }
        }
    }

    private static string Text(JsonElement health, string key) => health.GetProperty(key).GetString() ?? "";

    private static double ValueOf(JsonElement member) => member.ValueKind switch
    {
        JsonValueKind.Number => member.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.String when member.ValueEquals("warming"u8) || member.ValueEquals("stale"u8)
            || member.ValueEquals("shipped"u8) => 0,
        JsonValueKind.String => 1,   // a problem, a status in which the stream gives forecasts, the adapted head
        _ => 0,
    };

    private void Begin(string name, bool isCounter, string help) =>
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append('\n')
            .Append("# TYPE ").Append(name).Append(isCounter ? " counter\n" : " gauge\n");

    private void Label(string name, string value)
    {
        _text.Append(_text[^1] == '{' ? "" : ",").Append(name).Append("=\"");
        foreach (char c in value)
        {
            _ = c switch
            {
                '\\' => _text.Append(@"\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append("\\n"),
                _ => _text.Append(c),
            };
        }

        _text.Append('"');
    }

    private void End(double value) => _text.Append("} ").Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
