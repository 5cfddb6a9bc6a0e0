// 10,000 lines of three channels a second over a pseudo-terminal into a GRU (3, 32); every 100th sample is published.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.Benchmarks.Service;

internal static class ThroughputBenchmark
{
    private const int RateHz = 10_000;
    private const int PublishEvery = 100;
    private const int LineKinds = 5000;

    public static Figure[] Measure(int seconds)
    {
        using Device device = new(MosquittoBroker.Launch());
        using Pty port = new();
        AddStream(device, port);
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();
        port.Write("\n");
        using PacedFeed feed = new(port, RateHz, Lines());
        feed.Send(RateHz);   // a second to warm up: caches, and the broker's side

        double cpu = ProcessFigures.CpuSeconds(edge.Id);
        long started = Stopwatch.GetTimestamp();
        feed.Send((long)RateHz * seconds);
        double elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        cpu = ProcessFigures.CpuSeconds(edge.Id) - cpu;

        int published = (int)(feed.Sent / PublishEvery);
        device.WaitForStates("vibration", published);
        JsonElement health = device.AskHealth();
        JsonElement stream = health.GetProperty("streams").GetProperty("vibration");
        long steps = stream.GetProperty("steps").GetInt64() - stream.GetProperty("filled").GetInt64();
        long dropped = health.GetProperty("mqtt").GetProperty("droppedRecords").GetInt64();
        return
        [
            new("throughputRecordsPerSecond", $"three-channel CSV records a second over {seconds} s", feed.Sent > 0
                ? RateHz * seconds / elapsed
                : 0),
            new("throughputMissingRecords", "records sent and not stepped", feed.Sent - steps, 0),
            new("throughputDroppedRecords", "records dropped before the broker", dropped, 0),
            new("throughputFilledSteps", "steps filled because the feed paused", stream.GetProperty("filled").GetInt64()),
            new("throughputCpuPercentOfCore", "processor time at that rate, percent of one core", 100 * cpu / elapsed, 25),
            new("throughputAllocatedBytes", "bytes allocated by the stream's thread since its start",
                stream.GetProperty("allocatedBytes").GetInt64()),
        ];
    }

    private static void AddStream(Device device, Pty port)
    {
        string model = Path.Combine(device.Folder, "wide-gru.safetensors");
        WideModel.Save(model);
        JsonArray channels = [.. WideModel.Channels.Select(
            (name, index) => new JsonObject { ["name"] = name, ["field"] = index })];
        JsonObject profile = new()
        {
            ["name"] = "accelerometer",
            ["rateHz"] = RateHz,
            ["framing"] = new JsonObject { ["kind"] = "csv" },
            ["channels"] = channels,
        };
        string path = Path.Combine(device.Folder, "accelerometer.json");
        File.WriteAllText(path, profile.ToJsonString());
        JsonObject stream = device.AddStream("vibration", model, Device.Serial(port.SlavePath, path));
        stream["publish"] = new JsonObject { ["everySamples"] = PublishEvery };
    }

    private static byte[][] Lines() =>
    [
        .. Enumerable.Range(0, LineKinds).Select(k => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{Math.Sin(k / 10.0):0.0000},{Math.Cos(k / 17.0):0.0000},{Math.Sin(k / 31.0):0.0000}\n"))),
    ];
}
