// A sensor that nobody trained a model for, by the shipped program through a real broker: forecasts, limits, an alarm, coverage.

using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class OnlineStreamTests
{
    private const int WarmUp = 60;
    private const int Samples = 1500;

    [SkippableFact]
    public void A_stream_without_a_model_gives_forecasts_limits_an_alarm_and_their_coverage()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        AddUnmodelled(device, port);
        device.Root["timeSyncWaitSeconds"] = 0;   // the hours of a clock that is not set are not counted
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();
        port.Write("\n");
        device.Send(port, Records.Temperatures(Samples));
        device.WaitForStates("oven", Samples);

        JsonElement[] states = [.. Records.Of(device).Values];
        Assert.Equal("warming", states[WarmUp - 1].GetProperty("status").GetString());
        Assert.Equal("live", states[WarmUp].GetProperty("status").GetString());
        JsonElement forecast = states[^1].GetProperty("forecast").GetProperty("temperature_h12");
        double value = forecast.GetProperty("value").GetDouble();
        Assert.InRange(value, forecast.GetProperty("low").GetDouble(), forecast.GetProperty("high").GetDouble());
        Assert.InRange(states[^1].GetProperty("limits").GetProperty("temperature").GetProperty("probability").GetDouble(), 0, 1);

        JsonElement coverage = device.StreamHealth("oven").GetProperty("coverage");
        Assert.Equal(["temperature_h1", "temperature_h6", "temperature_h12"], coverage.EnumerateObject().Select(one => one.Name));
        Assert.All(coverage.EnumerateObject(), one =>
        {
            Assert.Equal(0.9, one.Value.GetProperty("nominal").GetDouble());
            Assert.InRange(one.Value.GetProperty("achieved").GetDouble(), 0.8, 1);
            Assert.InRange(one.Value.GetProperty("values").GetInt32(), 1, Samples);
        });

        int before = device.Subscriber.Count(Device.Topic("oven", "event"));
        device.Send(port, ["900", .. Records.Temperatures(200)]);
        JsonElement raised = device.WaitForEvent("oven", "alarmRaised", before);
        JsonElement cleared = device.WaitForEvent("oven", "alarmCleared", before);
        Assert.Equal(1, raised.GetProperty("contributions").GetProperty("temperature").GetDouble());
        Assert.True(raised.GetProperty("score").GetDouble() >= raised.GetProperty("threshold").GetDouble());
        Assert.Equal(raised.GetProperty("onset").GetInt64(), cleared.GetProperty("onset").GetInt64());
        Assert.True(cleared.GetProperty("end").GetInt64() >= cleared.GetProperty("peak").GetInt64());
        PublishedMessages.ShouldAllKeepTheSchema(
            device.Subscriber.Messages.Where(message => !message.Topic.Contains("/request/", StringComparison.Ordinal)));
    }

    // With an upper limit that the temperatures sometimes come near.
    private static void AddUnmodelled(Device device, Pty port)
    {
        string path = device.AddProfile("thermometer", "temperature", "°C");
        JsonNode profile = JsonNode.Parse(File.ReadAllText(path))!;
        profile["channels"]![0]!["high"] = 100;
        File.WriteAllText(path, profile.ToJsonString());
        JsonObject stream = device.AddStream("oven", null, Device.Serial(port.SlavePath, path), Device.LongPeriodMs);
        stream["clock"] = new JsonObject { ["resample"] = "each" };
        stream["warmUpSamples"] = WarmUp;
    }
}
