// Counts as a sentence says them:  "1 file", "1,200 rows", "2 of 3 windows found, 1 false alarm".

using System.Globalization;

namespace EdgeLstm.Worker.Evaluation.Report;

/// <summary>Writes numbers of things for captions and summaries.</summary>
internal static class SpokenCounts
{
    /// <summary>A number of things: "1 file", "1,200 rows".</summary>
    public static string Counted(int count, string thing) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {thing}{(count == 1 ? "" : "s")}");

    /// <summary>What alarms came to: "2 of 3 windows found, 1 false alarm".</summary>
    public static string Outcome(int windowsFound, int windows, int falseAlarms) =>
        (windows > 0 ? $"{windowsFound} of {Counted(windows, "window")} found, " : "no labelled windows, ") +
        Counted(falseAlarms, "false alarm");
}
