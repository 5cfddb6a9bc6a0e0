// Scores as tables of HTML:  a row per forecaster, target and horizon; and the mean absolute errors by fold.

using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Report;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Writes the tables of an evaluation. The lowest MAE of each target and horizon is marked.</summary>
internal static class ScoreTable
{
    private const string FirstRow = "<tr class=\"first\"><th>";

    /// <summary>Writes the table of all scores.</summary>
    public static void Write(HtmlWriter html, EvaluationReport report)
    {
        html.Raw("<h2>Scores</h2><p>All forecasters are measured at the same rows. MASE is the MAE over the mean change from ");
        html.Raw("row to row in the training rows; direction is the share of rises and falls foretold.</p>");
        html.Raw("<div class=\"scroll\"><table><thead><tr><th>forecast</th><th>forecaster</th><th>MAE</th><th>RMSE</th>");
        html.Raw("<th>MASE</th><th>sMAPE %</th><th>bias</th><th>direction %</th><th>pinball</th><th>band holds %</th>");
        html.Raw("<th>band width</th></tr></thead><tbody>");
        for (int g = 0; g < report.Groups.Count; g++)
        {
            double lowest = Lowest(report, g);
            foreach (ForecasterResult forecaster in report.Forecasters)
            {
                Row(html, report, g, forecaster, forecaster.Scores[g].Mae == lowest);
            }
        }

        html.Raw("</tbody></table></div>\n");
    }

    /// <summary>Writes the table of folds.</summary>
    public static void WriteFolds(HtmlWriter html, EvaluationReport report)
    {
        List<string> names = EvaluationText.Names(report);
        html.Write($"<h2>Walk-forward</h2><p>MAE by fold, {EvaluationText.Weights(report)}.</p>");
        html.Raw("<div class=\"scroll\"><table><thead><tr><th>rows</th><th>forecast</th>");
        foreach (string name in names)
        {
            html.Write($"<th>{name}</th>");
        }

        html.Raw("</tr></thead><tbody>");
        foreach (FoldResult fold in report.Folds)
        {
            for (int g = 0; g < report.Groups.Count; g++)
            {
                string rows = g > 0
                    ? ""
                    : $"{InspectText.Count(fold.Measured.Begin)} to {InspectText.Count(fold.Measured.End - 1)}";
                html.Raw(g == 0 ? FirstRow : "<tr><th>");
                html.Write($"{rows}</th>");
                html.Write($"<td>{report.Groups[g].Target}, {EvaluationText.Ahead(report.Groups[g], report.Request.Table)}</td>");
                foreach (string name in names)
                {
                    html.Write($"<td>{EvaluationText.Figure(EvaluationText.MaeOf(fold, name, g))}</td>");
                }

                html.Raw("</tr>");
            }
        }

        html.Raw("</tbody></table></div>\n");
    }

    private static void Row(HtmlWriter html, EvaluationReport report, int group, ForecasterResult forecaster, bool isBest)
    {
        OutputGroup forecast = report.Groups[group];
        ForecastScores scores = forecaster.Scores[group];
        bool isFirst = forecaster == report.Forecasters[0];
        html.Raw(isFirst ? FirstRow : "<tr><th>");
        if (isFirst)
        {
            html.Write($"{forecast.Target} ({forecast.Unit})<small>");
            html.Write($"{EvaluationText.Ahead(forecast, report.Request.Table)} ahead, ");
            html.Write($"{SpokenCounts.Counted((int)scores.Count, "forecast")}</small>");
        }

        html.Write($"</th><td>{forecaster.Name}</td>");
        html.Raw(isBest ? "<td class=\"best\">" : "<td>");
        html.Write($"<span>{EvaluationText.Figure(scores.Mae)}</span></td><td>{EvaluationText.Figure(scores.Rmse)}</td>");
        html.Write($"<td>{EvaluationText.Figure(scores.Mase)}</td><td>{NumberSteps.Figure(scores.Smape)}</td>");
        html.Write($"<td>{EvaluationText.Figure(scores.Bias)}</td><td>{EvaluationText.Percent(scores.DirectionAccuracy)}</td>");
        html.Write($"<td>{(scores.Quantiles.Count > 0 ? EvaluationText.Figure(scores.MeanPinball) : "–")}</td>");
        if (scores.Band is { } band)
        {
            html.Write($"<td>{EvaluationText.Percent(band.Achieved)} of {EvaluationText.Percent(band.Nominal)}</td>");
            html.Write($"<td>{EvaluationText.Figure(band.MeanWidth)}</td></tr>");
        }
        else
        {
            html.Raw("<td>–</td><td>–</td></tr>");
        }
    }

    private static double Lowest(EvaluationReport report, int group)
    {
        double lowest = double.PositiveInfinity;
        foreach (ForecasterResult forecaster in report.Forecasters)
        {
            lowest = forecaster.Scores[group].Mae < lowest ? forecaster.Scores[group].Mae : lowest;
        }

        return lowest;
    }
}
