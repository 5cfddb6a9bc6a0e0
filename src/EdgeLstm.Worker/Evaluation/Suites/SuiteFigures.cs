// The figures of a detector over a corpus: NAB's three profiles or SKAB's, range under precision and recall, events, delay.

using EdgeLstm.Core.Collections;
using EdgeLstm.Worker.Evaluation.Scoring;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>A run with what can be said of it without the others.</summary>
internal sealed record MeasuredRun(FileRun Run, double VusPr);

/// <summary>A figure with each file's part in it.</summary>
internal sealed record Figure(string Id, string Title, string Unit, bool HigherIsBetter, RatioOfSums Ratio);

/// <summary>The figures of one seed.</summary>
/// <param name="Threshold">News at or above this is a detection.</param>
/// <param name="Figures">Always the same of a suite, in the same order.</param>
/// <param name="Runs">The runs with their alarms.</param>
internal sealed record SeedFigures(double Threshold, IReadOnlyList<Figure> Figures, IReadOnlyList<FileRun> Runs);

/// <summary>Makes the figures.</summary>
internal static class SuiteFigures
{
    /// <summary>Quiet rows between two detections that are one alarm, at most.</summary>
    public const int MergeGapRows = 10;

    /// <summary>Longest buffer around a window that the volume under the surface averages over, in rows.</summary>
    public const int BufferRows = 100;

    private const double SecondsPerDay = 86_400;

    /// <summary>What can be said of a run alone.</summary>
    public static MeasuredRun Measure(FileRun run) =>
        new(run, VusPr.Score(run.Scores, run.File.Windows, BufferRows, run.File.Probation));

    /// <summary>The figures of one seed.</summary>
    /// <param name="suite">"nab", "skab" or "csv".</param>
    /// <param name="runs">One run per file.</param>
    public static SeedFigures Of(string suite, MeasuredRun[] runs)
    {
        (double threshold, List<Figure> figures) = suite == "skab" ? OfSkab(runs) : OfNab(runs);
        figures.Add(OfVolume(runs));
        EventScores[] events = runs.ToArray(one => EventScores.Of(one.Run.File, one.Run.News, threshold, MergeGapRows));
        figures.AddRange(OfEvents(events));
        return new SeedFigures(threshold, figures, [.. runs.Select(one => one.Run with
        {
            Alarms = EventScores.Alarms(one.Run.News, threshold, MergeGapRows, one.Run.File.Probation),
        })]);
    }

    /// <summary>What a reader must know of the figures.</summary>
    public static IReadOnlyList<string> Notes(SuiteRequest request) =>
    [
        "In brackets: 95 % interval over resampled files, at the same threshold. Rows of the probation count nowhere.",
        request.Suite == "skab"
            ? "Alarms and change points: at the one threshold for all files that is best for SKAB's standard score."
            : "Alarms: at the one threshold for all files that is best for NAB's standard profile, as NAB sets it.",
        $"One alarm: detections with at most {MergeGapRows} quiet rows between them. VUS-PR: buffers of 0 to {BufferRows} rows.",
        Candidate.HowChosen,
    ];

    private static (double Threshold, List<Figure> Figures) OfNab(MeasuredRun[] runs)
    {
        NabScores nab = NabScorer.Score(runs.ToArray(one => (one.Run.File.Windows, one.Run.News, one.Run.File.Probation)));
        return (nab.Profiles[0].Threshold,
        [
            OfProfile("nab.standard", "NAB standard", nab.Profiles[0]),
            OfProfile("nab.rewardLowFP", "low FP", nab.Profiles[1]),
            OfProfile("nab.rewardLowFN", "low FN", nab.Profiles[2]),
        ]);
    }

    // NAB's final score as a ratio: 100 · Σ (raw + A_FN · windows) / Σ (A_TP + A_FN) · windows.
    private static Figure OfProfile(string id, string title, NabProfileScore score)
    {
        NabProfile profile = score.Profile;
        return new Figure(id, title, "", true, new RatioOfSums(
            score.Files.ToArray(file => file.Raw + (profile.FalseNegative * file.Windows)),
            score.Files.ToArray(file => (profile.TruePositive + profile.FalseNegative) * file.Windows),
            100));
    }

    private static (double Threshold, List<Figure> Figures) OfSkab(MeasuredRun[] runs)
    {
        (double threshold, SkabScores scores) = ChangePointAlarms.Best([.. runs.Select(one => one.Run)], MergeGapRows);
        return (threshold,
        [
            OfProfile("skab.standard", "SKAB standard", 0, scores),
            OfProfile("skab.lowFP", "low FP", 1, scores),
            OfProfile("skab.lowFN", "low FN", 2, scores),
        ]);
    }

    private static Figure OfProfile(string id, string title, int index, SkabScores scores)
    {
        NabProfile profile = NabProfile.All[index];
        return new Figure(id, title, "", true, new RatioOfSums(
            scores.Files.ToArray(file => file.Raw[index] + (profile.FalseNegative * file.ChangePoints)),
            scores.Files.ToArray(file => (profile.TruePositive + profile.FalseNegative) * file.ChangePoints),
            100));
    }

    private static Figure OfVolume(MeasuredRun[] runs) => new("vusPr", "VUS-PR", "", true, new RatioOfSums(
        runs.ToArray(one => double.IsNaN(one.VusPr) ? 0 : one.VusPr),
        runs.ToArray(one => double.IsNaN(one.VusPr) ? 0.0 : 1)));

    private static Figure[] OfEvents(EventScores[] events) =>
    [
        new("eventsFound", "events found", "%", true, new RatioOfSums(
            events.ToArray(file => (double)file.WindowsFound), events.ToArray(file => (double)file.Windows), 100)),
        new("falseAlarmsPerDay", "false alarms", "1/day", false, new RatioOfSums(
            events.ToArray(file => (double)file.FalseAlarms), events.ToArray(file => file.NormalSeconds / SecondsPerDay))),
        new("delaySeconds", "mean delay", "s", false, new RatioOfSums(
            events.ToArray(file => file.DelaySeconds), events.ToArray(file => (double)file.WindowsFound))),
    ];
}
