// The published program on /dev/i2c-*: every profile reads from its emulated sensor what the data sheet's example says.

using System.Text.Json;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Tests;
using EdgeLstm.Worker.Tests.Mqtt;
using EdgeLstm.Worker.Tests.Supported;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class I2cProfileTests
{
    [SkippableFact]
    public void Every_profile_publishes_the_example_of_its_data_sheet_in_all_channels_and_nothing_else()
    {
        using AllSensorBuses buses = new();
        AssertAllProfiles(buses);
        using EdgeProcess edge = buses.Start();

        buses.Rigs.ForEach(rig => WaitForMeasured(buses.Device, AllSensorBuses.StreamOf(rig)));

        Assert.All(buses.Rigs, rig => AssertExample(rig, buses.Device));
        Assert.All(buses.Servers, server => Assert.Equal(1, server.Opened));
        PublishedMessages.ShouldAllKeepTheSchema(buses.Device.Subscriber.Messages);
        JsonElement health = buses.Device.AskHealth().GetProperty("streams");
        Assert.All(buses.Rigs, rig => Assert.Equal(
            "null", health.GetProperty(AllSensorBuses.StreamOf(rig)).GetProperty("problem").GetRawText()));
    }

    private static void AssertAllProfiles(AllSensorBuses buses)
    {
        string folder = Path.Combine(RepositoryRoot.Path, "firmware-configs", "i2c");
        Assert.Equal(
            Directory.GetFiles(folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            buses.Rigs.Select(AllSensorBuses.StreamOf).Order(StringComparer.Ordinal));
    }

    // The SCD41 measures 6 s after its setup, when its stream has already said once that it hears nothing.
    private static void WaitForMeasured(Device device, string stream)
    {
        for (int states = 1; Measured(device, stream).Length == 0; states++)
        {
            device.WaitForStates(stream, states);
        }
    }

    // A filled sample and a lost stream have no values.
    private static JsonElement[] Measured(Device device, string stream) =>
    [
        .. device.Subscriber.Messages.Where(message => message.Topic == Device.Topic(stream, "state"))
            .Select(message => message.Json.GetProperty("values"))
            .Where(values => values.EnumerateObject().Any(value => value.Value.ValueKind != JsonValueKind.Null)),
    ];

    // Every sample has the example's values, in all channels of the profile and no further one.
    private static void AssertExample(SensorRig rig, Device device)
    {
        foreach (JsonElement values in Measured(device, AllSensorBuses.StreamOf(rig)))
        {
            Assert.Equal(rig.Example.Select(example => example.Channel), values.EnumerateObject().Select(value => value.Name));
            foreach ((string channel, double expected, double tolerance) in rig.Example)
            {
                JsonElement value = values.GetProperty(channel);
                Assert.True(
                    value.ValueKind == JsonValueKind.Number && Math.Abs(value.GetDouble() - expected) <= tolerance,
                    $"{rig}: {channel} is {value}, not {expected} ± {tolerance}");
            }
        }
    }
}
