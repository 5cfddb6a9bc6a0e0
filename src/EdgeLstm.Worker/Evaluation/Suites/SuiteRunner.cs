// Runs detectors over files:  row in, score out;  one file of one detector is one task, tasks spread over the cores.

using EdgeLstm.Core.Anomaly;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>One detector over one file.</summary>
/// <param name="File">The file.</param>
/// <param name="Candidate">The detector.</param>
/// <param name="WarmUpRows">Rows it is told to learn from before scores count.</param>
/// <param name="Seed">Of what it draws at random.</param>
internal sealed record SuiteTask(SuiteFile File, Candidate Candidate, int WarmUpRows, int Seed);

/// <summary>Runs tasks on threads of their own.</summary>
internal static class SuiteRunner
{
    // Rows between two looks at whether to stop.
    private const int RowsPerLook = 4096;

    /// <summary>Feeds a file to a detector made for it.</summary>
    /// <remarks>
    /// It is told the number of channels, the warm-up and the seed, then one row at a time: no length, no extremes,
    /// nothing of a later row. Scores of the warm-up are kept as they come.
    /// </remarks>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static FileRun Run(SuiteTask task, CancellationToken cancellation = default)
    {
        SuiteFile file = task.File;
        int rows = file.Rows.Length;
        ForecastSeries? forecasts = task.Candidate.ReadForecast is { } read ? new ForecastSeries(read, rows) : null;
        FileRun run = new(file, task.Candidate.Name, new double[rows], new double[rows])
        {
            Seed = task.Seed,
            Forecast = forecasts?.Values,
            Low = forecasts?.Low,
            High = forecasts?.High,
        };
        IStreamDetector detector = task.Candidate.Create(
            new DetectorSetup(file.Columns.Length, task.WarmUpRows, task.Seed));
        for (int i = 0; i < rows; i++)
        {
            if (i % RowsPerLook == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            DetectorStep step = detector.Step(file.Rows[i]);
            run.Scores[i] = step.Score;
            run.News[i] = step.News;
            forecasts?.Take(detector, i + 1);
        }

        return run;
    }

    /// <summary>Runs <paramref name="work"/> for every item, several at a time.</summary>
    /// <param name="items">The items.</param>
    /// <param name="work">What to do with one; its results come in the items' order.</param>
    /// <param name="threads">At least 1.</param>
    /// <param name="done">Called after each item, from any thread, with how many are done; null for no progress.</param>
    /// <param name="cancellation">Stops before the next item.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="AggregateException">An item failed; the others are left.</exception>
    public static TResult[] ForAll<TItem, TResult>(
        IReadOnlyList<TItem> items,
        Func<TItem, TResult> work,
        int threads,
        Action<int>? done,
        CancellationToken cancellation)
    {
        TResult[] results = new TResult[items.Count];
        int next = -1;
        int finished = 0;
        Exception? failure = null;
        Thread[] workers = new Thread[Math.Clamp(threads, 1, Math.Max(items.Count, 1))];
        for (int k = 0; k < workers.Length; k++)
        {
            workers[k] = new Thread(WorkOff) { IsBackground = true, Name = $"evaluate {k + 1}" };
            workers[k].Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        cancellation.ThrowIfCancellationRequested();
        return failure is null ? results : throw new AggregateException(failure);

        void WorkOff()
        {
            int index;
            while (Volatile.Read(ref failure) is null && !cancellation.IsCancellationRequested
                && (index = Interlocked.Increment(ref next)) < items.Count)
            {
                try
                {
                    results[index] = work(items[index]);
                    done?.Invoke(Interlocked.Increment(ref finished));
                }
                catch (Exception thrown)
                {
                    Interlocked.CompareExchange(ref failure, thrown, null);
                }
            }
        }
    }

    // What a detector expected of each row before it came, for plots.
    private sealed class ForecastSeries
    {
        private readonly Func<IStreamDetector, RowForecast> _read;

        public ForecastSeries(Func<IStreamDetector, RowForecast> read, int rows)
        {
            _read = read;
            (Values, Low, High) = (new float[rows], new float[rows], new float[rows]);
            Set(0, new RowForecast(float.NaN, float.NaN, float.NaN));
        }

        public float[] Values { get; }

        public float[] Low { get; }

        public float[] High { get; }

        public void Take(IStreamDetector detector, int row)
        {
            if (row < Values.Length)
            {
                Set(row, _read(detector));
            }
        }

        private void Set(int row, RowForecast forecast) =>
            (Values[row], Low[row], High[row]) = (forecast.Value, forecast.Low, forecast.High);
    }
}
