// A small chart as inline SVG:  a panel with ticks, lines with dots, boxes.

using EdgeLstm.Worker.Evaluation.Report;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Draws into a panel as wide as those of all plots.</summary>
/// <param name="html">The page, within a figure.</param>
/// <param name="low">Value of the left edge.</param>
/// <param name="high">Value of the right edge.</param>
/// <param name="axis">Places values in the panel.</param>
internal sealed class Chart(HtmlWriter html, double low, double high, ValueAxis axis)
{
    private const int RightPx = 104;
    private const int LabelPx = 30;

    /// <summary>Opens a figure with its caption and a drawing.</summary>
    /// <param name="html">The page.</param>
    /// <param name="title">The caption's beginning.</param>
    /// <param name="text">The rest of it.</param>
    /// <param name="heightPx">Height of the drawing without labels.</param>
    public static void OpenFigure(HtmlWriter html, string title, string text, int heightPx)
    {
        html.Write($"<figure><figcaption><b>{title}</b> {text}</figcaption>");
        html.Write($"<svg viewBox=\"0 0 {FilePlot.LeftPx + TimeAxis.Columns + RightPx} {FilePlot.TopPx + heightPx + LabelPx}\" ");
        html.Write($"role=\"img\" aria-label=\"{title}\">");
    }

    /// <summary>Closes both.</summary>
    public static void CloseFigure(HtmlWriter html) => html.Raw("</svg></figure>\n");

    /// <summary>Begins the panel.</summary>
    /// <param name="top">Pixels from the upper edge of the drawing.</param>
    public void Open(int top)
    {
        html.Write($"<g transform=\"translate({FilePlot.LeftPx} {top})\">");
        html.Write($"<path class=\"r\" d=\"M0 0h{TimeAxis.Columns}v{axis.HeightPx}H0z\"/>");
    }

    /// <summary>Ends the panel with its title.</summary>
    public void Close(string title) => html.Write($"<text class=\"n\" x=\"5\" y=\"12\">{title}</text></g>");

    /// <summary>Ticks of the vertical axis.</summary>
    /// <param name="most">How many, about.</param>
    /// <param name="label">Text of a tick; null: its own.</param>
    public void ValueTicks(int most, Func<double, string>? label = null)
    {
        foreach ((double value, string text) in axis.Ticks(most))
        {
            double y = axis.TenthsOf(value) / 10.0;
            html.Write($"<path class=\"g\" d=\"M0 {y}h{TimeAxis.Columns}\"/>");
            html.Write($"<text class=\"y\" x=\"-6\" y=\"{y}\">{label?.Invoke(value) ?? text}</text>");
        }
    }

    /// <summary>A tick of the horizontal axis.</summary>
    public void Tick(double x, string label)
    {
        int column = ColumnOf(x);
        html.Write($"<path class=\"g\" d=\"M{column} 0v{axis.HeightPx}\"/>");
        html.Write($"<text class=\"x\" x=\"{column}\" y=\"{axis.HeightPx + 14}\">{label}</text>");
    }

    /// <summary>Ticks of the horizontal axis at round numbers.</summary>
    public void RoundTicks()
    {
        double step = NumberSteps.AtLeast((high - low) / 8);
        for (double x = Math.Ceiling(low / step) * step; x <= high; x += step)
        {
            Tick(x, NumberSteps.Text(x, step));
        }
    }

    /// <summary>A line through points, broken where a value is missing; with dots where there are few.</summary>
    /// <param name="line">Class of the line.</param>
    /// <param name="dot">Class of the dots; null for none.</param>
    /// <param name="x">Places [points].</param>
    /// <param name="y">Values; NaN where one is missing [points].</param>
    public void Line(string line, string? dot, double[] x, double[] y)
    {
        html.Write($"<path class=\"{line}\" d=\"");
        bool isDown = false;
        for (int k = 0; k < x.Length; k++)
        {
            if (double.IsFinite(y[k]))
            {
                html.Write($"{(isDown ? "L" : "M")}{ColumnOf(x[k])} {axis.TenthsOf(y[k]) / 10.0}");
            }

            isDown = double.IsFinite(y[k]);
        }

        html.Raw("\"/>");
        for (int k = 0; k < x.Length && dot is not null; k++)
        {
            if (double.IsFinite(y[k]))
            {
                html.Write($"<circle class=\"{dot}\" cx=\"{ColumnOf(x[k])}\" cy=\"{axis.TenthsOf(y[k]) / 10.0}\" r=\"3\"/>");
            }
        }
    }

    /// <summary>Boxes from one value to another.</summary>
    /// <param name="kind">Class of the boxes.</param>
    /// <param name="lefts">Where each begins [boxes].</param>
    /// <param name="width">How wide each is.</param>
    /// <param name="bottoms">Their lower ends [boxes].</param>
    /// <param name="tops">Their upper ends [boxes].</param>
    public void Boxes(string kind, double[] lefts, double width, double[] bottoms, double[] tops)
    {
        html.Write($"<path class=\"{kind}\" d=\"");
        for (int k = 0; k < lefts.Length; k++)
        {
            int left = ColumnOf(lefts[k]);
            int right = Math.Max(ColumnOf(lefts[k] + width), left + 1);
            double top = axis.TenthsOf(tops[k]) / 10.0;
            double bottom = axis.TenthsOf(bottoms[k]) / 10.0;
            html.Write($"M{left} {top}H{right}V{bottom}H{left}z");
        }

        html.Raw("\"/>");
    }

    /// <summary>A horizontal stroke for each place.</summary>
    public void Strokes(string kind, double[] lefts, double width, double[] values)
    {
        html.Write($"<path class=\"{kind}\" d=\"");
        for (int k = 0; k < lefts.Length; k++)
        {
            html.Write($"M{ColumnOf(lefts[k])} {axis.TenthsOf(values[k]) / 10.0}H{Math.Max(ColumnOf(lefts[k] + width), 1)}");
        }

        html.Raw("\"/>");
    }

    /// <summary>A vertical mark.</summary>
    public void Mark(double x) => html.Write($"<path class=\"t\" d=\"M{ColumnOf(x)} 0v{axis.HeightPx}\"/>");

    private int ColumnOf(double x)
    {
        double share = high > low ? (x - low) / (high - low) : 0.5;
        return (int)Math.Round(Math.Clamp(share, 0, 1) * (TimeAxis.Columns - 1));
    }
}
