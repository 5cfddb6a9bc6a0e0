// What edgelstm train prints: what is trained, then how well it does; text for a person, or one JSON object.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Training;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Forecasts;
using EdgeLstm.Worker.Evaluation.Suites;
using EdgeLstm.Worker.Training;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Lays out a training.</summary>
internal static class TrainText
{
    private const double BytesPerMegabyte = 1e6;

    /// <summary>Writes what is about to be trained.</summary>
    public static void Write(TextWriter output, TrainStart start)
    {
        ForecastProblem problem = start.Problem;
        SeriesTable table = problem.Table;
        output.WriteLine(
            $"{InspectText.Count(table.Rows)} rows every {InspectText.Duration(table.SamplePeriodMs)}: "
            + $"{string.Join(", ", problem.Task.Targets)} from {Names(problem.Inputs)}");
        List<string[]> rows = [["part", "rows", "from", "to"]];
        rows.Add(Part(table, "training", problem.Split.Training));
        rows.Add(Part(table, "validation", problem.Split.Validation));
        rows.Add(Part(table, "test", problem.Split.Test));
        InspectText.WriteTable(output, rows);
        string memory = (start.MemoryBytes / BytesPerMegabyte).ToString("0.0", CultureInfo.InvariantCulture);
        output.WriteLine($"{Layers(start.Network)}: {InspectText.Count(start.Network.Parameters.Length)} parameters; "
            + $"{Way(start.Settings)}; {memory} MB of rows, activations, gradients and moments");
        WriteWarnings(output, start.Warnings);
    }

    /// <summary>Writes what came of it.</summary>
    public static void Write(TextWriter output, TrainReport report)
    {
        TrainingHistory history = report.History;
        output.WriteLine($"{Reason(history)}; {InspectText.Count(history.Updates)} updates in "
            + $"{report.Seconds.ToString("0.0", CultureInfo.InvariantCulture)} s; the weights of epoch {history.BestEpoch} are "
            + $"kept, validation loss {InspectText.Number(history.BestLoss)}");
        WriteErrors(output, report);
        if (report.Forecasts.Test is { } test)
        {
            EvaluationText.WriteFolds(output, test);
        }

        WriteWarnings(output, report.Warnings);
        output.WriteLine($"{report.Model.Path} is written, {InspectText.Count(report.Model.SizeBytes)} bytes: "
            + $"edgelstm inspect {report.Model.Path}");
    }

    /// <summary>Writes the members of one JSON object.</summary>
    public static void WriteJson(Utf8JsonWriter json, TrainReport report)
    {
        ForecastProblem problem = report.Start.Problem;
        json.WriteString("model", report.Model.Path);
        json.WriteNumber("sizeBytes", report.Model.SizeBytes);
        json.WriteNumber("parameters", report.Start.Network.Parameters.Length);
        json.WriteNumber("samplePeriodMs", problem.Table.SamplePeriodMs);
        json.WriteStartObject("rows");
        json.WriteNumber("training", problem.Split.Training.Count);
        json.WriteNumber("validation", problem.Split.Validation.Count);
        json.WriteNumber("test", problem.Split.Test.Count);
        json.WriteEndObject();
        json.WriteNumber("memoryBytes", report.Start.MemoryBytes);
        json.WriteNumber("epochs", report.History.Epochs.Count);
        json.WriteNumber("bestEpoch", report.History.BestEpoch);
        json.WriteNumber("bestLoss", report.History.BestLoss);
        json.WriteNumber("updates", report.History.Updates);
        json.WriteNumber("seconds", report.Seconds);
        json.WriteString("ended", JsonNamingPolicy.CamelCase.ConvertName(report.History.Reason.ToString()));
        WriteErrors(json, "validation", report, report.Forecasts.Validation);
        WriteErrors(json, "test", report, report.Forecasts.Test?.Forecasters ?? []);
        json.WriteStartArray("warnings");
        foreach (string warning in (IEnumerable<string>)[.. report.Start.Warnings, .. report.Warnings])
        {
            json.WriteStringValue(warning);
        }

        json.WriteEndArray();
    }

    private static string[] Part(SeriesTable table, string name, RowRange rows) => table.UnixSeconds is { } times
        ? [name, InspectText.Count(rows.Count), Timestamp.Text(times[rows.Begin]), Timestamp.Text(times[rows.End - 1])]
        : [name, InspectText.Count(rows.Count), $"row {InspectText.Count(rows.Begin + 1)}", $"row {InspectText.Count(rows.End)}"];

