// What the demonstration takes from one message of the worker.

using System.Text.Json;
using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Demo;

/// <summary>A forecast as a state message gives it.</summary>
internal readonly record struct DemoForecast(string Key, double? Value, double? Low, double? High);

/// <summary>The newest state of one stream.</summary>
/// <param name="Status">warming, live, filling or stale.</param>
/// <param name="Channel">Name of the first channel.</param>
/// <param name="Value">Its value; null where it was missing.</param>
/// <param name="Forecasts">All forecasts, nearest first.</param>
/// <param name="Score">The score; null while there is none.</param>
/// <param name="AlarmRaised">True while the alarm is raised.</param>
internal sealed record DemoState(
    string Status, string Channel, double? Value, IReadOnlyList<DemoForecast> Forecasts, double? Score, bool AlarmRaised)
{
    /// <summary>Reads a state message.</summary>
    public static DemoState Read(JsonElement message)
    {
        JsonProperty first = message.GetProperty("values").EnumerateObject().First();
        return new DemoState(
            message.GetProperty("status").GetString()!,
            first.Name,
            Number(first.Value),
            message.GetProperty("forecast").EnumerateObject().ToArray(forecast => new DemoForecast(
                forecast.Name, Member(forecast.Value, "value"), Member(forecast.Value, "low"), Member(forecast.Value, "high"))),
            Member(message, "score"),
            message.GetProperty("alarm").GetString() == "raised");
    }

    /// <summary>A member that is a number; null where it is null or absent.</summary>
    public static double? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) ? Number(value) : null;

    private static double? Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
