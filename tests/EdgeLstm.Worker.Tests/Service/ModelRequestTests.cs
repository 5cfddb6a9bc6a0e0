// A model named by a request: which hash it must have, and where its file must lie.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Mqtt;
using EdgeLstm.Worker.Service;
using EdgeLstm.Worker.Tests.Streams;

namespace EdgeLstm.Worker.Tests.Service;

public sealed class ModelRequestTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-request-").FullName;
    private readonly string _narrow;

    public ModelRequestTests()
    {
        string narrow = Path.Combine(_folder, "narrow.safetensors");
        ModelQuantizer.Save(TestStream.Model.Path, WeightPrecision.BFloat16, narrow);
        _narrow = ModelHash.OfFile(narrow);
        File.WriteAllText(Path.Combine(_folder, "p.json"),
            """{"name":"p","framing":{"kind":"csv"},"channels":[{"name":"temperature","field":0}]}""");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_model_is_taken_with_the_hash_that_the_request_names()
    {
        DevicePlan plan = Plan(null);
        DevicePlan? next = new ModelRequest(plan).Read(Request("narrow.safetensors", _narrow), new ProblemList("c"));

        Assert.Equal(_narrow, next!.Streams[0].Model!.Sha256);
        Assert.Null(next.Streams[0].Settings.ModelSha256);   // what a request named is no rule for the next one
        Assert.Single(PlanChanges.Between(plan, next).Exchanged);
    }

    [Fact]
    public void A_model_is_taken_with_the_hash_that_the_configuration_names()
    {
        DevicePlan plan = Plan(TestStream.Model.Sha256);
        Assert.NotNull(new ModelRequest(plan).Read(Request(TestStream.Model.Path, null), new ProblemList("c")));
        Assert.StartsWith("oven.model: ", Refused(plan, Request("narrow.safetensors", null)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_configurations_hash_cannot_be_overruled_from_afar() =>
        Assert.Contains("which a request cannot overrule",
            Refused(Plan(TestStream.Model.Sha256), Request("narrow.safetensors", _narrow)), StringComparison.Ordinal);

    [Fact]
    public void Without_a_hash_or_with_another_nothing_is_taken()
    {
        DevicePlan plan = Plan(null);
        Assert.StartsWith("sha256: is missing", Refused(plan, Request("narrow.safetensors", null)), StringComparison.Ordinal);
        Assert.StartsWith("sha256: must be 64", Refused(plan, Request("narrow.safetensors", "12")), StringComparison.Ordinal);
        string other = Refused(plan, Request("narrow.safetensors", new string('a', 64)));
        Assert.Contains("has not the SHA-256 aaa", other, StringComparison.Ordinal);
        Assert.DoesNotContain(_narrow, other, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../../../../etc/passwd")]
    [InlineData("/proc/self/mem")]
    public void A_file_elsewhere_is_not_even_looked_at(string file) =>
        Assert.Contains("must lie in the folder of", Refused(Plan(null), Request(file, _narrow)), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void What_is_no_file_name_is_refused(string file) =>
        Assert.Equal("model: must be the name of a file", Refused(Plan(null), Request(file, _narrow)));

    [Fact]
    public void A_stream_that_is_not_there_is_refused_with_the_nearest_one() =>
        Assert.Equal("stream: there is no 'ovne'; did you mean 'oven'?",
            Refused(Plan(null), new ReloadRequest("1", "ovne", "narrow.safetensors", _narrow)));

    private static ReloadRequest Request(string model, string? sha256) => new("1", "oven", model, sha256);

    private DevicePlan Plan(string? sha256)
    {
        string path = Path.Combine(_folder, "edgelstm.json");
        string hash = sha256 is null ? "" : $"\"modelSha256\":\"{sha256}\",";
        File.WriteAllText(path, $$$"""
            {"device":"pi","mqtt":{"host":"h"},"streams":[{"name":"oven",{{{hash}}}"model":"{{{TestStream.Model.Path}}}",
             "source":{"kind":"serial","port":"/dev/ttyUSB0","profile":"p.json"}}]}
            """);
        ProblemList problems = new(path);
        DevicePlan? plan = DevicePlan.Load(path, problems);
        Assert.False(problems.Any, problems.ToString());
        return plan!;
    }

    private static string Refused(DevicePlan plan, ReloadRequest request)
    {
        ProblemList problems = new(plan.Path);
        Assert.Null(new ModelRequest(plan).Read(request, problems));
        (string path, string message) = Assert.Single(problems.Problems);
        return $"{path}: {message}";
    }
}
