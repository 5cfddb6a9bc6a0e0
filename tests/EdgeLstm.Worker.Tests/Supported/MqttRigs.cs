// Emulated devices: what gateways and firmwares publish, through a real broker.

using System.Net.Sockets;
using System.Text;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Sensors;
using EdgeLstm.Worker.Tests.Mqtt;
using EdgeLstm.Worker.Tests.Streams;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeLstm.Worker.Tests.Supported;

internal static class MqttRigs
{
    private static readonly MqttDevice[] Devices =
    [
        new("mqtt/zigbee2mqtt-climate.json", "zigbee2mqtt/0x00158d00036c1821",
            """{"temperature":22.75,"linkquality":97,"humidity":55.43,"pressure":1000.6,"battery":86,"voltage":2985}""",
            """{"temperature":-327.68,"linkquality":97,"humidity":655.35,"pressure":0,"battery":"unavailable","voltage":2985}""",
            [("temperature", 22.75), ("humidity", 55.43), ("pressure", 1000.6), ("battery", 86)],
            "a message of an Aqara WSDCGQ11LM as Zigbee2MQTT logs it"),
        new("mqtt/zigbee2mqtt-plug.json", "zigbee2mqtt/washer",
            """{"current":0.23,"energy":12.05,"identify":null,"power":51,"update":{"state":"idle"},"voltage":243}""",
            """{"current":-1,"energy":-1,"identify":null,"power":1e9,"update":{"state":"idle"},"voltage":65535}""",
            [("power", 51), ("current", 0.23), ("voltage", 243), ("energy", 12.05)],
            "the form of a TS011F's message in Zigbee2MQTT, figures of the test"),
        new("mqtt/tasmota-am2301.json", "tele/attic/SENSOR",
            """{"Time":"2019-01-01T00:00:00","AM2301":{"Temperature":24.6,"Humidity":58.2},"TempUnit":"C"}""",
            """{"Time":"2019-01-01T00:00:00","AM2301":{"Temperature":-999.9,"Humidity":-999.9},"TempUnit":"C"}""",
            [("temperature", 24.6), ("humidity", 58.2)],
            "Tasmota documentation, AM2301"),
        new("mqtt/tasmota-energy.json", "tele/washer/SENSOR",
            """
            {"Time":"2026-01-01T00:00:00","ENERGY":{"TotalStartTime":"2025-01-01T00:00:00","Total":41.573,"Yesterday":6.147,
            "Today":8.286,"Power":20,"ApparentPower":25,"ReactivePower":15,"Factor":0.8,"Voltage":230,"Current":0.109}}
            """,
            """{"Time":"2026-01-01T00:00:00","ENERGY":{"Total":-1,"Power":99999,"Factor":12,"Voltage":6553,"Current":-3}}""",
            [("power", 20), ("powerFactor", 0.8), ("current", 0.109), ("voltage", 230), ("energy", 41.573)],
            "the form of Tasmota's energy telemetry, figures of the test"),
        new("mqtt/esphome-temperature.json", "attic/sensor/temperature/state", "21.4", "unavailable", [("temperature", 21.4)],
            "the form of an ESPHome sensor's state, figure of the test"),
    ];

    public static IReadOnlyList<Func<SensorRig>> All { get; } =
        [.. Devices.Select(device => (Func<SensorRig>)(() => new MqttRig(device)))];
}

/// <summary>A device and what it publishes.</summary>
/// <param name="Profile">Its profile's file.</param>
/// <param name="Topic">Where.</param>
/// <param name="Message">The example.</param>
/// <param name="Nonsense">The same with figures that cannot be.</param>
/// <param name="Values">What the example says.</param>
/// <param name="From">Where it is from.</param>
internal sealed record MqttDevice(
    string Profile, string Topic, string Message, string Nonsense, (string Channel, double Value)[] Values, string From);

/// <summary>Publishes the device's message again and again; the product reads it on the connection of its own.</summary>
internal sealed class MqttRig(MqttDevice device) : SensorRig
{
    private const int PeriodMs = 20;

    private readonly Lock _gate = new();
    private readonly ManualResetEventSlim _stopping = new();
    private MosquittoBroker? _broker;
    private MqttSubscriber? _publisher;
    private MqttLink? _link;
    private QueuedSource? _source;
    private Thread? _thread;
    private string? _message = device.Message;

    public override string Profile => device.Profile;

    public override string Exercise => "messages through mosquitto, read on the connection that publishes";

    public override string ExampleFrom => device.From;

    public override IReadOnlyList<(string Channel, double Value, double Tolerance)> Example =>
        [.. device.Values.Select(value => (value.Channel, value.Value, 1e-4 * Math.Max(1, Math.Abs(value.Value))))];

    // A half number is a number: only JSON shows that its end is missing.
    public override IReadOnlyList<Fault> Faults => device.Message[0] == '{'
        ? [Fault.NoAnswer, Fault.HalfRecord, Fault.NonsenseValues, Fault.GoneAndBack]
        : [Fault.NoAnswer, Fault.NonsenseValues, Fault.GoneAndBack];

    public override ByteSource Open(SensorProfile profile)
    {
        _broker = MosquittoBroker.Launch();
        _publisher = new MqttSubscriber(_broker.Port, "none");
        SourceSettings source = new("mqtt", device.Profile, Topic: device.Topic);
        TopicRouter router = new();
        _source = router.Open(new StreamPlan(new StreamSettings("rig", source, "m"), profile, TestStream.Model));
        _link = new MqttLink(LinkBench.Options(_broker.Port), "pi", LinkBench.Boot, [], _ => { }, NullLogger.Instance, router);
        _link.Start();
        _thread = new Thread(Publish) { IsBackground = true, Name = "mqtt device" };
        _thread.Start();
        return _source;
    }

    public override void Break(Fault fault)
    {
        lock (_gate)
        {
            _message = fault switch
            {
                Fault.HalfRecord => device.Message[..(device.Message.Length / 2)],
                Fault.NonsenseValues => device.Nonsense,
                _ => null,
            };
            if (fault == Fault.GoneAndBack)
            {
                _publisher!.Dispose();
                _broker!.Stop();
            }
        }
    }

    public override void Mend()
    {
        lock (_gate)
        {
            if (!_link!.Connected)
            {
                _broker!.Start();
                _publisher = new MqttSubscriber(_broker.Port, "none");
            }

            _message = device.Message;
        }
    }

    protected override void Dispose(bool disposing)
    {
        _stopping.Set();
        _thread?.Join();
        _publisher?.Dispose();
        _link?.Dispose();
        _source?.Dispose();
        _broker?.Dispose();
        _stopping.Dispose();
    }

    private void Publish()
    {
        while (!_stopping.Wait(PeriodMs))
        {
            lock (_gate)
            {
                try
                {
                    if (_message is not null)
                    {
                        _publisher!.Publish(device.Topic, Encoding.UTF8.GetBytes(_message));
                    }
                }
                catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
                {
                    // Between two connections of the publisher; the next message comes at once.
                }
            }
        }
    }
}
