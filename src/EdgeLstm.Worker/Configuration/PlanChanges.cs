// What a new configuration changes against the one that runs: which streams stay, end, begin, are built anew or get another
// model.

using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Configuration;

/// <summary>The streams of both configurations, each in one list.</summary>
/// <param name="Kept">Unchanged: settings, profile and model file are the same.</param>
/// <param name="Ended">Those of the old configuration that are not in the new one.</param>
/// <param name="Started">Those that are new.</param>
/// <param name="Rebuilt">Those that differ in anything but their model file.</param>
/// <param name="Exchanged">Those that differ in nothing but a model file with the same inputs, outputs and period.</param>
internal sealed record PlanChanges(
    IReadOnlyList<StreamPlan> Kept,
    IReadOnlyList<StreamPlan> Ended,
    IReadOnlyList<StreamPlan> Started,
    IReadOnlyList<StreamPlan> Rebuilt,
    IReadOnlyList<StreamPlan> Exchanged)
{
    private const string StreamsKey = "streams", SchemaKey = "$schema", MqttKey = "mqtt";

    /// <summary>Compares two configurations.</summary>
    /// <param name="old">The one that runs.</param>
    /// <param name="next">The one that is to run.</param>
    public static PlanChanges Between(DevicePlan old, DevicePlan next)
    {
        Dictionary<string, StreamPlan> former = old.Streams.ToDictionary(stream => stream.Settings.Name);
        List<StreamPlan> kept = [], started = [], rebuilt = [], exchanged = [];
        foreach (StreamPlan stream in next.Streams)
        {
            List<StreamPlan> place = !former.Remove(stream.Settings.Name, out StreamPlan? before) ? started
                : !HasSameSettings(before, stream) ? rebuilt
                : before.Model?.Sha256 == stream.Model?.Sha256 ? kept
                : CanExchange(before, stream) ? exchanged
                : rebuilt;
            place.Add(stream);
        }

        return new PlanChanges(kept, [.. former.Values], started, rebuilt, exchanged);
    }

    /// <summary>Lists what differs outside the streams: the connection to the broker is made once, so it needs a
    /// restart.</summary>
    /// <param name="old">The one that runs.</param>
    /// <param name="next">The one that is to run.</param>
    /// <param name="problems">Receives one problem for each key; no values, as they may be secret.</param>
    public static void FindRestarts(Settings old, Settings next, ProblemList problems)
    {
        JsonObject before = Tree(old), after = Tree(next);
        Compare(before, after, "", problems);
    }

    private static void Compare(JsonObject before, JsonObject after, string path, ProblemList problems)
    {
        foreach ((string key, JsonNode? value) in after)
        {
            JsonNode? former = before[key];
            if ((path.Length == 0 && key is StreamsKey or SchemaKey) || JsonNode.DeepEquals(former, value))
            {
                continue;
            }

            if (key == MqttKey && former is JsonObject one && value is JsonObject other)
            {
                Compare(one, other, $"{key}.", problems);
            }
            else
            {
                problems.Add($"{path}{key}", "has changed, which needs a restart: systemctl restart edgelstm");
            }
        }
    }

    private static JsonObject Tree(Settings settings) =>
        JsonSerializer.SerializeToNode(settings, SettingsJson.Default.Settings)!.AsObject();

    // Which file the model comes from does not matter, only what is in it.
    private static bool HasSameSettings(StreamPlan before, StreamPlan after) =>
        TextOf(before.Settings) == TextOf(after.Settings)
        && before.Model is null == after.Model is null
        && JsonSerializer.Serialize(before.Profile, ProfileJson.Default.SensorProfile)
            == JsonSerializer.Serialize(after.Profile, ProfileJson.Default.SensorProfile);

    private static string TextOf(StreamSettings settings) => JsonSerializer.Serialize(
        settings with { Model = null, ModelSha256 = null }, SettingsJson.Default.StreamSettings);

    private static bool CanExchange(StreamPlan before, StreamPlan after)
    {
        ModelManifest one = before.Manifest, other = after.Manifest;
        return !before.IsForEachDevice
            && before.SamplePeriodMs == after.SamplePeriodMs
            && one.Inputs.Select(Described).SequenceEqual(other.Inputs.Select(Described))
            && one.Outputs.Select(Described).SequenceEqual(other.Outputs.Select(Described));
    }

    private static Description Described(InputManifest input) => new(input.Name, input.Unit, 0, null);

    private static Description Described(OutputManifest output) => new(output.Name, output.Unit, output.Horizon, output.Quantile);

    // What subscribers know of a channel.
    private sealed record Description(string Name, string Unit, int Horizon, double? Quantile);
}
