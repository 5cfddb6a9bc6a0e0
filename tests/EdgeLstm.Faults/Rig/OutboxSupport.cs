// What the tests must know of the program's outbox: whether it has one, what it says of it, and whether its file is whole.

using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeLstm.Faults.Rig;

internal static class OutboxSupport
{
    private static readonly Lazy<string?> Reason = new(FindReason);

    /// <summary>The reason to skip a test that needs an outbox; null where the program has one.</summary>
    public static string? Missing => Reason.Value;

    /// <summary>Records that the program says a damaged outbox has cost.</summary>
    public static int LostOf(JsonElement health) => Figure(health, "lost") ?? 0;

    /// <summary>Records that the program says were dropped for want of room, in memory and on disk.</summary>
    public static int DroppedOf(JsonElement health)
    {
        int ofLink = health.TryGetProperty("mqtt", out JsonElement mqtt)
            && mqtt.TryGetProperty("droppedRecords", out JsonElement dropped) ? dropped.GetInt32() : 0;
        return ofLink + (Figure(health, "dropped") ?? 0);
    }

    /// <summary>Records on disk that wait for the broker; null where the program does not say.</summary>
    public static int? RowsOf(JsonElement health) => Figure(health, "records");

    private static int? Figure(JsonElement health, string name) =>
        health.TryGetProperty("outbox", out JsonElement outbox) && outbox.TryGetProperty(name, out JsonElement figure)
            ? figure.GetInt32()
            : null;

    // A configuration is read strictly: a build without an outbox refuses the key.
    private static string? FindReason()
    {
        string folder = Directory.CreateTempSubdirectory("edgelstm-faults-").FullName;
        try
        {
            string file = Path.Combine(folder, "edgelstm.json");
            JsonObject settings = new()
            {
                ["device"] = "pi",
                ["mqtt"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = FreePorts.Next() },
                ["streams"] = new JsonArray(),
                ["outbox"] = new JsonObject { ["path"] = Path.Combine(folder, "outbox.db") },
            };
            File.WriteAllText(file, settings.ToJsonString());
            using WorkerProcess process = new(["check", file]);
            process.Input.Close();
            process.WaitForExit(60);
            bool isRefused = process.Log.Any(line => line.Contains("outbox: unknown key", StringComparison.Ordinal));
            return isRefused ? "this build has no outbox" : null;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
