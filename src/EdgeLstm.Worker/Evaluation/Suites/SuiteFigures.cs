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

