// NMEA 0183 sentences: $GPRMC,…*hh with hh the exclusive-or of everything between '$' and '*'.

using System.Text;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Scores lines as sentences with a right checksum.</summary>
internal static class NmeaGuess
{
    // Most telling first; else the one that comes most often.
    private static readonly string[] Preferred = ["RMC", "GGA", "VTG", "MWV", "MDA", "DBT", "HDT"];

    // Fields after the address, as the standard names them; those of Unmeasured are numbers but no quantities.
    private static readonly (string Sentence, string[] Columns)[] Standard =
    [
        ("RMC", ["time", "status", "latitude", "northSouth", "longitude", "eastWest", "speed", "course", "date", "variation",
            "variationSide", "mode", "navigationStatus"]),
        ("GGA", ["time", "latitude", "northSouth", "longitude", "eastWest", "quality", "satellites", "dilution", "altitude",
            "altitudeUnit", "geoid", "geoidUnit", "correctionAge", "station"]),
    ];

    private static readonly string[] Unmeasured = ["time", "date", "correctionAge", "station"];

    /// <summary>The guess; null where no line is a sentence.</summary>
    public static FramingGuess? Of(FrameCuts lines)
    {
        Dictionary<string, int> sentences = new(StringComparer.Ordinal);
        int valid = 0;
        int validBytes = 0;
        for (int line = 0; line < lines.Count; line++)
        {
            if (AddressOf(lines[line]) is { } address)
            {
                sentences[address] = sentences.GetValueOrDefault(address) + 1;
                valid++;
                validBytes += lines.LengthOf(line);
            }
        }

        return valid == 0 ? null : Describe(lines, sentences, Choose(sentences), valid, validBytes);
    }

    private static FramingGuess Describe(
        FrameCuts lines, Dictionary<string, int> sentences, string chosen, int valid, int validBytes)
    {
        RecordTally records = new(lines.AllBytes);
        int[] numbers = [];   // [fields] how often each is a number
        for (int line = 0; line < lines.Count; line++)
        {
            if (AddressOf(lines[line]) == chosen)
            {
                records.Add(0, lines.EndOf(line));
                CountNumbers(lines[line], ref numbers);
            }
        }

        string[]? columns = ColumnsOf(chosen, numbers.Length);
        ChannelNames channels = new();
        for (int field = 0; field < numbers.Length; field++)
        {
            if (numbers[field] > 0 && (columns is null || !Unmeasured.Contains(columns[field])))
            {
                channels.Add(columns?[field] ?? "", columns?[field] ?? $"{field}");
            }
        }

        string evidence = $"{valid} of {FramingGuess.Counted(lines.Count, "line")} are sentences with a right checksum: "
            + string.Join(", ", sentences.Keys);
        double confidence = 100.0 * validBytes / Math.Max(1, lines.AllBytes) * valid / (valid + 1);
        return new FramingGuess("nmea", (int)Math.Round(confidence), evidence)
        {
            Records = records.Records,
            FirstEnd = records.FirstEnd,
            LastEnd = records.LastEnd,
            Framing = channels.Channels.Count == 0 ? null : new FramingProfile("nmea", Sentence: chosen, Columns: columns),
            Channels = channels.Channels,
        };
    }

    // Null for a sentence whose fields have no known names, or more than known.
    private static string[]? ColumnsOf(string address, int count)
    {
        foreach ((string sentence, string[] columns) in Standard)
        {
            if (address.EndsWith(sentence, StringComparison.Ordinal) && count <= columns.Length)
            {
                return columns[..count];
            }
        }

        return null;
    }

    // "GPRMC" of a whole sentence, else null.
    private static string? AddressOf(ReadOnlySpan<byte> line)
    {
        int star = line.IndexOf((byte)'*');
        if (line.Length < 9 || line[0] is not ((byte)'$' or (byte)'!') || star != line.Length - 3)
        {
            return null;
        }

        int sum = 0;
        foreach (byte value in line[1..star])
        {
            sum ^= value;
        }

        int comma = line.IndexOf((byte)',');
        bool fits = comma > 3 && Digit(line[star + 1]) == sum >> 4 && Digit(line[star + 2]) == (sum & 0xF);
        return fits ? Encoding.ASCII.GetString(line[1..comma]) : null;
    }

    private static int Digit(byte character) => (char)character switch
    {
        >= '0' and <= '9' => character - '0',
        >= 'A' and <= 'F' => character - 'A' + 10,
        >= 'a' and <= 'f' => character - 'a' + 10,
        _ => -1,
    };

    private static string Choose(Dictionary<string, int> sentences)
    {
        foreach (string wanted in Preferred)
        {
            foreach (string address in sentences.Keys)
            {
                if (address.EndsWith(wanted, StringComparison.Ordinal))
                {
                    return address;
                }
            }
        }

        string usual = "";
        foreach ((string address, int count) in sentences)
        {
            usual = count > sentences.GetValueOrDefault(usual) ? address : usual;
        }

        return usual;
    }

    private static void CountNumbers(ReadOnlySpan<byte> line, ref int[] numbers)
    {
        line = line[(line.IndexOf((byte)',') + 1)..line.IndexOf((byte)'*')];
        int field = 0;
        bool more = true;
        while (more)
        {
            int length = line.IndexOf((byte)',');
            more = length >= 0;
            ReadOnlySpan<byte> text = more ? line[..length] : line;
            line = more ? line[(length + 1)..] : default;
            if (field == numbers.Length)
            {
                Array.Resize(ref numbers, field + 1);
            }

            numbers[field++] += text.Length > 0 && ChannelNumber.TryParse(text, out _) ? 1 : 0;
        }
    }
}
