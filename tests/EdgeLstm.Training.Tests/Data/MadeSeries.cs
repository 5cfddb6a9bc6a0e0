// Small recordings for tests: a rhythm with noise that can be foretold a little, and the tasks on them.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Tests.Data;

internal static class MadeSeries
{
    /// <summary>Two channels: "level" swings with the period of 20 rows, "load" runs three rows ahead of it; a row a
    /// minute.</summary>
    public static SeriesTable Table(int rows, params RowRange[] stretches)
    {
        RandomStream random = new(17);
        float[] values = new float[rows * 2];
        double[] times = new double[rows];
        for (int row = 0; row < rows; row++)
        {
            values[2 * row] = (float)(20 + (5 * Math.Sin(2 * Math.PI * row / 20)) + (0.3 * random.NextNormal()));
            values[(2 * row) + 1] = (float)(-3 + (2 * Math.Sin(2 * Math.PI * (row + 3) / 20)) + (0.1 * random.NextNormal()));
            times[row] = 1_700_000_000 + (60.0 * row);
        }

        stretches = stretches.Length == 0 ? [new RowRange(0, rows)] : stretches;
        return new SeriesTable(["level", "load"], ["mm", "1"], 60_000, values, times, null, stretches);
    }

    /// <summary>"level" from both, 1 and 4 rows ahead.</summary>
    public static ForecastTask Task { get; } = new(["level", "load"], ["level"], [1, 4], []);

    /// <summary>The table with other values from a row on: nonsense of another size.</summary>
    public static SeriesTable Replaced(this SeriesTable table, int fromRow)
    {
        float[] values = [.. table.Values];
        for (int i = fromRow * table.Channels.Count; i < values.Length; i++)
        {
            values[i] = (1000 * values[i]) + (i % 7);
        }

        return table with { Values = values };
    }

    /// <summary>The table with single values changed.</summary>
    public static SeriesTable With(this SeriesTable table, params (int Row, int Channel, float Value)[] changes)
    {
        float[] values = [.. table.Values];
        foreach ((int row, int channel, float value) in changes)
        {
            values[(row * table.Channels.Count) + channel] = value;
        }

        return table with { Values = values };
    }

    /// <summary>The table with labelled rows.</summary>
    public static SeriesTable Labelled(this SeriesTable table, RowRange rows)
    {
        bool[] labelled = new bool[table.Rows];
        labelled.AsSpan(rows.Begin, rows.Count).Fill(true);
        return table with { Labelled = labelled };
    }

    /// <summary>A small network for a problem, initialised.</summary>
    public static TrainingNetwork<float> Network(ForecastProblem problem, int units = 4, CellKind cell = CellKind.Gru)
    {
        TrainingNetwork<float> network =
            new NetworkPlan(cell, 1, units, [], 0).Create(problem.Inputs.Count, problem.Outputs.Count);
        network.Initialise(1);
        return network;
    }
}
