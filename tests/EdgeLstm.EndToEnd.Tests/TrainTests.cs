// edgelstm train as its user runs it: a recording becomes a model that forecasts in service; Ctrl+C; the shipped networks again.

using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class TrainTests : IDisposable
{
    // Another processor's vectors round otherwise, and another rounding is like another seed: over four seeds the errors of the
    // temperatures spread by 0.9 %.
    private const double SpreadOfSeeds = 1.01;

    private static readonly string Recording = Device.Model("recordings/machine-temperature.csv");

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-train-").FullName;

    private string Output => Path.Combine(_folder, "oven.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public void A_recording_becomes_a_model_that_is_measured_and_forecasts_in_service()
    {
        string page = Path.Combine(_folder, "oven.html");
        (int trained, string text, string trainLog) =
            Train("--epochs", "30", "--horizon", "5min,1h", "--time-features", "day", "--html", page);
        Assert.True(trained == 0, trainLog);
        Assert.Contains("2,500 rows every 5 min: value from value", text, StringComparison.Ordinal);
        Assert.Contains("Learning", File.ReadAllText(page), StringComparison.Ordinal);

        (int evaluated, string json, string evaluateLog) = EdgeProcess.Execute("evaluate", Output, Recording, "--json");
        Assert.True(evaluated == 0, evaluateLog);
        Assert.Equal([1, 12], Measured(JsonDocument.Parse(json).RootElement).Select(measured => measured.Horizon));

        using Device device = Device.Launch();
        JsonObject source = new()
        {
            ["kind"] = "replay",
            ["file"] = Recording,
            ["speed"] = 0,
            ["profile"] = device.AddProfile("oven", "value", "°C"),
        };
        device.AddStream("oven", Output, source);
        using EdgeProcess edge = device.Start();
        Assert.True(edge.WaitForExit(60) == 0, string.Join('\n', edge.Log));
        JsonElement last = Records.Of(device).Values.Last();
        Assert.Equal("live", last.GetProperty("status").GetString());
        Assert.Equal(
            ["value_h1", "value_h12"], last.GetProperty("forecast").EnumerateObject().Select(member => member.Name));
        double turns = last.GetProperty("ts").GetInt64() / 86_400_000.0;
        Assert.Equal(
            Math.Sin(2 * Math.PI * turns), last.GetProperty("values").GetProperty("time_day_sin").GetDouble(), 1e-4);
        PublishedMessages.ShouldAllKeepTheSchema(device.Subscriber.Messages);
    }

    [Fact]
    public void The_same_seed_writes_the_same_bytes_on_one_thread_and_on_two_and_another_seed_does_not()
    {
        byte[] one = Trained("--threads", "1");

        Assert.Equal(one, Trained("--threads", "2"));
        Assert.NotEqual(one, Trained("--seed", "2"));

        byte[] Trained(params string[] options)
        {
            (int code, _, string log) = Train(["--epochs", "3", "--layers", "2", "--dropout", "0.1", .. options]);
            Assert.True(code == 0, log);
            return File.ReadAllBytes(Output);
        }
    }

    [Fact]
    public void Ctrl_C_ends_the_training_and_writes_the_best_model_so_far()
    {
        using EdgeProcess training = new(
            ["train", Recording, "-o", Output, "--unit", "°C", "--hidden", "128", "--epochs", "10000", "--patience", "10000"]);
        training.WaitForLog("3/10000:", seconds: 60);
        Assert.False(File.Exists(Output));

        training.Interrupt();

        Assert.True(training.WaitForExit() == 0, string.Join('\n', training.Log));
        Assert.Contains(training.Output, line => line.StartsWith("stopped in epoch ", StringComparison.Ordinal));
        Assert.Equal(0, EdgeProcess.Execute("selftest", Output).ExitCode);
    }

    [Fact]
    public void A_recording_that_cannot_be_learned_from_leaves_no_file()
    {
        string recording = Path.Combine(_folder, "short.csv");
        File.WriteAllLines(recording, File.ReadLines(Recording).Take(40));

        (int code, string output, string log) = EdgeProcess.Execute("train", recording, "-o", Output);

        Assert.Equal((3, ""), (code, output));
        Assert.StartsWith(recording, log, StringComparison.Ordinal);
        Assert.Equal([recording], Directory.GetFiles(_folder));
    }

    [SkippableFact]
    public void The_shipped_networks_trained_again_forecast_as_well_as_those_that_pytorch_trained()
    {
        string data = SharedFixture.Data("ecg");
        ProcessStartInfo start = new("bash", [Device.Model("retrain.sh"), Path.GetDirectoryName(data)!, _folder])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["EDGELSTM"] = EdgeProcess.CommandLine;
        using Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, text);

        foreach (string name in (string[])["machine-temperature-gru", "ecg-lstm"])
        {
            (_, string shipped, _) = EdgeProcess.Execute("inspect", Device.Model($"{name}.safetensors"), "--json");
            JsonElement.ArrayEnumerator results = JsonDocument.Parse(shipped).RootElement.GetProperty("results").EnumerateArray();
            Dictionary<(int, string), double> reference = results.ToDictionary(
                result => (result.GetProperty("horizon").GetInt32(), result.GetProperty("metric").GetString()!),
                result => result.GetProperty("model").GetDouble());
            JsonElement report = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, $"{name}.json"))).RootElement;
            (int Horizon, double Mae, double Rmse)[] measured = [.. Measured(report)];
            Assert.Equal(3, measured.Length);
            Assert.All(measured, here =>
            {
                Assert.InRange(here.Mae, 0, SpreadOfSeeds * reference[(here.Horizon, "mae")]);
                Assert.InRange(here.Rmse, 0, SpreadOfSeeds * reference[(here.Horizon, "rmse")]);
            });
        }
    }

    // Horizon, MAE and RMSE of the model's forecasts.
    private static IEnumerable<(int Horizon, double Mae, double Rmse)> Measured(JsonElement report) =>
        from forecast in report.GetProperty("forecasts").EnumerateArray()
        let model = forecast.GetProperty("forecasters")[0]
        select (
            forecast.GetProperty("horizon").GetInt32(), model.GetProperty("mae").GetDouble(),
            model.GetProperty("rmse").GetDouble());

    private (int Code, string Output, string Log) Train(params string[] options) =>
        EdgeProcess.Execute(["train", Recording, "-o", Output, "--unit", "°C", .. options]);
}
