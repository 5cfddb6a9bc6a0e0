// What the gates of one layer did:  per unit the mean, and the mean ± its standard deviation over the rows.

using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Report;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Draws a panel per gate.</summary>
internal static class GatePlot
{
    private const int HeightPx = 64;
    private const int GapPx = 10;
    private const double ShareOfUnit = 0.8;

    // More units are drawn as every k-th one.
    private const int MostUnits = 250;

    /// <summary>Writes a figure of some gates of one layer.</summary>
    /// <param name="html">The page.</param>
    /// <param name="gates">Gates of all layers.</param>
    /// <param name="first">The first of the layer.</param>
    /// <param name="end">One behind its last.</param>
    public static void Write(HtmlWriter html, IReadOnlyList<GateActivity> gates, int first, int end)
    {
        GateActivity gate = gates[first];
        int every = ((gate.Means.Length - 1) / MostUnits) + 1;
        string units = every > 1 ? $"every {every}th of {gate.Means.Length} units" : $"{gate.Means.Length} units";
        Chart.OpenFigure(
            html, $"Layer {gate.Layer}", $"{units}, {SpokenCounts.Counted((int)gate.Rows, "row")}",
            (end - first) * (HeightPx + GapPx));
        for (int k = first; k < end; k++)
        {
            Panel(html, gates[k], every, FilePlot.TopPx + ((k - first) * (HeightPx + GapPx)));
        }

        Chart.CloseFigure(html);
    }

    private static void Panel(HtmlWriter html, GateActivity gate, int every, int top)
    {
        int count = ((gate.Means.Length - 1) / every) + 1;
        double[] lefts = new double[count];
        double[] means = new double[count];
        double[] lows = new double[count];
        double[] highs = new double[count];
        for (int k = 0; k < count; k++)
        {
            (double mean, double deviation) = (gate.Means[k * every], gate.Deviations[k * every]);
            (lefts[k], means[k], lows[k], highs[k]) = (k, mean, mean - deviation, mean + deviation);
        }

        Chart chart = new(html, 0, count, new ValueAxis(gate.IsOpening ? 0 : -1, 1, HeightPx));
        chart.Open(top);
        chart.ValueTicks(2);
        chart.Boxes("b", lefts, ShareOfUnit, lows, highs);
        chart.Strokes("u", lefts, ShareOfUnit, means);
        chart.Close(FormattableString.Invariant($"{gate.Gate}: mean {gate.Mean:F2}, spread {gate.Spread:F2}"));
    }
}