    private static string Names(IReadOnlyList<InputManifest> inputs) => string.Join(", ", inputs.Select(input => input.Name));

    private static string Layers(TrainingNetwork<float> network) => string.Join(" → ", NetworkExport.Layers(network)
        .Select(layer => $"{InspectText.Describe(layer)} {layer.OutputSize}"));

    private static string Way(TrainingSettings settings) => settings.IsWindowed
        ? $"{settings.Lanes} windows of {settings.Steps} rows side by side"
        : $"{settings.Lanes} lanes in chunks of {settings.Steps} rows, state carried";

    private static string Reason(TrainingHistory history) => history.Reason switch
    {
        StopReason.Cancelled => $"stopped in epoch {history.Epochs.Count}",
        StopReason.Patience => $"no progress since epoch {history.BestEpoch}: ended after {history.Epochs.Count} epochs",
        StopReason.Diverged => $"diverged after {history.Epochs.Count} epochs",
        _ => $"all {history.Epochs.Count} epochs are done",
    };

    private static void WriteWarnings(TextWriter output, IReadOnlyList<string> warnings)
    {
        foreach (string warning in warnings)
        {
            output.WriteLine($"warning: {warning}");
        }
    }

    private static void WriteErrors(TextWriter output, TrainReport report)
    {
        IReadOnlyList<ForecasterResult> validation = report.Forecasts.Validation;
        List<string> header = ["output", "ahead", "part", "forecasts", "MAE"];
        for (int k = 1; k < validation.Count; k++)
        {
            header.Add(validation[k].Name);
        }

        List<string[]> rows = [[.. header, "RMSE", report.Forecasts.Groups[0].HasBand ? "in band" : ""]];
        for (int g = 0; g < report.Forecasts.Groups.Count; g++)
        {
            rows.Add(Row(report, "validation", validation, g));
            if (report.Forecasts.Test is { } test)
            {
                rows.Add(Row(report, "test", test.Forecasters, g));
            }
        }

        InspectText.WriteTable(output, rows);
    }

    private static string[] Row(TrainReport report, string part, IReadOnlyList<ForecasterResult> forecasters, int g)
    {
        OutputGroup group = report.Forecasts.Groups[g];
        ForecastScores model = forecasters[0].Scores[g];
        List<string> row =
        [
            group.Target, InspectText.Ahead(group.Horizon, report.Model.Manifest), part, InspectText.Count(model.Count),
        ];
        foreach (ForecasterResult forecaster in forecasters)
        {
            row.Add(EvaluationText.Figure(forecaster.Scores[g].Mae));
        }

        row.Add(EvaluationText.Figure(model.Rmse));
        row.Add(model.Band is { } band ? band.Achieved.ToString("0.0 %", CultureInfo.InvariantCulture) : "");
        return [.. row];
    }

    private static void WriteErrors(
        Utf8JsonWriter json, string part, TrainReport report, IReadOnlyList<ForecasterResult> forecasters)
    {
        json.WriteStartArray(part);
        for (int g = 0; g < report.Forecasts.Groups.Count && forecasters.Count > 0; g++)
        {
            OutputGroup group = report.Forecasts.Groups[g];
            ForecastScores model = forecasters[0].Scores[g];
            json.WriteStartObject();
            json.WriteString("output", group.Target);
            json.WriteNumber("horizon", group.Horizon);
            json.WriteString("unit", group.Unit);
            json.WriteNumber("forecasts", model.Count);
            foreach (ForecasterResult forecaster in forecasters)
            {
                WriteErrors(json, forecaster.Name, forecaster.Scores[g]);
            }

            if (model.Band is { } band && double.IsFinite(band.Achieved))
            {
                json.WriteNumber("coverage", band.Achieved);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // JSON has no NaN: without forecasts there is no error.
    private static void WriteErrors(Utf8JsonWriter json, string forecaster, ForecastScores scores)
    {
        if (double.IsFinite(scores.Mae))
        {
            json.WriteStartObject(forecaster switch
            {
                SeasonalNaive.BaselineName => "seasonalNaive",
                LinearAutoregression.BaselineName => "linearAutoregression",
                _ => forecaster,
            });
            json.WriteNumber("mae", scores.Mae);
            json.WriteNumber("rmse", scores.Rmse);
            json.WriteEndObject();
        }
    }
}
