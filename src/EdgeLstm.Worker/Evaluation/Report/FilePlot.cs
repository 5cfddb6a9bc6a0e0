// The plot of one file as inline SVG:  value, forecast and band · other channels · score · a lane of alarms per detector · time.

using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>Draws one file and what the detectors said of it.</summary>
/// <remarks>
/// Everything is decimated to at most <see cref="TimeAxis.Columns"/> columns, bands and other channels to fewer: a file
/// of 20,000 rows takes less than 60 kB of markup, whatever is in it. Score, forecast and band are those of the first detector.
/// </remarks>
internal sealed class FilePlot
{
    /// <summary>Distance of the panels from the left edge, in pixels of the drawing.</summary>
    public const int LeftPx = 124;

    /// <summary>Distance of the value's panel from the upper edge.</summary>
    public const int TopPx = 14;

    /// <summary>Height of the value's panel.</summary>
    public const int ValueHeightPx = 170;

    /// <summary>Height of the times below the panels.</summary>
    public const int TimeHeightPx = 32;

    private const int RightPx = 104;
    private const int GapPx = 8;
    private const int ChannelHeightPx = 30;
    private const int ScoreHeightPx = 64;
    private const int LaneHeightPx = 13;

    // What is drawn beyond these is said instead.
    private const int MostOtherChannels = 7;
    private const int MostLanes = 12;
    private const int MostLabelCharacters = 22;

    private const int BandColumnPx = 2;
    private const int ChannelColumnPx = 4;
    private const int MarkerPx = 7;

    private readonly HtmlWriter _html;
    private readonly SuiteFile _file;
    private readonly List<PlotLane> _lanes;
    private readonly TimeAxis _time;
    private readonly List<TimeTick> _ticks;
    private readonly int _otherChannels;
    private readonly int _shownLanes;
    private int _y = TopPx;

    private FilePlot(HtmlWriter html, SuiteFile file, List<PlotLane> lanes)
    {
        _html = html;
        _file = file;
        _lanes = lanes;
        _time = new TimeAxis(file.UnixSeconds, file.RowPeriodSeconds);
        _ticks = _time.Ticks();
        _otherChannels = Math.Clamp(file.Columns.Length - 1, 0, MostOtherChannels);
        _shownLanes = Math.Min(lanes.Count, MostLanes);
    }

    /// <summary>Writes a figure with its caption.</summary>
    /// <param name="html">The page.</param>
    /// <param name="file">The file.</param>
    /// <param name="lanes">The detectors that ran over it, the one that is shown in full first; may be empty.</param>
    public static void Write(HtmlWriter html, SuiteFile file, List<PlotLane> lanes)
    {
        FilePlot plot = new(html, file, lanes);
        html.Raw("<figure>");
        plot.Caption();
        if (file.Rows.Length > 0 && file.Columns.Length > 0)
        {
            plot.Drawing();
        }

        html.Raw("</figure>\n");
    }

    private void Caption()
    {
        _html.Write($"<figcaption><b>{_file.Name}</b> {SpokenCounts.Counted(_file.Rows.Length, "row")}");
        if (!_time.IsByRow)
        {
            _html.Write($", {TimeAxis.DateText(_time.First, "yyyy-MM-dd HH:mm")} to ");
            _html.Write($"{TimeAxis.DateText(_time.Last, "yyyy-MM-dd HH:mm")} UTC");
        }

        _html.Write($", one every {_file.RowPeriodSeconds:0.######} s");
        if (_lanes.Count > 0)
        {
            AlarmOutcome outcome = _lanes[0].Outcome;
            _html.Write($" · {SpokenCounts.Outcome(outcome.WindowsFound, _file.Windows.Count, outcome.FalseAlarms)}");
        }

        int undrawn = Math.Max(_file.Columns.Length - 1 - _otherChannels, 0);
        if (undrawn > 0)
        {
            _html.Write($" · {SpokenCounts.Counted(undrawn, "more column")} not drawn");
        }

        if (_lanes.Count > _shownLanes)
        {
            _html.Write($" · {SpokenCounts.Counted(_lanes.Count - _shownLanes, "more detector")} not drawn");
        }

        _html.Raw("</figcaption>");
    }

