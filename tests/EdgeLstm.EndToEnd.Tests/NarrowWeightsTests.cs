// The verbs quantize and evaluate as a user types them, and a stream that runs with narrow weights.

using System.Text.Json;
using EdgeLstm.EndToEnd.Tests.Rig;

namespace EdgeLstm.EndToEnd.Tests;

public sealed class NarrowWeightsTests : IDisposable
{
    private const string Lstm = "ecg-lstm.safetensors";

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-narrow-").FullName;

    private string Narrow => Path.Combine(_folder, "narrow.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("bfloat16", 0.77)]
    [InlineData("int8", 0.66)]
    public void Quantize_writes_a_smaller_model_that_passes_its_own_golden_vectors(string precision, double share)
    {
        JsonElement printed = Json("quantize", Device.Model(Lstm), "--precision", precision, "--output", Narrow, "--json");

        Assert.Equal(new FileInfo(Narrow).Length, printed.GetProperty("sizeBytes").GetInt64());
        double before = printed.GetProperty("sizeBytesBefore").GetDouble();
        Assert.InRange(printed.GetProperty("sizeBytes").GetDouble() / before, 0.5, share);
        Assert.InRange(printed.GetProperty("goldenMaxScaledChange").GetDouble(), 1e-5, 0.1);
        Assert.Equal(precision, Json("inspect", Narrow, "--json").GetProperty("precision").GetString());
        JsonElement[] widths = [.. Json("selftest", Narrow, "--json").GetProperty("models").EnumerateArray()];
        Assert.All(widths, width => Assert.Equal(precision, width.GetProperty("precision").GetString()));
    }

    [Fact]
    public void Quantize_says_in_words_what_it_saved_and_what_it_cost()
    {
        (int code, string output, string log) =
            EdgeProcess.Execute("quantize", Device.Model(Lstm), "--precision", "int8", "--output", Narrow);

        Assert.Equal((0, ""), (code, log));
        Assert.All(
            new[] { "float32", "int8", "29,484", "golden vectors: off the float32 model by at most 0.0", "edgelstm evaluate" },
            part => Assert.Contains(part, output, StringComparison.Ordinal));
    }

    [Fact]
    public void Quantize_refuses_to_overwrite_its_input_with_exit_code_3()
    {
        string copy = Path.Combine(_folder, "copy.safetensors");
        File.Copy(Device.Model(Lstm), copy);

        (int code, string output, string log) =
            EdgeProcess.Execute("quantize", copy, "--precision", "int8", "--output", copy);

        Assert.Equal((3, ""), (code, output));
        Assert.Contains($"{copy}: is the model that is read", log, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Device.Model(Lstm)), File.ReadAllBytes(copy));
    }

    [Theory]
    [InlineData("--precision", "float32", "--output", "x.safetensors")]
    [InlineData("--precision", "int8")]
    [InlineData("--output", "x.safetensors")]
    public void Quantize_without_a_narrow_precision_and_an_output_is_a_wrong_command_line(params string[] options)
    {
        (int code, _, string log) = EdgeProcess.Execute(["quantize", Device.Model(Lstm), .. options]);

        Assert.Equal(2, code);
        Assert.NotEqual("", log);
        Assert.False(File.Exists("x.safetensors"));
    }

    [Fact]
    public void Evaluate_compares_the_precisions_over_the_streams_own_recording()
    {
        string[] arguments = ["evaluate", Device.Model("recordings/edgelstm.json"), "--stream", "ecg-lstm"];
        JsonElement printed = Json([.. arguments, "--json"]);
        JsonElement first = printed.GetProperty("errors").EnumerateArray().First(
            error => error.GetProperty("metric").GetString() == "mae");

        Assert.Equal("ecg-lstm", printed.GetProperty("model").GetString());
        Assert.Equal("ecg.csv", printed.GetProperty("recording").GetString());
        double wide = first.GetProperty("float32").GetDouble();
        Assert.All(new[] { "bfloat16", "int8" }, name => Assert.InRange(first.GetProperty(name).GetDouble() / wide, 0.99, 1.01));

        (int code, string output, _) = EdgeProcess.Execute(arguments);
        Assert.Equal(0, code);
        Assert.All(new[] { "quantile 0.5", "pinball", "bytes of weights read per step" },
            part => Assert.Contains(part, output, StringComparison.Ordinal));
    }

    [Fact]
    public void Evaluate_refuses_a_recording_that_holds_no_record_or_too_few()
    {
        string few = Path.Combine(_folder, "few.csv");
        foreach (string text in new[] { "value\n0.1\n0.2\n", "value\nnone\n" })
        {
            File.WriteAllText(few, text);
            (int code, string output, string log) =
                EdgeProcess.Execute("evaluate", Device.Model("recordings/edgelstm.json"), few, "--stream", "ecg-lstm");
            Assert.Equal((3, ""), (code, output));
            Assert.StartsWith($"{few}: no", log, StringComparison.Ordinal);
        }
    }

    private static JsonElement Json(params string[] arguments)
    {
        (int code, string output, string log) = EdgeProcess.Execute(arguments);
        Assert.True(code == 0, $"exit code {code}: {log}");
        return JsonDocument.Parse(output).RootElement;
    }
}
