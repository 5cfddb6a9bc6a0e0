// A model run over a table: warm-up, missing readings, gaps; and that it is the model that runs.

using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Forecasts;

namespace EdgeLstm.Worker.Tests.Evaluation.Forecasts;

public class ModelRunTests
{
    private static readonly Model Gru =
        ModelFile.Load(Path.Combine(RepositoryRoot.Path, "models", "machine-temperature-gru.safetensors"));

    [Fact]
    public void Forecasts_are_those_of_the_reference()
    {
        string path = Path.Combine(RepositoryRoot.Path, "models", "reference", "machine-temperature-gru.json");
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllText(path));
        float[] values =
            [.. reference.RootElement.GetProperty("inputs").EnumerateArray().Select(row => row[0].GetSingle())];
        ForecastSeries made = ModelRun.Over(Gru, Table(values));

        Assert.True(float.IsNaN(made[62, 0]));
        for (int row = 63; row < values.Length; row++)
        {
            for (int output = 0; output < 3; output++)
            {
                Assert.Equal(
                    reference.RootElement.GetProperty("outputs")[row][output].GetDouble(), made[row, output], 1e-3);
            }
        }
    }

    [Fact]
    public void A_missing_reading_makes_no_forecast_and_does_not_stop_the_next()
    {
        float[] values = Waves(200);
        values[150] = float.NaN;

        ForecastSeries made = ModelRun.Over(Gru, Table(values));

        Assert.True(float.IsNaN(made[150, 0]));
        Assert.True(float.IsFinite(made[149, 0]) && float.IsFinite(made[151, 0]));
    }

    [Fact]
    public void Behind_a_gap_the_model_begins_anew()
    {
        float[] values = Waves(240);
        float[] other = [.. values.Select((value, row) => row < 120 ? value + 5 : value)];
        RowRange[] stretches = [new RowRange(0, 120), new RowRange(120, 240)];

        ForecastSeries one = ModelRun.Over(Gru, Table(values, stretches));
        ForecastSeries two = ModelRun.Over(Gru, Table(other, stretches));

        Assert.True(float.IsFinite(one[119, 0]) && float.IsNaN(one[120, 0]) && float.IsNaN(one[182, 0]));
        Assert.NotEqual(one[119, 0], two[119, 0]);
        Assert.Equal(one.Values[(183 * 3)..], two.Values[(183 * 3)..]);
    }

    private static float[] Waves(int count) => [.. Enumerable.Range(0, count).Select(row => 85 + (5 * MathF.Sin(row / 7f)))];

    private static SeriesTable Table(float[] values, params RowRange[] stretches) => new(
        ["temperature"], ["°C"], 300_000, values, null, null,
        stretches.Length > 0 ? stretches : [new RowRange(0, values.Length)]);
}
