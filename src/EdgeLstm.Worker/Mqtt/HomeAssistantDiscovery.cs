// The one retained message that makes a whole device appear in Home Assistant.
//
//     homeassistant/device/<object_id>/config
//     {"dev":{…},"o":{…},"availability_topic":…,"qos":1,"cmps":{"<key>":{"p":"sensor",…},…}}
//
// Source: home-assistant.io, MQTT, "Device discovery payload". Per stream: a sensor per channel, one per forecast,
// the score, two for operating limits, and a binary sensor for the alarm; all read the stream's state topic.

using System.Text;
using System.Text.Json;

namespace EdgeLstm.Worker.Mqtt;

/// <summary>Builds the announcement once; the link sends it on every connect and whenever Home Assistant starts.</summary>
internal sealed class HomeAssistantDiscovery
{
    private readonly string _device;
    private readonly string _id;
    private readonly MqttTopics _topics;
    private readonly IReadOnlyList<StreamOutlet> _streams;
    private readonly Dictionary<string, string> _components = [];   // key → platform

    /// <param name="prefix">Home Assistant's discovery prefix.</param>
    /// <param name="device">Name of the device.</param>
    /// <param name="topics">Topics of the device.</param>
    /// <param name="streams">All streams.</param>
    public HomeAssistantDiscovery(string prefix, string device, MqttTopics topics, IReadOnlyList<StreamOutlet> streams)
    {
        _device = device;
        _id = ToId($"edgelstm_{device}");
        _topics = topics;
        _streams = streams;
        Topic = MqttTopics.Encode($"{prefix}/device/{_id}/config");
        Payload = Build([]);
    }

    /// <summary>Null-terminated.</summary>
    public byte[] Topic { get; }

    /// <summary>JSON.</summary>
    public byte[] Payload { get; }

    /// <summary>What is sent once before <see cref="Payload"/> so that Home Assistant deletes the entities of streams that are
    /// gone: their components with nothing but the platform. Null where none is gone.</summary>
    /// <param name="former">What was announced last.</param>
    public byte[]? PayloadWithout(HomeAssistantDiscovery former)
    {
        KeyValuePair<string, string>[] gone =
            Array.FindAll([.. former._components], one => !_components.ContainsKey(one.Key));
        return gone.Length == 0 ? null : Build(gone);
    }

    /// <summary>Letters, digits, '-' and '_' only, which is all that Home Assistant accepts in ids.</summary>
    public static string ToId(string name)
    {
        StringBuilder id = new(name.Length);
        foreach (char c in name)
        {
            id.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_');
        }

        return id.ToString();
    }

    /// <summary>Seconds after which a figure counts as unavailable.</summary>
    /// <remarks>
    /// A reconnect may take 60 s (the longest backoff), and a stream may skip a few samples: 60 s and five periods more. Shorter
    /// would blink at every Wi-Fi hiccup; a broker or a worker that is gone is told by the availability topic at once anyway.
    /// </remarks>
    public static int ExpireAfterSeconds(StreamOutlet stream)
    {
        double periodMs = Math.Max(stream.SamplePeriodMs, stream.PublishPeriodMs ?? 0.0);
        return (int)Math.Min(int.MaxValue, Math.Ceiling(60.0 + (5.0 * periodMs / 1000.0)));
    }

    private byte[] Build(KeyValuePair<string, string>[] gone)
    {
        _components.Clear();
        PayloadBuffer buffer = new();
        Write(buffer.Begin(), _streams, gone);
        return buffer.End().ToArray();
    }

