// Reads Prometheus text as strictly as `promtool check metrics` does, and its rules for names.

using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeLstm.Worker.Tests.Health;

/// <summary>The samples of a text, by name and labels as they are written.</summary>
public sealed partial class PrometheusText
{
    private const string Quoted = """
        "([^"\\]|\\\\|\\"|\\n)*"
        """;

    private static readonly string[] Units = ["seconds", "bytes", "ratio"];
    private static readonly string[] ForeignUnits = ["milliseconds", "nanoseconds", "_ms", "_ns", "percent", "megabytes"];

    private readonly Dictionary<string, double> _samples = [];
    private readonly Dictionary<string, string> _types = [];
    private string _current = "";

    /// <summary>Reads a text; fails at the first thing that is wrong.</summary>
    public PrometheusText(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        string help = "";
        foreach (string line in text[..^1].Split('\n'))
        {
            if (line.StartsWith("# HELP ", StringComparison.Ordinal))
            {
                help = ReadHelp(line);
            }
            else if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                ReadType(line, help);
            }
            else
            {
                ReadSample(line);
            }
        }
    }

    /// <summary>All samples.</summary>
    public IReadOnlyDictionary<string, double> Samples => _samples;

    /// <summary>The kinds of all metrics.</summary>
    public IReadOnlyDictionary<string, string> Types => _types;

    /// <summary>The value of one sample.</summary>
    public double this[string sample] => _samples.TryGetValue(sample, out double value)
        ? value
        : throw new KeyNotFoundException($"{sample} is not among\n{string.Join('\n', _samples.Keys)}");

    private static string ReadHelp(string line)
    {
        string[] parts = line.Split(' ', 4);
        Assert.True(parts.Length == 4 && parts[3].Length > 0, $"no help: {line}");
        return parts[2];
    }

    private void ReadType(string line, string help)
    {
        string[] parts = line.Split(' ');
        Assert.Equal(4, parts.Length);
        string name = parts[2];
        Assert.Equal(help, name);
        Assert.Matches(MetricName(), name);
        Assert.Contains(parts[3], new[] { "counter", "gauge" });
        Assert.True(_types.TryAdd(name, parts[3]), $"{name} comes twice: its samples do not stand together");
        Assert.Equal(parts[3] == "counter", name.EndsWith("_total", StringComparison.Ordinal));
        Assert.DoesNotContain(ForeignUnits, unit => name.Contains(unit, StringComparison.Ordinal));
        string bare = name.EndsWith("_total", StringComparison.Ordinal) ? name[..^6] : name;
        Assert.DoesNotContain(Units, unit => name.Contains(unit, StringComparison.Ordinal)
            && !bare.EndsWith($"_{unit}", StringComparison.Ordinal));
        _current = name;
    }

    private void ReadSample(string line)
    {
        Match match = Sample().Match(line);
        Assert.True(match.Success, $"no sample: {line}");
        Assert.Equal(_current, match.Groups["name"].Value);
        string[] labels = [.. match.Groups["label"].Captures.Select(capture => capture.Value)];
        Assert.Equal(labels.Length, labels.Distinct().Count());
        double value = double.Parse(match.Groups["value"].Value, NumberStyles.Float, CultureInfo.InvariantCulture);
        Assert.True(double.IsFinite(value), line);
        Assert.True(_types[_current] == "gauge" || value >= 0, line);
        Assert.True(_samples.TryAdd(line[..line.LastIndexOf(' ')], value), $"{line}: comes twice");
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"^(?<name>[a-z][a-z0-9_]*)\{((?<label>[a-z_]+)=" + Quoted + @"(,(?=[a-z])|(?=\})))*\}"
        + " (?<value>[-+.0-9eE]+)$")]
    private static partial Regex Sample();
}
