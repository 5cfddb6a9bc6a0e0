// How long the default detector takes for all of NAB on one core, from row to score, and with every figure of the evaluation.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Worker.Evaluation.Suites;
using EdgeLstm.Worker.Tests;

namespace EdgeLstm.Benchmarks.Detector;

/// <summary>One thread over every file, medians of a few runs: what the program does after it is compiled.</summary>
internal static class NabOnOneCore
{
    private const int Runs = 5;
    private const double AimSeconds = 10;

    /// <summary>Prints one line; says so where the recordings are not there.</summary>
    public static void Run()
    {
        string shared =
            Environment.GetEnvironmentVariable("EDGELSTM_SHARED") ?? Path.Combine(RepositoryRoot.Path, "..", "shared");
        string folder = Path.GetFullPath(Path.Combine(shared, "data", "nab"));
        if (!Directory.Exists(folder))
        {
            Console.WriteLine($"all of NAB: {folder} is not there: set EDGELSTM_SHARED to the folder that holds data/");
            return;
        }

        IReadOnlyList<SuiteFile> files = NabCorpus.Read(folder);
        Candidate detector = Candidate.All[0];
        List<SuiteTask> tasks = [.. files.Select(file => new SuiteTask(file, detector, WarmUp.Probation.RowsOf(file), Seed: 1))];
        double[] scoredSeconds = new double[Runs];
        double[] evaluatedSeconds = new double[Runs];
        for (int run = 0; run < Runs; run++)
        {
            scoredSeconds[run] = Seconds(
                () => SuiteRunner.ForAll(tasks, task => SuiteRunner.Run(task), threads: 1, done: null, CancellationToken.None));
            SuiteRequest request = new("nab", files, [detector], Seeds: 1, Threads: 1, Date: "");
            evaluatedSeconds[run] = Seconds(() => SuiteEvaluation.Evaluate(request, (_, _) => { }, CancellationToken.None));
        }

        Array.Sort(scoredSeconds);
        Array.Sort(evaluatedSeconds);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"all of NAB, {files.Count} files, {files.Sum(file => (long)file.Rows.Length)} rows, one thread: ")
            + string.Create(CultureInfo.InvariantCulture, $"scored in {scoredSeconds[Runs / 2]:F2} s; ")
            + string.Create(CultureInfo.InvariantCulture, $"with both warm-ups and all figures {evaluatedSeconds[Runs / 2]:F2} s")
            + $" (medians of {Runs} runs; aim {AimSeconds} s)");
    }

    private static double Seconds(Action run)
    {
        long started = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
