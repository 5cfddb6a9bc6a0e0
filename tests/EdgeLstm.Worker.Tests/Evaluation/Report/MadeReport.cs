// Reports made up for the tests of the page: noise with a spike, forecasts, bands, windows and alarms.

using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Tests.Evaluation.Report;

internal static class MadeReport
{
    public static SuiteFile File(string name, int rows, string category = "pumps", int channels = 1)
    {
        Random random = new(rows + channels);
        double start = new DateTimeOffset(2014, 2, 7, 10, 30, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        float[][] values = new float[rows][];
        for (int row = 0; row < rows; row++)
        {
            values[row] = new float[channels];
            for (int channel = 0; channel < channels; channel++)
            {
                values[row][channel] = (float)(80 + (20 * Math.Sin(row / 140.0)) + (10 * random.NextDouble()) + channel);
            }
        }

        double[] times = [.. Enumerable.Range(0, rows).Select(row => start + (300.0 * row))];
        string[] columns = [.. Enumerable.Range(0, channels).Select(channel => $"column {channel}")];
        List<Window> windows = rows < 100 ? [] : [new(rows / 2, (rows / 2) + (rows / 50)), new(rows * 3 / 4, (rows * 3 / 4) + 9)];
        return new SuiteFile(name, category, times, columns, values, windows, rows / 10) { RowPeriodSeconds = 300 };
    }

    public static FileRun Run(SuiteFile file, string detector, IReadOnlyList<Window> alarms, bool hasForecast = true)
    {
        int rows = file.Rows.Length;
        Random random = new(rows);
        double[] scores = [.. Enumerable.Range(0, rows).Select(row => row < file.Probation ? double.NaN : random.NextDouble())];
        foreach (Window alarm in alarms)
        {
            scores[alarm.First] = 50;
        }

        float[] Shifted(float offset) =>
            [.. Enumerable.Range(0, rows).Select(row => row < file.Probation ? float.NaN : file.Rows[row - 1][0] + offset)];
        FileRun run = new(file, detector, scores, scores) { Alarms = alarms };
        return hasForecast ? run with { Forecast = Shifted(0), Low = Shifted(-9), High = Shifted(9) } : run;
    }

    public static Metric Metric(double value, double low, double high, bool higherIsBetter = true) =>
        new("nab.standard", "NAB standard", "", value, low, high, higherIsBetter);

    public static DetectorReport Detector(string name, IReadOnlyList<FileRun> runs, params IReadOnlyList<Metric> metrics) =>
        new(name, $"What {name} does.", "probation", 5, metrics, runs);

    public static SuiteReport Of(IReadOnlyList<SuiteFile> files, params IReadOnlyList<DetectorReport> detectors) =>
        new("nab", "2026-01-31", files, detectors, 5, ["Twelve configurations were scored."]);
}
