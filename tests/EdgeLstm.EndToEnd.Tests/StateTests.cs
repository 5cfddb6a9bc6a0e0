// Stopping and starting again: the state goes on as if nothing had happened, and only where it fits.

using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Streams;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class StateTests
{
    private const int Half = 150;
    private const int StopLimitMs = 2000;

    [SkippableFact]
    public void After_a_restart_the_forecasts_are_those_of_an_uninterrupted_run()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        string[] lines = Records.Temperatures(2 * Half);

        using (EdgeProcess first = device.Start())
        {
            first.WaitForLog("connected");
            Feed(device, port, lines[..Half]);
            StopInTime(first);
        }

        Assert.Equal("offline", device.Subscriber.Of("/status")[^1].Text);
        using MqttSubscriber late = new(device.Broker.Port, $"edgelstm/{Device.Name}/status");
        Assert.True(late.Wait(s => s.Messages.Any(message => message is { Text: "offline", Retained: true })));
        Assert.True(File.Exists(Path.Combine(device.Folder, "state", "oven.state")));
        using EdgeProcess second = device.Start();
        second.WaitForLog("state restored");
        second.WaitForLog("connected");
        Feed(device, port, lines[Half..]);

        string[] boots = Records.Boots(device);
        Assert.Equal(2, boots.Length);
        string[] figures = [.. boots.SelectMany(boot => Records.Of(device, boot: boot).Values.Select(Records.Figures))];
        Assert.Equal(ReplayOf(device, lines), figures);
    }

    [SkippableFact]
    public void After_a_kill_the_forecasts_go_on_from_the_state_saved_while_it_ran()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        device.Root["stateSaveSeconds"] = 1;
        string[] lines = Records.Temperatures(2 * Half);
        using (EdgeProcess first = device.Start())
        {
            first.WaitForLog("connected");
            Feed(device, port, lines[..Half]);
            WaitForSave(device);
            first.Kill();
        }

        using EdgeProcess second = device.Start();
        second.WaitForLog("state restored");
        second.WaitForLog("connected");
        Feed(device, port, lines[Half..]);

        string[] boots = Records.Boots(device);
        string[] figures = [.. boots.SelectMany(boot => Records.Of(device, boot: boot).Values.Select(Records.Figures))];
        Assert.Equal(ReplayOf(device, lines), figures);
    }

    [SkippableFact]
    public void The_state_of_another_model_is_refused_in_a_line_of_the_log()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddProfile("electrode", "ecg", "mV");
        JsonObject stream = device.AddTemperature(port.SlavePath);
        SaveState(device, port);

        stream["model"] = Device.Model("ecg-lstm.safetensors");
        stream["channels"] = new JsonObject { ["ecg"] = "temperature" };
        using EdgeProcess second = device.Start();
        second.WaitForLog("Foreign");
        port.Write("\n0.1\n");
        device.WaitForStates("oven", 11);
        Assert.Equal("warming", Records.Of(device, boot: Records.Boots(device)[^1])[1].GetProperty("status").GetString());
    }

    [SkippableFact]
    public void Of_an_old_state_what_was_learned_is_kept()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        SaveState(device, port);
        string path = Path.Combine(device.Folder, "state", "oven.state");
        StateFile file = new(path, File.ReadAllBytes(path)[8..40]);
        Assert.Equal(StateVerdict.Old, file.Load(new StateMoment(0), maxAgeMs: 0, out byte[] state, out _));
        file.Save(state, new StateMoment(1_000_000));   // in 1970, before another boot

        using EdgeProcess second = device.Start();
        second.WaitForLog("what was learned is kept");
        port.Write("\n90\n");
        device.WaitForStates("oven", 11);
        Assert.Equal("warming", Records.Of(device, boot: Records.Boots(device)[^1])[1].GetProperty("status").GetString());
    }

    [SkippableFact]
    public void A_truncated_state_is_refused_in_a_line_of_the_log()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        SaveState(device, port);
        string file = Path.Combine(device.Folder, "state", "oven.state");
        byte[] whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..(whole.Length / 2)]);

        using EdgeProcess second = device.Start();
        second.WaitForLog("Damaged");
        port.Write("\n90\n");
        device.WaitForStates("oven", 11);
    }

    // One that began after now: the second from now on.
    private static void WaitForSave(Device device)
    {
        long before = Saved();
        Assert.True(SpinWait.SpinUntil(() => Saved() >= before + 2, TimeSpan.FromSeconds(30)), "no state was saved");

        long Saved() => device.AskHealth().GetProperty("statesSaved").GetInt64();
    }

    private static void SaveState(Device device, Pty port)
    {
        using EdgeProcess first = device.Start();
        first.WaitForLog("connected");
        Feed(device, port, Records.Temperatures(10));
        StopInTime(first);
    }

    private static void Feed(Device device, Pty port, string[] lines)
    {
        int before = device.Subscriber.Count(Device.Topic("oven", "state"));
        device.WaitForOnline();
        port.Write("\n");
        device.Send(port, lines);
        device.WaitForStates("oven", before + lines.Length);
    }

    private static void StopInTime(EdgeProcess process)
    {
        long started = Stopwatch.GetTimestamp();
        process.Terminate();
        int code = process.WaitForExit();
        double ms = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        Assert.Equal(0, code);
        Assert.True(ms < StopLimitMs, $"stopped after {ms:0} ms");
    }

    private static string[] ReplayOf(Device device, string[] lines)
    {
        string recording = Path.Combine(device.Folder, "recording.csv");
        File.WriteAllLines(recording, lines);
        (int code, string output, string log) = EdgeProcess.Execute("replay", device.Configuration, recording);
        Assert.True(code == 0, log);
        return [.. output.Split('\n').Select(line => Records.Figures(JsonDocument.Parse(line).RootElement))];
    }
}
