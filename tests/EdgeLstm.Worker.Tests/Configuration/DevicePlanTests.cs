// A configuration with everything it names: all mistakes in one list, names relative to its folder.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Tests.Configuration;

public sealed class DevicePlanTests : IDisposable
{
    private static readonly string ModelPath = Path.Combine(RepositoryRoot.Path, "models", "machine-temperature-gru.safetensors");

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-plan-").FullName;

    public DevicePlanTests()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "sub"));
        File.Copy(ModelPath, Path.Combine(_folder, "sub", "m.safetensors"));
        File.WriteAllText(Path.Combine(_folder, "sub", "p.json"), """
            {"name":"p","framing":{"kind":"csv","columns":["t","h"]},"channels":[{"name":"temperatur",
             "field":"t"},{"name":"humidity","field":"h"}]}
            """);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_configuration_without_mistakes_is_loaded_with_names_relative_to_its_folder()
    {
        DevicePlan? plan = Load("""
            {"device":"pi-1","stateDirectory":"state","mqtt":{"host":"h","passwordFile":"pw","tls":{"caFile":"ca.pem"}},
             "streams":[{"name":"a",
             "source":{"kind":"serial","port":"../tty","profile":"sub/p.json"},"model":"sub/m.safetensors",
              "channels":{"temperature":"temperatur"}}]}
            """, out ProblemList problems);
        Assert.False(problems.Any, problems.ToString());
        StreamPlan stream = Assert.Single(plan!.Streams);
        Assert.Equal(Path.Combine(_folder, "sub", "m.safetensors"), stream.Settings.Model);
        Assert.Equal(Path.Combine(_folder, "sub", "p.json"), stream.Settings.Source.Profile);
        Assert.Equal(Path.Combine(Path.GetDirectoryName(_folder)!, "tty"), stream.Settings.Source.Port);
        Assert.Equal(Path.Combine(_folder, "state"), plan.Settings.StateDirectory);
        Assert.Equal(Path.Combine(_folder, "pw"), plan.Settings.Mqtt.PasswordFile);
        Assert.Equal(Path.Combine(_folder, "ca.pem"), plan.Settings.Mqtt.Tls!.CaFile);
        Assert.Equal(["temperatur"], stream.ProfileChannels);
        Assert.Equal(300_000, stream.SamplePeriodMs);
    }

    [Fact]
    public void A_stream_without_a_model_takes_all_channels_of_its_profile_or_those_it_names()
    {
        DevicePlan? plan = Load("""
            {"device":"pi","mqtt":{"host":"h"},"streams":[
             {"name":"a","samplePeriodMs":500,"source":{"kind":"stdin","profile":"sub/p.json"}},
             {"name":"b","samplePeriodMs":500,"warmUpSamples":60,"channels":{"rh":"humidity"},
              "source":{"kind":"serial","port":"/dev/ttyUSB0","profile":"sub/p.json"}}]}
            """, out ProblemList problems);
        Assert.False(problems.Any, problems.ToString());
        Assert.Null(plan!.Streams[0].Model);
        Assert.Equal(["temperatur", "humidity"], plan.Streams[0].ProfileChannels);
        Assert.Equal(StreamPlan.DefaultWarmUpSamples, plan.Streams[0].Manifest.WarmUpSamples);
        Assert.Equal(["humidity"], plan.Streams[1].ProfileChannels);
        Assert.Equal(["rh_1", "rh_6", "rh_12"], plan.Streams[1].Manifest.Outputs.Select(o => $"{o.Name}_{o.Horizon}"));
        Assert.Equal(500, plan.Streams[1].SamplePeriodMs);
    }

    [Fact]
    public void A_model_is_run_on_to_the_samples_asked_for()
    {
        DevicePlan? plan = Load("""
            {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"a","rollOut":[3,6,24],"model":"sub/m.safetensors",
             "channels":{"temperature":"humidity"},"source":{"kind":"stdin","profile":"sub/p.json"}}]}
            """, out ProblemList problems);
        Assert.False(problems.Any, problems.ToString());
        Assert.Equal([1, 6, 12, 3, 24], plan!.Streams[0].Manifest.Outputs.Select(output => output.Horizon));
    }

    [Theory]
    [InlineData("", "streams[0].samplePeriodMs: is needed: there is no model")]
    [InlineData("\"samplePeriodMs\":100,\"precision\":\"int8\",", "streams[0].precision: is for the weights of a model")]
    [InlineData("\"samplePeriodMs\":100,\"channels\":{\"a\":\"b\"},", "profile 'p' has no channel 'b'")]
    [InlineData("\"samplePeriodMs\":100,\"channels\":{},", "streams[0].channels: must name 1 to 64 channels")]
    [InlineData("\"model\":\"sub/m.safetensors\",\"channels\":{\"temperature\":\"humidity\"},\"warmUpSamples\":600,",
        "streams[0].warmUpSamples: is for a stream without a model")]
    [InlineData("\"samplePeriodMs\":100,\"rollOut\":[2],", "streams[0].rollOut: is for a model; without one several")]
    [InlineData("\"samplePeriodMs\":100,\"adaptSamples\":2000,", "streams[0].adaptSamples: is for a model; without one")]
    [InlineData("\"model\":\"sub/m.safetensors\",\"adaptSamples\":99,", "streams[0].adaptSamples: must be at least 100")]
    [InlineData("\"model\":\"sub/m.safetensors\",\"rollOut\":[1],", "numbers of samples from 2 to 1000; got 1")]
    [InlineData("\"model\":\"sub/m.safetensors\",\"rollOut\":[9,9],", "rollOut: must be at most 8 different numbers")]
    [InlineData("\"model\":\"sub/m.safetensors\",\"rollOut\":[2,3,4,5,6,7,8,9,10],", "must be at most 8 different numbers")]
    public void What_does_not_fit_a_stream_with_or_without_a_model_is_told(string keys, string expected)
    {
        DevicePlan? plan = Load($$$"""
            {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"a",{{{keys}}}
             "source":{"kind":"stdin","profile":"sub/p.json"}}]}
            """, out ProblemList problems);
        Assert.Null(plan);
        Assert.Contains(expected, problems.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_head_that_is_to_learn_on_needs_a_model_with_point_forecasts()
    {
        DevicePlan? plan = Load("""
            {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"a","adaptSamples":2000,"model":"sub/m.safetensors",
             "channels":{"temperature":"humidity"},"source":{"kind":"stdin","profile":"sub/p.json"}}]}
            """, out ProblemList problems);
        Assert.False(problems.Any, problems.ToString());
        Assert.Equal(2000, plan!.Streams[0].Settings.AdaptSamples);
        string quantiles = Path.Combine(RepositoryRoot.Path, "models", "ecg-lstm.safetensors");
        Assert.Null(Load($$$"""
            {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"a","adaptSamples":2000,"model":"{{{quantiles}}}",
             "channels":{"ecg":"humidity"},"source":{"kind":"stdin","profile":"sub/p.json"}}]}
            """, out problems));
        Assert.Contains("streams[0].adaptSamples: model 'ecg-lstm' has no point forecast of a channel", problems.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Absolute_names_stay_as_they_are()
    {
        DevicePlan? plan = Load($$"""
            {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"a","samplePeriodMs":1000,"channels":{"temperature":"humidity"},
             "source":{"kind":"serial","port":"/dev/ttyUSB0","profile":"sub/p.json"},"model":"{{ModelPath}}"}]}
            """, out ProblemList problems);
        Assert.False(problems.Any, problems.ToString());
        Assert.Equal("/dev/ttyUSB0", plan!.Streams[0].Settings.Source.Port);
        Assert.Equal(1000, plan.Streams[0].SamplePeriodMs);
    }

    [Theory]
    [InlineData("", "Float32")]
    [InlineData("\"precision\":\"float32\",", "Float32")]
    [InlineData("\"precision\":\"bfloat16\",", "BFloat16")]
    [InlineData("\"precision\":\"int8\",", "Int8")]
    public void Weights_are_held_as_configured_else_as_the_file_says(string key, string expected)
    {
        DevicePlan? plan = Load(WithPrecision(key, "sub/m.safetensors"), out ProblemList problems);
        Assert.False(problems.Any, problems.ToString());
        Assert.Equal(expected, plan!.Streams[0].Precision.ToString());
    }

    [Fact]
    public void A_precision_that_is_none_is_named_with_the_nearest()
    {
        Assert.Null(Load(WithPrecision("\"precision\":\"bfloat-16\",", "sub/m.safetensors"), out ProblemList problems));
        Assert.Contains(
            "streams[0].precision: must be one of 'float32', 'bfloat16', 'int8'; got 'bfloat-16'; did you mean 'bfloat16'?",
            problems.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_narrow_file_is_run_as_it_is_or_in_float32_but_not_narrowed_again()
    {
        ModelQuantizer.Save(ModelPath, WeightPrecision.BFloat16, Path.Combine(_folder, "sub", "b.safetensors"));
        Assert.Equal(WeightPrecision.BFloat16, Load(WithPrecision("", "sub/b.safetensors"), out _)!.Streams[0].Precision);
        Assert.NotNull(Load(WithPrecision("\"precision\":\"float32\",", "sub/b.safetensors"), out _));
        Assert.Null(Load(WithPrecision("\"precision\":\"int8\",", "sub/b.safetensors"), out ProblemList problems));
        Assert.Contains(
            "streams[0].precision: the model's file holds bfloat16 weights; as int8 they would lose twice",
            problems.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_that_is_not_the_plain_cell_runs_in_float32_only()
    {
        // A clip that no sum reaches: the same outputs, of a layer that has no narrow kernels.
        SafetensorsFile file = SafetensorsFile.Open(ModelPath);
        ModelManifest manifest = ManifestJson.Read(ModelPath, file.Metadata[ManifestJson.MetadataKey]);
        int recurrent = manifest.Layers.ToList().FindIndex(layer => layer.Kind != LayerKind.Dense);
        LayerManifest clipped = manifest.Layers[recurrent] with { Clip = 1000 };
        ModelFile.Save(
            Path.Combine(_folder, "sub", "v.safetensors"),
            manifest with { Layers = [.. manifest.Layers.Select((layer, k) => k == recurrent ? clipped : layer)] },
            [.. file.Tensors.Values.Select(
                info => new Tensor(info.Name, info.Shape, file.Take(info.Name, "", [.. info.Shape])))]);
        Assert.NotNull(Load(WithPrecision("", "sub/v.safetensors"), out _));
        Assert.Null(Load(WithPrecision("\"precision\":\"int8\",", "sub/v.safetensors"), out ProblemList problems));
        Assert.Contains(
            $"streams[0].precision: layer '{clipped.Name}' cannot be held in int8: with clip it is not the plain cell",
            problems.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_is_listed_at_once()
    {
        AssertProblems("""
            {"device":"pi/1","mqtt":{"host":"h","password":"x","passwordFile":"y"},"streams":[
              {"name":"a","source":{"kind":"serial","profile":"sub/p.json"},"model":"sub/m.safetensors",
               "channels":{"temperature":"temperatur"}},
              {"name":"a","source":{"kind":"serial","port":"","profile":"none.json"},"model":"none.safetensors"},
              {"name":"b b","source":{"kind":"replay","profile":"sub/p.json"},"model":"sub/m.safetensors"},
              {"name":"c","source":{"kind":"replay","file":"none.csv","profile":"sub/p.json"},"model":"sub/m.safetensors",
               "channels":{"temprature":"humidity"}},
              {"name":"d","source":{"kind":"stdin","profile":"sub/p.json"},"model":"sub/m.safetensors",
               "channels":{"temperature":"humidity"}},
              {"name":"e","source":{"kind":"stdin","profile":"sub/p.json"},"model":"sub/m.safetensors",
               "channels":{"temperature":"humidty"}}]}
            """,
            ("device", "got 'pi/1'"),
            ("mqtt.passwordFile", "keep one of them"),
            ("streams[0].source.port", "is required for a serial source"),
            ("streams[1].name", "'a' is used by an earlier stream"),
            ("streams[1].source.port", "is required for a serial source"),
            ("streams[2].name", "got 'b b'"),
            ("streams[2].source.file", "is required for a replay source"),
            ("streams[3].source.file", "none.csv' is not there"),
            ("streams", "only one stream can read standard input; got 2"),
            ("streams[1].source.profile", "none.json"),
            ("streams[1].model", "none.safetensors"),
            ("streams[2].channels", "has no channel 'temperature'; did you mean 'temperatur'?"),
            ("streams[3].channels", "has no channel 'temperature'; did you mean 'temperatur'?"),
            ("streams[3].channels.temprature", "has no input 'temprature'; did you mean 'temperature'?"),
            ("streams[5].channels", "has no channel 'humidty'; did you mean 'humidity'?"));
    }

    [Theory]
    [InlineData("", "streams[0].model")]
    [InlineData("\\u0000", "streams[0].model")]
    [InlineData("sub", "streams[0].model")]
    [InlineData("sub/p.json", "streams[0].model")]
    public void What_cannot_be_a_model_file_is_a_problem_and_no_fault(string name, string path)
    {
        Load($$"""
            {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"a","source":{"kind":"stdin","profile":"sub/p.json"},
             "model":"{{name}}"}]}
            """, out ProblemList problems);
        Assert.Equal(path, Assert.Single(problems.Problems).Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\\u0000")]
    [InlineData("sub")]
    public void What_cannot_be_a_profile_is_a_problem_and_no_fault(string name)
    {
        Load($$"""
            {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"a","source":{"kind":"stdin","profile":"{{name}}"},
             "model":"sub/m.safetensors"}]}
            """, out ProblemList problems);
        Assert.Equal("streams[0].source.profile", Assert.Single(problems.Problems).Path);
    }

    [Fact]
    public void A_mistake_inside_a_profile_is_told_with_its_file_and_place()
    {
        File.WriteAllText(Path.Combine(_folder, "bad.json"),
            """{"name":"p","framing":{"kind":"csv"},"channels":[{"name":"t","field":0,"scale":0}]}""");
        AssertProblems("""
            {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"a","source":{"kind":"stdin","profile":"bad.json"},
             "model":"sub/m.safetensors"}]}
            """, ("streams[0].source.profile", "bad.json: channels[0].scale: must not be 0"));
    }

    [Fact]
    public void A_configuration_without_streams_or_with_too_many_is_refused()
    {
        AssertProblems("""{"device":"pi","mqtt":{"host":"h"},"streams":[]}""", ("streams", "must have 1 to 64 entries; got 0"));
    }

    [SkippableFact]
    public void The_example_of_the_package_loads()
    {
        string root = RepositoryRoot.Path;
        Skip.IfNot(File.Exists(Path.Combine(root, "firmware-configs", "machine-temperature-csv.json")),
            "firmware-configs has no such profile yet");
        string example = File.ReadAllText(Path.Combine(root, "eng", "package", "edgelstm.example.json"))
            .Replace("\"firmware-configs/", $"\"{root}/firmware-configs/", StringComparison.Ordinal)
            .Replace("\"models/", $"\"{root}/models/", StringComparison.Ordinal);
        DevicePlan? plan = Load(example, out ProblemList problems);
        Assert.False(problems.Any, problems.ToString());
        Assert.Equal("temperature", Assert.Single(plan!.Streams[0].ProfileChannels));
    }

    private void AssertProblems(string json, params (string Path, string Part)[] expected)
    {
        Assert.Null(Load(json, out ProblemList problems));
        Assert.Equal(expected.Select(problem => problem.Path), problems.Problems.Select(problem => problem.Path));
        Assert.All(expected.Zip(problems.Problems),
            pair => Assert.Contains(pair.First.Part, pair.Second.Message, StringComparison.Ordinal));
    }

    private static string WithPrecision(string key, string model) => $$"""
        {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"a","channels":{"temperature":"temperatur"},{{key}}
         "source":{"kind":"serial","port":"/dev/ttyUSB0","profile":"sub/p.json"},"model":"{{model}}"}]}
        """;

    private DevicePlan? Load(string json, out ProblemList problems)
    {
        string path = Path.Combine(_folder, "edgelstm.json");
        File.WriteAllText(path, json);
        problems = new ProblemList(path);
        return DevicePlan.Load(path, problems);
    }
}
