// One line that floods, talks without an end or hangs: the other streams do not notice, memory stays bounded, all is counted.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class IsolationTests
{
    private const int FloodMebibytes = 48;
    private const int Some = 100;
    private const long MemoryLimitBytes = 24L << 20;

    [SkippableTheory]
    [InlineData("5", "an endless line")]
    [InlineData("90.25\n", "readings without a pause")]
    public void A_line_that_floods_is_counted_and_costs_the_other_streams_nothing(string flood, string what)
    {
        using Device device = Device.Launch();
        using Pty port = new();
        using Pty noisy = new();
        device.AddTemperature(port.SlavePath);
        string profile = device.AddProfile("noisy", "temperature", "°C", rateHz: 10);
        string model = Device.Model("machine-temperature-gru.safetensors");
        device.AddStream("kiln", model, Device.Serial(noisy.SlavePath, profile), 100);
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();
        port.Write("\n");
        string[] lines = Records.Temperatures(2 * Some);
        device.Send(port, lines[..Some]);
        device.WaitForStates("oven", Some);
        long before = device.AskHealth().GetProperty("residentBytes").GetInt64();

        string block = string.Concat(Enumerable.Repeat(flood, (1 << 16) / flood.Length));
        Thread flooding = new(() =>
        {
            for (int i = 0; i < FloodMebibytes * 16; i++)
            {
                noisy.Write(block);
            }
        });
        flooding.Start();
        device.Send(port, lines[Some..]);
        device.WaitForStates("oven", lines.Length);
        flooding.Join();
        edge.WaitForLog("kiln: ", times: 2);
        edge.WaitForLog("floods: of more than 102400 bytes a second");

        JsonElement health = device.AskHealth();
        JsonElement kiln = health.GetProperty("streams").GetProperty("kiln");
        Records.Of(device).ShouldBe(lines, "temperature");
        Assert.True(kiln.GetProperty("floodedBytes").GetInt64() > (long)(FloodMebibytes - 20) << 20, $"{what}: {kiln}");
        Assert.False(kiln.GetProperty("failed").GetBoolean());
        Assert.InRange(health.GetProperty("residentBytes").GetInt64() - before, long.MinValue, MemoryLimitBytes);

        // And when it is over the stream is as good as new.
        int states = device.Subscriber.Count(Device.Topic("kiln", "state"));
        Assert.True(Tries(noisy, () => device.Subscriber.Count(Device.Topic("kiln", "state")) > states + 5),
            device.StreamHealth("kiln").ToString());
    }

    [SkippableFact]
    public void A_bus_that_never_lets_go_leaves_a_serial_stream_alone()
    {
        using TwoSensorBus rig = new();
        using Pty port = new();
        rig.Device.AddTemperature(port.SlavePath);
        using EdgeProcess edge = rig.Start();
        rig.Device.WaitForStates(TwoSensorBus.Motion, 5);
        rig.Server.HoldsBeyondTheTimeout = true;
        rig.Bus.Break(TwoSensorBus.ClimateAddress, Fault.StuckBus);
        rig.Device.WaitForEvent(TwoSensorBus.Motion, "streamLost");

        port.Write("\n");
        string[] lines = Records.Temperatures(Some);
        rig.Device.Send(port, lines);
        rig.Device.WaitForStates("oven", lines.Length);

        Records.Of(rig.Device).ShouldBe(lines, "temperature");
        JsonElement streams = rig.Device.AskHealth().GetProperty("streams");
        Assert.Equal("stale", streams.GetProperty(TwoSensorBus.Motion).GetProperty("status").GetString());
        Assert.Equal(0, streams.GetProperty("oven").GetProperty("timesStale").GetInt32());
    }

    // At the sensor's own pace, for as long as it takes.
    private static bool Tries(Pty port, Func<bool> isReached)
    {
        using ManualResetEventSlim never = new();
        for (int k = 0; k < 200 && !isReached(); k++)
        {
            port.Write(string.Create(CultureInfo.InvariantCulture, $"\n{90 + (k % 7)}\n"));
            never.Wait(100);
        }

        return isReached();
    }
}
