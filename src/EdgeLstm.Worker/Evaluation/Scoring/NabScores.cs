// What NAB's scorer tells of a detector:  final = 100 · (raw − null) / (perfect − null),  0 for silence and 100 for perfection.

namespace EdgeLstm.Worker.Evaluation.Scoring;

/// <summary>What NAB's three kinds of users gain and lose by an alarm.</summary>
/// <param name="Name">As NAB's own files name it.</param>
/// <param name="TruePositive">Gain of a window found at its first row, A_TP.</param>
/// <param name="FalsePositive">Loss by a row detected far behind every window, A_FP.</param>
/// <param name="FalseNegative">Loss by a window missed, A_FN.</param>
internal sealed record NabProfile(string Name, double TruePositive, double FalsePositive, double FalseNegative)
{
    /// <summary>Missed windows and false alarms weigh alike.</summary>
    public static NabProfile Standard { get; } = new("standard", 1, 0.11, 1);

    /// <summary>False alarms cost twice as much.</summary>
    public static NabProfile RewardLowFP { get; } = new("reward_low_FP_rate", 1, 0.22, 1);

    /// <summary>Missed windows cost twice as much.</summary>
    public static NabProfile RewardLowFN { get; } = new("reward_low_FN_rate", 1, 0.11, 2);

    /// <summary>All three, in this order.</summary>
    public static IReadOnlyList<NabProfile> All { get; } = [Standard, RewardLowFP, RewardLowFN];

    /// <summary>The raw score of some files.</summary>
    /// <param name="positives">Sum over the windows found of S(x) / S(−1) at their first detection.</param>
    /// <param name="windowsMissed">Windows without a detection.</param>
    /// <param name="negatives">Sum of S(x) over all detected rows outside windows, mostly below 0.</param>
    public double Raw(double positives, int windowsMissed, double negatives) =>
        (TruePositive * positives) - (FalseNegative * windowsMissed) + (FalsePositive * negatives);

    /// <summary>The final score of any choice of files, such as a resample of them; NaN if they have no window.</summary>
    public double Final(IEnumerable<NabFileScore> files)
    {
        double raw = 0;
        int windows = 0;
        foreach (NabFileScore file in files)
        {
            raw += file.Raw;
            windows += file.Windows;
        }

        double silent = -FalseNegative * windows;
        double perfect = TruePositive * windows;
        return 100 * (raw - silent) / (perfect - silent);
    }
}

/// <summary>What one file adds to the score.</summary>
/// <param name="Raw">In the profile's units, at the corpus's threshold.</param>
/// <param name="Windows">Windows with at least one row behind the probation.</param>
/// <param name="WindowsFound">Those with a detection.</param>
/// <param name="FalsePositiveRows">Detected rows outside windows.</param>
internal readonly record struct NabFileScore(double Raw, int Windows, int WindowsFound, int FalsePositiveRows);

/// <summary>The score by one profile.</summary>
/// <param name="Profile">What its user gains and loses.</param>
/// <param name="Final">At most 100; 0 for a detector that never fires.</param>
/// <param name="Threshold">Detected are scores at or above it; +∞ where silence is best.</param>
/// <param name="Files">Each file's part, in the order given.</param>
internal sealed record NabProfileScore(NabProfile Profile, double Final, double Threshold, IReadOnlyList<NabFileScore> Files);

/// <summary>The scores by all three profiles, in the order of <see cref="NabProfile.All"/>.</summary>
/// <param name="Profiles">A score by each.</param>
internal sealed record NabScores(IReadOnlyList<NabProfileScore> Profiles)
{
    public double Standard => Profiles[0].Final;

    public double RewardLowFP => Profiles[1].Final;

    public double RewardLowFN => Profiles[2].Final;
}
