// Streams that read a topic, for the tests of its parts: the payload is one number, or a line of CSV.

using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Framing;
using EdgeLstm.Worker.Tests.Streams;

namespace EdgeLstm.Worker.Tests.Sensors.Mqtt;

internal static class TopicPlans
{
    /// <summary>A stream of machine temperatures on a topic; every message is one sample.</summary>
    public static StreamPlan Create(string topic, string name = "climate", int maxDevices = 16) => new(
        new StreamSettings(name, new SourceSettings("mqtt", "p.json", Topic: topic, MaxDevices: maxDevices), "m",
            Clock: new ClockSettings(Resample: "each")),
        new SensorProfile("p", [new ChannelProfile("temperature", new FieldPath("0"))], new FramingProfile("csv"),
            new TransportProfile("mqtt")),
        TestStream.Model);
}
