// How good forecasts were, as figures.

namespace EdgeLstm.Training.Evaluation;

/// <summary>Scores of one target at one horizon over some forecasts; e = value that came − forecast.</summary>
/// <param name="Count">Forecasts that were measured.</param>
/// <param name="Mae">Mean of |e|, in the target's unit.</param>
/// <param name="Rmse">Root of the mean of e², in the target's unit.</param>
/// <param name="Mase">MAE over the mean change from row to row in the training rows: 1 is as good as repeating the last value is
/// one step ahead. NaN where nothing changed there. Source: Hyndman, Koehler (2006), "Another look at measures of forecast
/// accuracy".</param>
/// <param name="Smape">Mean of 200 · |e| / (|value| + |forecast|), per cent, 0 to 200; a pair of zeros counts 0. Of little use
/// for targets that cross zero. Source: Makridakis, Hibon (2000), "The M3-Competition".</param>
/// <param name="Bias">Mean of e.</param>
/// <param name="Quantiles">Of each quantile, ascending; empty without.</param>
/// <param name="Band">The band between the outer quantiles; null without two of them.</param>
/// <param name="DirectionAccuracy">Share of forecasts that foretold whether the value would rise or fall, where it did either; no
/// change foretold counts half, as a coin would. NaN where the value never moved.</param>
/// <remarks>All are NaN where nothing could be measured.</remarks>
public sealed record ForecastScores(
    long Count,
    double Mae,
    double Rmse,
    double Mase,
    double Smape,
    double Bias,
    IReadOnlyList<QuantileScore> Quantiles,
    BandScore? Band,
    double DirectionAccuracy)
{
    /// <summary>Mean of the pinball losses of all quantiles; NaN without.</summary>
    public double MeanPinball
    {
        get
        {
            double sum = 0;
            foreach (QuantileScore quantile in Quantiles)
            {
                sum += quantile.Pinball;
            }

            return sum / Quantiles.Count;
        }
    }
}

/// <summary>Score of one quantile.</summary>
/// <param name="Quantile">The quantile q.</param>
/// <param name="Pinball">Mean of max(q · e, (q − 1) · e), in the target's unit.</param>
/// <param name="ShareBelow">Share of values at or below the forecast; q where it is calibrated.</param>
public sealed record QuantileScore(double Quantile, double Pinball, double ShareBelow);

/// <summary>Score of the band between the outer quantiles.</summary>
/// <param name="Nominal">Share of values that should lie in it.</param>
/// <param name="Achieved">Share that did.</param>
/// <param name="MeanWidth">Its mean width, in the target's unit.</param>
public sealed record BandScore(double Nominal, double Achieved, double MeanWidth);
