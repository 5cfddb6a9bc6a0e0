// What every report's page holds:  style for light and dark, legend and script. All of it is well-formed XML as it is.

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>The constant parts of a report.</summary>
/// <remarks>
/// Colours: Okabe and Ito (2008), "Color Universal Design", lightened for the dark page; nothing is told by colour alone. The
/// script has no character that XML would need escaped.
/// </remarks>
internal static class HtmlPage
{
    /// <summary>The style sheet.</summary>
    public const string Style = """

        :root { color-scheme: light dark; --page: #fff; --ink: #1a1c1f; --soft: #5c6470; --line: #d9dde3; --panel: #f7f8fa;
          --value: #0072b2; --forecast: #d98200; --window: #009e73; --score: #7a5195; --hit: #00795a; --false: #d55e00; }
        @media (prefers-color-scheme: dark) { :root { --page: #15171a; --ink: #e6e8eb; --soft: #9aa3af; --line: #33383f;
          --panel: #1c1f23; --value: #56b4e9; --forecast: #e69f00; --window: #2fc39a; --score: #b99ad6; --hit: #2fc39a;
          --false: #ff8a3d; } }
        body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
        main { max-width: 1240px; margin: 0 auto; padding: 16px 20px 48px; }
        h1 { font-size: 24px; margin: 12px 0 4px; } h2 { font-size: 18px; margin: 28px 0 4px; } p { margin: 6px 0 12px; }
        p, li { max-width: 80ch; }
        small { display: block; font-size: 12px; font-weight: normal; color: var(--soft); }
        .scroll, figure { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: 6px 12px; border-bottom: 1px solid var(--line); vertical-align: top; text-align: right; }
        thead th { font-size: 13px; vertical-align: bottom; } th:first-child, td:nth-child(2) { text-align: left; }
        tbody th small { max-width: 34ch; } td small { white-space: nowrap; } td.best span { font-weight: bold; }
        td.best span::after { content: " \2605"; color: var(--forecast); }
        .bar { display: block; width: 96px; height: 8px; margin: 4px 0 0 auto; }
        .bar path { stroke: var(--value); stroke-width: 2; opacity: .6; } .bar circle { fill: var(--value); }
        details { border-top: 1px solid var(--line); } details:last-of-type { border-bottom: 1px solid var(--line); }
        summary { padding: 10px 0; cursor: pointer; font-weight: 600; }
        figure { margin: 0 0 26px; content-visibility: auto; contain-intrinsic-size: auto 400px; }
        figcaption { font-size: 13px; color: var(--soft); } figcaption b { color: var(--ink); font-size: 14px; }
        figure svg { display: block; width: 100%; min-width: 760px; height: auto; }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; margin: 8px 0 12px; padding: 0; }
        .legend span { display: inline-flex; align-items: center; gap: 6px; } .legend svg { width: 26px; height: 14px; }
        button { display: none; font: inherit; font-size: 13px; margin: 0 8px 12px 0; } .js button { display: inline-block; }
        svg text { font: 11px system-ui, sans-serif; fill: var(--soft); } svg path { fill: none; stroke-linejoin: round; }
        svg .y { text-anchor: end; dominant-baseline: central; } svg .x { text-anchor: middle; } svg .n { fill: var(--ink); }
        svg .n, svg .m { stroke: var(--page); stroke-width: 3px; paint-order: stroke; stroke-linejoin: round; }
        svg .o { dominant-baseline: central; }
        svg .r { fill: var(--panel); fill-opacity: .45; stroke: var(--line); } svg .g { stroke: var(--line); opacity: .7; }
        svg .p { fill: var(--soft); opacity: .16; } svg .w { fill: var(--window); opacity: .24; }
        svg .c { stroke: var(--window); stroke-width: 1.5; stroke-dasharray: 5 3; }
        svg .v { stroke: var(--value); stroke-width: 1.2; stroke-linecap: round; }
        svg .f { stroke: var(--forecast); stroke-width: 1.2; stroke-linecap: round; opacity: .85; }
        svg .b { fill: var(--forecast); opacity: .28; } svg .s { fill: var(--score); opacity: .85; }
        svg .t { stroke: var(--ink); stroke-dasharray: 6 4; opacity: .8; } svg .h { fill: var(--hit); }
        svg .e { fill: var(--false); } svg .q { fill: var(--soft); }
        svg .k { stroke: var(--ink); opacity: .5; pointer-events: none; }
        svg .m { fill: var(--ink); pointer-events: none; }

        """;

