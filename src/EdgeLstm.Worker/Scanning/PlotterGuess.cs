// Arduino plotter lines: every line has the same labels, each with a number after its colon.

using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Scores lines of <c>label:value</c> parts split by space, tab or comma.</summary>
internal static class PlotterGuess
{
    /// <summary>The guess; null where no line has labels.</summary>
    public static FramingGuess? Of(FrameCuts lines)
    {
        string? usual = UsualLabels(lines, out string[] ofLine);
        if (usual is null)
        {
            return null;
        }

        RecordTally tally = new(lines.AllBytes);
        for (int line = 0; line < lines.Count; line++)
        {
            if (ofLine[line] == usual)
            {
                tally.Add(lines.LengthOf(line), lines.EndOf(line));
            }
        }

        ChannelNames channels = new();
        string[] labels = usual.Split('\n');
        foreach (string label in labels)
        {
            channels.Add(label, label);
        }

        return FramingGuess.From("plotter", tally, 1,
            $"{tally.Records} of {FramingGuess.Counted(lines.Count, "line")} have numbers labelled "
            + string.Join(", ", labels)) with
        {
            Framing = new FramingProfile("plotter"),
            Channels = channels.Channels,
        };
    }

    // The labels that most lines have, split by line ends.
    private static string? UsualLabels(FrameCuts lines, out string[] ofLine)
    {
        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        ofLine = new string[lines.Count];
        string? usual = null;
        for (int line = 0; line < lines.Count; line++)
        {
            ofLine[line] = Labels(lines[line]);
            if (ofLine[line].Length > 0)
            {
                int count = counts[ofLine[line]] = counts.GetValueOrDefault(ofLine[line]) + 1;
                usual = usual is null || count > counts[usual] ? ofLine[line] : usual;
            }
        }

        return usual;
    }

    // The labels of a line that consists of nothing else; empty where it is another kind of line.
    private static string Labels(ReadOnlySpan<byte> line)
    {
        StringBuilder labels = new();
        line = line.Trim(" \t,"u8);
        while (line.Length > 0)
        {
            int colon = line.IndexOf((byte)':');
            ReadOnlySpan<byte> label = colon <= 0 ? default : line[..colon].Trim(" "u8);
            if (label.Length == 0 || label.ContainsAny("\t,{}\""u8) || ChannelNumber.TryParse(label, out _))
            {
                return "";
            }

            line = line[(colon + 1)..].TrimStart(" "u8);
            int end = line.IndexOfAny(" \t,"u8);
            ReadOnlySpan<byte> value = end < 0 ? line : line[..end];
            if (value.Length == 0 || !ChannelNumber.TryParse(value, out _))
            {
                return "";
            }

            line = end < 0 ? default : line[end..].TrimStart(" \t,"u8);
            labels.Append(labels.Length == 0 ? "" : "\n").Append(Encoding.UTF8.GetString(label));
        }

        return labels.ToString();
    }
}
