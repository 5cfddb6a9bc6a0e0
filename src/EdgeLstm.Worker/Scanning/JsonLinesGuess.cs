// JSON lines: every line is one JSON value; its numbers, by their paths, are the channels.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Worker.Framing;

namespace EdgeLstm.Worker.Scanning;

/// <summary>Scores lines as JSON objects or lists.</summary>
internal static class JsonLinesGuess
{
    private const int DepthLimit = 8;
    private const int PathLimit = 64;
    private const double UsualShare = 0.5;   // of the lines, for a path to be a channel

    /// <summary>The guess; null where no line is JSON with a number in it.</summary>
    public static FramingGuess? Of(FrameCuts lines)
    {
        RecordTally tally = new(lines.AllBytes);
        Dictionary<string, int> paths = new(StringComparer.Ordinal);
        for (int line = 0; line < lines.Count; line++)
        {
            if (TryCount(lines[line], paths))
            {
                tally.Add(lines.LengthOf(line), lines.EndOf(line));
            }
        }

        ChannelNames channels = new();
        foreach ((string path, int count) in paths)
        {
            if (count >= UsualShare * tally.Records)
            {
                channels.Add(NameOf(path), path);
            }
        }

        return channels.Channels.Count == 0
            ? null
            : FramingGuess.From("json-lines", tally, 1,
                $"{tally.Records} of {FramingGuess.Counted(lines.Count, "line")} are JSON") with
            {
                Framing = new FramingProfile("json-lines"),
                Channels = channels.Channels,
            };
    }

    private static bool TryCount(ReadOnlySpan<byte> line, Dictionary<string, int> paths)
    {
        line = line.Trim(" \t"u8);
        if (line.Length == 0 || line[0] is not ((byte)'{' or (byte)'['))
        {
            return false;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line.ToArray(), new JsonDocumentOptions { MaxDepth = DepthLimit });
            CountNumbers(document.RootElement, "", paths);
            return true;
        }
        catch (JsonException)
        {
            return false;   // noise, or a line that is cut off
        }
    }

    private static void CountNumbers(JsonElement value, string path, Dictionary<string, int> paths)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    CountNumbers(member.Value, Join(path, member.Name), paths);
                }

                break;
            case JsonValueKind.Array:
                int index = 0;
                foreach (JsonElement item in value.EnumerateArray())
                {
                    CountNumbers(item, Join(path, index++.ToString(CultureInfo.InvariantCulture)), paths);
                }

                break;
            case JsonValueKind.Number:
                if (paths.Count < PathLimit || paths.ContainsKey(path))
                {
                    paths[path] = paths.GetValueOrDefault(path) + 1;
                }

                break;
            default:
                break;
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    // The last key says what it is; a position in a list needs the list's name.
    private static string NameOf(string path)
    {
        string name = path[(path.LastIndexOf('.') + 1)..];
        return FieldPath.IndexOf(name) >= 0 ? (path.Contains('.') ? path.Replace('.', '_') : "") : name;
    }
}
