// A new configuration against the one that runs: which streams it touches, and what it may not change.

using System.Text.Json.Nodes;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Tests.Configuration;

public sealed class PlanChangesTests : IDisposable
{
    private static readonly string Models = Path.Combine(RepositoryRoot.Path, "models");
    private static readonly string MachineModel = Path.Combine(Models, "machine-temperature-gru.safetensors");

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-changes-").FullName;
    private readonly JsonObject _root;

    public PlanChangesTests()
    {
        WriteProfile("p", "°C");
        WriteProfile("q", "°C");
        File.Copy(MachineModel, Path.Combine(_folder, "m.safetensors"));
        _root = new JsonObject
        {
            ["device"] = "pi",
            ["mqtt"] = new JsonObject { ["host"] = "h", ["password"] = "sesame" },
            ["streams"] = new JsonArray(Stream("a", "p"), Stream("b", "q")),
        };
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_same_file_read_twice_changes_nothing_and_shares_its_models()
    {
        DevicePlan old = Load();
        DevicePlan next = Load(old);

        AssertChanges(PlanChanges.Between(old, next), kept: "a b");
        Assert.Same(old.Streams[0].Model, next.Streams[0].Model);
        Assert.Same(old.Streams[0].Model, old.Streams[1].Model);
        Assert.Empty(Restarts(old, next));
    }

    [Fact]
    public void Streams_begin_end_and_change_by_their_names()
    {
        DevicePlan old = Load();
        JsonArray streams = _root["streams"]!.AsArray();
        streams.RemoveAt(0);
        streams.Add((JsonNode)Stream("c", "p"));
        streams[0]!["alarm"] = new JsonObject { ["falseAlarmsPerDay"] = 2 };

        AssertChanges(PlanChanges.Between(old, Load(old)), ended: "a", started: "c", rebuilt: "b");
    }

    [Fact]
    public void A_changed_profile_rebuilds_the_streams_that_name_it()
    {
        DevicePlan old = Load();
        WriteProfile("q", "°F");

        AssertChanges(PlanChanges.Between(old, Load(old)), kept: "a", rebuilt: "b");
    }

    [Fact]
    public void Another_model_file_of_the_same_shape_is_exchanged_and_the_old_bytes_elsewhere_change_nothing()
    {
        DevicePlan old = Load();
        File.Copy(MachineModel, Path.Combine(_folder, "same.safetensors"));
        ModelQuantizer.Save(MachineModel, WeightPrecision.BFloat16, Path.Combine(_folder, "narrow.safetensors"));
        _root["streams"]![0]!["model"] = "narrow.safetensors";
        _root["streams"]![1]!["model"] = "same.safetensors";

        AssertChanges(PlanChanges.Between(old, Load(old)), kept: "b", exchanged: "a");
    }

    [Fact]
    public void A_model_file_replaced_in_its_place_is_exchanged_in_every_stream_that_names_it()
    {
        DevicePlan old = Load();
        string narrow = Path.Combine(_folder, "narrow.safetensors");
        ModelQuantizer.Save(MachineModel, WeightPrecision.BFloat16, narrow);
        File.Move(narrow, Path.Combine(_folder, "m.safetensors"), overwrite: true);

        AssertChanges(PlanChanges.Between(old, Load(old)), exchanged: "a b");
    }

    [Fact]
    public void A_model_of_other_inputs_or_none_at_all_rebuilds_the_stream()
    {
        DevicePlan old = Load();
        _root["streams"]![0]!["model"] = Path.Combine(Models, "ecg-lstm.safetensors");
        _root["streams"]![0]!["channels"] = new JsonObject { ["ecg"] = "temperature" };
        _root["streams"]![1]!.AsObject().Remove("model");
        _root["streams"]![1]!["samplePeriodMs"] = 1000;

        AssertChanges(PlanChanges.Between(old, Load(old)), rebuilt: "a b");
    }

    [Fact]
    public void Device_and_broker_need_a_restart_and_no_value_of_theirs_is_said()
    {
        DevicePlan old = Load();
        _root["device"] = "pi2";
        _root["mqtt"]!["host"] = "elsewhere";
        _root["mqtt"]!["password"] = "open";
        _root["$schema"] = "schemas/edgelstm.schema.json";
        _root["stateDirectory"] = "state";

        string[] restarts = Restarts(old, Load(old));

        string[] keys = ["device", "mqtt.host", "mqtt.password", "stateDirectory"];
        Assert.Equal(keys, restarts.Select(line => line.Split(':')[0]).Order());
        Assert.All(restarts, line => Assert.Contains("needs a restart", line, StringComparison.Ordinal));
        Assert.DoesNotContain("sesame", string.Concat(restarts), StringComparison.Ordinal);
        Assert.DoesNotContain("open", string.Concat(restarts), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_must_have_the_hash_that_the_configuration_names()
    {
        string hash = ModelHash.OfFile(MachineModel);
        _root["streams"]![0]!["modelSha256"] = hash.ToUpperInvariant();
        Assert.Equal(hash, Load().Streams[0].Model!.Sha256);

        _root["streams"]![1]!["modelSha256"] = new string('0', 64);
        string problem = Assert.Single(Problems());
        Assert.StartsWith("streams[1].model: ", problem, StringComparison.Ordinal);
        Assert.DoesNotContain(hash, problem, StringComparison.Ordinal);
        Assert.Contains("has not the SHA-256 000", problem, StringComparison.Ordinal);

        _root["streams"]![1]!["modelSha256"] = "0x00";
        Assert.StartsWith("streams[1].modelSha256: must be 64 hexadecimal digits", Problems()[0], StringComparison.Ordinal);
        _root["streams"]![1]!["modelSha256"] = hash;
        _root["streams"]![1]!["samplePeriodMs"] = 1000;
        _root["streams"]![1]!.AsObject().Remove("model");
        Assert.Equal("streams[1].modelSha256: is for the model's file; there is no model", Assert.Single(Problems()));
    }

    private static JsonObject Stream(string name, string profile) => new()
    {
        ["name"] = name,
        ["source"] = new JsonObject { ["kind"] = "serial", ["port"] = $"/dev/tty-{name}", ["profile"] = $"{profile}.json" },
        ["model"] = "m.safetensors",
    };

    private void WriteProfile(string name, string unit) => File.WriteAllText(Path.Combine(_folder, $"{name}.json"), $$"""
        {"name":"{{name}}","framing":{"kind":"csv"},"channels":[{"name":"temperature","field":0,"unit":"{{unit}}"}]}
        """);

    private DevicePlan Load(DevicePlan? former = null)
    {
        DevicePlan? plan = TryLoad(former, out ProblemList problems);
        Assert.False(problems.Any, problems.ToString());
        return plan!;
    }

    private string[] Problems()
    {
        Assert.Null(TryLoad(null, out ProblemList problems));
        return [.. problems.Problems.Select(problem => $"{problem.Path}: {problem.Message}")];
    }

    private DevicePlan? TryLoad(DevicePlan? former, out ProblemList problems)
    {
        string path = Path.Combine(_folder, "edgelstm.json");
        File.WriteAllText(path, _root.ToJsonString());
        problems = new ProblemList(path);
        return DevicePlan.Load(path, problems, former);
    }

    private static string[] Restarts(DevicePlan old, DevicePlan next)
    {
        ProblemList problems = new("edgelstm.json");
        PlanChanges.FindRestarts(old.Settings, next.Settings, problems);
        return [.. problems.Problems.Select(problem => $"{problem.Path}: {problem.Message}")];
    }

    private static void AssertChanges(PlanChanges changes, string kept = "", string ended = "", string started = "",
        string rebuilt = "", string exchanged = "") =>
        Assert.Equal(
            (kept, ended, started, rebuilt, exchanged),
            (Names(changes.Kept), Names(changes.Ended), Names(changes.Started),
                Names(changes.Rebuilt), Names(changes.Exchanged)));

    private static string Names(IReadOnlyList<StreamPlan> streams) =>
        string.Join(' ', streams.Select(stream => stream.Settings.Name));
}
