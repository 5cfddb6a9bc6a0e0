// The detectors that an evaluation sets side by side, by name.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Worker.Evaluation.Suites.Baselines;

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>What a detector expects of the next row, in its first channel; NaN where it says nothing.</summary>
/// <param name="Value">The forecast.</param>
/// <param name="Low">Lower edge of the band around it.</param>
/// <param name="High">Upper edge of the band around it.</param>
internal readonly record struct RowForecast(float Value, float Low, float High);

/// <summary>A detector that can be evaluated.</summary>
/// <param name="Name">As on the command line and in result files, such as "windowedGaussian".</param>
/// <param name="Description">One sentence of what it does.</param>
/// <param name="DrawsAtRandom">It depends on the seed: figures are means over seeds.</param>
/// <param name="UsesWarmUp">It learns from the warm-up that it is told; else it scores from its first row on.</param>
/// <param name="Create">Makes one for a stream.</param>
internal sealed record Candidate(
    string Name, string Description, bool DrawsAtRandom, bool UsesWarmUp, Func<DetectorSetup, IStreamDetector> Create)
{
    /// <summary>Reads what the detector expects of the row after the one it took last; null: it makes no forecasts.</summary>
    public Func<IStreamDetector, RowForecast>? ReadForecast { get; init; }

    /// <summary>How the settings of these detectors were found; stands under every table.</summary>
    public const string HowChosen =
        "Settings: about 127 configurations were scored on half of NAB's categories (realAWSCloudwatch, realTweets, "
        + "artificialNoAnomaly) and on SKAB's change points, 20 of them seen on all of NAB; the recipe itself comes from a "
        + "prototype that was tuned on NAB. Baselines: as published, or none.";

    /// <summary>All detectors: what is shipped first, then what it is held against.</summary>
    public static IReadOnlyList<Candidate> All { get; } =
    [
        new("edgelstm", "the default: forecasts that learn, likelihood, novelty", false, true,
            setup => new BandedDetector(new StreamDetector(setup, DetectorSettings.Default)))
        {
            ReadForecast = detector => ((BandedDetector)detector).Next,
        },
        new("network", "the default with a random recurrent network of 32 units in place of the lags", true, true,
            setup => new StreamDetector(setup, DetectorSettings.WithNetwork)),
        new("linearHeadAlone", "the default without novelty", false, true,
            setup => new StreamDetector(setup, DetectorSettings.Default with { NoveltyWeight = 0 })),
        new("networkAlone", "the network without novelty", true, true,
            setup => new StreamDetector(setup, DetectorSettings.WithNetwork with { NoveltyWeight = 0 })),
        new("alarmClock", "alarms by the clock alone, looking at no value", false, false, _ => new AlarmClock()),
        new("rangeRule", "distance outside the range seen so far", false, false, setup => new RangeRule(setup)),
        new("windowedGaussian", "tail of a Gaussian over the latest 6,400 rows, as in NAB", false, false,
            setup => new WindowedGaussian(setup)),
    ];
}
