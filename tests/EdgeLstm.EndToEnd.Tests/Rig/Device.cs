// One device under test: a folder with configuration, profiles and state, a real broker and a subscriber that remembers
// everything.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.Worker.Tests;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests.Rig;

/// <summary>Puts a configuration together, starts the program on it and listens to what it says.</summary>
internal sealed class Device : IDisposable
{
    /// <summary>Name of the device in its topics.</summary>
    public const string Name = "pi";

    /// <summary>A sample period so long that no pause between two lines is a gap.</summary>
    public const double LongPeriodMs = 600_000;

    private readonly JsonArray _streams = [];
    private int _healthRequests;

    /// <param name="broker">A started broker, disposed with the device.</param>
    /// <param name="persistent">Whether the broker queues messages for the subscriber while that is away.</param>
    /// <param name="login">The subscriber's user and password.</param>
    public Device(MosquittoBroker broker, bool persistent = false, (string User, string Password)? login = null)
    {
        Broker = broker;
        Folder = Directory.CreateTempSubdirectory("edgelstm-device-").FullName;
        Mqtt = new JsonObject { ["host"] = "127.0.0.1", ["port"] = broker.Port, ["requests"] = true };
        if (MosquittoBroker.Driver is not null)
        {
            Mqtt["driver"] = MosquittoBroker.Driver;
        }

        Subscriber = new MqttSubscriber(broker.Port, persistent: persistent, login: login);
    }

    /// <summary>The broker.</summary>
    public MosquittoBroker Broker { get; }

    /// <summary>Hears every message.</summary>
    public MqttSubscriber Subscriber { get; }

    /// <summary>Configuration, profiles, state.</summary>
    public string Folder { get; }

    /// <summary>The configuration's "mqtt".</summary>
    public JsonObject Mqtt { get; }

    /// <summary>The configuration file; written by <see cref="Start"/> and <see cref="Write"/>.</summary>
    public string Configuration => Path.Combine(Folder, "edgelstm.json");

    /// <summary>A device with a broker of its own that anyone may use.</summary>
    public static Device Launch() => new(MosquittoBroker.Launch());

    /// <summary>A file of the repository's folder "models".</summary>
    public static string Model(string name) => Path.Combine(RepositoryRoot.Path, "models", name);

    /// <summary>A serial port as a source; its profile is added apart.</summary>
    public static JsonObject Serial(string port, string profile) =>
        new() { ["kind"] = "serial", ["port"] = port, ["profile"] = profile };

    /// <summary>Writes a profile of CSV lines and returns its path.</summary>
    public string AddProfile(string name, string channel, string unit, double rateHz = 0, string[]? columns = null)
    {
        JsonObject framing = new() { ["kind"] = "csv" };
        if (columns is not null)
        {
            framing["columns"] = new JsonArray([.. columns.Select(column => (JsonNode)column)]);
        }

        JsonObject field = new() { ["name"] = channel, ["unit"] = unit };
        if (columns is null)
        {
            field["field"] = 0;
        }

        JsonObject profile = new()
        {
            ["name"] = name,
            ["rateHz"] = rateHz,
            ["framing"] = framing,
            ["channels"] = new JsonArray(field)
        };
        string path = Path.Combine(Folder, $"{name}.json");
        File.WriteAllText(path, profile.ToJsonString());
        return path;
    }

    /// <summary>Adds a stream to the configuration, without a model where none is given; the caller may change what is
    /// returned.</summary>
    public JsonObject AddStream(string name, string? model, JsonObject source, double? samplePeriodMs = null)
    {
        JsonObject stream = new() { ["name"] = name, ["source"] = source };
        if (model is not null)
        {
            stream["model"] = model;
        }

        if (samplePeriodMs is double periodMs)
        {
            stream["samplePeriodMs"] = periodMs;
        }

        _streams.Add((JsonNode)stream);
        return stream;
    }

    /// <summary>Takes a stream out of the configuration again.</summary>
    public void RemoveStream(JsonObject stream) => _streams.Remove(stream);

