// The mean absolute error of every forecaster by horizon, one chart per target.

using System.Globalization;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Report;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Draws how errors grow with the horizon.</summary>
internal static class HorizonPlot
{
    private const int HeightPx = 170;
    private const int MostTargets = 8;

    /// <summary>Writes a figure per target.</summary>
    public static void Write(HtmlWriter html, EvaluationReport report)
    {
        List<string> done = [];
        for (int g = 0; g < report.Groups.Count && done.Count < MostTargets; g++)
        {
            if (!done.Contains(report.Groups[g].Target))
            {
                done.Add(report.Groups[g].Target);
                Target(html, report, report.Groups[g]);
            }
        }
    }

    private static void Target(HtmlWriter html, EvaluationReport report, OutputGroup first)
    {
        List<int> groups = [];
        double highest = 0;
        for (int g = 0; g < report.Groups.Count; g++)
        {
            if (report.Groups[g].Target == first.Target)
            {
                groups.Add(g);
                foreach (ForecasterResult forecaster in report.Forecasters)
                {
                    highest = Math.Max(highest, double.IsFinite(forecaster.Scores[g].Mae) ? forecaster.Scores[g].Mae : 0);
                }
            }
        }

        Chart.OpenFigure(html, first.Target, $"mean absolute error ({first.Unit}) by sample periods ahead", HeightPx);
        (double low, double high) = Reach(report, groups);
        Chart chart = new(html, low, high, new ValueAxis(0, highest * 1.05, HeightPx));
        chart.Open(FilePlot.TopPx);
        chart.ValueTicks(5);
        double[] x = new double[groups.Count];
        double[] y = new double[groups.Count];
        foreach (ForecasterResult forecaster in report.Forecasters)
        {
            for (int k = 0; k < x.Length; k++)
            {
                (x[k], y[k]) = (report.Groups[groups[k]].Horizon, forecaster.Scores[groups[k]].Mae);
            }

            int line = ChartStyle.LineOf(forecaster.Name);
            chart.Line($"l{line}", $"d{line}", x, y);
        }

        for (int k = 0; k < x.Length; k++)
        {
            chart.Tick(x[k], report.Groups[groups[k]].Horizon.ToString(CultureInfo.InvariantCulture));
        }

        chart.Close($"MAE of {first.Target}");
        Chart.CloseFigure(html);
    }

    // A twentieth of the reach on either side, so that dots stand within.
    private static (double Low, double High) Reach(EvaluationReport report, List<int> groups)
    {
        (double low, double high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (int g in groups)
        {
            low = Math.Min(low, report.Groups[g].Horizon);
            high = Math.Max(high, report.Groups[g].Horizon);
        }

        double margin = Math.Max((high - low) / 20, 0.5);
        return (low - margin, high + margin);
    }
}
