// Modbus slaves on one line under the program itself: values arrive, a dead slave stops no other, nothing holds up the stop.

using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Tests.Emulation.Modbus;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class ModbusTests
{
    private const int FloatRegister = 6;
    private const double RateHz = 20;

    [SkippableFact]
    public void Two_slaves_of_one_line_are_read_and_one_that_dies_and_comes_back_disturbs_no_other()
    {
        using Device device = Device.Launch();
        EmulatedSlave steady = Slave(1, 90.5f);
        EmulatedSlave mortal = Slave(2, 42.25f);
        using EmulatedLine line = new(steady, mortal);
        string profile = AddProfile(device, timeoutMs: 100);
        AddStream(device, "steady", line.Port, profile, 1);
        AddStream(device, "mortal", line.Port, profile, 2);
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();
        device.WaitForStates("steady", 5);
        device.WaitForStates("mortal", 5);
        AssertValues(device, "steady", 90.5f);
        AssertValues(device, "mortal", 42.25f);

        mortal.Break(SlaveFault.NoAnswer);
        edge.WaitForLog("slave 2 does not answer within 100 ms");
        int events = device.Subscriber.Count(Device.Topic("mortal", "event"));
        int states = device.Subscriber.Count(Device.Topic("steady", "state"));
        steady.SetFloat(4, FloatRegister, 91.75f);
        device.WaitForStates("steady", states + 20);
        // A sample that was late on a busy machine is bridged, and has no value.
        Assert.Equal(91.75f, Records.Of(device, "steady").Values.Select(Temperature).Last(value => value is not null));

        mortal.Mend();
        device.WaitForEvent("mortal", "streamBack", events);
        JsonElement streams = device.AskHealth().GetProperty("streams");
        Assert.Equal(1, streams.GetProperty("mortal").GetProperty("reopened").GetInt32());
        Assert.Equal(0, streams.GetProperty("steady").GetProperty("reopened").GetInt32());
        Assert.Equal(0, streams.GetProperty("steady").GetProperty("recordsRejected").GetInt32());
    }

    [SkippableFact]
    public void An_unplugged_adapter_loses_all_its_slaves_and_plugged_in_again_they_go_on()
    {
        using Device device = Device.Launch();
        using EmulatedLine line = new(Slave(1, 1), Slave(2, 2));
        string profile = AddProfile(device, timeoutMs: 300);
        AddStream(device, "one", line.Port, profile, 1);
        AddStream(device, "two", line.Port, profile, 2);
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();
        device.WaitForStates("one", 2);
        device.WaitForStates("two", 2);

        line.Unplug();
        device.WaitForEvent("one", "streamLost");
        device.WaitForEvent("two", "streamLost");
        line.Plug();
        device.WaitForEvent("one", "streamBack");
        device.WaitForEvent("two", "streamBack");
        AssertValues(device, "one", 1);
        AssertValues(device, "two", 2);
    }

    [SkippableFact]
    public void SIGTERM_is_obeyed_in_time_while_a_slave_does_not_answer()
    {
        using Device device = Device.Launch();
        using EmulatedLine line = new(Slave(1, 1));
        AddStream(device, "absent", line.Port, AddProfile(device, timeoutMs: 10_000), 2);
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();
        Assert.True(SpinWait.SpinUntil(() => line.Heard.Count > 0, 10_000));

        long started = Stopwatch.GetTimestamp();
        edge.Terminate();
        Assert.Equal(0, edge.WaitForExit());
        Assert.True(Stopwatch.GetElapsedTime(started).TotalSeconds < 2);
    }

    private static EmulatedSlave Slave(byte address, float temperature) =>
        new EmulatedSlave(address).SetFloat(4, FloatRegister, temperature);

    private static void AssertValues(Device device, string stream, float expected) => Assert.All(
        Records.Of(device, stream).Values.Where(record => record.GetProperty("status").GetString() != "stale"),
        record => Assert.True(Temperature(record) is not { } value || value == expected));

    private static float? Temperature(JsonElement record) =>
        record.GetProperty("values").GetProperty("temperature") is { ValueKind: JsonValueKind.Number } value
            ? value.GetSingle()
            : null;

    private static string AddProfile(Device device, int timeoutMs)
    {
        string path = Path.Combine(device.Folder, "slave.json");
        File.WriteAllText(path, $$"""
            {"name": "slave", "rateHz": {{RateHz}}, "transport": {"kind": "modbus", "baud": 115200, "modbus":
              {"timeoutMs": {{timeoutMs}}, "blocks": [{"function": 4, "start": {{FloatRegister}}, "count": 2}]} },
             "framing": {"kind": "binary", "byteOrder": "big", "fields": [{"name": "temperature", "type": "float32"}]},
             "channels": [{"name": "temperature", "unit": "°C"}]}
            """);
        return path;
    }

    private static void AddStream(Device device, string name, string port, string profile, int address)
    {
        JsonObject source = new() { ["kind"] = "modbus", ["port"] = port, ["profile"] = profile, ["address"] = address };
        JsonObject stream = device.AddStream(name, Device.Model("machine-temperature-gru.safetensors"), source, 1000 / RateHz);
        stream["clock"] = new JsonObject { ["resample"] = "each" };
    }
}