    private void Drawing()
    {
        int panelsPx = ValueHeightPx + (_otherChannels * (GapPx + ChannelHeightPx)) +
            (_lanes.Count > 0 ? GapPx + ScoreHeightPx + GapPx + (_shownLanes * LaneHeightPx) : 0);
        ColumnExtremes values = ColumnExtremes.Of(_time, 1, row => _file.Rows[row][0]);
        ValueAxis axis = ValueAxis.Over(values, ValueHeightPx);
        _html.Write($"<svg viewBox=\"0 0 {LeftPx + TimeAxis.Columns + RightPx} {TopPx + panelsPx + TimeHeightPx}\" ");
        _html.Write($"role=\"img\" aria-label=\"{_file.Name}: values, scores and alarms\" ");
        _html.Write($"data-low=\"{axis.Low}\" data-high=\"{axis.High}\" ");
        _html.Write($"data-first=\"{_time.First}\" data-last=\"{_time.Last}\" data-unit=\"{(_time.IsByRow ? "row" : "s")}\">");
        _html.Write($"<g transform=\"translate({LeftPx} {TopPx})\">");
        Shading(panelsPx);
        _html.Raw("</g>");
        ValuePanel(values, axis);
        for (int channel = 1; channel <= _otherChannels; channel++)
        {
            ChannelPanel(channel);
        }

        if (_lanes.Count > 0)
        {
            ScorePanel(_lanes[0]);
            AlarmLanes();
        }

        TimeLabels();
        _html.Raw("</svg>");
    }

    /// <summary>Behind all panels: windows, the start that does not count, lines at ticks and labelled changes.</summary>
    private void Shading(int heightPx)
    {
        if (_file.Probation > 0)
        {
            Boxes("p", [(0, _time.ColumnOf(Math.Min(_file.Probation, _time.RowCount) - 1))], heightPx);
        }

        Boxes("w", PlotLane.Spans(_time, _file.Windows, 2), heightPx);
        _html.Raw("<path class=\"g\" d=\"");
        foreach (TimeTick tick in _ticks)
        {
            _html.Write($"M{tick.Column} 0v{heightPx}");
        }

        _html.Raw("\"/>");
        if (_file.ChangePoints.Count > 0)
        {
            _html.Raw("<path class=\"c\" d=\"");
            foreach ((int first, _) in PlotLane.Spans(_time, _file.ChangePoints.ToArray(row => new Window(row, row)), 1))
            {
                _html.Write($"M{first} 0v{heightPx}");
            }

            _html.Raw("\"/>");
        }
    }

    private void Boxes(string kind, List<(int First, int Last)> spans, int heightPx)
    {
        if (spans.Count == 0)
        {
            return;
        }

        PlotPath path = new(_html);
        _html.Write($"<path class=\"{kind}\" d=\"");
        foreach ((int first, int last) in spans)
        {
            path.Box(first, last, heightPx);
        }

        _html.Raw("\"/>");
    }

    private void ValuePanel(ColumnExtremes values, ValueAxis axis)
    {
        OpenPanel(ValueHeightPx);
        ValueTicks(axis, 5);
        if (_lanes.Count > 0)
        {
            Forecast(_lanes[0].Run, axis);
        }

        Path("v", path => path.Line(values, axis));
        if (_lanes.Count > 0)
        {
            Markers(_lanes[0]);
        }

        ClosePanel(ValueHeightPx, _file.Columns[0]);
    }

    private void Forecast(FileRun run, ValueAxis axis)
    {
        if (run.Low is float[] low && run.High is float[] high)
        {
            ColumnExtremes lows = ColumnExtremes.Of(_time, BandColumnPx, row => low[row]);
            ColumnExtremes highs = ColumnExtremes.Of(_time, BandColumnPx, row => high[row]);
            Path("b", path => path.Band(lows, highs, axis));
        }

        if (run.Forecast is float[] forecast)
        {
            ColumnExtremes forecasts = ColumnExtremes.Of(_time, 1, row => forecast[row]);
            Path("f", path => path.Line(forecasts, axis));
        }
    }

    /// <summary>A triangle above the panel where an alarm begins; those that would overlap are left to the lane below.</summary>
    private void Markers(PlotLane lane)
    {
        foreach (AlarmKind kind in Enum.GetValues<AlarmKind>())
        {
            int free = int.MinValue;
            _html.Write($"<path class=\"{ClassOf(kind)}\" d=\"");
            foreach ((int first, _) in PlotLane.Spans(_time, lane.AlarmsOf(kind), 1))
            {
                if (first >= free)
                {
                    _html.Write($"M{first} -2l-4-8h8z");
                    free = first + MarkerPx;
                }
            }

            _html.Raw("\"/>");
        }
    }

