// The one configuration that every stream begins with, and why each figure is what it is.

namespace EdgeLstm.Core.Anomaly;

/// <summary>How the default detector looks at a stream; all lengths in buckets, so that it fits any sample period.</summary>
/// <param name="BucketsOfWarmUp">The warm-up is cut into so many buckets; a bucket is what the forecasts are made of.</param>
/// <param name="Lags">Buckets a forecast sees.</param>
/// <param name="NetworkUnits">0: forecasts see the lags. Else the state of a recurrent network of so many units.</param>
/// <param name="Horizons">Buckets ahead that are foretold and scored: the next one, and those that show a slow change.</param>
/// <param name="Forgetting">Weight of a bucket in the forecasts after one more: a memory of 1,000 buckets.</param>
/// <param name="Regularisation">Ridge of the forecasts: a few buckets must not determine 25 weights.</param>
/// <param name="ResidualMemory">Buckets over which the usual size of the residuals is learned.</param>
/// <param name="ZLimit">A single residual says no more than this many deviations: only several in a row say more.</param>
/// <param name="LikelihoodMemory">Buckets the latest residuals are compared with.</param>
/// <param name="LikelihoodWindows">Latest buckets that are compared: the newest alone, and three for what lasts.</param>
/// <param name="NoveltyFraction">The part of the range so far, beyond it, that begins to be new.</param>
/// <param name="NoveltyWeight">
/// What ten times as far adds to the score: on a logarithmic scale novelty is comparable with the likelihood, a logarithm too. 0
/// leaves novelty out.
/// </param>
/// <param name="NewsBuckets">Buckets for which a score hides lower ones: the time scale of the forecasts.</param>
public sealed record DetectorSettings(
    int BucketsOfWarmUp = 60,
    int Lags = 8,
    int NetworkUnits = 0,
    IReadOnlyList<int>? Horizons = null,
    double Forgetting = 0.999,
    double Regularisation = 1,
    double ResidualMemory = 200,
    double ZLimit = 12,
    double LikelihoodMemory = 1000,
    IReadOnlyList<int>? LikelihoodWindows = null,
    double NoveltyFraction = 0.005,
    double NoveltyWeight = 4,
    int NewsBuckets = 8)
{
    /// <summary>What is used where nothing is said.</summary>
    public static DetectorSettings Default { get; } = new();

    /// <summary>The same with a recurrent network of 32 units in place of the lags; its outputs are a tenth of them.</summary>
    public static DetectorSettings WithNetwork { get; } = new(NetworkUnits: 32, Regularisation: 0.01);

    /// <summary>Buckets ahead that are foretold and scored.</summary>
    public IReadOnlyList<int> Horizons { get; init; } = Horizons ?? [1, 6, 12];

    /// <summary>What tells values that were never seen; null where novelty is left out.</summary>
    public RangeNovelty? CreateNovelty(int channels) =>
        NoveltyWeight == 0 ? null : new RangeNovelty(channels, NoveltyFraction, NoveltyWeight);

    /// <summary>Rows of a bucket.</summary>
    /// <param name="warmUpRows">Rows of the warm-up.</param>
    public int BucketRows(int warmUpRows) => Math.Max(1, warmUpRows / BucketsOfWarmUp);

    /// <summary>Latest buckets that are compared with the past.</summary>
    public IReadOnlyList<int> LikelihoodWindows { get; init; } = LikelihoodWindows ?? [1, 3];
}
