// Plugs pulled, brokers stopped and killed, the program itself killed: what was sent arrives, what happened is said.

using System.Text.Json;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class FaultTests
{
    [SkippableFact]
    public void An_unplugged_port_makes_the_stream_lost_and_plugged_in_again_it_goes_on()
    {
        using Device device = Device.Launch();
        string link = Path.Combine(device.Folder, "ttyUSB-thermometer");
        using Pty first = new();
        File.CreateSymbolicLink(link, first.SlavePath);
        string profile = device.AddProfile("electrode", "ecg", "mV", rateHz: 250);
        device.AddStream("heart", Device.Model("ecg-lstm.safetensors"), Device.Serial(link, profile));
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();
        first.Write("\n0.1\n0.2\n0.3\n");
        device.WaitForStates("heart", 3);

        first.Dispose();
        File.Delete(link);
        edge.WaitForLog("is lost");
        JsonElement lost = device.WaitForEvent("heart", "streamLost");
        Assert.Equal(JsonValueKind.Null, lost.GetProperty("values").GetProperty("ecg").ValueKind);
        int events = device.Subscriber.Count(Device.Topic("heart", "event"));

        using Pty second = new();
        File.CreateSymbolicLink(link, second.SlavePath);
        edge.WaitForLog("is back");
        second.Write("half a li\n0.4\n");

        JsonElement back = device.WaitForEvent("heart", "streamBack", events);
        Assert.Equal(0.4f, back.GetProperty("values").GetProperty("ecg").GetSingle());
        JsonElement stream = device.AskHealth().GetProperty("streams").GetProperty("heart");
        Assert.Equal(1, stream.GetProperty("reopened").GetInt32());
        Assert.Equal(1, stream.GetProperty("framesPartial").GetInt32());
    }

    [SkippableFact]
    public void Every_record_arrives_over_a_stop_and_a_kill_of_the_broker()
    {
        Skip.If(MosquittoBroker.Missing is not null, MosquittoBroker.Missing);
        MosquittoBroker broker = new();
        broker.Configure([.. broker.Persistence, "allow_anonymous true"]);
        broker.Start();
        using Device device = new(broker, persistent: true);
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        device.Mqtt["historyRecordsPerSecond"] = 2000;
        using EdgeProcess edge = device.Start();
        string[] lines = Records.Temperatures(1400);
        device.WaitForOnline();
        port.Write("\n");
        device.Send(port, lines[..200]);
        device.WaitForStates("oven", 200);

        // Stopped while records are on their way.
        port.Write(Text(lines[200..300]));
        broker.Stop();
        edge.WaitForLog("MQTT: lost");
        port.Write(Text(lines[300..600]));
        broker.Start();
        WaitForAll(device, 600);
        port.Write(Text(lines[600..700]));
        WaitForAll(device, 700);

        // Killed at rest: what the broker has acknowledged and not yet passed on would die with it, whatever the program does.
        broker.SaveDatabase();
        broker.Kill();
        edge.WaitForLog("MQTT: lost", 2);
        port.Write(Text(lines[700..1100]));
        broker.Start();
        WaitForAll(device, 1100);
        int states = device.Subscriber.Count(Device.Topic("oven", "state"));
        port.Write(Text(lines[1100..]));
        device.WaitForStates("oven", states + 300);

        Assert.Single(Records.Boots(device));
        Records.Of(device).ShouldBe(lines, "temperature");
        Assert.True(device.Subscriber.Count(Device.Topic("oven", "history")) > 500);
        JsonElement mqtt = device.AskHealth().GetProperty("mqtt");
        Assert.Equal(0, mqtt.GetProperty("droppedRecords").GetInt32());
        Assert.Equal(2, mqtt.GetProperty("reconnects").GetInt32());
    }

    [SkippableFact]
    public void The_broker_says_offline_when_the_program_is_killed()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();

        edge.Kill();

        Assert.True(device.Subscriber.Wait(s => s.Of("/status")[^1].Text == "offline"));
        using MqttSubscriber late = new(device.Broker.Port, $"edgelstm/{Device.Name}/status");
        Assert.True(late.Wait(s => s.Messages.Count == 1));
        Assert.Equal(("offline", true), (late.Messages[0].Text, late.Messages[0].Retained));
    }

    private static string Text(string[] lines) => string.Concat(lines.Select(line => line + "\n"));

    private static void WaitForAll(Device device, int count) =>
        Assert.True(
            device.Subscriber.Wait(_ => Records.Of(device).Count >= count, 40),
                $"{Records.Of(device).Count} of {count} records arrived");
}
