// One target at one horizon over time as inline SVG:  value, forecast and band · value − forecast · time.

using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;
using EdgeLstm.Worker.Evaluation.Report;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Draws forecasts at the times they were made for, decimated to the columns of the plot without losing
/// extremes.</summary>
internal sealed class ForecastPlot
{
    private const int RightPx = 104;
    private const int GapPx = 8;
    private const int ResidualHeightPx = 64;
    private const int BandColumnPx = 2;

    private readonly HtmlWriter _html;
    private readonly EvaluationRequest _request;
    private readonly OutputGroup _group;
    private readonly RowRange _rows;
    private readonly TimeAxis _time;
    private readonly List<TimeTick> _ticks;

    private ForecastPlot(HtmlWriter html, EvaluationRequest request, OutputGroup group, RowRange rows)
    {
        (_html, _request, _group, _rows) = (html, request, group, rows);
        double[] times = new double[rows.Count];
        for (int k = 0; k < times.Length; k++)
        {
            times[k] = request.Table.UnixSeconds is { } seconds ? seconds[rows.Begin + k] : double.NaN;
        }

        _time = new TimeAxis(times, request.Table.SamplePeriodMs / 1000);
        _ticks = _time.Ticks();
    }

    /// <summary>Writes a figure.</summary>
    /// <param name="html">The page.</param>
    /// <param name="request">What was evaluated.</param>
    /// <param name="group">The target and its horizon.</param>
    /// <param name="rows">Rows to draw.</param>
    /// <param name="what">What these are, for the caption.</param>
    public static void Write(HtmlWriter html, EvaluationRequest request, OutputGroup group, RowRange rows, string what)
    {
        ForecastPlot plot = new(html, request, group, rows);
        html.Write($"<figure><figcaption><b>{group.Target}, {EvaluationText.Ahead(group, request.Table)} ahead</b> {what}: ");
        html.Write($"{SpokenCounts.Counted(rows.Count, "row")} from row {rows.Begin}");
        html.Write($"{(plot._time.IsByRow ? ", counted from there" : "")}</figcaption>");
        plot.Drawing();
        html.Raw("</figure>\n");
    }

    /// <summary>Measured rows around that with the largest error.</summary>
    /// <param name="request">What was evaluated.</param>
    /// <param name="group">The target and its horizon.</param>
    /// <param name="count">How many, at most.</param>
    public static RowRange AroundWorst(EvaluationRequest request, OutputGroup group, int count)
    {
        (int worst, double largest) = (request.Measured.Begin, -1);
        foreach (int origin in ModelEvaluation.OriginsOf(request, group))
        {
            int row = origin + group.Horizon;
            double error = Math.Abs((double)request.Table[row, group.Channel] - request.Forecasts[origin, group.Point]);
            (worst, largest) = error > largest ? (row, error) : (worst, largest);
        }

        int latest = Math.Max(request.Measured.Begin, request.Measured.End - count);
        int begin = Math.Clamp(worst - (count / 2), request.Measured.Begin, latest);
        return new RowRange(begin, Math.Min(begin + count, request.Measured.End));
    }

    private void Drawing()
    {
        ColumnExtremes values = ColumnExtremes.Of(_time, 1, Value);
        ColumnExtremes forecasts = ColumnExtremes.Of(_time, 1, row => Forecast(row, _group.Point));
        ValueAxis axis = AxisOver(values, forecasts);
        int panelsPx = FilePlot.ValueHeightPx + GapPx + ResidualHeightPx;
        _html.Write($"<svg viewBox=\"0 0 {FilePlot.LeftPx + TimeAxis.Columns + RightPx} ");
        _html.Write($"{FilePlot.TopPx + panelsPx + FilePlot.TimeHeightPx}\" ");
        _html.Write($"role=\"img\" aria-label=\"{_group.Target}: values and forecasts\" ");
        _html.Write($"data-low=\"{axis.Low}\" data-high=\"{axis.High}\" ");
        _html.Write($"data-first=\"{_time.First}\" data-last=\"{_time.Last}\" data-unit=\"{(_time.IsByRow ? "row" : "s")}\">");
        Shading(panelsPx);
        ValuePanel(values, forecasts, axis);
        ResidualPanel(FilePlot.TopPx + FilePlot.ValueHeightPx + GapPx);
        TimeLabels(FilePlot.TopPx + panelsPx);
        _html.Raw("</svg>");
    }

    private static ValueAxis AxisOver(ColumnExtremes values, ColumnExtremes forecasts)
    {
        double low = double.IsNaN(forecasts.Lowest) ? values.Lowest : Math.Min(values.Lowest, forecasts.Lowest);
        double high = double.IsNaN(forecasts.Highest) ? values.Highest : Math.Max(values.Highest, forecasts.Highest);
        double margin = (high - low) * 0.04;
        return new ValueAxis(low - margin, high + margin, FilePlot.ValueHeightPx);
    }

