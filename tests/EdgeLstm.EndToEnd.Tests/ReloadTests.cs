// Changes without a stop: SIGHUP and request/reload to the running program, and what the streams notice of it.

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;
using EdgeLstm.Worker.Linux;
using EdgeLstm.Worker.Tests.Mqtt;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class ReloadTests
{
    private const int Some = 60;
    private const long ReloadGrowthBytes = 8L << 20;
    private const string Taken = "taken anew";

    private int _requests;

    [SkippableFact]
    public void A_stream_that_is_not_changed_does_not_notice()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        using Pty other = new();
        device.AddTemperature(port.SlavePath);
        string[] lines = Records.Temperatures(3 * Some);
        using EdgeProcess edge = Start(device, port);
        device.Send(port, lines[..Some]);
        edge.HangUp();
        edge.WaitForLog("1 stream(s) unchanged, none changed");
        device.Send(port, lines[Some..(2 * Some)]);
        JsonObject kiln = AddKiln(device, other);
        Reload(device, edge, "kiln started");
        device.Send(port, lines[(2 * Some)..]);
        device.WaitForStates("oven", lines.Length);
        device.RemoveStream(kiln);
        Reload(device, edge, "kiln ended");

        Assert.Single(Records.Boots(device));
        Records.Of(device).ShouldBe(lines, "temperature");
        Assert.Equal(ReplayOf(device, lines), Records.Of(device).Values.Select(Records.Figures));
        JsonElement health = device.AskHealth();
        Assert.Equal((3, 0), (health.GetProperty("reloads").GetInt32(), health.GetProperty("reloadsRefused").GetInt32()));
        Assert.Equal(lines.Length, health.GetProperty("streams").GetProperty("oven").GetProperty("steps").GetInt32());
    }

    [SkippableFact]
    public void A_configuration_with_any_problem_is_refused_as_a_whole_and_the_old_one_runs_on()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        using Pty other = new();
        JsonObject oven = device.AddTemperature(port.SlavePath);
        string[] lines = Records.Temperatures(2 * Some);
        using EdgeProcess edge = Start(device, port);
        device.Send(port, lines[..Some]);

        AddKiln(device, other);
        oven["alarm"] = new JsonObject { ["falseAlarmsPerDay"] = 0 };
        oven["precison"] = "int8";
        device.Mqtt["host"] = "elsewhere";
        device.Write();
        JsonElement answer = Ask(device);

        string[] problems = [.. answer.GetProperty("problems").EnumerateArray().Select(line => line.GetString()!)];
        Assert.False(answer.GetProperty("done").GetBoolean());
        string all = string.Join('\n', problems);
        Assert.Contains("streams[0].precison: unknown key", all, StringComparison.Ordinal);
        Assert.Contains("streams[0].alarm.falseAlarmsPerDay: must be above 0", all, StringComparison.Ordinal);
        foreach (string problem in problems)
        {
            edge.WaitForLog($"not taken, the configuration of before runs on: {problem}");
        }

        device.Send(port, lines[Some..]);
        device.WaitForStates("oven", lines.Length);
        Records.Of(device).ShouldBe(lines, "temperature");
        JsonElement health = device.AskHealth();
        Assert.Equal(["oven"], health.GetProperty("streams").EnumerateObject().Select(stream => stream.Name));
        Assert.Equal(1, health.GetProperty("reloadsRefused").GetInt32());
    }

    [SkippableFact]
    public void Another_broker_needs_a_restart_and_is_refused_with_a_message_that_says_so()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        using EdgeProcess edge = Start(device, port);

        device.Mqtt["host"] = "elsewhere";
        device.Write();
        edge.HangUp();

        edge.WaitForLog("mqtt.host: has changed, which needs a restart: systemctl restart edgelstm");
        device.Send(port, Records.Temperatures(5));
        device.WaitForStates("oven", 5);
    }

    [SkippableFact]
    public void A_changed_stream_is_built_anew_from_its_state_and_its_numbers_go_on()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        using Pty moved = new();
        device.Mqtt["homeAssistant"] = true;
        JsonObject oven = device.AddTemperature(port.SlavePath);
        string[] lines = Records.Temperatures(2 * Some);
        using EdgeProcess edge = Start(device, port);
        device.Send(port, lines[..Some]);
        device.WaitForStates("oven", Some);

        oven["source"]!["port"] = moved.SlavePath;
        Reload(device, edge, "oven rebuilt");
        edge.WaitForLog("oven: state restored");
        moved.Write("\n");
        device.Send(moved, lines[Some..]);
        device.WaitForStates("oven", lines.Length);

        Records.Of(device).ShouldBe(lines, "temperature");
        Assert.Equal(ReplayOf(device, lines), Records.Of(device).Values.Select(Records.Figures));
        Assert.DoesNotContain(device.Subscriber.Messages, message => message.Topic == Device.Topic("oven", "event"));
    }

    [SkippableFact]
    public void A_stream_that_ends_goes_from_Home_Assistant_and_may_come_back_without_a_number_twice()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        using Pty other = new();
        device.Mqtt["homeAssistant"] = true;
        device.AddTemperature(port.SlavePath);
        JsonObject kiln = AddKiln(device, other);
        using EdgeProcess edge = Start(device, port);
        other.Write("\n90\n91\n92\n");
        device.WaitForStates("kiln", 3);

        device.RemoveStream(kiln);
        Reload(device, edge, "kiln ended");
        Assert.True(device.Subscriber.Wait(s => Components(s)[^1].All(IsOvens)));
        Assert.Contains(Components(device.Subscriber), components => components.Any(
            component => component.Name == "kiln_alarm" && component.Value.EnumerateObject().Count() == 1));

        device.AddStream("kiln", kiln["model"]!.GetValue<string>(), kiln["source"]!.DeepClone().AsObject(), Device.LongPeriodMs)
            ["clock"] = new JsonObject { ["resample"] = "each" };
        Reload(device, edge, "kiln started");
        other.Write("\n93\n94\n");
        device.WaitForStates("kiln", 5);
        long[] sequences = [.. Records.Of(device, "kiln").Keys];
        Assert.Equal(5, sequences.Length);
        PublishedMessages.ShouldAllKeepTheSchema(device.Subscriber.Messages.Where(IsOurs));
    }

    [SkippableFact]
    public void A_model_is_exchanged_between_two_samples_and_only_with_the_hash_that_is_named()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        string narrow = Path.Combine(device.Folder, "narrow.safetensors");
        Assert.Equal(0, EdgeProcess.Execute("quantize", Device.Model("machine-temperature-gru.safetensors"), "--precision",
            "bfloat16", "--output", narrow).ExitCode);
        string hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(narrow)));
        string[] lines = Records.Temperatures(3 * Some);
        using EdgeProcess edge = Start(device, port);
        device.Send(port, lines[..Some]);
        device.WaitForStates("oven", Some);

        JsonElement refused = Ask(device, ("stream", "oven"), ("model", narrow));
        Assert.Contains("sha256: is missing", Problem(refused), StringComparison.Ordinal);
        Assert.Contains("it is another file, or damaged", Problem(Ask(device,
            ("stream", "oven"), ("model", narrow), ("sha256", new string('0', 64)))), StringComparison.Ordinal);
        JsonElement answer = Ask(device, ("stream", "oven"), ("model", "narrow.safetensors"), ("sha256", hash));
        Assert.True(answer.GetProperty("done").GetBoolean(), answer.GetRawText());
        Assert.Equal("model", answer.GetProperty("streams").GetProperty("oven").GetString());
        edge.WaitForLog($"oven: goes on with model machine-temperature-gru, SHA-256 {hash}");
        device.Send(port, lines[Some..(2 * Some)]);
        device.WaitForStates("oven", 2 * Some);

        // The configuration names the old one: a reload puts it back.
        edge.HangUp();
        edge.WaitForLog("oven model");
        edge.WaitForLog("oven: goes on with model", times: 2);
        device.Send(port, lines[(2 * Some)..]);
        device.WaitForStates("oven", lines.Length);

        SortedDictionary<long, JsonElement> records = Records.Of(device);
        records.ShouldBe(lines, "temperature");
        string statuses = string.Concat(records.Values.Select(record => record.GetProperty("status").GetString()![0]));
        Assert.Equal('w', statuses[Some]);
        Assert.Equal('w', statuses[2 * Some]);
        Assert.DoesNotContain(device.Subscriber.Messages, message => message.Topic == Device.Topic("oven", "event"));
        PublishedMessages.ShouldAllKeepTheSchema(device.Subscriber.Messages.Where(IsOurs));
    }

    [SkippableFact]
    public void A_model_of_another_hash_than_the_configuration_names_does_not_start_nor_pass_the_check()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath)["modelSha256"] = new string('0', 64);
        string configuration = device.Write();

        (int code, _, string log) = EdgeProcess.Execute("run", configuration);
        Assert.Equal(2, code);
        Assert.Contains("streams[0].model:", log, StringComparison.Ordinal);
        Assert.Contains("not the SHA-256 0000", log, StringComparison.Ordinal);
        (code, string output, _) = EdgeProcess.Execute("check", configuration);
        Assert.Equal(2, code);
        Assert.Contains("not the SHA-256 0000", output, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Topics_and_their_devices_come_and_go_with_the_configuration()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        device.AddTemperature(port.SlavePath);
        using EdgeProcess edge = Start(device, port);
        string profile = Path.Combine(device.Folder, "topic.json");
        File.WriteAllText(profile, """
            {"name":"topic","transport":{"kind":"mqtt"},"framing":{"kind":"number"},"channels":[{"name":"temperature"}]}
            """);
        JsonObject stream = device.AddStream("room", Device.Model("machine-temperature-gru.safetensors"),
            new JsonObject { ["kind"] = "mqtt", ["topic"] = "house/{device}", ["profile"] = profile }, Device.LongPeriodMs);
        stream["clock"] = new JsonObject { ["resample"] = "each" };
        Reload(device, edge, "room started");

        Assert.True(Says(device, "kitchen", () => device.Subscriber.Count(Device.Topic("room-kitchen", "state")) > 0));
        stream["source"]!["topic"] = "home/{device}";
        Reload(device, edge, "room rebuilt");
        Assert.Equal(["oven"], device.AskHealth().GetProperty("streams").EnumerateObject().Select(one => one.Name));
        int before = device.Subscriber.Count(Device.Topic("room-kitchen", "state"));
        Assert.True(Says(device, "cellar", () => device.Subscriber.Count(Device.Topic("room-cellar", "state")) > 0, "home"));
        Assert.Equal(before, device.Subscriber.Count(Device.Topic("room-kitchen", "state")));
        device.RemoveStream(stream);
        Reload(device, edge, "room ended");
        Assert.Equal(["oven"], device.AskHealth().GetProperty("streams").EnumerateObject().Select(one => one.Name));
    }

    [SkippableFact]
    public void Fifty_reloads_leave_memory_and_descriptors_where_they_were()
    {
        using Device device = Device.Launch();
        using Pty port = new();
        using Pty other = new();
        JsonObject oven = device.AddTemperature(port.SlavePath);
        JsonObject kiln = AddKiln(device, other);
        using EdgeProcess edge = Start(device, port);
        device.Send(port, Records.Temperatures(5));
        device.WaitForStates("oven", 5);
        Change(0);
        long before = device.AskHealth().GetProperty("residentBytes").GetInt64();
        int descriptors = Directory.GetFiles($"/proc/{edge.Id}/fd").Length;

        for (int k = 1; k <= 50; k++)
        {
            Change(k);
        }

        long grown = device.AskHealth().GetProperty("residentBytes").GetInt64() - before;
        Assert.InRange(grown, long.MinValue, ReloadGrowthBytes);
        Assert.InRange(Directory.GetFiles($"/proc/{edge.Id}/fd").Length, 1, descriptors + 4);

        void Change(int k)
        {
            oven["alarm"] = new JsonObject { ["falseAlarmsPerDay"] = 1 + (k % 2) };
            kiln["source"]!["baud"] = k % 2 == 0 ? 9600 : 19200;
            device.Write();
            edge.HangUp();

            // Not the log: it is bounded to so many lines of a kind in a minute.
            Assert.True(SpinWait.SpinUntil(
                () => device.AskHealth().GetProperty("reloads").GetInt64() == k + 1, TimeSpan.FromSeconds(20)), $"reload {k}");
        }
    }

    private EdgeProcess Start(Device device, Pty port)
    {
        _requests = 0;
        EdgeProcess edge = device.Start();
        device.WaitForOnline();
        port.Write("\n");
        return edge;
    }

    private static JsonObject AddKiln(Device device, Pty port)
    {
        JsonObject stream = device.AddStream("kiln", Device.Model("machine-temperature-gru.safetensors"),
            Device.Serial(port.SlavePath, Path.Combine(device.Folder, "thermometer.json")), Device.LongPeriodMs);
        stream["clock"] = new JsonObject { ["resample"] = "each" };
        return stream;
    }

    private static void Reload(Device device, EdgeProcess edge, string done)
    {
        int before = edge.Log.Count(line => line.Contains(Taken, StringComparison.Ordinal));
        device.Write();
        edge.HangUp();
        edge.WaitForLog(Taken, before + 1);
        Assert.Contains(done, edge.Log.Last(line => line.Contains(Taken, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private JsonElement Ask(Device device, params (string Key, string Value)[] members)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"reload {++_requests}");
        JsonObject request = new() { ["id"] = id };
        foreach ((string key, string value) in members)
        {
            request[key] = value;
        }

        device.Subscriber.Publish($"edgelstm/{Device.Name}/request/reload", Encoding.UTF8.GetBytes(request.ToJsonString()));
        Assert.True(device.Subscriber.Wait(s => s.Of("/response/reload").Any(message => IsAnswer(message, id))), "no answer");
        return device.Subscriber.Of("/response/reload").Single(message => IsAnswer(message, id)).Json;
    }

    private static bool IsAnswer(MqttMessage message, string id) => message.Json.GetProperty("id").GetString() == id;

    private static string Problem(JsonElement answer) => answer.GetProperty("problems")[0].GetString()!;

    // Until it is heard: a subscription takes effect a moment after the reload is said.
    private static bool Says(Device device, string room, Func<bool> isHeard, string house = "house")
    {
        for (int k = 0; k < 100 && !isHeard(); k++)
        {
            device.Subscriber.Publish($"{house}/{room}", "21.5"u8);
            device.Subscriber.Wait(_ => isHeard(), 1);
        }

        return isHeard();
    }

    private static bool IsOurs(MqttMessage message) => !message.Topic.Contains("/request/", StringComparison.Ordinal);

    private static bool IsOvens(JsonProperty component) => component.Name.StartsWith("oven_", StringComparison.Ordinal);

    private static JsonProperty[][] Components(MqttSubscriber subscriber) =>
        [.. subscriber.Of("/config").Select(message => message.Json.GetProperty("cmps").EnumerateObject().ToArray())];

    private static string[] ReplayOf(Device device, string[] lines)
    {
        string recording = Path.Combine(device.Folder, "recording.csv");
        File.WriteAllLines(recording, lines);
        (int code, string output, string log) =
            EdgeProcess.Execute("replay", device.Configuration, recording, "--stream", "oven");
        Assert.True(code == 0, log);
        return [.. output.Split('\n').Select(line => Records.Figures(JsonDocument.Parse(line).RootElement))];
    }
}