    private void ChannelPanel(int channel)
    {
        ColumnExtremes values = ColumnExtremes.Of(_time, ChannelColumnPx, row => _file.Rows[row][channel]);
        ValueAxis axis = ValueAxis.Over(values, ChannelHeightPx);
        OpenPanel(ChannelHeightPx);
        ValueTicks(axis, 1);
        Path("v", path => path.Line(values, axis));
        ClosePanel(ChannelHeightPx, _file.Columns[channel]);
    }

    private void ScorePanel(PlotLane lane)
    {
        ColumnExtremes scores = ColumnExtremes.Of(_time, 1, row => lane.Run.Scores[row]);
        ScoreScale scale = ScoreScale.For(lane.Threshold, scores.Highest, ScoreHeightPx);
        OpenPanel(ScoreHeightPx);
        foreach (double tick in scale.Ticks())
        {
            _html.Write($"<text class=\"y\" x=\"-6\" y=\"{scale.TenthsOf(tick) / 10.0}\">{NumberSteps.Short(tick)}</text>");
        }

        Path("s", path => path.Area(scores, scale.TenthsOf, ScoreHeightPx));
        if (!scale.IsLinear)
        {
            _html.Write($"<path class=\"t\" d=\"M0 {scale.TenthsOf(scale.Threshold) / 10.0}h{TimeAxis.Columns}\"/>");
        }

        ClosePanel(ScoreHeightPx, $"score of {lane.Label}");
    }

    private void AlarmLanes()
    {
        for (int i = 0; i < _shownLanes; i++)
        {
            PlotLane lane = _lanes[i];
            _html.Write($"<g transform=\"translate({LeftPx} {_y})\">");
            _html.Write($"<text class=\"y\" x=\"-6\" y=\"5.5\">{Shortened(lane.Label)}</text>");
            foreach (AlarmKind kind in Enum.GetValues<AlarmKind>())
            {
                // A hit fills its lane and anything else half of it, so that colour is not needed to tell them.
                Boxes(ClassOf(kind), PlotLane.Spans(_time, lane.AlarmsOf(kind), 2), kind == AlarmKind.Hit ? LaneHeightPx - 3 : 5);
            }

            _html.Write($"<path class=\"g\" d=\"M0 {LaneHeightPx - 1}h{TimeAxis.Columns}\"/>");
            _html.Write($"<text class=\"o\" x=\"{TimeAxis.Columns + 6}\" y=\"5.5\">{lane.Outcome.WindowsFound} of ");
            _html.Write($"{_file.Windows.Count}, {lane.Outcome.FalseAlarms} false</text></g>");
            _y += LaneHeightPx;
        }
    }

    private void TimeLabels()
    {
        _html.Write($"<g transform=\"translate({LeftPx} {_y})\">");
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

    private void OpenPanel(int heightPx) =>
        _html.Write($"<g transform=\"translate({LeftPx} {_y})\"><path class=\"r\" d=\"M0 0h{TimeAxis.Columns}v{heightPx}H0z\"/>");

    /// <summary>Ends a panel with its title, which lies above the lines.</summary>
    private void ClosePanel(int heightPx, string title)
    {
        _html.Write($"<text class=\"n\" x=\"5\" y=\"12\">{title}</text></g>");
        _y += heightPx + GapPx;
    }

    private void ValueTicks(ValueAxis axis, int most)
    {
        foreach ((double value, string label) in axis.Ticks(most))
        {
            double y = axis.TenthsOf(value) / 10.0;
            _html.Write($"<path class=\"g\" d=\"M0 {y}h{TimeAxis.Columns}\"/>");
            _html.Write($"<text class=\"y\" x=\"-6\" y=\"{y}\">{label}</text>");
        }
    }

    private void Path(string kind, Action<PlotPath> points)
    {
        _html.Write($"<path class=\"{kind}\" d=\"");
        points(new PlotPath(_html));
        _html.Raw("\"/>");
    }

    private static string ClassOf(AlarmKind kind) => kind switch
    {
        AlarmKind.Hit => "h",
        AlarmKind.False => "e",
        _ => "q",
    };

    private static string Shortened(string label) =>
        label.Length <= MostLabelCharacters ? label : string.Concat(label.AsSpan(0, MostLabelCharacters - 1), "…");
}
