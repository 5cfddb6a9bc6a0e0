// What a detector is told of when scores begin to count:  the probation of the file, as in NAB, or a number of rows for all
// files.

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>How many rows a detector learns from before its scores count.</summary>
/// <param name="Name">As in a table.</param>
/// <param name="FixedRows">Rows for every file; null for each file's probation.</param>
internal sealed record WarmUp(string Name, int? FixedRows)
{
    /// <summary>Name of <see cref="Fixed"/>.</summary>
    public const string FixedName = "600 rows";

    /// <summary>The probation of the file, which depends on its length and so says a little of it.</summary>
    public static WarmUp Probation { get; } = new("probation", null);

    /// <summary>The same for every file: nothing is known of it in advance.</summary>
    public static WarmUp Fixed { get; } = new(FixedName, 600);

    /// <summary>For a detector that scores from its first row on.</summary>
    public static WarmUp None { get; } = new("none", 0);

    /// <summary>The rows for a file, at least 1.</summary>
    public int RowsOf(SuiteFile file) => Math.Max(1, FixedRows ?? file.Probation);
}
