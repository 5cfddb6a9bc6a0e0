// Small tables, groups and forecasts for the tests of evaluation.

using EdgeLstm.Core.Models;
using EdgeLstm.Training.Data;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Training.Tests.Evaluation;

internal static class MadeSeries
{
    public static SeriesTable Table(params double[] values) => Table(values, null);

    public static SeriesTable Table(int rows, Func<int, double> value) =>
        Table([.. Enumerable.Range(0, rows).Select(value)], null);

    public static SeriesTable Table(double[] values, bool[]? labelled, params RowRange[] stretches) => new(
        ["y"], ["K"], 1000, [.. values.Select(value => (float)value)], null, labelled,
        stretches.Length > 0 ? stretches : [new RowRange(0, values.Length)]);

    public static IReadOnlyList<OutputGroup> Groups(params int[] horizons) =>
        OutputGroup.Of([.. horizons.Select(horizon => new OutputManifest("y", "K", horizon, 0, 1))], ["y"]);

    public static IReadOnlyList<OutputGroup> Band(int horizon, params double[] quantiles) =>
        OutputGroup.Of([.. quantiles.Select(quantile => new OutputManifest("y", "K", horizon, 0, 1, quantile))], ["y"]);

    /// <summary>Forecasts of all rows, by row and output.</summary>
    public static ForecastSeries Forecasts(int rows, int outputs, Func<int, int, double> value)
    {
        float[] values = new float[rows * outputs];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)value(i / outputs, i % outputs);
        }

        return new ForecastSeries(new RowRange(0, rows), outputs, values);
    }

    public static double[] Noise(int count, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];
    }

    public static double[] RandomWalk(int count, int seed)
    {
        double level = 0;
        return [.. Noise(count, seed).Select(step => level += step)];
    }
}
