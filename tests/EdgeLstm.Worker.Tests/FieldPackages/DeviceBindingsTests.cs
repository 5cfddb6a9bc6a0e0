// Which sensors have a binding, and what `edgelstm check` says where a stream cannot be read through one.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.FieldPackages;
using EdgeLstm.Worker.Tests.FirmwareConfigs;

namespace EdgeLstm.Worker.Tests.FieldPackages;

public sealed class DeviceBindingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-bindings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_sensor_is_there_under_its_names_and_once()
    {
        string[] names = [.. DeviceBindings.All.SelectMany(binding => binding.OtherNames.Append(binding.Name))];
        Assert.Equal(names.Distinct(), names);
        string[] asked =
        [
            "bme280", "bmp280", "bme680", "mpu6050", "mpu9250", "adxl345", "ads1115", "ina219", "sht3x", "sht4x", "scd4x", "lm75",
            "bh1750", "tsl2561", "tsl256x", "vl53l0x",
        ];
        Assert.Empty(asked.Except(names));
    }

    [Fact]
    public void Shipped_profiles_of_these_sensors_can_be_read_through_their_bindings_as_they_are()
    {
        string[] profiles = [.. Directory.GetFiles(Path.Combine(Firmware.Configs, "i2c"), "*.json")
            .Where(file => DeviceBindings.All.Any(binding => binding.Is(Path.GetFileNameWithoutExtension(file))))];
        Assert.Equal(12, profiles.Length);
        Assert.All(profiles, profile => Assert.Equal("edgelstm.json: 0 problems", ProblemsOf(profile)));
    }

    [Fact]
    public void A_sensor_without_a_binding_is_told_with_the_ones_there_are()
    {
        string problems = ProblemsOf(Path.Combine(Firmware.Configs, "i2c", "veml7700.json"));
        Assert.Contains(
            "streams[0].source.driver: Iot.Device.Bindings is not used for 'veml7700', which profile 'veml7700' is of", problems,
            StringComparison.Ordinal);
        Assert.Contains("; known are bme280, bmp280, bme680", problems, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slip_in_a_bindings_name_is_told() => Assert.Contains("; did you mean 'vl53l0x'?",
        ProblemsOf(Write("vl53lox", "", "distance")), StringComparison.Ordinal);

    [Theory]
    [InlineData("range", "",
        "channel 'range' asks for 'range', which the binding of vl53l0x does not give; it gives distance (m)")]
    [InlineData("distance", ", \"unit\": \"mm\"", "channel 'distance' is in mm; the binding of vl53l0x gives distance (m)")]
    public void A_channel_that_the_binding_has_not_or_has_in_another_unit_is_named(
        string channel, string unit, string expected) =>
        Assert.Contains(expected, ProblemsOf(Write("vl53l0x", unit, channel)), StringComparison.Ordinal);

    [Fact]
    public void Only_channels_that_the_stream_reads_must_be_there()
    {
        string profile = Path.Combine(_folder, "sht31.json");
        File.WriteAllText(profile, """
            {"name": "sht31", "rateHz": 1, "transport": {"kind": "i2c", "i2c": {"address": "0x44", "binding": "sht3x"}},
             "channels": [{"name": "room", "field": "temperature", "unit": "°C"}, {"name": "dew_point", "unit": "°C"}]}
            """);
        Assert.Equal("edgelstm.json: 0 problems", ProblemsOf(profile, ", \"channels\": {\"room\": \"room\"}"));
        Assert.Contains("channel 'dew_point' asks for 'dew_point', which the binding of sht3x does not give",
            ProblemsOf(profile), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rate_that_the_binding_cannot_keep_is_refused()
    {
        string problems = ProblemsOf(Path.Combine(Firmware.Configs, "i2c", "bme280.json"), rateHz: 100);
        Assert.Contains(
            "streams[0].source.rateHz: must be at most 43.478: a reading through the binding of bme280 takes 23 ms; got 100",
            problems, StringComparison.Ordinal);
    }

    private string Write(string binding, string unit, string channel)
    {
        string path = Path.Combine(_folder, "sensor.json");
        File.WriteAllText(path, $$"""
            {"name": "sensor", "rateHz": 1, "transport": {"kind": "i2c", "i2c": {"address": "0x29", "binding": "{{binding}}"} },
             "channels": [{"name": "{{channel}}"{{unit}} }]}
            """);
        return path;
    }

    private string ProblemsOf(string profile, string more = "", double? rateHz = null)
    {
        string path = Path.Combine(_folder, "edgelstm.json");
        string rate = rateHz is { } given ? $", \"rateHz\": {given}" : "";
        File.WriteAllText(path, $$"""
            {"device": "pi", "mqtt": {"host": "h"}, "streams": [{"name": "a", "source": {"kind": "i2c", "port": "/dev/i2c-1",
             "driver": "device-bindings", "profile": "{{profile}}"{{rate}} }{{more}} }]}
            """);
        ProblemList problems = new("edgelstm.json");
        DevicePlan.Load(path, problems);
        return problems.ToString();
    }
}
