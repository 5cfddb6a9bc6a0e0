// CSV recordings for tests of training: a rhythm of 20 minutes with noise, and a load that runs ahead of it.

using System.Globalization;
using System.Text;

namespace EdgeLstm.Worker.Tests.Training;

/// <summary>A recording in memory, to be changed and written.</summary>
internal sealed class MadeRecording
{
    private readonly List<string[]> _rows = [];

    /// <param name="rows">Rows, a minute apart.</param>
    public MadeRecording(int rows)
    {
        Random random = new(5);
        for (int row = 0; row < rows; row++)
        {
            DateTime time = new DateTime(2026, 1, 5, 0, 0, 0, DateTimeKind.Utc).AddMinutes(row);
            double level = 20 + (5 * Math.Sin(2 * Math.PI * row / 20)) + (0.5 * (random.NextDouble() - 0.5));
            double load = -3 + (2 * Math.Sin(2 * Math.PI * (row + 3) / 20)) + (0.2 * (random.NextDouble() - 0.5));
            _rows.Add([time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), Text(level), Text(load)]);
        }
    }

    /// <summary>The header.</summary>
    public List<string> Columns { get; } = ["time", "Level", "load"];

    /// <summary>Rows in order, each as its fields.</summary>
    public IReadOnlyList<string[]> Rows => _rows;

    /// <summary>Leaves rows out.</summary>
    public MadeRecording Without(int first, int count)
    {
        _rows.RemoveRange(first, count);
        return this;
    }

    /// <summary>Keeps rows from one on.</summary>
    public MadeRecording From(int first) => Without(0, first);

    /// <summary>Changes a field; "" is a missing value.</summary>
    public MadeRecording Set(int row, int field, string text)
    {
        _rows[row][field] = text;
        return this;
    }

    /// <summary>Adds a column.</summary>
    public MadeRecording Add(string name, Func<int, string> value)
    {
        Columns.Add(name);
        for (int row = 0; row < _rows.Count; row++)
        {
            _rows[row] = [.. _rows[row], value(row)];
        }

        return this;
    }

    /// <summary>Leaves a column out.</summary>
    public MadeRecording Remove(int field)
    {
        Columns.RemoveAt(field);
        for (int row = 0; row < _rows.Count; row++)
        {
            _rows[row] = [.. _rows[row][..field], .. _rows[row][(field + 1)..]];
        }

        return this;
    }

    /// <summary>Writes it and returns the path.</summary>
    public string Write(string folder, string name = "pump.csv")
    {
        string path = Path.Combine(folder, name);
        StringBuilder text = new(string.Join(',', Columns) + "\n");
        foreach (string[] row in _rows)
        {
            text.Append(string.Join(',', row)).Append('\n');
        }

        File.WriteAllText(path, text.ToString());
        return path;
    }

    private static string Text(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
