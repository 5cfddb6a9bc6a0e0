// The page of an evaluation: well-formed, closed in itself, escaped, of bounded size.

using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using EdgeLstm.Worker.Evaluation.Report;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Report;

public class HtmlReportTests
{
    [Fact]
    public void The_page_is_well_formed_and_has_a_plot_per_file_within_its_category()
    {
        XElement page = Parsed(Page(Usual()));
        List<XElement> categories = [.. page.Descendants("details")];
        Assert.Equal(
            ["pumps: 2 files, 3 of 4 windows found, 2 false alarms", "fans: 1 file, 1 of 2 windows found, 1 false alarm"],
            categories.Select(category => category.Element("summary")!.Value));
        Assert.Equal([2, 1], categories.Select(category => category.Elements("figure").Count()));
        Assert.All(categories, category => Assert.Null(category.Attribute("open")));
        Assert.Contains("Twelve configurations were scored.", page.Descendants("li").Select(note => note.Value));
        string opening = page.Descendants("p").First().Value;
        Assert.StartsWith("2026-01-31: 2 detectors over 3 files, 5,300 rows, 6 labelled windows.", opening,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_plot_has_value_forecast_band_score_windows_alarms_and_times()
    {
        XElement plot = Parsed(Page(Usual())).Descendants("figure").First();
        foreach (string kind in (string[])["v", "f", "b", "s", "t", "w", "p", "h", "e"])
        {
            Assert.NotEqual("", PathOf(plot, kind));
        }

        Assert.Equal(2, PathOf(plot, "w").Count(c => c == 'M'));
        Assert.Contains("2014-02-08", plot.Value, StringComparison.Ordinal);
        Assert.Contains("2014-02-07 10:30 to 2014-02-14", plot.Value, StringComparison.Ordinal);
        Assert.Contains("2 of 2, 1 false", plot.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_names_nothing_outside_itself()
    {
        AssertNamesNothingOutside(Page(Usual()));
    }

    [Fact]
    public void Names_from_files_cannot_become_markup()
    {
        const string Evil = "</svg><script>alert(\"1\")</script>&'\u0001";
        SuiteFile file = MadeReport.File(Evil, 300, Evil, 2) with { Columns = [Evil, Evil] };
        Metric metric = MadeReport.Metric(1, 0, 2) with { Title = Evil, Unit = Evil };
        SuiteReport report = MadeReport.Of([file], MadeReport.Detector(Evil, [MadeReport.Run(file, Evil, [])], metric)) with
        {
            Suite = Evil,
            Date = Evil,
            Notes = [Evil],
        };
        XElement page = Parsed(Page(report));
        string shown = Evil.Replace('\u0001', '\ufffd');
        Assert.Single(page.Descendants("script"));
        Assert.Contains(shown, page.Descendants("li").Select(note => note.Value));
        Assert.Equal(shown, page.Descendants("figcaption").Single().Element("b")!.Value);
        Assert.StartsWith(shown, page.Descendants("summary").Single().Value, StringComparison.Ordinal);
        Assert.StartsWith(shown, page.Descendants("tbody").Single().Descendants("th").Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_20000_rows_takes_less_than_60_kB_whatever_is_in_it()
    {
        SuiteFile file = MadeReport.File("long", 20_000);
        Random random = new(5);
        file = file with { Rows = [.. Enumerable.Range(0, 20_000).Select(_ => (float[])[(float)(1000 * random.NextDouble())])] };
        List<Window> alarms = [.. Enumerable.Range(0, 400).Select(i => new Window(50 * i, (50 * i) + 3))];
        List<DetectorReport> detectors = [.. Enumerable.Range(0, 6).Select(i =>
            MadeReport.Detector($"detector {i}", [MadeReport.Run(file, $"detector {i}", alarms)]))];
        int withFile = Page(MadeReport.Of([file], [.. detectors])).Length;
        int without = Page(MadeReport.Of([], [.. detectors])).Length;
        Assert.InRange(withFile - without, 20_000, 60_000);
    }

    [Fact]
    public void The_extremes_of_a_long_file_are_drawn_where_they_were()
    {
        SuiteFile file = MadeReport.File("spikes", 20_000);
        file.Rows[7_777][0] = 500;
        file.Rows[12_345][0] = -500;
        XElement plot = Parsed(Page(MadeReport.Of([file]))).Descendants("figure").Single();
        List<(double X, double Y)> points = PointsOf(PathOf(plot, "v"));
        // A margin of 4 % of the range lies above and below.
        double margin = FilePlot.ValueHeightPx * 0.04 / 1.08;
        (double X, double Y) top = points.MinBy(point => point.Y);
        (double X, double Y) bottom = points.MaxBy(point => point.Y);
        Assert.Equal(Math.Round(7_777 * 999.0 / 19_999), top.X);
        Assert.Equal(margin, top.Y, 0.06);
        Assert.Equal(Math.Round(12_345 * 999.0 / 19_999), bottom.X);
        Assert.Equal(FilePlot.ValueHeightPx - margin, bottom.Y, 0.06);
        Assert.InRange(points.Count, 1500, 2001);
        Assert.All(points, point => Assert.InRange(point.X, 0, TimeAxis.Columns - 1));
    }

    [Fact]
    public void A_file_without_values_or_detectors_and_a_report_without_files_are_pages_too()
    {
        Assert.Empty(Parsed(Page(MadeReport.Of([]))).Descendants("figure"));
        SuiteFile[] files =
        [
            MadeReport.File("empty", 0),
            MadeReport.File("one", 1),
            MadeReport.File("missing", 50) with { Rows = [.. Enumerable.Repeat<float[]>([float.NaN], 50)] },
            MadeReport.File("infinite", 50) with { Rows = [.. Enumerable.Repeat<float[]>([float.PositiveInfinity], 50)] },
        ];
        XElement page = Parsed(Page(MadeReport.Of(files)));
        Assert.Equal([0, 1, 1, 1], page.Descendants("figure").Select(figure => figure.Elements("svg").Count()));
        Assert.DoesNotContain("NaN", page.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("∞", page.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_forecast_and_one_with_wild_numbers_are_drawn_within_their_panels()
    {
        SuiteFile file = MadeReport.File("wild", 400);
        FileRun plain = MadeReport.Run(file, "plain", [new(10, 12)], hasForecast: false);
        FileRun wild = MadeReport.Run(file, "wild", []) with
        {
            Forecast = [.. Enumerable.Repeat(float.MaxValue, 400)],
            Low = [.. Enumerable.Repeat(float.NegativeInfinity, 400)],
            Scores = [double.PositiveInfinity, double.MaxValue, double.NaN, .. Enumerable.Repeat(1.0, 397)],
        };
        XElement first = PlotOf(plain);
        Assert.DoesNotContain(first.Descendants("path"), path => path.Attribute("class")!.Value is "f" or "b");
        XElement second = PlotOf(wild);
        Assert.All(PointsOf(PathOf(second, "f")), point => Assert.Equal(0, point.Y));
        Assert.Equal("", PathOf(second, "b"));
        Assert.DoesNotContain("NaN", second.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_columns_have_small_panels_and_those_beyond_seven_are_counted()
    {
        SuiteFile file = MadeReport.File("many", 500, channels: 10);
        XElement figure = Parsed(Page(MadeReport.Of([file]))).Descendants("figure").Single();
        Assert.Equal(8, figure.Descendants("path").Count(path => path.Attribute("class")!.Value == "v"));
        Assert.Contains("2 more columns not drawn", figure.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_takes_the_page_in_utf8_and_stays_open()
    {
        using MemoryStream stream = new();
        HtmlReport.Write(stream, Usual());
        Assert.True(stream.CanWrite);
        Assert.Equal((byte)'<', stream.GetBuffer()[0]);
        Assert.Equal(Page(Usual()), Encoding.UTF8.GetString(stream.ToArray()));
    }

    internal static string Page(SuiteReport report)
    {
        StringWriter writer = new(CultureInfo.InvariantCulture);
        HtmlReport.Write(writer, report);
        return writer.ToString();
    }

    internal static XElement Parsed(string page)
    {
        using XmlReader reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Ignore,
            XmlResolver = null,
            CheckCharacters = true,
        });
        return XElement.Load(reader);
    }

    private static SuiteReport Usual()
    {
        SuiteFile[] files = [MadeReport.File("a", 2000), MadeReport.File("b", 1300, "fans"), MadeReport.File("c", 2000)];
        return MadeReport.Of(files,
            MadeReport.Detector("edgelstm",
                [
                    MadeReport.Run(files[0], "edgelstm", [new(300, 310), new(990, 1001), new(1500, 1501)]),
                    MadeReport.Run(files[1], "edgelstm", [new(20, 30), new(300, 310), new(650, 650)]),
                    MadeReport.Run(files[2], "edgelstm", [new(500, 505), new(1000, 1010), new(1015, 1016)]),
                ],
                MadeReport.Metric(71.25, 65, 77)),
            MadeReport.Detector("alarmClock", [.. files.Select(file => MadeReport.Run(file, "alarmClock", [], false))],
                MadeReport.Metric(22.1, double.NaN, double.NaN)));
    }

    private static XElement PlotOf(FileRun run) =>
        Parsed(Page(MadeReport.Of([run.File], MadeReport.Detector(run.Detector, [run])))).Descendants("figure").Single();

    private static string PathOf(XElement figure, string kind) =>
        string.Concat(figure.Descendants("path").Where(path => path.Attribute("class")!.Value == kind)
            .Select(path => path.Attribute("d")!.Value));

    /// <summary>The points of a path of M x y and l dx dy … alone.</summary>
    private static List<(double X, double Y)> PointsOf(string path)
    {
        List<(double X, double Y)> points = [];
        foreach (string part in path.Split('M', StringSplitOptions.RemoveEmptyEntries))
        {
            double x = 0;
            double y = 0;
            string[] texts = part.Replace('l', ' ').Replace("-", " -", StringComparison.Ordinal)
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            double[] numbers = [.. texts.Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
            for (int i = 0; i < numbers.Length; i += 2)
            {
                (x, y) = (x + numbers[i], y + numbers[i + 1]);
                points.Add((x, y));
            }
        }

        return points;
    }

    /// <summary>A page that a browser shows without loading anything, and that forbids it to.</summary>
    internal static void AssertNamesNothingOutside(string page)
    {
        XElement parsed = Parsed(page);
        Assert.DoesNotContain("://", page, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", page, StringComparison.OrdinalIgnoreCase);
        string[] loading = ["src", "href", "data", "srcset", "action", "poster"];
        Assert.DoesNotContain(parsed.Descendants().Attributes(), attribute => loading.Contains(attribute.Name.LocalName));
        Assert.DoesNotContain(parsed.Descendants(), element => element.Name.LocalName is "link" or "img" or "iframe" or "base");
        Assert.Contains("default-src 'none'", page, StringComparison.Ordinal);
    }
}
