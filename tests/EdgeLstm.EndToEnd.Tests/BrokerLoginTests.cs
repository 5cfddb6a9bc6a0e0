// Passwords from the places a service gets them from, and what Home Assistant is told.

using System.Diagnostics;
using System.Text.Json;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class BrokerLoginTests
{
    private const string Password = "only for pi";

    [SkippableFact]
    public void The_password_may_come_from_the_environment()
    {
        using Device device = LaunchWithPassword(Password);
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        using EdgeProcess edge = device.Start(new Dictionary<string, string> { ["EDGELSTM_MQTT_PASSWORD"] = Password });

        device.WaitForOnline();
        Assert.DoesNotContain(edge.Log, line => line.Contains(Password, StringComparison.Ordinal));
    }

    [SkippableFact]
    public void The_password_may_come_from_a_systemd_credential()
    {
        using Device device = LaunchWithPassword(Password);
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        File.WriteAllText(Path.Combine(device.Folder, "mqtt-password"), Password + "\n");
        using EdgeProcess edge = device.Start(new Dictionary<string, string> { ["CREDENTIALS_DIRECTORY"] = device.Folder });

        device.WaitForOnline();
    }

    [SkippableFact]
    public void A_wrong_password_is_said_in_the_log_and_tried_again()
    {
        using Device device = LaunchWithPassword(Password);
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        const string wrong = "an old one";
        using EdgeProcess edge = device.Start(new Dictionary<string, string> { ["EDGELSTM_MQTT_PASSWORD"] = wrong });
        edge.WaitForLog("refuses");
        Assert.Contains(edge.Log, line => line.Contains("check its username, password", StringComparison.Ordinal));

        device.Broker.Stop();
        SetPassword(device.Broker, "pi", wrong);
        device.Broker.Start();
        edge.WaitForLog("connected");
        device.WaitForOnline();
        Assert.DoesNotContain(edge.Log, line => line.Contains(wrong, StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Home_assistant_finds_a_retained_description_of_the_device()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        device.Mqtt["homeAssistant"] = true;
        using EdgeProcess edge = device.Start();
        device.WaitForOnline();

        using MqttSubscriber late = new(device.Broker.Port, "homeassistant/#");
        Assert.True(late.Wait(s => s.Messages.Count == 1));
        MqttMessage message = Assert.Single(late.Messages);
        Assert.True(message.Retained);
        PublishedMessages.ShouldAllKeepTheSchema([message]);
        JsonElement components = message.Json.GetProperty("cmps");
        Assert.Contains(
            components.EnumerateObject(), component =>
                component.Value.GetProperty("state_topic").GetString() == Device.Topic("oven", "state"));
    }

    // The subscriber has a login of its own, so that it hears everything whatever the program's password is.
    private static Device LaunchWithPassword(string password)
    {
        Skip.If(MosquittoBroker.Missing is not null, MosquittoBroker.Missing);
        Skip.IfNot(File.Exists("/usr/bin/mosquitto_passwd"), "mosquitto_passwd is not installed (apt install mosquitto)");
        MosquittoBroker broker = new();
        SetPassword(broker, "listener", "listener");
        SetPassword(broker, "pi", password);
        broker.Configure(["allow_anonymous false", $"password_file {Path.Combine(broker.Folder, "passwords")}"]);
        broker.Start();
        Device device = new(broker, login: ("listener", "listener"));
        device.Mqtt["username"] = "pi";
        return device;
    }

    private static void SetPassword(MosquittoBroker broker, string user, string password)
    {
        string file = Path.Combine(broker.Folder, "passwords");
        string[] create = File.Exists(file) ? [] : ["-c"];
        using Process process = Process.Start(
            new ProcessStartInfo("mosquitto_passwd", ["-b", .. create, file, user, password]) { RedirectStandardError = true })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
