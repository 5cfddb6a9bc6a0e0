// The page and the JSON of an evaluation: well-formed, closed in themselves, escaped, of bounded size.

using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using EdgeLstm.Core.Models;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Forecasts;
using EdgeLstm.Worker.Tests.Evaluation.Report;

namespace EdgeLstm.Worker.Tests.Evaluation.Forecasts;

public class EvaluationPageTests
{
    [Fact]
    public void The_page_is_well_formed_and_has_every_part()
    {
        XElement page = HtmlReportTests.Parsed(Page(Report()));

        Assert.Equal(
            ["0 warnings", "Scores", "Forecasts over time", "Error by horizon", "Distribution of residuals", "Walk-forward",
                "Learning curve", "Inputs", "Gate activity"],
            page.Descendants("h2").Select(heading => heading.Value));
        // Two groups over time, two closer, one target by horizon, two residuals, a curve, a layer.
        Assert.Equal(9, page.Descendants("figure").Count());
        XElement plot = page.Descendants("figure").First();
        foreach (string kind in (string[])["v", "f", "b", "w"])
        {
            Assert.Contains(
                plot.Descendants("path"), path => path.Attribute("class")!.Value == kind && path.Attribute("d")!.Value != "");
        }

        Assert.Contains("seasonal naive", page.Descendants("tbody").First().Value, StringComparison.Ordinal);
        Assert.Contains("weights of epoch 3 kept", page.Value, StringComparison.Ordinal);
        Assert.Contains("forget: mean 0.50, spread 0.10", page.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_names_nothing_outside_itself()
    {
        HtmlReportTests.AssertNamesNothingOutside(Page(Report()));
    }

    [Fact]
    public void Names_from_files_cannot_become_markup_and_stay_what_they_are_in_the_json()
    {
        const string Evil = "</svg><script>alert(\"1\")</script>&'";
        EvaluationReport report = Report(Evil);

        XElement page = HtmlReportTests.Parsed(Page(report));
        JsonElement json = JsonDocument.Parse(Json(report)).RootElement;

        Assert.Single(page.Descendants("script"));
        Assert.StartsWith($"{Evil} over {Evil}", page.Descendants("h1").Single().Value, StringComparison.Ordinal);
        Assert.Contains(Evil, page.Descendants("li").Select(note => note.Value));
        Assert.StartsWith(Evil, page.Descendants("figcaption").First().Value, StringComparison.Ordinal);
        Assert.Equal(Evil, json.GetProperty("forecasts")[0].GetProperty("target").GetString());
    }

    [Fact]
    public void The_json_holds_what_the_page_shows()
    {
        EvaluationReport report = Report();
        JsonElement json = JsonDocument.Parse(Json(report)).RootElement;

        JsonElement forecast = json.GetProperty("forecasts")[1];
        Assert.Equal(6, forecast.GetProperty("horizon").GetInt32());
        JsonElement model = forecast.GetProperty("forecasters")[0];
        Assert.Equal("model", model.GetProperty("name").GetString());
        Assert.Equal(report.Forecasters[0].Scores[1].Mae, model.GetProperty("mae").GetDouble(), 1e-6);
        Assert.Equal(0.8, model.GetProperty("band").GetProperty("nominal").GetDouble(), 1e-6);
        JsonElement counts = forecast.GetProperty("residuals").GetProperty("counts");
        Assert.Equal(report.Residuals[1].Length, counts.EnumerateArray().Sum(count => count.GetInt32()));
        Assert.Equal(2, json.GetProperty("folds").GetArrayLength());
        JsonElement history = json.GetProperty("trainingHistory");
        Assert.Equal(3, history.GetProperty("bestEpoch").GetInt32());
        Assert.Equal(JsonValueKind.Null, history.GetProperty("epochs")[0].GetProperty("validationLoss").ValueKind);
        Assert.Equal("forget", json.GetProperty("gates")[0].GetProperty("gate").GetString());
        JsonElement series = forecast.GetProperty("series");
        Assert.Equal(5, series.GetProperty("columns").GetArrayLength());
        Assert.Equal(400, series.GetProperty("rows").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, series.GetProperty("rows")[399][1].ValueKind);
    }

    [Fact]
    public void A_long_recording_takes_a_bounded_page_and_a_bounded_series()
    {
        EvaluationReport report = Report(rows: 60_000, measured: 30_000);

        Assert.InRange(Page(report).Length, 50_000, 500_000);
        Assert.InRange(
            JsonDocument.Parse(Json(report)).RootElement.GetProperty("forecasts")[0].GetProperty("series").GetProperty("rows")
                .GetArrayLength(), 1000, 2000);
    }

    [Fact]
    public void A_report_of_points_without_times_folds_history_or_gates_is_a_page_too()
    {
        SeriesTable table = new(["y"], ["1"], 10, [.. Enumerable.Repeat(1f, 100)], null, null, [new RowRange(0, 100)]);
        EvaluationReport report = ModelEvaluation.Evaluate(new EvaluationRequest(
            "still", "still.csv", table, ["y"], [new OutputManifest("y", "1", 1, 0, 1)], new RowRange(0, 50),
            new RowRange(50, 100),
            new ForecastSeries(new RowRange(0, 100), 1, [.. Enumerable.Repeat(1f, 100)])));

        XElement page = HtmlReportTests.Parsed(Page(report));

        Assert.DoesNotContain("NaN", page.ToString(), StringComparison.Ordinal);
        Assert.Contains("counted from there", page.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("Learning curve", page.Value, StringComparison.Ordinal);
        Assert.Contains(EvaluationWarningOf(report, WarningKind.LosesToBaseline), page.Value, StringComparison.Ordinal);
    }

    private static string EvaluationWarningOf(EvaluationReport report, WarningKind kind) =>
        report.Warnings.First(warning => warning.Kind == kind).Text;

    // A daily wave with a band, labels and a missing value; two horizons.
    private static EvaluationReport Report(string name = "wave", int rows = 1400, int measured = 400)
    {
        Random random = new(5);
        float[] values =
            [.. Enumerable.Range(0, rows).Select(row => (float)Math.Sin(2 * Math.PI * row / 50) + (0.4f * random.NextSingle()))];
        values[rows - 1] = float.NaN;
        bool[] labelled = [.. Enumerable.Range(0, rows).Select(row => row >= rows - 100 && row < rows - 90)];
        double[] times = [.. Enumerable.Range(0, rows).Select(row => 1_700_000_000.0 + (60 * row))];
        SeriesTable table = new([name], ["K"], 60_000, values, times, labelled, [new RowRange(0, rows)]);
        List<OutputManifest> outputs = [];
        foreach (int horizon in (int[])[1, 6])
        {
            outputs.AddRange(((double[])[0.1, 0.5, 0.9]).Select(
                quantile => new OutputManifest(name, "K", horizon, 0, 1, quantile)));
        }

        float[] forecasts = new float[rows * 6];
        for (int i = 0; i < forecasts.Length; i++)
        {
            int row = (i / 6) + (i % 6 < 3 ? 1 : 6);
            forecasts[i] = (float)Math.Sin(2 * Math.PI * row / 50) + 0.2f + (0.16f * ((i % 3) - 1));
        }

        return ModelEvaluation.Evaluate(new EvaluationRequest(
            name, name, table, [name], outputs, new RowRange(0, rows - measured), new RowRange(rows - measured, rows),
            new ForecastSeries(new RowRange(0, rows), 6, forecasts))
        {
            Folds = 2,
            Notes = [name],
            History = new TrainingHistory(
                [
                    new EpochReport(1, 1, double.NaN, 1, 0.1, false), new EpochReport(2, 0.5, 0.7, 1, 0.1, true),
                    new EpochReport(3, 0.3, 0.6, 1, 0.1, true),
                ], 3, 0.6, 30, StopReason.MaxEpochs),
            Gates = [new GateActivity("lstm0", "forget", true, [0.25, 0.75], [0.1, 0.1], 400)],
        });
    }

    private static string Page(EvaluationReport report)
    {
        using MemoryStream stream = new();
        EvaluationPage.Write(stream, report);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Json(EvaluationReport report)
    {
        using MemoryStream stream = new();
        EvaluationJson.Write(stream, report);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
