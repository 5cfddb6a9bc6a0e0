// What must hold between the values of a profile; the rules of single values are attributes of the record.

using EdgeLstm.Core.Json;
using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Framing;

/// <summary>The rules of a <see cref="SensorProfile"/>.</summary>
internal static class ProfileRules
{
    /// <summary>Channels a profile may have at most.</summary>
    public const int ChannelLimit = 1024;

    private const int SentenceLimit = 16;

    public static void Check(SensorProfile profile, ProblemList problems)
    {
        TransportRules.Check(profile, problems);
        CheckFraming(profile.FramingOrValues, problems);
        if (profile.Channels.Count is 0 or > ChannelLimit)
        {
            problems.Add("channels", $"must have 1 to {ChannelLimit} entries; got {profile.Channels.Count}");
        }

        if (profile.FramingOrValues.Kind == "number" && profile.Channels.Count > 1)
        {
            problems.Add("channels",
                $"must have one entry with framing number: a message is one number; got {profile.Channels.Count}");
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < profile.Channels.Count; i++)
        {
            ChannelProfile channel = profile.Channels[i];
            if (!names.Add(channel.Name))
            {
                problems.Add($"channels[{i}].name", $"'{channel.Name}' is given twice");
            }

            CheckChannel(channel, $"channels[{i}]", problems);
            CheckField(profile.FramingOrValues, channel.FieldText, $"channels[{i}].field", problems);
        }
    }

    private static void CheckFraming(FramingProfile framing, ProblemList problems)
    {
        string kind = framing.Kind;
        if (framing.Separator.Length != 1 || framing.Separator[0] is < '\t' or > '~' or '\n' or '\r' or '"')
        {
            problems.Add("framing.separator", $"must be one ASCII character such as ',' ';' or tab; got '{framing.Separator}'");
        }

        bool hasMarks = kind is "fixed" or "length-prefixed";
        bool hasChecksum = framing.IsBinary && kind != "cobs-crc16";
        Unused(framing.Header && kind != "csv", "header", "csv", problems);
        Unused(framing.Separator != "," && kind != "csv", "separator", "csv", problems);
        Unused(framing.Columns is not null && kind is not ("csv" or "nmea"), "columns", "csv and nmea", problems);
        Unused(framing.Sentence is not null && kind != "nmea", "sentence", "nmea", problems);
        Unused(framing.Fields is not null && !framing.IsBinary, "fields", "binary records", problems);
        Unused(framing.ByteOrder != "little" && !framing.IsBinary, "byteOrder", "binary records", problems);
        Unused(framing.Checksum is not null && !hasChecksum, "checksum", "binary records other than cobs-crc16", problems);
        Unused(framing.Start is not null && !hasMarks, "start", "fixed, length-prefixed", problems);
        Unused(framing.Delimiter is not null && !hasMarks && kind != "delimited", "delimiter",
            "delimited, fixed, length-prefixed", problems);
        Unused(framing.Length is not null && kind != "length-prefixed", "length", "length-prefixed", problems);
        CheckColumns(framing.Columns, problems);
        CheckSentence(framing, problems);
        if (framing.IsBinary)
        {
            BinaryRules.Check(framing, problems);
        }
    }

    private static void Unused(bool given, string key, string kinds, ProblemList problems)
    {
        if (given)
        {
            problems.Add($"framing.{key}", $"is for {kinds} only; leave it out");
        }
    }

    private static void CheckColumns(IReadOnlyList<string>? columns, ProblemList problems)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < columns?.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(columns[i]) || !names.Add(columns[i]))
            {
                problems.Add($"framing.columns[{i}]", $"must be a name that no other column has; got '{columns[i]}'");
            }
        }
    }

    private static void CheckSentence(FramingProfile framing, ProblemList problems)
    {
        if (framing.Kind == "nmea" && framing.Sentence is null)
        {
            problems.Add("framing.sentence", "is required for nmea: such as \"RMC\"; each sentence has fields of its own");
        }
        else if (framing.Sentence is { } sentence && (sentence.Length is < 3 or > SentenceLimit || !sentence.All(IsAddress)))
        {
            problems.Add("framing.sentence", $"must be 3 to {SentenceLimit} capital letters and digits; got '{sentence}'");
        }
    }

    private static bool IsAddress(char character) => char.IsAsciiLetterUpper(character) || char.IsAsciiDigit(character);

    private static void CheckChannel(ChannelProfile channel, string path, ProblemList problems)
    {
        if (string.IsNullOrWhiteSpace(channel.Name))
        {
            problems.Add($"{path}.name", "must not be empty");
        }

        if (channel.Scale == 0)
        {
            problems.Add($"{path}.scale", "must not be 0: every reading would be the offset");
        }

        if (channel.Low >= channel.High)
        {
            problems.Add($"{path}.low", $"must be below high {channel.High}; got {channel.Low}");
        }

        if (channel.Minimum >= channel.Maximum)
        {
            problems.Add($"{path}.minimum", $"must be below maximum {channel.Maximum}; got {channel.Minimum}");
        }
    }

    private static void CheckField(FramingProfile framing, string field, string path, ProblemList problems)
    {
        int index = FieldPath.IndexOf(field);
        int count = framing.IsBinary ? framing.Fields?.Count ?? 0 : framing.Columns?.Count ?? 0;
        if (field.Length == 0)
        {
            problems.Add(path, "must be a name, a dotted path or a 0-based index");
        }
        else if (index >= 0 && count > 0 && index >= count)
        {
            problems.Add(path, $"index {index} is beyond the last of {count} fields");
        }
        else if (index < 0 && framing.Columns is { } columns && !framing.Header && !columns.Contains(field))
        {
            problems.Add(path, $"no column has the name '{field}'{NearestName.DidYouMean(field, columns)}");
        }
        else if (index < 0 && framing.IsBinary && !Names(framing).Contains(field))
        {
            problems.Add(path, $"no field has the name '{field}'{NearestName.DidYouMean(field, Names(framing))}");
        }
        else if (index < 0 && framing.Columns is null && framing.Kind is "csv" or "nmea" && !framing.Header)
        {
            string where = framing.Kind == "csv" ? "framing.columns or framing.header" : "framing.columns";
            problems.Add(path, $"'{field}' is a name: set {where}, or give a 0-based index");
        }
    }

    private static IEnumerable<string> Names(FramingProfile framing) =>
        framing.Fields?.Select(known => known.Name).OfType<string>() ?? [];
}
