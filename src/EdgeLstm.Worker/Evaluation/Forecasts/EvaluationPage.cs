// An evaluation as one page of HTML that needs nothing else:  heading · warnings · scores · forecasts · errors · training ·
// gates.

using System.Text;
using EdgeLstm.Training;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Report;
using EdgeLstm.Worker.Verbs;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Writes the page.</summary>
/// <remarks>The page is HTML and well-formed XML, holds its style, its script and its drawings, and forbids browsers to load
/// anything. Everything that comes from a file is escaped. Its size is bounded by the number of outputs and units, whatever the
/// number of rows.</remarks>
internal static class EvaluationPage
{
    // What is drawn beyond these is in the table and the JSON alone.
    private const int MostDrawnGroups = 6;
    private const int MostDrawnLayers = 8;
    private const int ZoomRows = 240;

    /// <summary>Writes the page in UTF-8.</summary>
    /// <param name="stream">Takes the page; stays open.</param>
    /// <param name="report">The evaluation.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, EvaluationReport report)
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(false), 65_536, leaveOpen: true);
        HtmlWriter html = new(writer);
        Head(html, report);
        Remarks(html, report);
        ScoreTable.Write(html, report);
        Forecasts(html, report);
        Errors(html, report);
        Folds(html, report);
        Training(html, report.Request.History);
        Inputs(html, report);
        Gates(html, report);
        html.Raw("</main><script>");
        html.Raw(HtmlPage.Script);
        html.Raw("</script></body></html>\n");
    }

    private static void Head(HtmlWriter html, EvaluationReport report)
    {
        EvaluationRequest request = report.Request;
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>");
        html.Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>");
        html.Raw("<meta http-equiv=\"Content-Security-Policy\" ");
        html.Raw("content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\"/>");
        html.Write($"<title>EdgeLstm: {request.Model} over {request.Recording}</title><style>");
        html.Raw(HtmlPage.Style);
        html.Raw(ChartStyle.Sheet);
        html.Write($"</style></head><body><main>\n<h1>{request.Model} over {request.Recording}</h1>");
        html.Write($"<p>{(request.Date.Length > 0 ? $"{request.Date}: " : "")}");
        html.Write($"{InspectText.Count(request.Table.Rows)} rows every ");
        html.Write($"{InspectText.Duration(request.Table.SamplePeriodMs)}; {EvaluationText.Summary(report)}.");
        if (request.ModelSha256 is { } model)
        {
            html.Write($"<small>SHA-256 of the model {model}</small>");
        }

        if (request.RecordingSha256 is { } recording)
        {
            html.Write($"<small>SHA-256 of the recording {recording}</small>");
        }

        html.Raw("</p>\n");
    }

    private static void Remarks(HtmlWriter html, EvaluationReport report)
    {
        html.Write($"<h2>{SpokenCounts.Counted(report.Warnings.Count, "warning")}</h2><ul class=\"warnings\">");
        foreach (EvaluationWarning warning in report.Warnings)
        {
            html.Write($"<li><b>{ChartStyle.TitleOf(warning.Kind)}</b> {warning.Text}</li>");
        }

        html.Raw("</ul><ul>");
        foreach (string note in report.Request.Notes)
        {
            html.Write($"<li>{note}</li>");
        }

        html.Raw("</ul>\n");
    }

    private static void Forecasts(HtmlWriter html, EvaluationReport report)
    {
        html.Raw("<h2>Forecasts over time</h2><p>Each forecast stands at the time it was made for. Below: value − forecast. ");
        html.Raw("Times are UTC.</p>");
        html.Raw(ChartStyle.ForecastLegend);
        for (int g = 0; g < Math.Min(report.Groups.Count, MostDrawnGroups); g++)
        {
            ForecastPlot.Write(html, report.Request, report.Groups[g], report.Request.Measured, "all measured rows");
        }

        if (report.Groups.Count > MostDrawnGroups)
        {
            html.Write($"<p>{report.Groups.Count - MostDrawnGroups} more are not drawn.</p>");
        }

        html.Raw("<details><summary>A closer look at the largest error of each</summary>");
        for (int g = 0; g < Math.Min(report.Groups.Count, MostDrawnGroups); g++)
        {
            ForecastPlot.Write(
                html, report.Request, report.Groups[g], ForecastPlot.AroundWorst(report.Request, report.Groups[g], ZoomRows),
                "around the largest error");
        }

        html.Raw("</details>\n");
    }

    private static void Errors(HtmlWriter html, EvaluationReport report)
    {
        html.Raw("<h2>Error by horizon</h2>");
        html.Raw(ChartStyle.ForecasterLegend);
        HorizonPlot.Write(html, report);
        html.Raw("<h2>Distribution of residuals</h2><p>Value − forecast of the model; the outer bins hold all that lies beyond ");
        html.Raw("the axis. A good forecast has its peak at 0 and no side that weighs more.</p>");
        for (int g = 0; g < Math.Min(report.Groups.Count, MostDrawnGroups); g++)
        {
            ResidualPlot.Write(html, report.Groups[g], report.Residuals[g], report.Request.Table);
        }
    }

    private static void Folds(HtmlWriter html, EvaluationReport report)
    {
        if (report.Folds.Count > 0)
        {
            ScoreTable.WriteFolds(html, report);
        }
    }

    private static void Training(HtmlWriter html, TrainingHistory? history)
    {
        if (history is not null)
        {
            html.Raw("<h2>Learning curve</h2>");
            LearningPlot.Write(html, history);
        }
    }

    private static void Inputs(HtmlWriter html, EvaluationReport report)
    {
        html.Raw("<h2>Inputs</h2><p>Population stability index against the training rows: below 0.1 the same, above 0.25 ");
        html.Raw("another distribution.</p><div class=\"scroll\"><table><thead><tr><th>input</th><th>rows</th>");
        html.Raw("<th>index</th></tr></thead><tbody>");
        foreach (InputShift shift in report.Shifts)
        {
            html.Write($"<tr><th>{shift.Input}</th><td>{shift.Part}</td><td>{NumberSteps.Figure(shift.Index)}</td></tr>");
        }

        html.Raw("</tbody></table></div>\n");
    }

    private static void Gates(HtmlWriter html, EvaluationReport report)
    {
        if (report.Request.Gates.Count == 0)
        {
            return;
        }

        html.Raw("<h2>Gate activity</h2><p>Mean (line) and mean ± standard deviation (bar) of each unit over the measured ");
        html.Raw("rows. A gate that never moves is 0 bars high; one that stands at its edge is open or shut for good.</p>");
        int drawn = 0;
        for (int first = 0; first < report.Request.Gates.Count && drawn < MostDrawnLayers; drawn++)
        {
            int end = first;
            while (end < report.Request.Gates.Count && report.Request.Gates[end].Layer == report.Request.Gates[first].Layer)
            {
                end++;
            }

            GatePlot.Write(html, report.Request.Gates, first, end);
            first = end;
        }
    }
}