    private void Shading(int heightPx)
    {
        _html.Write($"<g transform=\"translate({FilePlot.LeftPx} {FilePlot.TopPx})\">");
        List<(int First, int Last)> spans = PlotLane.Spans(_time, Labelled(), 2);
        if (spans.Count > 0)
        {
            _html.Raw("<path class=\"w\" d=\"");
            PlotPath path = new(_html);
            foreach ((int first, int last) in spans)
            {
                path.Box(first, last, heightPx);
            }

            _html.Raw("\"/>");
        }

        _html.Raw("<path class=\"g\" d=\"");
        foreach (TimeTick tick in _ticks)
        {
            _html.Write($"M{tick.Column} 0v{heightPx}");
        }

        _html.Raw("\"/></g>");
    }

    private List<Window> Labelled()
    {
        List<Window> windows = [];
        bool[]? labelled = _request.Baselines.SkipsLabelled ? _request.Table.Labelled : null;
        for (int row = _rows.Begin; labelled is not null && row < _rows.End; row++)
        {
            int first = row;
            while (row < _rows.End && labelled[row])
            {
                row++;
            }

            if (row > first)
            {
                windows.Add(new Window(first - _rows.Begin, row - 1 - _rows.Begin));
            }
        }

        return windows;
    }

    private void ValuePanel(ColumnExtremes values, ColumnExtremes forecasts, ValueAxis axis)
    {
        Open(FilePlot.TopPx, FilePlot.ValueHeightPx, axis, 5);
        if (_group.HasBand)
        {
            ColumnExtremes lows = ColumnExtremes.Of(_time, BandColumnPx, row => Forecast(row, _group.QuantileOutputs[0]));
            ColumnExtremes highs = ColumnExtremes.Of(
                _time, BandColumnPx, row => Forecast(row, _group.QuantileOutputs[_group.QuantileOutputs.Count - 1]));
            Path("b", path => path.Band(lows, highs, axis));
        }

        Path("f", path => path.Line(forecasts, axis));
        Path("v", path => path.Line(values, axis));
        _html.Write($"<text class=\"n\" x=\"5\" y=\"12\">{_group.Target} ({_group.Unit})</text></g>");
    }

    private void ResidualPanel(int top)
    {
        ColumnExtremes residuals = ColumnExtremes.Of(_time, 1, row => Value(row) - Forecast(row, _group.Point));
        ValueAxis axis = ValueAxis.Over(residuals, ResidualHeightPx);
        Open(top, ResidualHeightPx, axis, 2);
        Path("v", path => path.Line(residuals, axis));
        _html.Raw("<text class=\"n\" x=\"5\" y=\"12\">value − forecast</text></g>");
    }

    private void Open(int top, int heightPx, ValueAxis axis, int ticks)
    {
        _html.Write($"<g transform=\"translate({FilePlot.LeftPx} {top})\">");
        _html.Write($"<path class=\"r\" d=\"M0 0h{TimeAxis.Columns}v{heightPx}H0z\"/>");
        foreach ((double value, string label) in axis.Ticks(ticks))
        {
            double y = axis.TenthsOf(value) / 10.0;
            _html.Write($"<path class=\"g\" d=\"M0 {y}h{TimeAxis.Columns}\"/>");
            _html.Write($"<text class=\"y\" x=\"-6\" y=\"{y}\">{label}</text>");
        }
    }

    private void TimeLabels(int top)
    {
        _html.Write($"<g transform=\"translate({FilePlot.LeftPx} {top})\">");
        foreach (TimeTick tick in _ticks)
        {
            _html.Write($"<text class=\"x\" x=\"{tick.Column}\" y=\"13\">{tick.Label}</text>");
            if (tick.Day.Length > 0)
            {
                _html.Write($"<text class=\"x\" x=\"{tick.Column}\" y=\"26\">{tick.Day}</text>");
            }
        }

        _html.Raw("</g>");
    }

    private double Value(int row) => _request.Table[_rows.Begin + row, _group.Channel];

    // Made a horizon before, in the measured rows and within the same stretch: what was made before a gap is for another time.
    private double Forecast(int row, int output)
    {
        int origin = _rows.Begin + row - _group.Horizon;
        return origin >= _request.Measured.Begin && IsOneStretch(origin, origin + _group.Horizon)
            ? _request.Forecasts[origin, output]
            : double.NaN;
    }

    private bool IsOneStretch(int origin, int row)
    {
        IReadOnlyList<RowRange> stretches = _request.Table.Stretches;
        (int low, int high) = (0, stretches.Count - 1);
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = stretches[middle].Begin <= origin ? (middle, high) : (low, middle - 1);
        }

        return stretches[low].Begin <= origin && row < stretches[low].End;
    }

    private void Path(string kind, Action<PlotPath> points)
    {
        _html.Write($"<path class=\"{kind}\" d=\"");
        points(new PlotPath(_html));
        _html.Raw("\"/>");
    }
}
