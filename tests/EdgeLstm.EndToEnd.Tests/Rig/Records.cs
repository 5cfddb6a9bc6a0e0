// What arrived of one stream, in the order of its sequence numbers, and checks on it.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests.Rig;

/// <summary>Lines to send, and the records that came of them.</summary>
internal static class Records
{
    private const int Batch = 50;
    private const int Window = 400;

    /// <summary>Temperatures that differ from line to line: 80 to 100 °C.</summary>
    public static string[] Temperatures(int count, int first = 0) =>
    [
        .. Enumerable.Range(first, count).Select(
            k => (90 + (10 * Math.Sin(k / 20.0)) + (k * 0.0001)).ToString("0.0000", CultureInfo.InvariantCulture)),
    ];

    /// <summary>Sends lines, never many more than have come out at the other end.</summary>
    public static void Send(this Device device, Pty port, IReadOnlyList<string> lines, string stream = "oven")
    {
        string topic = Device.Topic(stream, "state");
        int before = device.Subscriber.Count(topic);
        for (int sent = 0; sent < lines.Count; sent += Batch)
        {
            int oldest = before + sent - Window;
            Assert.True(device.Subscriber.Wait(s => s.Count(topic) >= oldest),
                $"no records after {device.Subscriber.Count(topic)}");
            port.Write(string.Concat(lines.Skip(sent).Take(Batch).Select(line => line + "\n")));
        }
    }

    /// <summary>Records of a stream from state and history, each once, by sequence number.</summary>
    public static SortedDictionary<long, JsonElement> Of(Device device, string stream = "oven", string? boot = null)
    {
        SortedDictionary<long, JsonElement> records = [];
        foreach (MqttMessage message in device.Subscriber.Messages)
        {
            bool isRecord = message.Topic == Device.Topic(stream, "state") || message.Topic == Device.Topic(stream, "history");
            if (isRecord && (boot is null || message.Json.GetProperty("boot").GetString() == boot))
            {
                records.TryAdd(message.Sequence, message.Json);
            }
        }

        return records;
    }

    /// <summary>The boot ids of a stream's states in the order they appeared.</summary>
    public static string[] Boots(Device device, string stream = "oven") =>
    [
        .. device.Subscriber.Messages.Where(message => message.Topic == Device.Topic(stream, "state"))
            .Select(message => message.Json.GetProperty("boot").GetString()!).Distinct(),
    ];

    /// <summary>Fails unless record k carries the value of line k, for every k and no further one.</summary>
    public static void ShouldBe(this SortedDictionary<long, JsonElement> records, IReadOnlyList<string> lines, string channel)
    {
        long[] missing = [.. Enumerable.Range(1, lines.Count).Select(k => (long)k).Except(records.Keys)];
        Assert.True(missing.Length == 0, $"{missing.Length} records are missing, the first is {missing.FirstOrDefault()}");
        Assert.Equal(lines.Count, records.Count);
        foreach ((long sequence, JsonElement record) in records)
        {
            float expected = float.Parse(lines[(int)sequence - 1], CultureInfo.InvariantCulture);
            Assert.Equal(expected, record.GetProperty("values").GetProperty(channel).GetSingle());
        }
    }

    /// <summary>Everything of a record but its time and its number.</summary>
    public static string Figures(JsonElement record) =>
        string.Join(' ', new[] { "status", "values", "residuals", "forecast", "score",
            "threshold", "alarm" }.Select(name => record.GetProperty(name).GetRawText()));
}
