// Streams on one port: Modbus slaves share it when they agree on its settings, nothing else shares it.

using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Tests.Configuration;

public sealed class SharedPortTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-ports-").FullName;

    public SharedPortTests()
    {
        File.Copy(Path.Combine(RepositoryRoot.Path, "models", "machine-temperature-gru.safetensors"),
            Path.Combine(_folder, "m.safetensors"));
        File.WriteAllText(Path.Combine(_folder, "serial.json"),
            """{"name": "serial", "framing": {"kind": "csv"}, "channels": [{"name": "temperature", "field": 0}]}""");
        WriteModbus("none", "\"baud\": 9600");
        WriteModbus("even", "\"baud\": 9600, \"parity\": \"even\"");
        WriteModbus("fast", "\"baud\": 19200");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Slaves_that_agree_share_a_port() => Assert.Empty(ProblemsOf(
        """{"kind": "modbus", "port": "/dev/a", "profile": "none.json"}""",
        """{"kind": "modbus", "port": "/dev/a", "profile": "none.json", "address": 2}""",
        """{"kind": "modbus", "port": "/dev/a", "profile": "fast.json", "baud": 9600, "address": 3}""",
        """{"kind": "modbus", "port": "/dev/b", "profile": "even.json"}""",
        """{"kind": "serial", "port": "/dev/c", "profile": "serial.json"}"""));

    [Fact]
    public void Slaves_that_differ_in_rate_or_parity_are_named_both() => Assert.Equal(
        [
            ("streams[1].source.port", "'/dev/a' runs at 9600 baud for stream 's0' and at 9600 baud 8E1 for 's1': set all slaves "
                + "of a line to the same, and the profiles or source.baud with them"),
            ("streams[2].source.port", "'/dev/a' runs at 9600 baud for stream 's0' and at 19200 baud for 's2': set all slaves "
                + "of a line to the same, and the profiles or source.baud with them"),
        ],
        ProblemsOf(
            """{"kind": "modbus", "port": "/dev/a", "profile": "none.json"}""",
            """{"kind": "modbus", "port": "/dev/a", "profile": "even.json"}""",
            """{"kind": "modbus", "port": "/dev/a", "profile": "fast.json"}"""));

    [Theory]
    [InlineData("serial", "modbus")]
    [InlineData("modbus", "serial")]
    [InlineData("serial", "serial")]
    public void A_serial_sensor_has_its_port_for_itself(string first, string second)
    {
        Dictionary<string, string> profiles = new() { ["serial"] = "serial.json", ["modbus"] = "none.json" };
        (string path, string message) = Assert.Single(ProblemsOf(
            $$"""{"kind": "{{first}}", "port": "/dev/a", "profile": "{{profiles[first]}}"}""",
            $$"""{"kind": "{{second}}", "port": "/dev/a", "profile": "{{profiles[second]}}"}"""));
        Assert.Equal("streams[1].source.port", path);
        Assert.Equal(
            $"'/dev/a' is read by stream 's0' too ({first}, here {second}): only Modbus slaves can share a port", message);
    }

    private void WriteModbus(string name, string settings) => File.WriteAllText(Path.Combine(_folder, $"{name}.json"), $$"""
        {"name": "{{name}}", "transport": {"kind": "modbus", {{settings}}, "modbus": {"blocks": [{"start": 0, "count": 1}]} },
         "framing": {"kind": "binary", "byteOrder": "big", "fields": [{"name": "temperature", "type": "int16"}]},
         "channels": [{"name": "temperature"}]}
        """);

    private IReadOnlyList<(string Path, string Message)> ProblemsOf(params string[] sources)
    {
        string streams = string.Join(',', sources.Select((source, i) =>
            $$"""{"name": "s{{i}}", "source": {{source}}, "model": "m.safetensors"}"""));
        string path = Path.Combine(_folder, "edgelstm.json");
        File.WriteAllText(path, $$"""{"device": "pi", "mqtt": {"host": "h"}, "streams": [{{streams}}]}""");
        ProblemList problems = new(path);
        DevicePlan.Load(path, problems);
        return problems.Problems;
    }
}
