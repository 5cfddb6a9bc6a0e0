// What SKAB's scorer takes and tells:  final = 100 · (raw − null) / (perfect − null),  as NAB's but for what raw is.

namespace EdgeLstm.Worker.Evaluation.Scoring;

/// <summary>What was predicted of one file of SKAB.</summary>
/// <param name="UnixSeconds">When each row was measured, ascending [rows].</param>
/// <param name="ChangePoints">Rows labelled as change points, ascending.</param>
/// <param name="Predicted">Rows predicted to be change points [rows].</param>
/// <param name="TestFrom">The first row that counts: the leaderboard leaves 400 to learn from.</param>
internal sealed record SkabRun(
    double[] UnixSeconds, IReadOnlyList<int> ChangePoints, bool[] Predicted, int TestFrom = SkabScorer.TrainingRows);

/// <summary>What one file adds to SKAB's score, profiles in the order of <see cref="NabProfile.All"/>.</summary>
/// <param name="Raw">Score by each profile, not scaled.</param>
/// <param name="ChangePoints">Change points in the rows that count.</param>
/// <param name="Missed">Those without a prediction in their window.</param>
/// <param name="FalsePositives">Predicted rows outside every window.</param>
/// <param name="DelaySeconds">Sum of the delays of those found.</param>
internal sealed record SkabFileScore(double[] Raw, int ChangePoints, int Missed, int FalsePositives, double DelaySeconds);

/// <summary>SKAB's scores of a detector; 100 is perfect, 0 never fires, a noisy detector is below.</summary>
/// <param name="Files">Each file's part, in the order given.</param>
internal sealed record SkabScores(IReadOnlyList<SkabFileScore> Files)
{
    public double Standard => Final(0, Files);

    public double LowFP => Final(1, Files);

    public double LowFN => Final(2, Files);

    /// <summary>Change points without a prediction in their window.</summary>
    public int Missed => Files.Sum(file => file.Missed);

    /// <summary>Predicted rows outside every window.</summary>
    public int FalsePositives => Files.Sum(file => file.FalsePositives);

    /// <summary>Change points in the rows that count.</summary>
    public int ChangePoints => Files.Sum(file => file.ChangePoints);

    /// <summary>Mean delay of the change points found; NaN if there are none.</summary>
    public double MeanDelaySeconds => Files.Sum(file => file.DelaySeconds) / (ChangePoints - Missed);

    /// <summary>The score of any choice of files, such as a resample of them; NaN if they have no change point.</summary>
    /// <param name="profile">Index in <see cref="NabProfile.All"/>.</param>
    /// <param name="files">The files.</param>
    public static double Final(int profile, IEnumerable<SkabFileScore> files)
    {
        NabProfile weights = NabProfile.All[profile];
        double raw = 0;
        int changePoints = 0;
        foreach (SkabFileScore file in files)
        {
            raw += file.Raw[profile];
            changePoints += file.ChangePoints;
        }

        double silent = -weights.FalseNegative * changePoints;
        return 100 * (raw - silent) / ((weights.TruePositive * changePoints) - silent);
    }
}
