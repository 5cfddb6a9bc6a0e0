// What is to be forecast from what.

namespace EdgeLstm.Training.Data;

/// <summary>Features of time, from the time of the row itself: as sine and cosine.</summary>
[Flags]
public enum TimeFeatures
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Time of day, UTC.</summary>
    Day = 1,

    /// <summary>Time of week, UTC.</summary>
    Week = 2,
}

/// <summary>A forecast of channels of a table.</summary>
/// <param name="Inputs">Channels the network reads, in its order.</param>
/// <param name="Targets">Channels to be forecast, each among the inputs.</param>
/// <param name="Horizons">Sample periods ahead, ascending, each at least 1.</param>
/// <param name="Quantiles">Quantiles of each forecast, ascending, between 0 and 1; empty: the expected value.</param>
/// <param name="IsRelative">Whether outputs are changes from the current value; otherwise the values themselves.</param>
/// <param name="TimeFeatures">Inputs behind the channels.</param>
/// <param name="LearnsLabelled">Whether forecasts that begin in, pass through or end in a labelled anomaly are learned
/// from.</param>
/// <remarks>Outputs are ordered by target, then horizon, then quantile.</remarks>
public sealed record ForecastTask(
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Targets,
    IReadOnlyList<int> Horizons,
    IReadOnlyList<double> Quantiles,
    bool IsRelative = true,
    TimeFeatures TimeFeatures = TimeFeatures.None,
    bool LearnsLabelled = false);
