// What the service that runs says of itself, in a few lines of `edgelstm check`: its retained status and health.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Reads the health message, of whatever version; members that it lacks are passed over. What is amiss is a warning: it
/// is the service's, not the configuration's.</summary>
internal static class ServiceFindings
{
    private const string Item = "service";
    private const int MostStreams = 8;

    /// <summary>Adds what there is to say; nothing where no service has ever spoken on this broker.</summary>
    /// <param name="answer">What the broker keeps.</param>
    /// <param name="settings">The configuration.</param>
    /// <param name="nowUnixMs">Now, in milliseconds since 1970 UTC.</param>
    /// <param name="findings">Receives the lines.</param>
    public static void Add(BrokerAnswer answer, Settings settings, long nowUnixMs, List<Finding> findings)
    {
        using JsonDocument? document = Parse(answer.Health);
        JsonElement health = document?.RootElement ?? default;
        if (answer.Status == "online" && document is null)
        {
            findings.Add(Finding.Warning(Item, "runs, but has left no health that can be read"));
        }
        else if (answer.Status == "online")
        {
            AddRunning(health, settings, nowUnixMs, findings);
        }
        else if (answer.Status == "offline")
        {
            string last = document is null ? "" : $"; it last spoke {Age(health, nowUnixMs)} ago";
            findings.Add(Finding.Good(Item, $"does not run{last}"));
        }
    }

    private static void AddRunning(JsonElement health, Settings settings, long nowUnixMs, List<Finding> findings)
    {
        double ageMs = nowUnixMs - Number(health, "ts");
        bool isLate = ageMs > 2000.0 * settings.Mqtt.HealthSeconds;
        JsonElement mqtt = Member(health, "mqtt");
        string resident = (Number(health, "residentBytes") / 1e6).ToString("0.0", CultureInfo.InvariantCulture);
        string text = $"runs for {Duration(Number(health, "uptimeSeconds"))}, version "
            + $"{Text(health, "version")}; {resident} MB resident, {Count(mqtt, "published")} messages published; "
            + $"its health is {Age(health, nowUnixMs)} old";
        findings.Add(isLate
            ? Finding.Warning(Item, $"{text}, expected every {settings.Mqtt.HealthSeconds} s")
            : Finding.Good(Item, text));
        AddStreams(Member(health, "streams"), findings);
        AddSteps(Member(health, "streams"), findings);
        AddLosses(health, mqtt, findings);
        AddOutbox(Member(health, "outbox"), mqtt, findings);
    }

    private static void AddStreams(JsonElement streams, List<Finding> findings)
    {
        int amiss = 0;
        if (streams.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (JsonProperty stream in streams.EnumerateObject())
        {
            string status = Text(stream.Value, "status");
            string? problem = Text(stream.Value, "problem") is { Length: > 0 } said ? said : null;
            if (status is "live" or "filling" && problem is null)
            {
                continue;
            }

            amiss++;
            if (amiss <= MostStreams)
            {
                string message = problem is null ? status : $"{status}: {problem}";
                findings.Add(status == "warming" && problem is null
                    ? Finding.Good($"{Item}: {stream.Name}", message)
                    : Finding.Warning($"{Item}: {stream.Name}", message));
            }
        }

        if (amiss > MostStreams)
        {
            findings.Add(Finding.Warning(Item, $"{amiss - MostStreams} further streams are not live"));
        }
    }

    // All streams together; a health that does not know them yet has no line.
    private static void AddSteps(JsonElement streams, List<Finding> findings)
    {
        double p50 = Most(streams, "stepP50Ns");
        if (p50 > 0)
        {
            string p99 = Microseconds(Most(streams, "stepP99Ns"));
            string rejected = Sum(streams, "recordsRejected", "badChecksums", "outOfRange", "unusable", "sourceRejected");
            findings.Add(Finding.Good(Item, $"a step takes {Microseconds(p50)} (p99 {p99}) in the slowest stream; "
                + $"{Sum(streams, "allocatedBytes")} bytes allocated by sample threads; readings rejected {rejected}, "
                + $"resynchronised {Sum(streams, "framesPartial", "framesOverLong")}, retried "
                + $"{Sum(streams, "restarts", "reopened")}, restored {Sum(streams, "statesRestored")}"));
        }
    }

    private static double Most(JsonElement streams, string key)
    {
        double most = 0;
        foreach (JsonProperty stream in Members(streams))
        {
            most = Math.Max(most, Number(stream.Value, key));
        }

        return most;
    }

    private static string Sum(JsonElement streams, params ReadOnlySpan<string> keys)
    {
        double sum = 0;
        foreach (JsonProperty stream in Members(streams))
        {
            foreach (string key in keys)
            {
                sum += Number(stream.Value, key);
            }
        }

        return InspectText.Count((long)sum);
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement streams) =>
        streams.ValueKind == JsonValueKind.Object ? streams.EnumerateObject() : default;

    private static string Microseconds(double nanoseconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1000:0.0} µs");

    private static void AddLosses(JsonElement health, JsonElement mqtt, List<Finding> findings)
    {
        List<string> losses = [];
        AddLoss(mqtt, "droppedRecords", "samples dropped for want of room");
        AddLoss(mqtt, "droppedEvents", "events dropped for want of room");
        AddLoss(mqtt, "rejected", "messages refused by the MQTT library");
        AddLoss(Member(health, "outbox"), "lost", "records lost with a damaged outbox");
        if (losses.Count > 0)
        {
            findings.Add(Finding.Warning(Item, $"since its start: {string.Join(", ", losses)}"));
        }

        void AddLoss(JsonElement holder, string key, string what)
        {
            if (Number(holder, key) > 0)
            {
                losses.Add($"{Count(holder, key)} {what}");
            }
        }
    }

    private static void AddOutbox(JsonElement outbox, JsonElement mqtt, List<Finding> findings)
    {
        if (Text(outbox, "problem") is { Length: > 0 } problem)
        {
            findings.Add(Finding.Warning($"{Item}: outbox", problem));
        }

        if (Number(mqtt, "backlogRecords") > 0)
        {
            findings.Add(Finding.Good(Item, $"{Count(mqtt, "backlogRecords")} records wait to be sent as history"));
        }
    }

    private static JsonDocument? Parse(byte[]? health)
    {
        try
        {
            JsonDocument? document = health is null ? null : JsonDocument.Parse(health);
            return document?.RootElement.ValueKind == JsonValueKind.Object ? document : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // By this machine's clock, which may not be that of the service.
    private static string Age(JsonElement health, long nowUnixMs) =>
        Duration(Math.Max(0, (nowUnixMs - Number(health, "ts")) / 1000));

    private static string Duration(double seconds) => seconds switch
    {
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0.0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0.0} days"),
    };

    private static JsonElement Member(JsonElement holder, string key) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(key, out JsonElement member) ? member : default;

    private static double Number(JsonElement holder, string key) =>
        Member(holder, key) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : 0;

    private static string Count(JsonElement holder, string key) => InspectText.Count((long)Number(holder, key));

    private static string Text(JsonElement holder, string key) =>
        Member(holder, key) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
