// The table of all faults: test, count, lost, duplicates, verdict.

using System.Globalization;
using System.Text;

namespace EdgeLstm.Faults.Rig;

/// <summary>Written anew with each row, in the order of MQTT fault numbers, to the file that EDGELSTM_FAULTS_TABLE names;
/// without it to faults.md beside the tests.</summary>
internal static class FaultTable
{
    private static readonly SortedDictionary<double, string> Rows = [];

    private static string File =>
        Environment.GetEnvironmentVariable("EDGELSTM_FAULTS_TABLE") ?? Path.Combine(AppContext.BaseDirectory, "faults.md");

    /// <summary>Runs a test, adds its row, and fails where something is lost.</summary>
    /// <param name="number">Its number in the list of faults; a fraction for a second part.</param>
    /// <param name="test">What is broken.</param>
    /// <param name="count">How often, with a unit.</param>
    /// <param name="run">Breaks it.</param>
    public static void Row(double number, string test, string count, Func<Tally> run)
    {
        Tally tally;
        try
        {
            tally = run();
        }
        catch (SkipException skip)
        {
            Add(number, test, count, "–", "–", $"skipped: {skip.Message}");
            throw;
        }
        catch (Exception failure)
        {
            Add(number, test, count, "?", "?", $"**failed**: {failure.Message.Split('\n')[0]}");
            throw;
        }

        string verdict = tally.Lost == 0 ? "passed" : "**failed**";
        string remark = tally.Remark.Length > 0 ? $"; {tally.Remark}" : "";
        Add(number, test, count, Text(tally.Lost), Text(tally.Duplicates), verdict + remark);
        Assert.True(tally.Lost == 0, $"{tally.Lost} records are missing{remark}");
    }

    private static void Add(double number, string test, string count, string lost, string duplicates, string verdict)
    {
        lock (Rows)
        {
            string safe = verdict.Replace("|", "/", StringComparison.Ordinal);
            Rows[number] = string.Create(CultureInfo.InvariantCulture,
                $"| {number} | {test} | {count} | {lost} | {duplicates} | {safe} |");
            StringBuilder table = new("| # | Test | Count | Lost | Duplicates | Verdict |\n|---|---|---|---|---|---|\n");
            foreach (string row in Rows.Values)
            {
                table.Append(row).Append('\n');
            }

            System.IO.File.WriteAllText(File, table.ToString());
        }
    }

    private static string Text(int figure) => figure.ToString("N0", CultureInfo.InvariantCulture);
}
