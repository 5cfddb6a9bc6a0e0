// From an unknown sensor on a port to a configuration that is checked: scan, profile draft, check.

using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Scanning;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class ScanTests : IDisposable
{
    private const string Gru = "machine-temperature-gru.safetensors";
    private const int PeriodMs = 20;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-scan-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public void A_draft_by_scan_is_a_profile_that_check_hears_the_sensor_with()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        using SteadySender sensor = new(port, Temperatures(90), (byte)'\n', PeriodMs);
        string profile = Path.Combine(_folder, "oven-sensor.json");

        JsonElement found = Json(0, "scan", "--port", port.SlavePath, "--write-profile", profile, "--json");
        JsonElement serial = Assert.Single(found.GetProperty("serial").EnumerateArray());
        Assert.Equal("csv", serial.GetProperty("speaks").GetString());
        Assert.InRange(serial.GetProperty("confidencePercent").GetInt32(), 95, 100);
        Assert.Equal(profile, serial.GetProperty("source").GetProperty("profile").GetString());

        JsonObject stream = device.AddStream("oven", Device.Model(Gru), Device.Serial(port.SlavePath, profile), PeriodMs);
        stream["channels"] = new JsonObject { ["temperature"] = "channel1" };
        JsonElement heard = Json(0, "check", device.Write(), "--listen", "1.5", "--json").GetProperty("streams")[0];

        Assert.InRange(heard.GetProperty("records").GetInt32(), 20, 80);
        Assert.InRange(heard.GetProperty("rateHz").GetDouble(), 25, 60);
        Assert.Empty(heard.GetProperty("rejected").EnumerateObject());
        JsonElement channel = heard.GetProperty("channels")[0];
        Assert.Equal("temperature", channel.GetProperty("name").GetString());
        Assert.InRange(channel.GetProperty("median").GetDouble(), 85, 95);
    }

    [SkippableFact]
    public void Check_warns_of_values_that_the_model_was_not_trained_on()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        using SteadySender sensor = new(port, Temperatures(13), (byte)'\n', PeriodMs);
        string profile = device.AddProfile("thermometer", "temperature", "°C", rateHz: 1000.0 / PeriodMs);
        device.AddStream("oven", Device.Model(Gru), Device.Serial(port.SlavePath, profile), PeriodMs);

        (int code, string output, string log) = EdgeProcess.Execute("check", device.Write(), "--listen", "1");

        Assert.True(code == 0, $"exit code {code}: {log}{output}");
        Assert.Contains("! oven: temperature: ", output, StringComparison.Ordinal);
        Assert.Contains("σ off: wrong unit or wrong sensor?", output, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("field one;field two\n", "bytes came within 1 s but no record")]
    [InlineData("", "nothing came within 1 s")]
    public void Check_finds_a_sensor_faulty_that_sends_nothing_readable(string line, string expected)
    {
        using Device device = Device.Launch();
        using Pty port = new();
        using SteadySender? sensor = line.Length == 0
            ? null
            : new SteadySender(port, System.Text.Encoding.ASCII.GetBytes(line), (byte)'\n', PeriodMs);
        string profile = device.AddProfile("thermometer", "temperature", "°C", rateHz: 1000.0 / PeriodMs);
        device.AddStream("oven", Device.Model(Gru), Device.Serial(port.SlavePath, profile), PeriodMs);

        (int code, string output, _) = EdgeProcess.Execute("check", device.Write(), "--listen", "1");

        Assert.Equal(4, code);
        Assert.Contains($"✗ oven: arrival: ", output, StringComparison.Ordinal);
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Check_does_not_wait_for_a_sensor_that_is_slow_nor_listen_when_told_not_to()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        string profile = device.AddProfile("thermometer", "temperature", "°C", rateHz: 1 / 300.0);
        device.AddStream("oven", Device.Model(Gru), Device.Serial(port.SlavePath, profile), 300_000);
        string configuration = device.Write();

        (int code, string output, _) = EdgeProcess.Execute("check", configuration, "--listen", "0.5");
        (int quietCode, string quiet, _) = EdgeProcess.Execute("check", configuration, "--listen", "0");

        Assert.Equal((0, 0), (code, quietCode));
        Assert.Contains("a reading every 300 s: no whole one came within 0.5 s; --listen 660 to see two", output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("arrival", quiet, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Check_hears_the_topics_of_a_stream()
    {
        using Device device = Device.Launch();
        string profile = Path.Combine(device.Folder, "room.json");
        File.WriteAllText(profile, """
            {"name": "room", "transport": {"kind": "mqtt"}, "framing": {"kind": "number"}, "rateHz": 20,
             "channels": [{"name": "temperature", "field": 0, "unit": "°C"}]}
            """);
        JsonObject source = new() { ["kind"] = "mqtt", ["profile"] = profile, ["topic"] = "home/oven/temperature" };
        device.AddStream("oven", Device.Model(Gru), source, 50);
        using Timer sensor = new(
            _ => device.Subscriber.Publish("home/oven/temperature", "90.5"u8.ToArray()), null, 0, 50);

        JsonElement heard = Json(0, "check", device.Write(), "--listen", "2", "--json").GetProperty("streams")[0];

        Assert.InRange(heard.GetProperty("records").GetInt32(), 5, 45);
        Assert.Equal(90.5, heard.GetProperty("channels")[0].GetProperty("median").GetDouble());
    }

    [Fact]
    public void A_profile_that_is_there_is_not_overwritten()
    {
        string profile = Path.Combine(_folder, "mine.json");
        File.WriteAllText(profile, "precious");

        (int code, _, string log) = EdgeProcess.Execute("scan", "--port", "/dev/none", "--write-profile", profile);

        Assert.Equal(2, code);
        Assert.Contains("is there already", log, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(profile));
    }

    [Theory]
    [InlineData(4, "nothing could be looked at", "--port", "/dev/no-such-port")]
    [InlineData(4, "nothing could be looked at", "--bus", "/dev/i2c-99")]
    [InlineData(2, "--seconds must be 0.5 to 600; got 0", "--seconds", "0")]
    public void Scan_says_what_it_could_not_do(int expectedCode, string expected, params string[] arguments)
    {
        (int code, _, string log) = EdgeProcess.Execute(["scan", .. arguments]);

        Assert.Equal(expectedCode, code);
        Assert.Contains(expected, log, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_below_a_root_is_listed_without_naming_it()
    {
        using Pty port = new();
        using SteadySender sensor = new(port, SensorTraffic.Csv(), (byte)'\n', PeriodMs);
        Directory.CreateDirectory(Path.Combine(_folder, "dev/serial/by-id"));
        File.CreateSymbolicLink(Path.Combine(_folder, "dev/serial/by-id/usb-sensor"), port.SlavePath);
        string zone = Path.Combine(_folder, "sys/class/thermal/thermal_zone0");
        Directory.CreateDirectory(zone);
        File.WriteAllText(Path.Combine(zone, "type"), "cpu-thermal\n");
        File.WriteAllText(Path.Combine(zone, "temp"), "48312\n");

        (int code, string output, string log) = EdgeProcess.Execute("scan", "--root", _folder, "--seconds", "2");

        Assert.True(code == 0, $"exit code {code}: {log}");
        Assert.Contains("dev/serial/by-id/usb-sensor\n    csv, confidence ", output, StringComparison.Ordinal);
        Assert.Contains("lines have 3 numbers", output, StringComparison.Ordinal);
        Assert.Contains("I²C buses: none", output, StringComparison.Ordinal);
        Assert.Contains("thermal.cpu-thermal 48.312 °C", output, StringComparison.Ordinal);
    }

    private static byte[] Temperatures(double around) => SensorTraffic.Lines(
        200, k => FormattableString.Invariant($"{around + Math.Sin(k / 9.0):0.00}"));

    private static JsonElement Json(int expectedCode, params string[] arguments)
    {
        (int code, string output, string log) = EdgeProcess.Execute(arguments);
        Assert.True(code == expectedCode, $"exit code {code}: {log}{output}");
        return JsonDocument.Parse(output).RootElement;
    }
}
