// The published program on /dev/i2c-1: two sensors on one bus, and whatever can go wrong on two wires.

using System.Diagnostics;
using System.Text.Json;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Tests;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.Mqtt;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class I2cTests
{
    private const int KernelsAddress = 0x45;
    private const int ManyStates = 50;
    private const int FewStates = 5;
    private const int SlowStates = 20;

    [SkippableFact]
    public void Two_sensors_on_one_bus_publish_what_their_data_sheets_say()
    {
        using TwoSensorBus rig = new();
        using EdgeProcess edge = rig.Start();

        rig.Device.WaitForStates(TwoSensorBus.Motion, ManyStates);
        rig.Device.WaitForStates(TwoSensorBus.Climate, FewStates);

        AssertExample(rig);
        Assert.Equal(1, rig.Server.Opened);
        PublishedMessages.ShouldAllKeepTheSchema(rig.Device.Subscriber.Messages);
    }

    [SkippableFact]
    public void An_adapter_that_knows_SMBus_only_serves_the_sensor_with_registers()
    {
        using TwoSensorBus rig = new(I2cSocketServer.SmbusAdapter);
        using EdgeProcess edge = rig.Start();

        rig.Device.WaitForStates(TwoSensorBus.Motion, ManyStates);
        edge.WaitForLog("knows SMBus only");

        AssertMotion(rig);
        JsonElement streams = rig.Device.AskHealth().GetProperty("streams");
        Assert.Equal(JsonValueKind.Null, streams.GetProperty(TwoSensorBus.Motion).GetProperty("problem").ValueKind);
        Assert.Contains("knows SMBus only", Problem(streams, TwoSensorBus.Climate), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(Fault.NoAnswer, "nobody answers at 0x44 on /dev/i2c-1")]
    [InlineData(Fault.GoneAndBack, "nobody answers at 0x44 on /dev/i2c-1")]
    [InlineData(Fault.WrongChecksum, "wrong checksums in a row")]
    public void A_sensor_that_fails_is_said_to_and_comes_back_while_the_other_one_goes_on(Fault fault, string problem)
    {
        using TwoSensorBus rig = new();
        using EdgeProcess edge = rig.Start();
        rig.Device.WaitForStates(TwoSensorBus.Climate, FewStates);

        rig.Bus.Break(TwoSensorBus.ClimateAddress, fault);
        rig.Device.WaitForEvent(TwoSensorBus.Climate, "streamLost");
        edge.WaitForLog("is lost");
        JsonElement health = rig.Device.AskHealth().GetProperty("streams");
        int states = rig.Device.Subscriber.Count(Device.Topic(TwoSensorBus.Motion, "state"));
        rig.Device.WaitForStates(TwoSensorBus.Motion, states + ManyStates);

        Assert.Contains(problem, Problem(health, TwoSensorBus.Climate), StringComparison.Ordinal);
        Assert.Equal("stale", health.GetProperty(TwoSensorBus.Climate).GetProperty("status").GetString());
        rig.Bus.Mend(TwoSensorBus.ClimateAddress);
        rig.Device.WaitForEvent(TwoSensorBus.Climate, "streamBack");
        health = rig.Device.AskHealth().GetProperty("streams");
        Assert.Equal(JsonValueKind.Null, health.GetProperty(TwoSensorBus.Climate).GetProperty("problem").ValueKind);
        Assert.Equal(0, health.GetProperty(TwoSensorBus.Motion).GetProperty("timesStale").GetInt32());
        AssertExample(rig);
    }

    [SkippableFact]
    public void A_sensor_that_answers_slowly_costs_the_other_one_no_more_than_its_answers()
    {
        using TwoSensorBus rig = new();
        using EdgeProcess edge = rig.Start();
        rig.Bus.Break(TwoSensorBus.ClimateAddress, Fault.SlowAnswer);
        rig.Device.WaitForStates(TwoSensorBus.Climate, FewStates);
        JsonElement before = rig.Device.StreamHealth(TwoSensorBus.Motion);

        rig.Device.WaitForStates(TwoSensorBus.Climate, FewStates + SlowStates);

        // Two answers of 20 ms in each 100 ms leave the other sensor 60 of 100 ms, and its turns in the rest come at their end.
        JsonElement after = rig.Device.StreamHealth(TwoSensorBus.Motion);
        long frames = after.GetProperty("frames").GetInt64() - before.GetProperty("frames").GetInt64();
        Assert.True(frames >= SlowStates * 5, $"{frames} readings of the other sensor during {SlowStates} slow ones");
        Assert.Equal(0, after.GetProperty("timesStale").GetInt32());
        AssertExample(rig);
    }

    [SkippableFact]
    public void A_bus_that_is_held_makes_both_streams_lost_and_let_go_both_come_back()
    {
        using TwoSensorBus rig = new();
        using EdgeProcess edge = rig.Start();
        rig.Device.WaitForStates(TwoSensorBus.Climate, FewStates);

        rig.Bus.Break(TwoSensorBus.ClimateAddress, Fault.StuckBus);
        rig.Device.WaitForEvent(TwoSensorBus.Climate, "streamLost");
        rig.Device.WaitForEvent(TwoSensorBus.Motion, "streamLost");
        JsonElement health = rig.Device.AskHealth().GetProperty("streams");
        Assert.Contains("a sensor holds the bus", Problem(health, TwoSensorBus.Climate), StringComparison.Ordinal);
        Assert.Contains("a sensor holds the bus", Problem(health, TwoSensorBus.Motion), StringComparison.Ordinal);

        rig.Bus.Mend(TwoSensorBus.ClimateAddress);
        rig.Device.WaitForEvent(TwoSensorBus.Climate, "streamBack");
        rig.Device.WaitForEvent(TwoSensorBus.Motion, "streamBack");
        AssertExample(rig);
    }

    [SkippableFact]
    public void An_adapter_pulled_out_is_lost_and_plugged_in_again_its_sensors_are_set_up_anew()
    {
        using TwoSensorBus rig = new();
        using EdgeProcess edge = rig.Start();
        rig.Device.WaitForStates(TwoSensorBus.Climate, FewStates);

        rig.PullOut();
        rig.Bus.Break(TwoSensorBus.MotionAddress, Fault.GoneAndBack);
        rig.Device.WaitForEvent(TwoSensorBus.Motion, "streamLost");
        rig.Device.WaitForEvent(TwoSensorBus.Climate, "streamLost");
        JsonElement health = rig.Device.AskHealth().GetProperty("streams");
        Assert.Contains("/dev/i2c-1 ", Problem(health, TwoSensorBus.Motion), StringComparison.Ordinal);

        rig.Bus.Mend(TwoSensorBus.MotionAddress);
        rig.PlugIn();
        rig.Device.WaitForEvent(TwoSensorBus.Motion, "streamBack");
        rig.Device.WaitForEvent(TwoSensorBus.Climate, "streamBack");
        AssertExample(rig);
    }

    [SkippableFact]
    public void An_address_of_a_kernel_driver_is_left_alone_and_its_IIO_device_recommended()
    {
        using TwoSensorBus rig = new();
        rig.Server.OwnByKernel(TwoSensorBus.ClimateAddress);
        using EdgeProcess edge = rig.Start();

        rig.Device.WaitForStates(TwoSensorBus.Motion, ManyStates);
        edge.WaitForLog("belongs to the kernel's driver");

        string said = Problem(rig.Device.AskHealth().GetProperty("streams"), TwoSensorBus.Climate);
        Assert.Contains("0x44 on /dev/i2c-1 belongs to the kernel's driver sht3x", said, StringComparison.Ordinal);
        Assert.Contains("source.kind", said, StringComparison.Ordinal);
        Assert.Equal(0, rig.Server.TransfersTo(TwoSensorBus.ClimateAddress));
    }

    [SkippableFact]
    public void Scan_names_the_sensors_that_answer_and_leaves_a_kernel_drivers_address_alone()
    {
        using TwoSensorBus rig = new();
        rig.Bus.Attach(KernelsAddress, new Sht31(TimeProvider.System));
        rig.Server.OwnByKernel(KernelsAddress);
        string profiles = Path.Combine(RepositoryRoot.Path, "firmware-configs");
        using EdgeProcess scan = new(["scan", "--bus", rig.Server.Port, "--profiles", profiles],
            I2cShim.VariablesFor(rig.Device.Folder));

        Assert.Equal(0, scan.WaitForExit());

        string said = string.Join('\n', scan.Output);
        Assert.Contains("0x68  is an MPU6050", said, StringComparison.Ordinal);
        Assert.Contains("0x44  may be an INA219 or an SHT31", said, StringComparison.Ordinal);
        Assert.Contains("0x45  belongs to the kernel's driver", said, StringComparison.Ordinal);
        Assert.Equal(0, rig.Server.TransfersTo(KernelsAddress));
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_program_ends_in_time_while_the_bus_is_held(bool beyondTheTimeout)
    {
        using TwoSensorBus rig = new();
        using EdgeProcess edge = rig.Start();
        rig.Device.WaitForStates(TwoSensorBus.Motion, ManyStates);
        rig.Server.HoldsBeyondTheTimeout = beyondTheTimeout;
        rig.Bus.Break(TwoSensorBus.ClimateAddress, Fault.StuckBus);
        rig.Device.WaitForEvent(TwoSensorBus.Motion, "streamLost");
        long started = Stopwatch.GetTimestamp();

        edge.Terminate();

        Assert.Equal(0, edge.WaitForExit());
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 4);
        Assert.True(rig.Device.Subscriber.Wait(s => s.Of("/status")[^1].Text == "offline"));
    }

    private static string Problem(JsonElement streams, string stream) =>
        streams.GetProperty(stream).GetProperty("problem").GetString() ?? "";

    private static void AssertExample(TwoSensorBus rig)
    {
        AssertMotion(rig);
        AssertLast(rig, TwoSensorBus.Climate, TwoSensorBus.ClimateExample);
    }

    private static void AssertMotion(TwoSensorBus rig) =>
        AssertLast(rig, TwoSensorBus.Motion, TwoSensorBus.MotionExample);

    // The last state that carries values, as a filled sample has none.
    private static void AssertLast(TwoSensorBus rig, string stream, (string Input, double Value, double Tolerance)[] example)
    {
        JsonElement values = rig.Device.Subscriber.Of($"/{stream}/state").Select(message => message.Json.GetProperty("values"))
            .Last(values => values.GetProperty(example[0].Input).ValueKind == JsonValueKind.Number);
        foreach ((string input, double value, double tolerance) in example)
        {
            Assert.Equal(value, values.GetProperty(input).GetDouble(), tolerance);
        }
    }
}
