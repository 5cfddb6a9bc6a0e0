// edgelstm evaluate --suite nab DIR | skab DIR | csv FILE --labels FILE: anomaly detectors side by side over a labelled corpus.

using System.Globalization;
using System.Runtime.InteropServices;
using EdgeLstm.Worker.Evaluation.Report;
using EdgeLstm.Worker.Evaluation.Suites;

namespace EdgeLstm.Worker.Verbs;

/// <summary>Reads the corpus, runs the detectors, writes what was asked for.</summary>
internal static class EvaluateSuite
{
    // Of a shell: 128 + SIGINT.
    private const int Interrupted = 130;

    /// <returns>The exit code.</returns>
    public static int Run(SuiteWishes wishes)
    {
        if (Choose(wishes.Detectors) is not { } candidates)
        {
            return ExitCode.Usage;
        }

        using CancellationTokenSource stop = new();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            IReadOnlyList<SuiteFile> files = Keep(Read(wishes), wishes.Categories, wishes.Source);
            SuiteProgress progress = new(wishes.Suite, !wishes.Json && !Console.IsErrorRedirected, Console.Error);
            SuiteReport report = SuiteEvaluation.Evaluate(
                new SuiteRequest(wishes.Suite, files, candidates, wishes.Seeds, Environment.ProcessorCount, Today()),
                progress.Show, stop.Token);
            progress.Clear();
            Write(wishes, report);
            return ExitCode.Done;
        }
        catch (CorpusException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return ExitCode.InputRefused;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("evaluate: interrupted; nothing was written");
            return Interrupted;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"evaluate: {failure.Message}");
            return ExitCode.Environment;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static IReadOnlyList<Candidate>? Choose(IReadOnlyList<string> names)
    {
        List<Candidate> chosen = [];
        foreach (string name in names)
        {
            if (Candidate.All.FirstOrDefault(candidate => candidate.Name == name) is not { } candidate)
            {
                string known = string.Join(", ", Candidate.All.Select(one => one.Name));
                Console.Error.WriteLine($"evaluate: there is no detector '{name}'; known are {known}");
                return null;
            }

            chosen.Add(candidate);
        }

        return names.Count == 0 ? Candidate.All : chosen;
    }

    private static IReadOnlyList<SuiteFile> Read(SuiteWishes wishes) => wishes.Suite switch
    {
        "nab" => NabCorpus.Read(wishes.Source),
        "skab" => SkabCorpus.Read(wishes.Source),
        _ => CsvCorpus.Read(wishes.Source, wishes.Labels),
    };

    private static IReadOnlyList<SuiteFile> Keep(IReadOnlyList<SuiteFile> files, IReadOnlyList<string> categories, string source)
    {
        if (categories.Count == 0)
        {
            return files;
        }

        if (categories.FirstOrDefault(one => files.All(file => file.Category != one)) is { } unknown)
        {
            string known = string.Join(", ", files.Select(file => file.Category).Distinct());
            throw new CorpusException($"{source}: has no category '{unknown}'; known are {known}");
        }

        return [.. files.Where(file => categories.Contains(file.Category))];
    }

    private static string Today() => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static void Write(SuiteWishes wishes, SuiteReport report)
    {
        if (wishes.Results is { } results)
        {
            ResultFiles.Write(results, report);
        }

        if (wishes.Html is { } html)
        {
            using FileStream page = File.Create(html);
            HtmlReport.Write(page, report);
        }

        if (wishes.JsonFile is { } file)
        {
            using FileStream output = File.Create(file);
            SuiteJson.Write(output, report);
        }

        if (wishes.Json && wishes.JsonFile is null)
        {
            using Stream output = Console.OpenStandardOutput();
            SuiteJson.Write(output, report);
        }
        else
        {
            SuiteText.Write(Console.Out, report);
        }
    }
}
