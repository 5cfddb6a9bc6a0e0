// Recordings through the whole program: alarms on real faults, the same bytes every time, the forecasts the models' maker
// computed.

using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class ReplayTests : IDisposable
{
    private const double Tolerance = 1e-3;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-replay-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public void Alarms_are_raised_and_cleared_on_the_recording_of_a_failing_machine()
    {
        using Device device = Device.Launch();
        JsonObject source = Recording(device.AddProfile("thermometer", "temperature", "°C"), "machine-temperature.csv");
        source["speed"] = 0;
        JsonObject stream = device.AddStream("oven", Device.Model("machine-temperature-gru.safetensors"), source);
        stream["publish"] = new JsonObject { ["everySamples"] = 100 };
        using EdgeProcess edge = device.Start();

        Assert.Equal(0, edge.WaitForExit(60));

        device.WaitForEvent("oven", "alarmRaised");
        device.WaitForEvent("oven", "alarmCleared");
        Assert.Equal("offline", device.Subscriber.Of("/status")[^1].Text);
        PublishedMessages.ShouldAllKeepTheSchema(device.Subscriber.Messages);
    }

    [Fact]
    public void A_recording_replayed_twice_gives_the_same_bytes()
    {
        string configuration = Configure("machine-temperature-gru.safetensors", "machine-temperature.csv", "temperature", "°C");

        (int code, string first, _) = EdgeProcess.Execute("replay", configuration);
        (_, string second, _) = EdgeProcess.Execute("replay", configuration);

        Assert.Equal(0, code);
        Assert.True(first.Split('\n').Length > 2000, first);
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData("machine-temperature-gru", "machine-temperature.csv", "temperature", "°C")]
    [InlineData("ecg-lstm", "ecg.csv", "ecg", "mV")]
    public void Replayed_forecasts_are_those_that_the_maker_of_the_model_computed(
        string model, string recording, string channel, string unit)
    {
        string configuration = Configure($"{model}.safetensors", recording, channel, unit);
        JsonElement reference = JsonDocument.Parse(File.ReadAllText(Device.Model($"reference/{model}.json"))).RootElement;
        double[][] expected = [.. reference.GetProperty("outputs").EnumerateArray().Select(row => Numbers(row.EnumerateArray()))];

        (int code, string output, string log) = EdgeProcess.Execute("replay", configuration);

        Assert.True(code == 0, log);
        string[] lines = output.Split('\n');
        for (int row = 0; row < expected.Length; row++)
        {
            double[] found = Forecasts(JsonDocument.Parse(lines[row]).RootElement, channel);
            int outputs = expected[row].Length / found.Length;
            Assert.Equal(3, found.Length);
            for (int k = 0; k < found.Length; k++)
            {
                double middle = expected[row][(k * outputs) + (outputs / 2)];
                double difference = Math.Abs(found[k] - middle) / Math.Max(1, Math.Abs(middle));
                Assert.True(difference <= Tolerance, $"row {row}, horizon {k}: {found[k]} instead of {middle}");
            }
        }
    }

    private static JsonObject Recording(string profile, string file) =>
        new() { ["kind"] = "replay", ["file"] = Device.Model($"recordings/{file}"), ["profile"] = profile };

    // The value of each horizon, in the order of the model's outputs; of a model with quantiles (low, middle, high) the middle.
    // The edges are steered by what came before, and differ from the model's own quantiles.
    private static double[] Forecasts(JsonElement record, string channel)
    {
        JsonElement forecast = record.GetProperty("forecast");
        return
        [
            .. forecast.EnumerateObject().Where(member => member.Name.StartsWith($"{channel}_h", StringComparison.Ordinal))
                .Select(member => member.Value.GetProperty("value").GetDouble()),
        ];
    }

    private static double[] Numbers(IEnumerable<JsonElement> row) => [.. row.Select(number => number.GetDouble())];

    private string Configure(string model, string recording, string channel, string unit)
    {
        string profile = Path.Combine(_folder, "profile.json");
        File.WriteAllText(
            profile,
            $$"""{"name":"profile","framing":{"kind":"csv"},"channels":[{"name":"{{channel}}","unit":"{{unit}}","field":0}]}""");
        JsonObject settings = new()
        {
            ["device"] = "pi",
            ["mqtt"] = new JsonObject { ["host"] = "127.0.0.1" },
            ["streams"] = new JsonArray(new JsonObject
            {
                ["name"] = "recorded",
                ["source"] = Recording(profile, recording),
                ["model"] = Device.Model(model),
                ["clock"] = new JsonObject { ["resample"] = "each" },
            }),
        };
        string path = Path.Combine(_folder, "edgelstm.json");
        File.WriteAllText(path, settings.ToJsonString());
        return path;
    }
}