    /// <summary>What the marks of a plot mean, and the buttons that the script brings to life.</summary>
    public const string Legend = """
        <div class="legend">
        <span><svg viewBox="0 0 26 14"><path class="v" d="M1 10l6-6 6 5 6-6 6 5"/></svg>value</span>
        <span><svg viewBox="0 0 26 14"><path class="f" d="M1 10l6-6 6 5 6-6 6 5"/></svg>forecast</span>
        <span><svg viewBox="0 0 26 14"><path class="b" d="M1 2h24v10H1z"/></svg>its band</span>
        <span><svg viewBox="0 0 26 14"><path class="s" d="M1 14l6-4 6 2 6-11 6 13z"/></svg>score</span>
        <span><svg viewBox="0 0 26 14"><path class="t" d="M0 7h26"/></svg>threshold</span>
        <span><svg viewBox="0 0 26 14"><path class="w" d="M1 0h24v14H1z"/></svg>labelled window</span>
        <span><svg viewBox="0 0 26 14"><path class="c" d="M13 0v14"/></svg>labelled change</span>
        <span><svg viewBox="0 0 26 14"><path class="p" d="M1 0h24v14H1z"/></svg>does not count yet</span>
        <span><svg viewBox="0 0 26 14"><path class="h" d="M2 2h9v10h-9zM19 12l-4-8h8z"/></svg>alarm in a window</span>
        <span><svg viewBox="0 0 26 14"><path class="e" d="M2 2h9v5h-9zM19 12l-4-8h8z"/></svg>false alarm</span>
        <span><svg viewBox="0 0 26 14"><path class="q" d="M2 2h9v5h-9zM19 12l-4-8h8z"/></svg>alarm before rows count</span>
        </div><div><button type="button" value="open">Open all</button><button type="button" value="">Close all</button></div>

        """;

    /// <summary>Opens and closes categories, and says time and value below the pointer.</summary>
    public static readonly string Script = $$"""

        document.documentElement.className = 'js';
        for (const button of document.querySelectorAll('button'))
          button.onclick = () => {
            for (const part of document.querySelectorAll('details')) part.open = button.value === 'open';
          };
        let line, text;
        document.addEventListener('pointermove', event => {
          if (line) { line.remove(); text.remove(); line = text = null; }
          const plot = event.target.closest('svg[data-last]');
          if (!plot) return;
          const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse());
          const x = at.x - {{FilePlot.LeftPx}}, y = at.y - {{FilePlot.TopPx}}, data = plot.dataset;
          if (0 > x || x > {{TimeAxis.Columns - 1}}) return;
          const time = +data.first + x / {{TimeAxis.Columns - 1}} * (data.last - data.first);
          let words = data.unit === 'row' ? 'row ' + Math.round(time)
            : new Date(time * 1000).toISOString().slice(0, 19).replace('T', ' ');
          if (y >= 0) if ({{FilePlot.ValueHeightPx}} >= y)
            words += '  ' + (+data.high - y / {{FilePlot.ValueHeightPx}} * (data.high - data.low)).toPrecision(4);
          line = document.createElementNS(plot.namespaceURI, 'path');
          line.setAttribute('class', 'k');
          line.setAttribute('d', 'M' + at.x + ' {{FilePlot.TopPx}}V' + (plot.viewBox.baseVal.height - {{FilePlot.TimeHeightPx}}));
          text = document.createElementNS(plot.namespaceURI, 'text');
          text.setAttribute('class', 'm');
          text.setAttribute('x', x > 800 ? at.x - 6 : at.x + 6);
          text.setAttribute('y', {{FilePlot.TopPx}} + 24);
          text.setAttribute('text-anchor', x > 800 ? 'end' : 'start');
          text.textContent = words;
          plot.append(line, text);
        });

        """;
}
