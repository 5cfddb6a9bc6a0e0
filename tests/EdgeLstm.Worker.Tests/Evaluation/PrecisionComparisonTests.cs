// What narrow weights cost the shipped models on their recordings: less than 1 % of the forecast error, and as their cards say.

using System.Text.Json;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Worker.Configuration;
using EdgeLstm.Worker.Evaluation;
using EdgeLstm.Worker.Streams;

namespace EdgeLstm.Worker.Tests.Evaluation;

public sealed class PrecisionComparisonTests : IDisposable
{
    private const double LargestChangePercent = 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("edgelstm-precision-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("machine-temperature-gru")]
    [InlineData("ecg-lstm")]
    public void Forecast_errors_stay_within_1_percent_of_float32_and_are_those_of_the_card(string name)
    {
        RecordedStream recorded = Recorded(name);
        IReadOnlyList<PrecisionErrors> measured = PrecisionComparison.Measure(recorded, out string? problem);
        Assert.Null(problem);
        Assert.Equal(
            [WeightPrecision.Float32, WeightPrecision.BFloat16, WeightPrecision.Int8],
            measured.Select(precision => precision.Precision));
        for (int i = 0; i < measured[0].Errors.Count; i++)
        {
            Assert.InRange(measured[0].Errors[i].Forecasts, 2_000, 30_000);
            Assert.All(measured, precision =>
            {
                Assert.Equal(measured[0].Errors[i].Forecasts, precision.Errors[i].Forecasts);
                Assert.InRange(precision.ChangePercent(measured[0], i), -LargestChangePercent, LargestChangePercent);
            });
            Assert.All(measured.Skip(1), precision => Assert.NotEqual(0, precision.ChangePercent(measured[0], i)));
        }

        AssertCommitted(name, recorded.Stream.Model!, measured);
    }

    [Fact]
    public void A_narrow_file_is_compared_with_its_own_weights_in_float32()
    {
        RecordedStream recorded = Recorded("machine-temperature-gru");
        string narrow = Path.Combine(_folder, "narrow.safetensors");
        Model model = ModelQuantizer.Save(recorded.Stream.Model!.Path, WeightPrecision.BFloat16, narrow).Written;
        recorded = recorded with { Stream = recorded.Stream with { Model = model } };
        IReadOnlyList<PrecisionErrors> measured = PrecisionComparison.Measure(recorded, out _);
        Assert.Equal(
            [WeightPrecision.Float32, WeightPrecision.BFloat16], measured.Select(precision => precision.Precision));
        Assert.InRange(measured[1].ChangePercent(measured[0], 0), -0.001, 0.001);
    }

    [Fact]
    public void A_recording_without_records_is_a_problem()
    {
        string empty = Path.Combine(_folder, "empty.csv");
        File.WriteAllText(empty, "nothing,here\n");
        PrecisionComparison.Measure(Recorded("ecg-lstm") with { File = empty }, out string? problem);
        Assert.StartsWith($"{empty}: none of its ", problem, StringComparison.Ordinal);
    }

    // The card's table is made of this file; `edgelstm evaluate --json` writes it anew.
    private static void AssertCommitted(string name, Model model, IReadOnlyList<PrecisionErrors> measured)
    {
        string file = Path.Combine(RepositoryRoot.Path, "models", "reference", $"{name}.precision.json");
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        Assert.Equal(model.Sha256, document.RootElement.GetProperty("sha256").GetString());
        JsonElement[] rows = [.. document.RootElement.GetProperty("errors").EnumerateArray()];
        Assert.Equal(measured[0].Errors.Count, rows.Length);
        for (int i = 0; i < rows.Length; i++)
        {
            foreach (PrecisionErrors precision in measured)
            {
                double committed = rows[i].GetProperty(PrecisionNames.Of(precision.Precision)).GetDouble();
                Assert.Equal(committed, precision.Errors[i].Value, committed * 1e-4);
            }
        }
    }

    private static RecordedStream Recorded(string name)
    {
        string file = Path.Combine(RepositoryRoot.Path, "models", "recordings", "edgelstm.json");
        ProblemList problems = new(file);
        DevicePlan? plan = DevicePlan.Load(file, problems);
        Assert.True(plan is not null, problems.ToString());
        StreamPlan stream = plan.Streams.Single(stream => stream.Settings.Name == name);
        return new RecordedStream(stream, stream.Settings.Source.File!);
    }
}
