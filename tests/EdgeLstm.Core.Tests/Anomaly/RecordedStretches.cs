// The stretches of the recordings in which nobody marked an anomaly:  rows further from every window than half its length.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Core.Tests.Models;

namespace EdgeLstm.Core.Tests.Anomaly;

/// <summary>The rows of one file away from its windows, one after the other.</summary>
/// <param name="Category">The folder of the file.</param>
/// <param name="PeriodSeconds">The usual time between two rows.</param>
/// <param name="Values">The values [rows].</param>
internal sealed record RecordedStretches(string Category, double PeriodSeconds, float[] Values)
{
    private const double Margin = 0.5;

    /// <summary>Where the recordings are, beside the repository.</summary>
    public static string Folder => Path.Combine(RepositoryFolders.Shared, "data", "nab");

    /// <summary>Reads every file of every category.</summary>
    public static List<RecordedStretches> ReadAll()
    {
        using JsonDocument windows = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "combined_windows.json")));
        List<RecordedStretches> all = [];
        foreach (string path in Directory.EnumerateFiles(Folder, "*.csv", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal))
        {
            string category = Path.GetFileName(Path.GetDirectoryName(path))!;
            all.Add(Read(path, category, windows.RootElement.GetProperty($"{category}/{Path.GetFileName(path)}")));
        }

        return all;
    }

    private static RecordedStretches Read(string path, string category, JsonElement windows)
    {
        (double First, double Last)[] spans = [.. windows.EnumerateArray().Select(Span)];
        List<double> times = [];
        List<float> values = [];
        foreach (string line in File.ReadLines(path).Skip(1).Where(line => line.Length > 0))
        {
            int comma = line.IndexOf(',', StringComparison.Ordinal);
            double time = Seconds(line[..comma]);
            times.Add(time);
            if (!spans.Any(span => time >= span.First && time <= span.Last))
            {
                values.Add(float.Parse(line.AsSpan(comma + 1), CultureInfo.InvariantCulture));
            }
        }

        double[] periods = [.. times.Zip(times.Skip(1), (earlier, later) => later - earlier).Order()];
        return new RecordedStretches(category, periods[periods.Length / 2], [.. values]);
    }

    private static (double First, double Last) Span(JsonElement window)
    {
        (double first, double last) = (Seconds(window[0].GetString()!), Seconds(window[1].GetString()!));
        return (first - (Margin * (last - first)), last + (Margin * (last - first)));
    }

    private static double Seconds(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture).Ticks / 1e7;
}