    /// <summary>Adds a stream of machine temperatures in which every line is one sample, whenever it comes.</summary>
    public JsonObject AddTemperature(string port, string[]? columns = null)
    {
        string profile = AddProfile("thermometer", "temperature", "°C", columns: columns);
        JsonObject stream = AddStream("oven", Model("machine-temperature-gru.safetensors"), Serial(port, profile), LongPeriodMs);
        stream["clock"] = new JsonObject { ["resample"] = "each" };
        return stream;
    }

    /// <summary>Further keys of the configuration's top level.</summary>
    public JsonObject Root { get; } = [];

    /// <summary>Writes the configuration.</summary>
    public string Write()
    {
        JsonObject settings = new()
        {
            ["device"] = Name,
            ["mqtt"] = Mqtt.DeepClone(),
            ["streams"] = _streams.DeepClone(),
            ["stateDirectory"] = "state",
        };
        foreach ((string key, JsonNode? value) in Root)
        {
            settings[key] = value?.DeepClone();
        }

        Directory.CreateDirectory(Path.Combine(Folder, "state"));
        File.WriteAllText(Configuration, settings.ToJsonString());
        return Configuration;
    }

    /// <summary>Writes the configuration and starts the service.</summary>
    public EdgeProcess Start(IReadOnlyDictionary<string, string>? environment = null) => new(["run", Write()], environment);

    /// <summary>A topic of a stream.</summary>
    public static string Topic(string stream, string kind) => $"edgelstm/{Name}/{stream}/{kind}";

    /// <summary>Waits for the status "online"; what is measured before it comes afterwards, as history.</summary>
    public void WaitForOnline() =>
        Assert.True(Subscriber.Wait(s => s.Of("/status") is [.., { Text: "online" }]), "the status did not become online");

    /// <summary>Waits until the state topic of a stream had so many messages.</summary>
    public void WaitForStates(string stream, int count, int seconds = 30)
    {
        string topic = Topic(stream, "state");
        Assert.True(
            Subscriber.Wait(s => s.Count(topic) >= count, seconds), $"{Subscriber.Count(topic)} of {count} messages on {topic}");
    }

    /// <summary>Waits for an event of a stream that was not there before the first <paramref name="after"/> events.</summary>
    public JsonElement WaitForEvent(string stream, string name, int after = 0)
    {
        string topic = Topic(stream, "event");
        JsonElement? found = null;
        bool came = Subscriber.Wait(s => s.Count(topic) > after && (found = Find(s, topic, name, after)) is not null);
        Assert.True(came, $"no event '{name}' on {topic}");
        return found!.Value;
    }

    /// <summary>Asks the program for its health.</summary>
    public JsonElement AskHealth()
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"request {++_healthRequests}");
        Subscriber.Publish($"edgelstm/{Name}/request/health", System.Text.Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}"""));
        JsonElement? answer = null;
        Assert.True(Subscriber.Wait(s => (answer = FindAnswer(s, id)) is not null), "no answer to request/health");
        return answer!.Value;
    }

    /// <summary>Asks for the health of one stream.</summary>
    public JsonElement StreamHealth(string stream) => AskHealth().GetProperty("streams").GetProperty(stream);

    /// <inheritdoc/>
    public void Dispose()
    {
        Subscriber.Dispose();
        Broker.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static JsonElement? Find(MqttSubscriber subscriber, string topic, string name, int after)
    {
        foreach (MqttMessage message in subscriber.Messages.Where(message => message.Topic == topic).Skip(after))
        {
            if (message.Json.GetProperty("event").GetString() == name)
            {
                return message.Json;
            }
        }

        return null;
    }

    private static JsonElement? FindAnswer(MqttSubscriber subscriber, string id)
    {
        foreach (MqttMessage message in subscriber.Of("/response/health"))
        {
            if (message.Json.GetProperty("id").GetString() == id)
            {
                return message.Json;
            }
        }

        return null;
    }
}
