// Features of time of every row of a table: the inputs that the service computes from the time of a sample.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Training.Data;

/// <summary>Features of time, from the time of the row itself. They need no scaling.</summary>
public static class TimeEncoding
{
    /// <summary>The names of the inputs, in order.</summary>
    public static IReadOnlyList<string> Names(TimeFeatures features) =>
    [
        .. features.HasFlag(TimeFeatures.Day) ? ClockInput.Day.Select(input => input.Name) : [],
        .. features.HasFlag(TimeFeatures.Week) ? ClockInput.Week.Select(input => input.Name) : [],
    ];

    /// <summary>Writes one feature of every row.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="unixSeconds">Times of the rows.</param>
    /// <param name="inputs">Receives it [rows, stride].</param>
    /// <param name="stride">Inputs of a row.</param>
    /// <param name="index">Its index among them.</param>
    /// <exception cref="ArgumentException">There is no feature of this name.</exception>
    public static void Write(string name, double[] unixSeconds, float[] inputs, int stride, int index)
    {
        ArgumentNullException.ThrowIfNull(unixSeconds);
        ArgumentNullException.ThrowIfNull(inputs);
        ClockInput feature = ClockInput.Find(name)
            ?? throw new ArgumentException($"'{name}' is no feature of time", nameof(name));
        for (int row = 0; row < unixSeconds.Length; row++)
        {
            inputs[(row * stride) + index] = feature.At(unixSeconds[row]);
        }
    }

    /// <summary>A table with features of time behind its channels.</summary>
    /// <param name="table">The table; with times where there are features.</param>
    /// <param name="features">Which.</param>
    public static SeriesTable Append(SeriesTable table, TimeFeatures features)
    {
        ArgumentNullException.ThrowIfNull(table);
        IReadOnlyList<string> names = Names(features);
        if (names.Count == 0 || table.UnixSeconds is not { } times)
        {
            return table;
        }

        (int channels, int width) = (table.Channels.Count, table.Channels.Count + names.Count);
        float[] values = new float[table.Rows * width];
        for (int row = 0; row < table.Rows; row++)
        {
            table.Values.AsSpan(row * channels, channels).CopyTo(values.AsSpan(row * width));
        }

        List<string> units = [.. table.Units];
        for (int k = channels; k < width; k++)
        {
            Write(names[k - channels], times, values, width, k);
            units.Add("1");
        }

        return table with { Channels = [.. table.Channels, .. names], Units = units, Values = values };
    }

    /// <summary>How a model describes the input.</summary>
    internal static InputManifest Manifest(string name) => new(name, "1", Offset: 0, Scale: 1, Minimum: -1, Maximum: 1);
}
