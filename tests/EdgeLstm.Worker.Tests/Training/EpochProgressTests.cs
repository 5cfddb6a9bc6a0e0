// Progress: a line for every epoch in a log, one line written over and over on a terminal.

using System.Text.RegularExpressions;
using EdgeLstm.Training;
using EdgeLstm.Worker.Training;

namespace EdgeLstm.Worker.Tests.Training;

public class EpochProgressTests
{
    private static readonly EpochReport[] Epochs =
        [new(1, 0.5, 12.25, 1, 0.1, true), new(2, 0.25, 0.5, 1, 0.1, true), new(3, 0.125, 0.75, 1, 0.1, false)];

    [Fact]
    public void A_log_has_a_line_for_every_epoch_with_the_time_that_is_left()
    {
        string[] lines = Show(columns: null).TrimEnd().Split('\n', StringSplitOptions.TrimEntries);

        Assert.Equal(3, lines.Length);
        Assert.Matches(new Regex("^1/3: loss 0.5000, validation 12.2500 \\(best 12.2500 at 1\\), ≤ .+ left$"), lines[0]);
        Assert.Equal("3/3: loss 0.1250, validation 0.7500 (best 0.5000 at 2)", lines[2]);
    }

    [Fact]
    public void A_terminal_has_one_line_without_rests_of_longer_ones()
    {
        string text = Show(columns: 200);

        Assert.EndsWith(Environment.NewLine, text, StringComparison.Ordinal);
        string[] shown = text.TrimEnd('\r', '\n').Split('\r')[1..];
        Assert.Equal(3, shown.Length);
        Assert.DoesNotContain('\n', string.Concat(shown));
        Assert.True(shown[1].Length >= shown[0].Length, "a shorter line leaves the end of a longer one");
    }

    [Fact]
    public void A_narrow_terminal_has_as_much_of_the_line_as_fits()
    {
        Assert.All(Show(columns: 30).TrimEnd().Split('\r')[1..], line => Assert.True(line.Length < 30));
        Assert.Contains("\r3/3: loss 0.1250, validation ", Show(columns: 30), StringComparison.Ordinal);
    }

    private static string Show(int? columns)
    {
        using StringWriter output = new();
        EpochProgress progress = new(output, columns);
        progress.Begin(3);
        foreach (EpochReport epoch in Epochs)
        {
            progress.Show(epoch);
        }

        progress.End();
        return output.ToString();
    }
}
