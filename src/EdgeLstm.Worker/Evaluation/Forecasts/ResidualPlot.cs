// The distribution of the residuals of one target at one horizon.

using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Report;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Draws a histogram.</summary>
internal static class ResidualPlot
{
    private const int HeightPx = 90;

    /// <summary>Writes a figure; nothing without residuals.</summary>
    public static void Write(HtmlWriter html, OutputGroup group, double[] residuals, SeriesTable table)
    {
        ResidualHistogram histogram = ResidualHistogram.Of(residuals);
        if (histogram.Counts.Length == 0)
        {
            return;
        }

        int most = 0;
        double[] lefts = new double[histogram.Counts.Length];
        double[] bottoms = new double[lefts.Length];
        double[] tops = new double[lefts.Length];
        double width = (histogram.High - histogram.Low) / lefts.Length;
        for (int bin = 0; bin < lefts.Length; bin++)
        {
            most = Math.Max(most, histogram.Counts[bin]);
            (lefts[bin], tops[bin]) = (histogram.Low + (bin * width), histogram.Counts[bin]);
        }

        Chart.OpenFigure(
            html, $"{group.Target}, {EvaluationText.Ahead(group, table)} ahead",
            $"{SpokenCounts.Counted(residuals.Length, "residual")} ({group.Unit})", HeightPx);
        Chart chart = new(html, histogram.Low, histogram.High, new ValueAxis(0, most * 1.05, HeightPx));
        chart.Open(FilePlot.TopPx);
        chart.ValueTicks(3);
        chart.RoundTicks();
        chart.Boxes("s", lefts, width, bottoms, tops);
        chart.Mark(0);
        chart.Close("residuals");
        Chart.CloseFigure(html);
    }
}
