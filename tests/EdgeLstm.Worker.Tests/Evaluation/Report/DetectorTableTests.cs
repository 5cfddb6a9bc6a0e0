// The table of a report: figures with intervals, the best of a column marked.

using System.Xml.Linq;
using EdgeLstm.Worker.Evaluation.Report;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Report;

public class DetectorTableTests
{
    [Fact]
    public void A_figure_stands_with_its_interval_and_one_that_cannot_be_said_is_a_dash()
    {
        XElement table = Table(true, (71.254, 65, 77.1), (22.1, double.NaN, double.NaN), (double.NaN, 1, 2));
        Assert.Equal(["71.25[65.00, 77.10]", "22.10", "–"], LastCells(table).Select(cell => cell.Value));
        Assert.Equal([1, 1, 0], LastCells(table).Select(cell => cell.Descendants("circle").Count()));
        Assert.Equal("NAB standardhigher is better", table.Descendants("thead").Single().Descendants("th").Last().Value);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void The_best_of_a_column_is_marked(bool higherIsBetter, int best)
    {
        XElement table = Table(higherIsBetter, (3, 2, 4), (1, 0, 2), (2, 1, 3));
        Assert.Equal(best, LastCells(table).FindIndex(cell => cell.Attribute("class")?.Value == "best"));
        Assert.Single(LastCells(table), cell => cell.Attribute("class") is not null);
    }

    [Fact]
    public void Detectors_of_one_name_are_told_apart_in_the_lanes()
    {
        SuiteFile file = MadeReport.File("a", 100);
        DetectorReport told = MadeReport.Detector("edgelstm", [MadeReport.Run(file, "edgelstm", [])]);
        SuiteReport report = MadeReport.Of([file], told, told with { WarmUp = "600 rows" }, told with { Name = "clock" });
        Assert.Equal(["edgelstm, probation", "edgelstm, 600 rows", "clock"], PlotLane.Of(report, 0).Select(lane => lane.Label));
    }

    [Theory]
    [InlineData(0, "0.00")]
    [InlineData(-3.456, "-3.46")]
    [InlineData(123.45, "123.5")]
    [InlineData(0.00123, "1.23e-3")]
    [InlineData(12_345_678, "1.235e7")]
    [InlineData(double.NaN, "–")]
    [InlineData(double.NegativeInfinity, "−∞")]
    public void Figures_have_as_many_digits_as_they_deserve(double value, string text) =>
        Assert.Equal(text, NumberSteps.Figure(value));

    [Theory]
    [InlineData(9, "9")]
    [InlineData(0, "0")]
    [InlineData(100, "100")]
    [InlineData(0.5, "0.5")]
    [InlineData(1.5e-10, "1.5e-10")]
    public void Ticks_of_scores_have_no_zeros_at_their_end(double value, string text) =>
        Assert.Equal(text, NumberSteps.Short(value));

    [Fact]
    public void A_file_without_labels_says_so()
    {
        SuiteFile file = MadeReport.File("a", 50);
        FileRun run = MadeReport.Run(file, "d", [new(30, 31)], hasForecast: false);
        SuiteReport report = MadeReport.Of([file], MadeReport.Detector("d", [run]));
        XElement figure = HtmlReportTests.Parsed(HtmlReportTests.Page(report)).Descendants("figure").Single();
        Assert.Contains("no labelled windows, 1 false alarm", figure.Element("figcaption")!.Value, StringComparison.Ordinal);
    }

    private static XElement Table(bool higherIsBetter, params (double Value, double Low, double High)[] figures)
    {
        SuiteReport report = MadeReport.Of([], [.. figures.Select((figure, i) =>
            MadeReport.Detector($"d{i}", [], MadeReport.Metric(figure.Value, figure.Low, figure.High, higherIsBetter)))]);
        return HtmlReportTests.Parsed(HtmlReportTests.Page(report)).Descendants("table").Single();
    }

    private static List<XElement> LastCells(XElement table) =>
        [.. table.Descendants("tbody").Single().Elements("tr").Select(row => row.Elements("td").Last())];
}
