// What stands behind a seam is chosen by name, and a name that this build lacks is said before anything is opened.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;

namespace EdgeLstm.Worker.Tests.Configuration;

public sealed class DriversTests
{
    private static readonly SourceSettings Serial = new("serial", "p.json", Port: "/dev/ttyUSB0");
    private static readonly SourceSettings I2c = new("i2c", "p.json", Port: "/dev/i2c-1");

    private static string[] Problems(SourceSettings source, MqttSettings? mqtt = null)
    {
        ProblemList problems = new("edgelstm.json");
        SettingsRules.Check(new Settings("pi", mqtt ?? new MqttSettings("h"), [new StreamSettings("a", source, "m")]), problems);
        return [.. problems.Problems.Select(problem => $"{problem.Path}: {problem.Message}")];
    }

    [Fact]
    public void What_every_build_has_may_be_named_or_left_out()
    {
        Assert.Empty(Problems(Serial));
        Assert.Empty(Problems(Serial with { Driver = "termios" }));
        Assert.Empty(Problems(I2c with { Driver = "i2c-dev" }, new MqttSettings("h", Driver: "libmosquitto")));
    }

    [Fact]
    public void A_driver_on_a_package_needs_a_build_with_it()
    {
        string[] problems =
        [
            .. Problems(Serial with { Driver = "system-io-ports" }),
            .. Problems(I2c with { Driver = "device-bindings" }, new MqttSettings("h", Driver: "mqttnet")),
        ];
        string[] expected =
        [
            "streams[0].source.driver: 'system-io-ports' stands on System.IO.Ports",
            "mqtt.driver: 'mqttnet' stands on MQTTnet",
            "streams[0].source.driver: 'device-bindings' stands on Iot.Device.Bindings",
        ];
        if (Drivers.HasFieldPackages)
        {
            Assert.Empty(problems);
            return;
        }

        Assert.Equal(expected, problems.Select(problem => problem.Split(',')[0]));
        Assert.All(problems, problem => Assert.Contains(
            "which is not in this build: publish with -p:FieldPackages=true (publish.ps1 -FieldPackages), or leave it out for '",
            problem, StringComparison.Ordinal));
    }

    [Fact]
    public void A_driver_of_another_seam_is_refused()
    {
        Assert.Equal(["streams[0].source.driver: must be 'termios' or 'system-io-ports' for serial; got 'device-bindings'"],
            Problems(Serial with { Driver = "device-bindings" }));
        Assert.Equal(["streams[0].source.driver: must be 'i2c-dev' or 'device-bindings' for i2c; got 'termios'"],
            Problems(I2c with { Driver = "termios" }));
        Assert.Equal(["streams[0].source.driver: is for serial, i2c only; leave it out"],
            Problems(new SourceSettings("modbus", "p.json", Port: "/dev/ttyUSB0", Driver: "system-io-ports")));
    }

    [Fact]
    public void The_client_is_the_one_that_the_options_name()
    {
        MqttOptions options = new MqttSettings("h").ToOptions("pi");
        MqttTopics topics = new("edgelstm", "pi");
        RequestInbox inbox = new(topics, "none/status");
        using (BrokerClient usual = BrokerClient.Create(options, "id", topics.Status, inbox))
        {
            Assert.IsType<MosquittoClient>(usual);
        }

        BrokerClient Named() => BrokerClient.Create(options with { Driver = "mqttnet" }, "id", topics.Status, inbox);
        if (Drivers.HasFieldPackages)
        {
            using BrokerClient named = Named();
            Assert.Equal("MqttNetClient", named.GetType().Name);
        }
        else
        {
            Assert.StartsWith("mqtt.driver: 'mqttnet' stands on MQTTnet, which is not in this build",
                Assert.Throws<MqttException>(Named).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_build_says_what_it_has() => Assert.Equal(
        Drivers.HasFieldPackages
            ? "serial: termios, system-io-ports; i2c: i2c-dev, device-bindings; mqtt: libmosquitto, mqttnet"
            : "serial: termios; i2c: i2c-dev; mqtt: libmosquitto",
        Drivers.Describe());
}
