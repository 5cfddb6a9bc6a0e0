// A stream whose model's head goes on learning, by the shipped program through a real broker: health tells, a restart keeps it.

using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class AdaptingTests
{
    private const int Samples = 1200;

    [SkippableFact]
    public void Health_tells_which_head_is_published_what_it_learned_and_both_errors_and_a_restart_keeps_them()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        JsonObject stream = device.AddTemperature(port.SlavePath);
        stream["adaptSamples"] = 500;
        string[] lines = Records.Temperatures(Samples + 100);
        JsonElement before;
        using (EdgeProcess first = device.Start())
        {
            device.WaitForOnline();
            port.Write("\n");
            device.Send(port, lines[..Samples]);
            device.WaitForStates("oven", Samples);
            before = device.StreamHealth("oven");
            first.Terminate();
            first.WaitForExit();
        }

        Assert.InRange(before.GetProperty("adaptLearned").GetInt32(), 500, Samples);
        Assert.Equal(0, before.GetProperty("adaptResets").GetInt32());
        JsonElement next = before.GetProperty("adapting").GetProperty("temperature_h1");
        Assert.Equal("adapted", next.GetProperty("head").GetString());
        Assert.True(next.GetProperty("adaptedError").GetDouble() < 0.9 * next.GetProperty("shippedError").GetDouble());
        Assert.InRange(next.GetProperty("compared").GetInt32(), 1000, Samples);

        using EdgeProcess second = device.Start();
        second.WaitForLog("state restored");
        second.WaitForLog("connected");
        port.Write("\n");
        device.Send(port, lines[Samples..]);
        device.WaitForStates("oven", Samples + 100);
        JsonElement after = device.StreamHealth("oven");
        Assert.True(after.GetProperty("adaptLearned").GetInt32() > before.GetProperty("adaptLearned").GetInt32());
        Assert.Equal(
            "adapted", after.GetProperty("adapting").GetProperty("temperature_h1").GetProperty("head").GetString());
        PublishedMessages.ShouldAllKeepTheSchema(
            device.Subscriber.Messages.Where(message => !message.Topic.Contains("/request/", StringComparison.Ordinal)));
    }

    [SkippableFact]
    public void A_model_of_quantiles_is_refused_with_the_reason()
    {
        using Device device = Device.Launch();
        JsonObject source = new() { ["kind"] = "stdin", ["profile"] = device.AddProfile("heart", "ecg", "mV") };
        JsonObject stream = device.AddStream("heart", Device.Model("ecg-lstm.safetensors"), source);
        stream["adaptSamples"] = 2000;

        (int code, string output, string log) = EdgeProcess.Execute("check", device.Write(), "--listen", "0");

        Assert.NotEqual(0, code);
        Assert.Contains(
            "streams[0].adaptSamples: model 'ecg-lstm' has no point forecast", output + log, StringComparison.Ordinal);
    }
}
