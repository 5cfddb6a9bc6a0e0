// The verbs as a user types them: what they print, what they refuse, and the exit codes that say so.

using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeLstm.EndToEnd.Tests.Rig;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class VerbTests : IDisposable
{
    private const string Gru = "machine-temperature-gru.safetensors";

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-verbs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Inspect_prints_one_json_object()
    {
        JsonElement printed = Json("inspect", Device.Model(Gru), "--json");

        Assert.Contains("machine-temperature-gru", printed.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Selftest_passes_for_both_models_at_every_width()
    {
        JsonElement printed = Json("selftest", Device.Model(""), "--json");

        JsonElement[] models = [.. printed.GetProperty("models").EnumerateArray()];
        Assert.All(models, model => Assert.True(model.GetProperty("passed").GetBoolean()));
        Assert.Equal(2, models.Select(model => model.GetProperty("file").GetString()).Distinct().Count());
    }

    [Fact]
    public void Bench_prints_time_and_allocation_of_a_step()
    {
        JsonElement printed = Json("bench", "--cell", "gru", "--input", "3", "--hidden", "32", "--json");

        Assert.Equal(32, printed.GetProperty("hiddenSize").GetInt32());
        Assert.InRange(printed.GetProperty("nsPerStep").GetDouble(), 1, 1e6);
        Assert.True(printed.GetProperty("floorNs").GetDouble() > 0);
        Assert.Equal(0, printed.GetProperty("allocatedBytesPerStep").GetDouble());
    }

    [Theory]
    [InlineData(2, "at most 1073741824", "--hidden", "4096", "--layers", "4")]
    [InlineData(2, "--streams must be 1 to 1024; got 0", "--streams", "0")]
    [InlineData(3, "none.safetensors: cannot be read", "--model", "none.safetensors")]
    public void Bench_refuses_what_it_cannot_measure(int expectedCode, string expected, params string[] arguments)
    {
        (int code, _, string log) = EdgeProcess.Execute(["bench", .. arguments]);

        Assert.Equal(expectedCode, code);
        Assert.Contains(expected, log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_cut_short_is_refused_with_exit_code_3()
    {
        string cut = Path.Combine(_folder, "cut.safetensors");
        byte[] whole = File.ReadAllBytes(Device.Model(Gru));
        File.WriteAllBytes(cut, whole[..(whole.Length - 100)]);

        (int code, string output, string log) = EdgeProcess.Execute("inspect", cut);

        Assert.Equal((3, ""), (code, output));
        Assert.Contains(cut, log, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_configuration_is_refused_with_exit_code_2_and_all_its_problems()
    {
        string path = Path.Combine(_folder, "edgelstm.json");
        JsonObject stream = new()
        {
            ["name"] = "two words",
            ["source"] = new JsonObject { ["kind"] = "serial", ["profile"] = "none.json" },
            ["model"] = "none.safetensors",
        };
        JsonObject settings = new()
        {
            ["device"] = "a/b",
            ["mqtt"] = new JsonObject { ["host"] = "127.0.0.1" },
            ["streams"] = new JsonArray(stream),
        };
        File.WriteAllText(path, settings.ToJsonString());

        (int code, string output, string log) = EdgeProcess.Execute("run", path);

        Assert.Equal((2, ""), (code, output));
        foreach (string place in new[] { "device", "streams[0].name", "streams[0].source.port", "streams[0].source.profile",
            "streams[0].model" })
        {
            Assert.Contains($"  {place}: ", log, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Unknown_keys_are_refused_with_the_nearest_known_ones()
    {
        string path = Path.Combine(_folder, "edgelstm.json");
        File.WriteAllText(path, """{"device":"pi","mqtt":{"host":"127.0.0.1","prot":1883},"streams":[],"stateDirektory":"x"}""");

        (int code, _, string log) = EdgeProcess.Execute("run", path);

        Assert.Equal(2, code);
        Assert.Contains("did you mean 'port'", log, StringComparison.Ordinal);
        Assert.Contains("did you mean 'stateDirectory'", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fly")]
    [InlineData("run")]
    [InlineData("inspect", "model.safetensors", "--colour")]
    public void A_wrong_command_line_ends_with_exit_code_2(params string[] arguments)
    {
        (int code, _, string log) = EdgeProcess.Execute(arguments);

        Assert.Equal(2, code);
        Assert.NotEqual("", log);
    }

    [SkippableTheory]
    [InlineData(20)]
    [InlineData(5000)]
    public void Lines_on_standard_input_become_records_and_the_end_of_input_ends_the_program(int count)
    {
        using Device device = Device.Launch();
        JsonObject source = new() { ["kind"] = "stdin", ["profile"] = device.AddProfile("thermometer", "temperature", "°C") };
        JsonObject stream = device.AddStream("oven", Device.Model(Gru), source, Device.LongPeriodMs);
        stream["clock"] = new JsonObject { ["resample"] = "each" };
        device.Mqtt["backlogRecords"] = 8192;
        string[] lines = Records.Temperatures(count);
        using EdgeProcess edge = device.Start();

        edge.Input.Write(string.Join('\n', lines) + "\n");
        edge.Input.Close();

        Assert.Equal(0, edge.WaitForExit(60));
        Assert.True(device.Subscriber.Wait(s => s.Of("/status") is [.., { Text: "offline" }]));
        Records.Of(device).ShouldBe(lines, "temperature");
    }

    private static JsonElement Json(params string[] arguments)
    {
        (int code, string output, string log) = EdgeProcess.Execute(arguments);
        Assert.True(code == 0, $"exit code {code}: {log}");
        return JsonDocument.Parse(output).RootElement;
    }
}
