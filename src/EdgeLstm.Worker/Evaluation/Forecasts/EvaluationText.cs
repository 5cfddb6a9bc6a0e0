// What `edgelstm evaluate MODEL RECORDING` prints:  what was measured, a table by horizon, folds, notes and warnings.

using System.Globalization;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Report;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Lays out an evaluation for a terminal.</summary>
internal static class EvaluationText
{
    private static readonly string[] Header =
    [
        "target", "ahead", "forecaster", "MAE", "RMSE", "MASE", "sMAPE %", "direction %", "pinball", "band holds %", "band width",
    ];

    /// <summary>Writes an evaluation.</summary>
    public static void Write(TextWriter output, EvaluationReport report)
    {
        EvaluationRequest request = report.Request;
        output.WriteLine($"{request.Model} over {request.Recording}: {Summary(report)}");
        List<string[]> rows = [Header];
        for (int g = 0; g < report.Groups.Count; g++)
        {
            foreach (ForecasterResult forecaster in report.Forecasters)
            {
                bool isFirst = forecaster == report.Forecasters[0];
                rows.Add(Row(report.Groups[g], forecaster, forecaster.Scores[g], isFirst, request.Table));
            }
        }

        InspectText.WriteTable(output, rows);
        WriteFolds(output, report);
        foreach (string note in request.Notes)
        {
            output.WriteLine($"note: {note}");
        }

        foreach (EvaluationWarning warning in report.Warnings)
        {
            output.WriteLine($"warning: {warning.Text}");
        }
    }

    /// <summary>Which rows were measured, and what the baselines know.</summary>
    public static string Summary(EvaluationReport report)
    {
        (RowRange training, RowRange measured) = (report.Request.Training, report.Request.Measured);
        string summary = $"rows {InspectText.Count(measured.Begin)} to {InspectText.Count(measured.End - 1)} are measured, "
            + $"baselines are fitted on rows {InspectText.Count(training.Begin)} to {InspectText.Count(training.End - 1)}";
        string seasons = "";
        for (int g = 0; g < report.Groups.Count; g++)
        {
            bool isNew = g == 0 || report.Groups[g].Target != report.Groups[g - 1].Target;
            if (isNew && report.Seasons[g] > 0)
            {
                seasons += $"; the season of {report.Groups[g].Target} is {InspectText.Count(report.Seasons[g])} rows";
            }
        }

        return summary + (seasons.Length > 0 ? seasons : "; no season was found");
    }

    /// <summary>Time of a horizon: "6 (30 min)".</summary>
    public static string Ahead(OutputGroup group, SeriesTable table) =>
        $"{group.Horizon} ({InspectText.Duration(group.Horizon * table.SamplePeriodMs)})";

    /// <summary>A figure; "–" for NaN.</summary>
    public static string Figure(double value) => double.IsNaN(value) ? "–" : value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A share in per cent; "–" for NaN.</summary>
    public static string Percent(double share) => NumberSteps.Figure(100 * share);

    private static string[] Row(
        OutputGroup group, ForecasterResult forecaster, ForecastScores scores, bool isFirst, SeriesTable table) =>
    [
        isFirst ? $"{group.Target} ({group.Unit})" : "",
        isFirst ? Ahead(group, table) : "",
        forecaster.Name,
        Figure(scores.Mae),
        Figure(scores.Rmse),
        Figure(scores.Mase),
        NumberSteps.Figure(scores.Smape),
        Percent(scores.DirectionAccuracy),
        scores.Quantiles.Count > 0 ? Figure(scores.MeanPinball) : "–",
        scores.Band is { } band ? $"{Percent(band.Achieved)} of {Percent(band.Nominal)}" : "–",
        scores.Band is { } width ? Figure(width.MeanWidth) : "–",
    ];

    /// <summary>Writes the table of folds, if there are any.</summary>
    public static void WriteFolds(TextWriter output, EvaluationReport report)
    {
        if (report.Folds.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"MAE by fold, {Weights(report)}");
        List<string[]> rows = [["rows", "target", "ahead", .. Names(report)]];
        foreach (FoldResult fold in report.Folds)
        {
            for (int g = 0; g < report.Groups.Count; g++)
            {
                List<string> row =
                [
                    g > 0 ? "" : $"{InspectText.Count(fold.Measured.Begin)} to {InspectText.Count(fold.Measured.End - 1)}",
                    report.Groups[g].Target, Ahead(report.Groups[g], report.Request.Table),
                ];
                foreach (string name in Names(report))
                {
                    row.Add(Figure(MaeOf(fold, name, g)));
                }

                rows.Add([.. row]);
            }
        }

        InspectText.WriteTable(output, rows);
        output.WriteLine();
    }

    /// <summary>MAE of a forecaster in a fold; NaN where it is not there: a season may be found in one fold and not in
    /// another.</summary>
    public static double MaeOf(FoldResult fold, string forecaster, int group)
    {
        foreach (ForecasterResult result in fold.Forecasters)
        {
            if (result.Name == forecaster)
            {
                return result.Scores[group].Mae;
            }
        }

        return double.NaN;
    }

    /// <summary>What the folds were forecast with.</summary>
    public static string Weights(EvaluationReport report) =>
        report.Request.Refit is null ? "weights fixed" : "trained anew for each fold";

    /// <summary>Names of the forecasters.</summary>
    public static List<string> Names(EvaluationReport report)
    {
        List<string> names = [];
        foreach (ForecasterResult forecaster in report.Forecasters)
        {
            names.Add(forecaster.Name);
        }

        return names;
    }
}
