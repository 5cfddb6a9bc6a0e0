// The table of an evaluation: a line of figures per detector, the interval of each below it.

using System.Globalization;
using EdgeLstm.Core.Collections;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>Writes a report as text.</summary>
internal static class SuiteText
{
    private const string Unknown = "–";

    /// <summary>Writes the table and what belongs under it.</summary>
    public static void Write(TextWriter output, SuiteReport report)
    {
        long rows = 0;
        int windows = 0;
        foreach (SuiteFile file in report.Files)
        {
            rows += file.Rows.Length;
            windows += file.Windows.Count;
        }

        output.WriteLine($"{report.Suite}: {Counted(report.Files.Count, "file")}, {Counted(rows, "row")}, "
            + $"{Counted(windows, "labelled window")}, {report.Date}");
        output.WriteLine();
        WriteTable(output, report.Detectors);
        output.WriteLine();
        foreach (string note in report.Notes)
        {
            output.WriteLine(note);
        }
    }

    /// <summary>A figure with as many digits as its size needs; a dash where it cannot be said.</summary>
    public static string Figure(double value) => Math.Abs(value) switch
    {
        double.NaN => Unknown,
        < 10 => value.ToString("0.000", CultureInfo.InvariantCulture),
        < 1000 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("#,0", CultureInfo.InvariantCulture),
    };

    private static void WriteTable(TextWriter output, IReadOnlyList<DetectorReport> detectors)
    {
        List<string[]> rows = [];
        if (detectors.Count > 0)
        {
            rows.Add(["detector", "warm-up", .. detectors[0].Metrics.Select(Head)]);
        }

        foreach (DetectorReport detector in detectors)
        {
            rows.Add([detector.Name, detector.WarmUp, .. detector.Metrics.Select(metric => Figure(metric.Value))]);
            rows.Add(["", "", .. detector.Metrics.Select(Interval)]);
        }

        int[] widths = ArrayProjection.Of(
            rows.Count == 0 ? 0 : rows[0].Length, column => rows.Max(row => row[column].Length));
        foreach (string[] row in rows)
        {
            output.WriteLine("  " + string.Join("  ", row.Select(
                (cell, column) => column < 2 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }

    private static string Counted(long count, string thing) =>
        FormattableString.Invariant($"{count:#,0} {thing}{(count == 1 ? "" : "s")}");

    private static string Head(Metric metric) => metric.Unit.Length == 0 ? metric.Title : $"{metric.Title}, {metric.Unit}";

    private static string Interval(Metric metric) =>
        double.IsNaN(metric.Low) ? "" : $"[{Figure(metric.Low)}, {Figure(metric.High)}]";
}
