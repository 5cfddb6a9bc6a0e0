// The published program on two buses with the same sensors: one read through their bindings, one as their profiles say.

using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.Benchmarks.Service;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Tests;
using EdgeLstm.Worker.Tests.Emulation.I2c;
using EdgeLstm.Worker.Tests.Mqtt;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.EndToEnd.Tests.FieldPackages;

public sealed class DeviceBindingTests : IDisposable
{
    private const string Driver = "device-bindings";
    private const int ClimateAddress = 0x76, MotionAddress = 0x68;
    private const int FewStates = 5;
    private const double RateHz = 10;
    private const double FullScale = 2e-3;   // 250 °/s are 32768 counts for the class, 32750 for the profile

    private readonly List<EmulatedI2cBus> _buses = [];
    private readonly List<I2cSocketServer> _servers = [];
    private readonly Device _device;

    public DeviceBindingTests()
    {
        Skip.If(I2cShim.Missing is not null, I2cShim.Missing);
        _device = Device.Launch();
        AddBus(1, Driver);
        AddBus(3, null);
    }

    public void Dispose()
    {
        _servers.ForEach(server => server.Dispose());
        _buses.ForEach(bus => bus.Dispose());
        _device?.Dispose();
    }

    [SkippableFact]
    public void A_BME280_and_an_MPU6050_publish_through_their_bindings_what_they_publish_without()
    {
        using EdgeProcess edge = Start();

        foreach (string stream in new[] { "bme280", "mpu6050" })
        {
            _device.WaitForStates($"{stream}-{Driver}", FewStates);
            _device.WaitForStates(stream, FewStates);
            JsonElement through = Last($"{stream}-{Driver}");
            JsonElement own = Last(stream);
            (string Channel, double Value, double Tolerance)[] example = [.. RigOf(stream).Example];
            Assert.Equal(example.Select(expected => expected.Channel), through.EnumerateObject().Select(value => value.Name));
            Assert.All(example, expected =>
            {
                double tolerance = Math.Max(expected.Tolerance, FullScale * Math.Abs(expected.Value) / 2);
                double value = through.GetProperty(expected.Channel).GetDouble();
                Assert.Equal(expected.Value, value, tolerance);
                Assert.Equal(own.GetProperty(expected.Channel).GetDouble(), value, 2 * tolerance);
            });
        }

        Assert.All(_servers, server => Assert.Equal(1, server.Opened));
        PublishedMessages.ShouldAllKeepTheSchema(_device.Subscriber.Messages);
    }

    [SkippableFact]
    public void A_sensor_that_is_pulled_out_is_lost_and_comes_back_while_the_other_one_goes_on()
    {
        string climate = $"bme280-{Driver}", motion = $"mpu6050-{Driver}";
        using EdgeProcess edge = Start();
        _device.WaitForStates(climate, FewStates);

        _buses[0].Break(ClimateAddress, Fault.GoneAndBack);
        _device.WaitForEvent(climate, "streamLost");
        JsonElement health = _device.AskHealth().GetProperty("streams");
        int states = _device.Subscriber.Count(Device.Topic(motion, "state"));
        _device.WaitForStates(motion, states + FewStates);

        Assert.StartsWith("nobody answers at 0x76 on /dev/i2c-1",
            health.GetProperty(climate).GetProperty("problem").GetString(), StringComparison.Ordinal);
        _buses[0].Mend(ClimateAddress);
        _device.WaitForEvent(climate, "streamBack");
        Assert.Equal(JsonValueKind.Null, _device.StreamHealth(climate).GetProperty("problem").ValueKind);
    }

    private static I2cRig RigOf(string profile) =>
        I2cRigs.All.Select(create => create()).Single(rig => rig.Profile == $"i2c/{profile}.json");

    private EdgeProcess Start() => _device.Start(I2cShim.VariablesFor(_device.Folder));

    private void AddBus(int number, string? driver)
    {
        EmulatedI2cBus bus = new();
        bus.Attach(ClimateAddress, RigOf("bme280").Device).Attach(MotionAddress, RigOf("mpu6050").Device);
        _buses.Add(bus);
        _servers.Add(new I2cSocketServer(_device.Folder, number, bus));
        AddStream("bme280", driver);
        AddStream("mpu6050", driver);
    }

    private void AddStream(string profile, string? driver)
    {
        JsonObject source = new()
        {
            ["kind"] = "i2c",
            ["profile"] = Path.Combine(RepositoryRoot.Path, "firmware-configs", "i2c", $"{profile}.json"),
            ["port"] = _servers[^1].Port,
            ["rateHz"] = RateHz,
        };
        if (driver is not null)
        {
            source["driver"] = driver;
        }

        string[] channels = [.. RigOf(profile).Example.Select(example => example.Channel)];
        string model = Path.Combine(_device.Folder, $"{profile}.safetensors");
        WideModel.Save(model, channels);
        JsonObject stream = _device.AddStream(driver is null ? profile : $"{profile}-{driver}", model, source, 1000 / RateHz);
        stream["clock"] = new JsonObject { ["resample"] = "each", ["fillSamples"] = (int)RateHz };
    }

    // The last state that carries values, as a filled sample has none.
    private JsonElement Last(string stream) => _device.Subscriber.Of($"/{stream}/state")
        .Select(message => message.Json.GetProperty("values"))
        .Last(values => values.EnumerateObject().All(value => value.Value.ValueKind == JsonValueKind.Number));
}
