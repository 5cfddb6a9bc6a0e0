// 10,000 records of three channels a second over a pseudo-terminal into a GRU (3, 32); every 100th sample is published.

using System.Diagnostics;
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
    private const int WarmUpSeconds = 2;

    public static Figure[] Measure(Accelerometer node, int seconds)
    {
        using Device device = new(MosquittoBroker.Launch());
        using Pty port = new();
        AddStream(device, port, node);
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();
        port.Write(node.Boundary);
        using PacedFeed feed = new(port, RateHz, node.Records());
        feed.Send(RateHz * WarmUpSeconds);   // caches, the broker's side, and the first count of what was allocated
        long allocated = device.StreamHealth("vibration").GetProperty("allocatedBytes").GetInt64();

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
        string prefix = node.Prefix;
        return
        [
            new($"{prefix}RecordsPerSecond", $"three-channel {node.Kind} records a second over {seconds} s", feed.Sent > 0
                ? RateHz * seconds / elapsed
                : 0),
            new($"{prefix}MissingRecords", "records sent and not stepped", feed.Sent - steps, 0),
            new($"{prefix}DroppedRecords", "records dropped before the broker", dropped, 0),
            new($"{prefix}FilledSteps", "steps filled because the feed paused", stream.GetProperty("filled").GetInt64()),
            new($"{prefix}CpuPercentOfCore", "processor time at that rate, percent of one core", 100 * cpu / elapsed, 25),
            new($"{prefix}AllocatedBytes", $"bytes allocated by the stream's thread after its first {WarmUpSeconds} s",
                stream.GetProperty("allocatedBytes").GetInt64() - allocated, 0),
        ];
    }

    private static void AddStream(Device device, Pty port, Accelerometer node)
    {
        string model = Path.Combine(device.Folder, "wide-gru.safetensors");
        WideModel.Save(model);
        string path = Path.Combine(device.Folder, "accelerometer.json");
        File.WriteAllText(path, node.Profile(RateHz).ToJsonString());
        JsonObject stream = device.AddStream("vibration", model, Device.Serial(port.SlavePath, path));
        stream["publish"] = new JsonObject { ["everySamples"] = PublishEvery };
    }
}
