// 1,000 samples a second from two motion sensors on one I²C bus, each into a GRU (3, 32); every 50th sample is published.
// The bus is emulated in this process, behind /dev/i2c-1 by the shim: what is measured is the program alone.

using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Tests;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.Mqtt;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.Benchmarks.Service;

internal static class I2cBenchmark
{
    private const int BusNumber = 1;
    private const int RateHz = 500;
    private const int PublishEvery = 50;
    private const double OnceBytes = 1024;   // a lock makes its event when it is first waited for, 120 bytes; nothing per sample
    private const int WarmUpStates = 20;   // two seconds: caches, and the first count of what was allocated
    private static readonly (string Name, int Address)[] Sensors = [("left", 0x68), ("right", 0x69)];

    public static Figure[] Measure(int seconds)
    {
        using Device device = new(MosquittoBroker.Launch());
        EmulatedI2cBus bus = new();
        using I2cSocketServer server = new(device.Folder, BusNumber, bus);
        foreach ((string name, int address) in Sensors)
        {
            bus.Attach(address, new Mpu6050(TimeProvider.System) { Acceleration = (8192, -4096, 16384) });
            AddStream(device, server.Port, name, address);
        }

        using EdgeProcess edge = device.Start(I2cShim.VariablesFor(device.Folder));
        WaitForStates(device, WarmUpStates);
        Counts before = Counts.Ask(device);
        double cpu = ProcessFigures.CpuSeconds(edge.Id);
        long started = Stopwatch.GetTimestamp();
        WaitForStates(device, WarmUpStates + (seconds * RateHz / PublishEvery));
        double elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        cpu = ProcessFigures.CpuSeconds(edge.Id) - cpu;
        Counts after = Counts.Ask(device);

        // A bus that is held brings no more readings, so all counters are those of the same moment.
        bus.Break(Sensors[0].Address, Fault.StuckBus);
        Array.ForEach(Sensors, sensor => device.WaitForEvent(sensor.Name, "streamLost"));
        Counts end = Counts.Ask(device);
        return
        [
            new("i2cSamplesPerSecond", $"samples a second from two sensors on one bus over {seconds} s",
                (after.Measured - before.Measured) / elapsed),
            new("i2cMissingSamples", "readings taken and not stepped", end.Frames - end.Measured, 0),
            new("i2cLeftOutSamples", "readings left out because their turn had passed", LeftOut(device)),
            new("i2cFilledSteps", "steps filled because of that", after.Filled - before.Filled),
            new("i2cCpuPercentOfCore", "processor time at that rate, percent of one core", 100 * cpu / elapsed, 25),
            new("i2cAllocatedBytes", "bytes allocated by both streams' threads after their first 2 s",
                after.Allocated - before.Allocated, OnceBytes),
            new("i2cCollections", "collections of the whole program during them", after.Collections - before.Collections, 0),
        ];
    }

    private static void AddStream(Device device, string port, string name, int address)
    {
        string model = Path.Combine(device.Folder, "wide-gru.safetensors");
        WideModel.Save(model);
        JsonObject source = new()
        {
            ["kind"] = "i2c",
            ["profile"] = Path.Combine(RepositoryRoot.Path, "firmware-configs", "i2c", "mpu6050.json"),
            ["port"] = port,
            ["address"] = address,
            ["rateHz"] = RateHz,
        };
        JsonObject stream = device.AddStream(name, model, source, 1000.0 / RateHz);
        stream["channels"] = new JsonObject { ["x"] = "accel_x", ["y"] = "accel_y", ["z"] = "accel_z" };
        stream["clock"] = new JsonObject { ["resample"] = "each" };
        stream["publish"] = new JsonObject { ["everySamples"] = PublishEvery };
    }

    private static void WaitForStates(Device device, int count) =>
        Array.ForEach(Sensors, sensor => device.WaitForStates(sensor.Name, count, 2 * (count * PublishEvery / RateHz) + 30));

    // The readings that belong between the first message after the warm-up and the last one, less those that were stepped.
    private static long LeftOut(Device device)
    {
        long leftOut = 0;
        foreach ((string name, _) in Sensors)
        {
            IReadOnlyList<MqttMessage> states = device.Subscriber.Of($"/{name}/state");
            (MqttMessage first, MqttMessage last) = (states[WarmUpStates], states.Last(IsMeasured));
            double periods = (UnixMs(last) - UnixMs(first)) * RateHz / 1000.0;
            leftOut += (long)Math.Round(periods) - (last.Sequence - first.Sequence);
        }

        return leftOut;
    }

    private static bool IsMeasured(MqttMessage state) =>
        state.Json.GetProperty("values").GetProperty("x").ValueKind == JsonValueKind.Number;

    private static long UnixMs(MqttMessage state) => state.Json.GetProperty("ts").GetInt64();

    /// <summary>Counters of both streams together.</summary>
    private readonly record struct Counts(long Frames, long Measured, long Filled, long Allocated, long Collections)
    {
        public static Counts Ask(Device device)
        {
            JsonElement health = device.AskHealth();
            JsonElement streams = health.GetProperty("streams");
            Counts sum = new() { Collections = Number(health, "collections") };
            foreach ((string name, _) in Sensors)
            {
                JsonElement stream = streams.GetProperty(name);
                long filled = Number(stream, "filled");
                sum = new(sum.Frames + Number(stream, "frames"), sum.Measured + Number(stream, "steps") - filled,
                    sum.Filled + filled, sum.Allocated + Number(stream, "allocatedBytes"), sum.Collections);
            }

            return sum;
        }

        private static long Number(JsonElement stream, string name) => stream.GetProperty(name).GetInt64();
    }
}
