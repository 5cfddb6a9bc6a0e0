// What an evaluation over a corpus takes in and gives out:  files with labels → runs of detectors → metrics with intervals.

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>A stretch of rows of a file, both ends included.</summary>
/// <param name="First">Index of its first row.</param>
/// <param name="Last">Index of its last row, at least <paramref name="First"/>.</param>
internal readonly record struct Window(int First, int Last)
{
    /// <summary>Rows it covers, at least 1.</summary>
    public int Length => Last - First + 1;

    /// <summary>Whether a row lies inside.</summary>
    public bool Contains(int row) => row >= First && row <= Last;
}

/// <summary>A recorded stream with its labels.</summary>
/// <param name="Name">File name without folder and extension, such as "nyc_taxi".</param>
/// <param name="Category">Folder it lies in, such as "realKnownCause".</param>
/// <param name="UnixSeconds">When each row was measured, taken as UTC [rows].</param>
/// <param name="Columns">Names of the values of a row [channels].</param>
/// <param name="Rows">Physical values, NaN where one is missing [rows][channels].</param>
/// <param name="Windows">Labelled anomalies, in order, none overlapping.</param>
/// <param name="Probation">Rows at the start that do not count and that a detector may scale itself by.</param>
internal sealed record SuiteFile(
    string Name,
    string Category,
    double[] UnixSeconds,
    string[] Columns,
    float[][] Rows,
    IReadOnlyList<Window> Windows,
    int Probation)
{
    /// <summary>Rows at which the stream changes its behaviour, in order; empty where a corpus labels none.</summary>
    public IReadOnlyList<int> ChangePoints { get; init; } = [];

    /// <summary>Median time between two rows, in seconds; 1 for a file of fewer than two rows.</summary>
    public double RowPeriodSeconds { get; init; } = 1;

    /// <summary>"category/name", by which a file is told from the others of its suite.</summary>
    public string Id => Category.Length == 0 ? Name : $"{Category}/{Name}";
}

/// <summary>What one detector said of one file.</summary>
/// <param name="File">The file.</param>
/// <param name="Detector">Name of the detector.</param>
/// <param name="Scores">Score of each row, NaN before there is one [rows].</param>
/// <param name="News">The score where it is news, else 0: what NAB counts [rows].</param>
internal sealed record FileRun(SuiteFile File, string Detector, double[] Scores, double[] News)
{
    /// <summary>Of whatever the detector drew at random.</summary>
    public int Seed { get; init; }

    /// <summary>Detections at the detector's threshold, neighbouring rows merged, in order.</summary>
    public IReadOnlyList<Window> Alarms { get; init; } = [];

    /// <summary>Forecast of the first column made for each row before it came [rows]; null where a detector makes none.</summary>
    public float[]? Forecast { get; init; }

    /// <summary>Lower edge of the band around <see cref="Forecast"/> [rows]; null where there is none.</summary>
    public float[]? Low { get; init; }

    /// <summary>Upper edge of the band around <see cref="Forecast"/> [rows]; null where there is none.</summary>
    public float[]? High { get; init; }
}

/// <summary>A figure over all files, with the interval that holds it in 95 % of resamplings of the files.</summary>
/// <param name="Id">Its path in the JSON result, such as "nab.standard".</param>
/// <param name="Title">Its head in a table, such as "NAB standard".</param>
/// <param name="Unit">Such as "1/day" or "s"; empty for a plain number.</param>
/// <param name="Value">The figure (mean over seeds); NaN where it cannot be said.</param>
/// <param name="Low">Lower end of the interval; NaN where there is none.</param>
/// <param name="High">Upper end of the interval; NaN where there is none.</param>
/// <param name="HigherIsBetter">Which way is better.</param>
internal sealed record Metric(
    string Id, string Title, string Unit, double Value, double Low, double High, bool HigherIsBetter);

/// <summary>How one detector did on a suite.</summary>
/// <param name="Name">Such as "windowedGaussian".</param>
/// <param name="Description">One sentence of what it does.</param>
/// <param name="WarmUp">What it was told of a file: "probation", or "600 rows".</param>
/// <param name="Threshold">News at or above this is a detection; +∞ where nothing is detected.</param>
/// <param name="Metrics">The figures, the same ids in the same order for every detector of a suite.</param>
/// <param name="Runs">A run per file, of the first seed.</param>
internal sealed record DetectorReport(
    string Name,
    string Description,
    string WarmUp,
    double Threshold,
    IReadOnlyList<Metric> Metrics,
    IReadOnlyList<FileRun> Runs);

/// <summary>The outcome of an evaluation.</summary>
/// <param name="Suite">"nab", "skab" or "csv".</param>
/// <param name="Date">When it was run, such as "2025-01-31", given by the caller.</param>
/// <param name="Files">The files, in the order of every detector's runs.</param>
/// <param name="Detectors">The detectors, the one that is shipped first.</param>
/// <param name="Seeds">Seeds that figures are means over.</param>
/// <param name="Notes">Sentences that belong under the table: how thresholds were set, how many configurations were
/// tried.</param>
internal sealed record SuiteReport(
    string Suite,
    string Date,
    IReadOnlyList<SuiteFile> Files,
    IReadOnlyList<DetectorReport> Detectors,
    int Seeds,
    IReadOnlyList<string> Notes);