    private void Write(Utf8JsonWriter json, IReadOnlyList<StreamOutlet> streams, KeyValuePair<string, string>[] gone)
    {
        string version = typeof(HomeAssistantDiscovery).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
        json.WriteStartObject();
        json.WriteStartObject("dev");
        json.WriteString("ids", _id);
        json.WriteString("name", _device);
        json.WriteString("mf", "EdgeLstm");
        json.WriteString("mdl", string.Join(", ", streams.Select(stream => stream.Model).Distinct()));
        json.WriteString("sw", version);
        json.WriteEndObject();
        json.WriteStartObject("o");
        json.WriteString("name", "edgelstm");
        json.WriteString("sw", version);
        json.WriteEndObject();
        json.WriteString("availability_topic", _topics.StatusName);
        json.WriteNumber("qos", 1);
        json.WriteStartObject("cmps");
        foreach (StreamOutlet stream in streams)
        {
            WriteStream(json, stream);
        }

        foreach ((string key, string platform) in gone)
        {
            json.WriteStartObject(key);
            json.WriteString("p", platform);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteStream(Utf8JsonWriter json, StreamOutlet stream)
    {
        foreach (ChannelInfo channel in stream.Channels)
        {
            string template = $"{{{{ value_json['values']['{Escape(channel.Name)}'] }}}}";
            WriteSensor(json, stream, channel.Name, $"{stream.Name} {channel.Name}", template, channel.Unit);
            if (channel.HasLimits)
            {
                WriteLimits(json, stream, channel.Name);
            }
        }

        foreach (ForecastField forecast in ForecastLayout.Group(stream.Outputs))
        {
            string key = ForecastLayout.KeyOf(forecast.Info);
            string template = $"{{{{ value_json['forecast']['{Escape(key)}']['value'] }}}}";
            WriteSensor(json, stream, $"forecast_{key}", NameOf(stream, forecast.Info), template, forecast.Info.Unit);
        }

        WriteSensor(json, stream, "score", $"{stream.Name} anomaly score", "{{ value_json['score'] }}", "");
        WriteAlarm(json, stream);
    }

    private void WriteLimits(Utf8JsonWriter json, StreamOutlet stream, string channel)
    {
        string limits = $"value_json['limits']['{Escape(channel)}']";
        string name = $"{stream.Name} {channel} beyond its limits";
        string probability = $"{{{{ {limits}['probability'] }}}}";
        WriteSensor(json, stream, $"{channel}_limits_probability", $"{name}: probability", probability, "");
        WriteSensor(json, stream, $"{channel}_limits_seconds", $"{name}: in", $"{{{{ {limits}['seconds'] }}}}", "s");
    }

    private static string NameOf(StreamOutlet stream, OutputInfo output) => output.Horizon == 0
        ? $"{stream.Name} {output.Name} by the model"
        : $"{stream.Name} {output.Name} in {Span(stream.SamplePeriodMs * output.Horizon)}";

    private static string Span(double ms) => FormattableString.Invariant(ms switch
    {
        < 1000 => $"{ms:0.#} ms",
        < 120_000 => $"{ms / 1000:0.#} s",
        < 7_200_000 => $"{ms / 60_000:0.#} min",
        _ => $"{ms / 3_600_000:0.#} h",
    });

    private void WriteSensor(Utf8JsonWriter json, StreamOutlet stream, string part, string name, string template, string unit)
    {
        Open(json, stream, "sensor", part, name, template);
        HomeAssistantUnit? known = HomeAssistantUnits.Find(unit);
        if (known is not null)
        {
            json.WriteString("unit_of_measurement", known.Symbol);
        }

        if (known?.DeviceClass is { } deviceClass)
        {
            json.WriteString("device_class", deviceClass);
        }

        if (known is null or { IsMeasurement: true })
        {
            json.WriteString("state_class", "measurement");
        }

        json.WriteEndObject();
    }

    private void WriteAlarm(Utf8JsonWriter json, StreamOutlet stream)
    {
        const string Template = "{{ 'ON' if value_json['alarm'] == 'raised' else 'OFF' }}";
        Open(json, stream, "binary_sensor", "alarm", $"{stream.Name} alarm", Template);
        json.WriteString("device_class", "problem");
        json.WriteEndObject();
    }

    private void Open(Utf8JsonWriter json, StreamOutlet stream, string platform, string part, string name, string template)
    {
        string key = Unique(ToId($"{stream.Name}_{part}"), platform);
        json.WriteStartObject(key);
        json.WriteString("p", platform);
        json.WriteString("name", name);
        json.WriteString("unique_id", $"{_id}_{key}");
        json.WriteString("default_entity_id", $"{platform}.{$"{_id}_{key}".ToLowerInvariant().Replace('-', '_')}");
        json.WriteString("state_topic", _topics.StreamName(stream.Name, "state"));
        json.WriteString("value_template", template);
        json.WriteNumber("expire_after", ExpireAfterSeconds(stream));
    }

    // Two names may become one id ("a b" and "a_b"); the later one gets a number.
    private string Unique(string key, string platform)
    {
        string unique = key;
        for (int i = 2; !_components.TryAdd(unique, platform); i++)
        {
            unique = FormattableString.Invariant($"{key}_{i}");
        }

        return unique;
    }

    // Subscripts, not attributes: value_json.values would be the dictionary's own method.
    private static string Escape(string name) => name.Replace("\\", "\\\\").Replace("'", "\\'");
}
