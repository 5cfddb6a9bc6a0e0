// Labelled windows of time:  {"file.csv": [["2014-04-10 07:15:00", "2014-04-11 16:45:00"], …], …}, or such a list alone,
// or CSV lines  start,end.

using System.Text;
using System.Text.Json;
using EdgeLstm.Worker.Sensors;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>When something was wrong, both ends included.</summary>
/// <param name="StartSeconds">Unix time of the first row.</param>
/// <param name="EndSeconds">Unix time of the last row.</param>
internal readonly record struct LabelledTime(double StartSeconds, double EndSeconds);

/// <summary>Reads labels and finds the rows that they mean.</summary>
/// <remarks>
/// Times are written as in recordings: calendar text or a Unix time. For a recording without times they are indices of rows, from
/// 0.
/// </remarks>
internal static class WindowLabels
{
    private const string Expected = "expected pairs of times: [[\"2014-04-10 07:15:00\", \"2014-04-11 16:45:00\"], …]";

    // Times are kept as seconds in double precision: exact to less than a microsecond.
    private const double ToleranceSeconds = 1e-6;

    /// <summary>Reads the labels of many files, NAB's combined_windows.json.</summary>
    /// <returns>The windows by "category/file.csv".</returns>
    /// <exception cref="CorpusException">The file cannot be read or is no such file.</exception>
    public static Dictionary<string, LabelledTime[]> ReadCombined(string path)
    {
        using JsonDocument document = Parse(path, ReadAll(path));
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new CorpusException($"{path}: expected one JSON object with a list of windows per file");
        }

        Dictionary<string, LabelledTime[]> windows = [];
        foreach (JsonProperty file in document.RootElement.EnumerateObject())
        {
            windows[file.Name] = ReadList(path, file.Name, file.Value);
        }

        return windows;
    }

    /// <summary>Reads the labels of one recording, JSON or CSV.</summary>
    /// <param name="path">The labels.</param>
    /// <param name="recording">Name of the recording, by which its list is found in a file with several.</param>
    /// <exception cref="CorpusException">The file cannot be read or is no such file.</exception>
    public static LabelledTime[] Read(string path, string recording)
    {
        byte[] text = ReadAll(path);
        if (text.AsSpan().TrimStart(" \t\r\n\uFEFF"u8) is not [(byte)'{' or (byte)'[', ..])
        {
            return ReadCsv(path, text);
        }

        using JsonDocument document = Parse(path, text);
        JsonElement root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object)
        {
            string name = Path.GetFileName(recording);
            foreach (JsonProperty file in root.EnumerateObject())
            {
                if (Path.GetFileName(file.Name) == name)
                {
                    return ReadList(path, file.Name, file.Value);
                }
            }

            throw new CorpusException($"{path}: has no windows for '{name}'");
        }

        return ReadList(path, "", root);
    }

    /// <summary>The rows that lie in labelled times.</summary>
    /// <param name="source">What to name in an error.</param>
    /// <param name="labels">The times.</param>
    /// <param name="unixSeconds">When each row was measured.</param>
    /// <exception cref="CorpusException">No row lies in one of them, or two overlap.</exception>
    public static Window[] Place(string source, LabelledTime[] labels, double[] unixSeconds)
    {
        Window[] windows = new Window[labels.Length];
        for (int k = 0; k < labels.Length; k++)
        {
            LabelledTime label = labels[k];
            bool Lies(double time) =>
                time >= label.StartSeconds - ToleranceSeconds && time <= label.EndSeconds + ToleranceSeconds;
            windows[k] = new Window(Array.FindIndex(unixSeconds, Lies), Array.FindLastIndex(unixSeconds, Lies));
            if (windows[k].First < 0)
            {
                throw new CorpusException($"{source}: no row lies in the window from {Timestamp.Text(label.StartSeconds)} to "
                    + Timestamp.Text(label.EndSeconds));
            }
        }

        Array.Sort(windows, (a, b) => a.First.CompareTo(b.First));
        for (int k = 1; k < windows.Length; k++)
        {
            if (windows[k].First <= windows[k - 1].Last)
            {
                throw new CorpusException($"{source}: the windows at rows {windows[k - 1].First} and {windows[k].First} overlap");
            }
        }

        return windows;
    }

    private static LabelledTime[] ReadList(string path, string item, JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new CorpusException($"{path}: {item}: {Expected}");
        }

        List<LabelledTime> windows = [];
        foreach (JsonElement pair in list.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2)
            {
                throw new CorpusException($"{path}: {item}: window {windows.Count + 1}: {Expected}");
            }

            windows.Add(Between(path, pair[0].ToString(), pair[1].ToString()));
        }

        return [.. windows];
    }

    // A header is a first line whose first field is no time.
    private static LabelledTime[] ReadCsv(string path, byte[] text)
    {
        List<LabelledTime> windows = [];
        string[] lines = Encoding.UTF8.GetString(text)
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < lines.Length; i++)
        {
            string[] fields = lines[i].TrimStart('\uFEFF').Split([',', ';', '\t'], StringSplitOptions.TrimEntries);
            bool isHeader = i == 0 && !TryTime(fields[0], out _);
            if (!isHeader)
            {
                windows.Add(fields.Length >= 2
                    ? Between(path, fields[0], fields[1])
                    : throw new CorpusException($"{path}, line {i + 1}: expected start,end; found '{lines[i]}'"));
            }
        }

        return [.. windows];
    }

    private static LabelledTime Between(string path, string start, string end)
    {
        if (!TryTime(start, out double startSeconds) || !TryTime(end, out double endSeconds))
        {
            throw new CorpusException($"{path}: '{start}' to '{end}': {Expected}");
        }

        return endSeconds >= startSeconds
            ? new LabelledTime(startSeconds, endSeconds)
            : throw new CorpusException($"{path}: the window from {start} ends before it begins, at {end}");
    }

    private static bool TryTime(string text, out double unixSeconds)
    {
        bool isTime = RecordingTime.TryParse(Encoding.UTF8.GetBytes(text.Trim('"')), out long unixNs);
        unixSeconds = unixNs / 1e9;
        return isTime;
    }

    private static byte[] ReadAll(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CorpusException($"{path}: cannot be read: {failure.Message}");
        }
    }

    private static JsonDocument Parse(string path, byte[] text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException failure)
        {
            throw new CorpusException($"{path}: is not JSON: {failure.Message}");
        }
    }
}
