// An evaluation as one page of HTML that needs nothing else:  heading · table of detectors · a plot per file, by category.

using System.Text;
using EdgeLstm.Worker.Evaluation.Suites;
using static EdgeLstm.Worker.Evaluation.Report.SpokenCounts;

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>Writes the report of an evaluation.</summary>
/// <remarks>
/// The page is HTML and well-formed XML, holds its style, its script and its drawings, and forbids browsers to load anything. It
/// reads without the script, which opens all categories at once and says time and value below the pointer. It is written from
/// beginning to end: memory is that of one plot's columns, whatever the number of files.
/// </remarks>
internal static class HtmlReport
{
    /// <summary>Writes the page in UTF-8.</summary>
    /// <param name="stream">Takes the page; stays open.</param>
    /// <param name="report">The evaluation.</param>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public static void Write(Stream stream, SuiteReport report)
    {
        using StreamWriter writer = new(stream, new UTF8Encoding(false), 65_536, leaveOpen: true);
        Write(writer, report);
    }

    /// <summary>Writes the page.</summary>
    /// <param name="writer">Takes the page, which declares itself UTF-8; stays open.</param>
    /// <param name="report">The evaluation.</param>
    /// <exception cref="IOException">The writer cannot be written.</exception>
    public static void Write(TextWriter writer, SuiteReport report)
    {
        HtmlWriter html = new(writer);
        Head(html, report);
        DetectorTable.Write(html, report);
        Notes(html, report);
        Plots(html, report);
        html.Raw("</main><script>");
        html.Raw(HtmlPage.Script);
        html.Raw("</script></body></html>\n");
    }

    private static void Head(HtmlWriter html, SuiteReport report)
    {
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>");
        html.Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>");
        html.Raw("<meta http-equiv=\"Content-Security-Policy\" ");
        html.Raw("content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\"/>");
        html.Write($"<title>EdgeLstm: evaluation on {report.Suite}, {report.Date}</title><style>");
        html.Raw(HtmlPage.Style);
        html.Write($"</style></head><body><main>\n<h1>Evaluation on {report.Suite}</h1>");
        int rows = report.Files.Sum(file => file.Rows.Length);
        int windows = report.Files.Sum(file => file.Windows.Count);
        html.Write($"<p>{report.Date}: {Counted(report.Detectors.Count, "detector")} over ");
        html.Write($"{Counted(report.Files.Count, "file")}, {Counted(rows, "row")}, {Counted(windows, "labelled window")}. ");
        html.Write($"Figures are means over {Counted(report.Seeds, "seed")}; ");
        html.Raw("brackets and bars say where 95 % of resamplings of the files put them.</p>\n");
    }

    private static void Notes(HtmlWriter html, SuiteReport report)
    {
        if (report.Notes.Count == 0)
        {
            return;
        }

        html.Raw("<ul>");
        foreach (string note in report.Notes)
        {
            html.Write($"<li>{note}</li>");
        }

        html.Raw("</ul>\n");
    }

    private static void Plots(HtmlWriter html, SuiteReport report)
    {
        html.Raw("<h2>Files</h2>");
        if (report.Detectors.Count > 0)
        {
            html.Write($"<p>Score, forecast and band are those of <b>{PlotLane.LabelOf(report, report.Detectors[0])}</b> with ");
            html.Raw("its first seed; the lanes hold every detector's alarms. An alarm that touches a labelled window found ");
            html.Raw("it. Scores are drawn linearly up to the threshold and logarithmically above. Times are UTC.</p>");
        }

        html.Raw(HtmlPage.Legend);
        foreach (string category in report.Files.Select(file => file.Category).Distinct())
        {
            Category(html, report, category);
        }
    }

    private static void Category(HtmlWriter html, SuiteReport report, string category)
    {
        List<int> files = [];
        int windows = 0;
        for (int i = 0; i < report.Files.Count; i++)
        {
            if (report.Files[i].Category == category)
            {
                files.Add(i);
                windows += report.Files[i].Windows.Count;
            }
        }

        html.Write($"<details><summary>{(category.Length > 0 ? category : report.Suite)}: {Counted(files.Count, "file")}");
        Outcome(html, report, files, windows);
        html.Raw("</summary>\n");
        foreach (int file in files)
        {
            FilePlot.Write(html, report.Files[file], PlotLane.Of(report, file));
        }

        html.Raw("</details>\n");
    }

    private static void Outcome(HtmlWriter html, SuiteReport report, List<int> files, int windows)
    {
        int found = 0;
        int wrong = 0;
        foreach (int file in files)
        {
            if (PlotLane.Of(report, file) is [PlotLane first, ..])
            {
                found += first.Outcome.WindowsFound;
                wrong += first.Outcome.FalseAlarms;
            }
        }

        if (report.Detectors.Count > 0)
        {
            html.Write($", {SpokenCounts.Outcome(found, windows, wrong)}");
        }
    }
}
