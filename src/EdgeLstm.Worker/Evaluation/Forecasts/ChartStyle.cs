// What the page of an evaluation adds to the style of all reports: lines of forecasters, told apart by dashes too, and legends.

using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>The constant parts of the page.</summary>
internal static class ChartStyle
{
    /// <summary>The style sheet, behind that of all reports.</summary>
    public const string Sheet = """

        .warnings li { color: var(--false); } .warnings li:only-child { margin-bottom: 8px; }
        tr.first th, tr.first td { border-top: 2px solid var(--line); } th:nth-child(2) { text-align: left; }
        td, tbody th, td.best span { white-space: nowrap; } td, th { padding-right: 8px; padding-left: 8px; }
        svg .l0 { stroke: var(--value); stroke-width: 2.4; } svg .l1 { stroke: var(--ink); stroke-width: 1.4; opacity: .7; }
        svg .l2 { stroke: var(--window); stroke-width: 1.6; stroke-dasharray: 2 4; }
        svg .l3 { stroke: var(--score); stroke-width: 1.6; stroke-dasharray: 8 4; }
        svg .d0 { fill: var(--value); } svg .d1 { fill: var(--ink); opacity: .7; } svg .d2 { fill: var(--window); }
        svg .d3 { fill: var(--score); } svg .u { stroke: var(--value); stroke-width: 2; }

        """;

    /// <summary>What the lines of the forecasters look like.</summary>
    public const string ForecasterLegend = """
        <div class="legend">
        <span><svg viewBox="0 0 26 14"><path class="l0" d="M0 7h26"/></svg>model</span>
        <span><svg viewBox="0 0 26 14"><path class="l1" d="M0 7h26"/></svg>persistence</span>
        <span><svg viewBox="0 0 26 14"><path class="l2" d="M0 7h26"/></svg>seasonal naive</span>
        <span><svg viewBox="0 0 26 14"><path class="l3" d="M0 7h26"/></svg>linear autoregression</span>
        </div>

        """;

    /// <summary>What the marks of a forecast over time mean.</summary>
    public const string ForecastLegend = """
        <div class="legend">
        <span><svg viewBox="0 0 26 14"><path class="v" d="M1 10l6-6 6 5 6-6 6 5"/></svg>value</span>
        <span><svg viewBox="0 0 26 14"><path class="f" d="M1 10l6-6 6 5 6-6 6 5"/></svg>forecast</span>
        <span><svg viewBox="0 0 26 14"><path class="b" d="M1 2h24v10H1z"/></svg>its band</span>
        <span><svg viewBox="0 0 26 14"><path class="w" d="M1 0h24v14H1z"/></svg>labelled, not measured</span>
        </div>

        """;

    /// <summary>The number of a forecaster's line.</summary>
    public static int LineOf(string forecaster) => forecaster switch
    {
        Persistence.BaselineName => 1,
        SeasonalNaive.BaselineName => 2,
        LinearAutoregression.BaselineName => 3,
        _ => 0,
    };

    /// <summary>A warning in few words.</summary>
    public static string TitleOf(WarningKind kind) => kind switch
    {
        WarningKind.CollapsedToMean => "Collapsed to the mean.",
        WarningKind.CollapsedToPersistence => "Collapsed to persistence.",
        WarningKind.DistributionShift => "Another distribution.",
        WarningKind.LosesToBaseline => "No better than a baseline.",
        _ => "Rows it may have seen.",
    };
}
