// Two streams and one I²C sensor.

using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Tests.Configuration;

public sealed class SharedSensorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-shared-").FullName;

    public SharedSensorTests()
    {
        File.Copy(Path.Combine(RepositoryRoot.Path, "models", "machine-temperature-gru.safetensors"),
            Path.Combine(_folder, "m.safetensors"));
        File.WriteAllText(Path.Combine(_folder, "p.json"), """
            {"name": "p", "transport": {"kind": "i2c", "i2c": {"address": "0x48", "measure": [{"write": [0], "read": 2}]}},
             "framing": {"kind": "binary", "byteOrder": "big", "fields": [{"name": "temperature", "type": "int16"}]},
             "channels": [{"name": "temperature", "scale": 0.0078125, "unit": "°C"}]}
            """);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("/dev/i2c-1", "", "/dev/i2c-1", ", \"address\": \"0x49\"")]
    [InlineData("/dev/i2c-1", "", "/dev/i2c-3", "")]
    public void Different_addresses_and_different_buses_are_different_sensors(
        string port, string address, string port2, string address2) =>
        Assert.Equal("edgelstm.json: 0 problems", ProblemsOf(port, address, port2, address2));

    [Theory]
    [InlineData("", "")]
    [InlineData(", \"address\": 72", "")]
    [InlineData(", \"address\": \"0x49\"", ", \"address\": \"0x49\"")]
    public void Two_streams_on_one_sensor_are_refused_and_both_are_named(string address, string address2)
    {
        string problems = ProblemsOf("/dev/i2c-1", address, "/dev/i2c-1", address2);
        Assert.Contains("streams[1].source.address: 0x4", problems, StringComparison.Ordinal);
        Assert.Contains("on /dev/i2c-1 is read by stream 'a' already", problems, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_is_none_on_I2C_is_told() =>
        Assert.Contains("streams[1].source.address: must be from \"0x03\" to \"0x77\" on I2C; got 0x78",
            ProblemsOf("/dev/i2c-1", "", "/dev/i2c-1", ", \"address\": 120"), StringComparison.Ordinal);

    [Fact]
    public void A_sensor_that_only_a_binding_knows_is_not_read_by_the_default_driver()
    {
        File.WriteAllText(Path.Combine(_folder, "p.json"), """
            {"name": "p", "transport": {"kind": "i2c", "i2c": {"address": "0x29", "binding": "vl53l0x"} },
             "channels": [{"name": "temperature"}]}
            """);
        Assert.Contains("streams[0].source.driver: must be 'device-bindings': profile 'p' has no transport.i2c.measure",
            ProblemsOf("/dev/i2c-1", "", "/dev/i2c-3", ""), StringComparison.Ordinal);
    }

    private string ProblemsOf(string port, string address, string port2, string address2)
    {
        string path = Path.Combine(_folder, "edgelstm.json");
        File.WriteAllText(path, $$"""
            {"device": "pi", "mqtt": {"host": "h"}, "streams": [
             {"name": "a", "model": "m.safetensors",
              "source": {"kind": "i2c", "port": "{{port}}", "profile": "p.json"{{address}} } },
             {"name": "b", "model": "m.safetensors",
              "source": {"kind": "i2c", "port": "{{port2}}", "profile": "p.json"{{address2}} } } ] }
            """);
        ProblemList problems = new("edgelstm.json");
        DevicePlan.Load(path, problems);
        return problems.ToString();
    }
}
