// The table of a report:  a row per detector, a column per metric, each figure with its interval as numbers and as a bar.

using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>Writes how the detectors of an evaluation did, beside each other.</summary>
internal static class DetectorTable
{
    private const double BarWidthPx = 96;

    /// <summary>Writes the table; nothing where no detector ran.</summary>
    /// <param name="html">The page.</param>
    /// <param name="report">The evaluation; metrics are matched by their ids.</param>
    public static void Write(HtmlWriter html, SuiteReport report)
    {
        if (report.Detectors.Count == 0)
        {
            return;
        }

        IReadOnlyList<Metric> heads = report.Detectors[0].Metrics;
        html.Raw("<div class=\"scroll\"><table><thead><tr><th>Detector</th><th>Told of a file</th><th>Threshold</th>");
        foreach (Metric metric in heads)
        {
            string unit = metric.Unit.Length > 0 ? $" ({metric.Unit})" : "";
            html.Write($"<th>{metric.Title}{unit}<small>{(metric.HigherIsBetter ? "higher" : "lower")} is better</small></th>");
        }

        html.Raw("</tr></thead><tbody>\n");
        foreach (DetectorReport detector in report.Detectors)
        {
            html.Write($"<tr><th scope=\"row\">{detector.Name}<small>{detector.Description}</small></th>");
            html.Write($"<td>{detector.WarmUp}</td><td>{Threshold(detector.Threshold)}</td>");
            foreach (Metric head in heads)
            {
                Cell(html, Find(detector, head.Id), [.. report.Detectors.Select(other => Find(other, head.Id)).OfType<Metric>()]);
            }

            html.Raw("</tr>\n");
        }

        html.Raw("</tbody></table></div>\n");
    }

    private static void Cell(HtmlWriter html, Metric? metric, List<Metric> column)
    {
        if (metric is null || double.IsNaN(metric.Value))
        {
            html.Raw("<td>–</td>");
            return;
        }

        html.Raw(IsBest(metric, column) ? "<td class=\"best\">" : "<td>");
        html.Write($"<span>{NumberSteps.Figure(metric.Value)}</span>");
        if (double.IsFinite(metric.Low) && double.IsFinite(metric.High))
        {
            html.Write($"<small>[{NumberSteps.Figure(metric.Low)}, {NumberSteps.Figure(metric.High)}]</small>");
        }

        Bar(html, metric, column);
        html.Raw("</td>");
    }

    /// <summary>The interval as a line and the figure as a dot, on an axis that the column shares.</summary>
    private static void Bar(HtmlWriter html, Metric metric, List<Metric> column)
    {
        double low = double.PositiveInfinity;
        double high = double.NegativeInfinity;
        foreach (Metric other in column)
        {
            foreach (double end in (ReadOnlySpan<double>)[other.Value, other.Low, other.High])
            {
                low = double.IsFinite(end) ? Math.Min(low, end) : low;
                high = double.IsFinite(end) ? Math.Max(high, end) : high;
            }
        }

        if (!double.IsFinite(metric.Value) || !(high > low))
        {
            return;
        }

        double Place(double value) => 4 + ((value - low) / (high - low) * (BarWidthPx - 8));
        html.Write($"<svg class=\"bar\" viewBox=\"0 0 {BarWidthPx} 8\" aria-hidden=\"true\">");
        if (double.IsFinite(metric.Low) && double.IsFinite(metric.High))
        {
            html.Write($"<path d=\"M{Place(metric.Low):0.0} 4H{Place(metric.High):0.0}\"/>");
        }

        html.Write($"<circle cx=\"{Place(metric.Value):0.0}\" cy=\"4\" r=\"3\"/></svg>");
    }

    private static bool IsBest(Metric metric, List<Metric> column) =>
        column.Count > 1 && column.TrueForAll(other =>
            double.IsNaN(other.Value) || (metric.HigherIsBetter ? other.Value <= metric.Value : other.Value >= metric.Value));

    private static Metric? Find(DetectorReport detector, string id) =>
        detector.Metrics.FirstOrDefault(metric => metric.Id == id);

    private static string Threshold(double threshold) =>
        double.IsPositiveInfinity(threshold) ? "never" : NumberSteps.Figure(threshold);
}
