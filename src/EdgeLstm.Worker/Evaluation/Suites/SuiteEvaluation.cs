// An evaluation:  detectors × files × seeds  →  runs  →  figures  →  means over seeds with intervals over files.

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>What to evaluate.</summary>
/// <param name="Suite">"nab", "skab" or "csv".</param>
/// <param name="Files">The files.</param>
/// <param name="Candidates">The detectors, the shipped one first.</param>
/// <param name="Seeds">Seeds for detectors that draw at random, from 1 up.</param>
/// <param name="Threads">Runs at a time.</param>
/// <param name="Date">Goes into the report.</param>
internal sealed record SuiteRequest(
    string Suite, IReadOnlyList<SuiteFile> Files, IReadOnlyList<Candidate> Candidates, int Seeds, int Threads, string Date);

/// <summary>Evaluates detectors over a corpus.</summary>
internal static class SuiteEvaluation
{
    /// <summary>Runs everything and makes the report.</summary>
    /// <remarks>
    /// A detector that uses its warm-up runs twice: told each file's probation, as every published detector of NAB, and told a
    /// fixed number of rows. Rows of the probation count in neither.
    /// </remarks>
    /// <param name="request">What to evaluate.</param>
    /// <param name="progress">Called with how many runs are done and how many there are, from any thread.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static SuiteReport Evaluate(SuiteRequest request, Action<int, int> progress, CancellationToken cancellation)
    {
        List<Entry> entries = [.. request.Candidates.SelectMany(candidate => EntriesOf(request, candidate))];
        List<SuiteTask> tasks = [.. entries.SelectMany(entry => entry.Tasks(request.Files))];
        MeasuredRun[] runs = SuiteRunner.ForAll(
            tasks, task => SuiteFigures.Measure(SuiteRunner.Run(task, cancellation)), request.Threads,
            done => progress(done, tasks.Count), cancellation);
        List<DetectorReport> detectors = [];
        int first = 0;
        foreach (Entry entry in entries)
        {
            int count = request.Files.Count * entry.Seeds;
            detectors.Add(Report(request.Suite, entry, runs.AsSpan(first, count), request.Files.Count));
            first += count;
        }

        return new SuiteReport(
            request.Suite, request.Date, request.Files, detectors, request.Seeds, SuiteFigures.Notes(request));
    }

    private static IEnumerable<Entry> EntriesOf(SuiteRequest request, Candidate candidate)
    {
        int seeds = candidate.DrawsAtRandom ? request.Seeds : 1;
        yield return new Entry(candidate, candidate.UsesWarmUp ? WarmUp.Probation : WarmUp.None, seeds);
        if (candidate.UsesWarmUp && request.Suite != "skab")   // there every file has the same probation
        {
            yield return new Entry(candidate, WarmUp.Fixed, seeds);
        }
    }

    // Runs come seed by seed, each over all files.
    private static DetectorReport Report(string suite, Entry entry, ReadOnlySpan<MeasuredRun> runs, int files)
    {
        List<SeedFigures> seeds = [];
        for (int first = 0; first < runs.Length; first += files)
        {
            seeds.Add(SuiteFigures.Of(suite, runs.Slice(first, files).ToArray()));
        }

        List<Metric> metrics = [];
        for (int k = 0; k < seeds[0].Figures.Count; k++)
        {
            Figure figure = seeds[0].Figures[k];
            RatioOfSums mean = RatioOfSums.Mean([.. seeds.Select(seed => seed.Figures[k].Ratio)]);
            (double low, double high) = mean.Interval();
            metrics.Add(new Metric(figure.Id, figure.Title, figure.Unit, mean.Value, low, high, figure.HigherIsBetter));
        }

        return new DetectorReport(
            entry.Candidate.Name, entry.Candidate.Description, entry.WarmUp.Name, seeds[0].Threshold, metrics, seeds[0].Runs);
    }

    private sealed record Entry(Candidate Candidate, WarmUp WarmUp, int Seeds)
    {
        public IEnumerable<SuiteTask> Tasks(IReadOnlyList<SuiteFile> files)
        {
            for (int seed = 1; seed <= Seeds; seed++)
            {
                foreach (SuiteFile file in files)
                {
                    yield return new SuiteTask(file, Candidate, WarmUp.RowsOf(file), seed);
                }
            }
        }
    }
}
