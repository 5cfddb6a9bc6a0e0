// Measures forecasts against what came:  e = value − forecast;  see ForecastScores for what each figure is.

using EdgeLstm.Training.Data;

namespace EdgeLstm.Training.Evaluation;

/// <summary>Computes scores. A score depends on nothing but the rows it is asked for and those they foretell.</summary>
public static class ForecastScoring
{
    /// <summary>Measures the forecasts of one group at some rows.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="group">The target and its horizon.</param>
    /// <param name="forecasts">What was forecast.</param>
    /// <param name="origins">Rows to measure, from <see cref="ScoredRows"/>; where a forecast is missing the row is left
    /// out.</param>
    /// <param name="naiveError">What <see cref="NaiveError"/> gives for the training rows.</param>
    public static ForecastScores Score(
        SeriesTable table, OutputGroup group, ForecastSeries forecasts, int[] origins, double naiveError)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(forecasts);
        ArgumentNullException.ThrowIfNull(origins);
        (double absolute, double squared, double sum, double symmetric) = (0, 0, 0, 0);
        (double hits, long moves, long count) = (0, 0, 0);
        foreach (int row in origins)
        {
            double current = table[row, group.Channel];
            double actual = table[row + group.Horizon, group.Channel];
            double forecast = forecasts[row, group.Point];
            double error = actual - forecast;
            if (double.IsNaN(error))
            {
                continue;
            }

            count++;
            absolute += Math.Abs(error);
            squared += error * error;
            sum += error;
            symmetric += error == 0 ? 0 : 200 * Math.Abs(error) / (Math.Abs(actual) + Math.Abs(forecast));
            moves += actual == current ? 0 : 1;
            hits += actual == current ? 0 : DirectionHit(actual - current, forecast - current);
        }

        return new ForecastScores(
            count, absolute / count, Math.Sqrt(squared / count), naiveError > 0 ? absolute / count / naiveError : double.NaN,
            symmetric / count, sum / count, ScoreQuantiles(table, group, forecasts, origins),
            group.HasBand ? ScoreBand(table, group, forecasts, origins) : null, moves > 0 ? hits / moves : double.NaN);
    }

    /// <summary>Value that came − point forecast, at the rows where there is one.</summary>
    /// <inheritdoc cref="Score"/>
    public static double[] Residuals(SeriesTable table, OutputGroup group, ForecastSeries forecasts, int[] origins)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(forecasts);
        ArgumentNullException.ThrowIfNull(origins);
        List<double> residuals = new(origins.Length);
        foreach (int row in origins)
        {
            double residual = (double)table[row + group.Horizon, group.Channel] - forecasts[row, group.Point];
            if (double.IsFinite(residual))
            {
                residuals.Add(residual);
            }
        }

        return [.. residuals];
    }

    /// <summary>Mean change of a channel from one row to the next: what MASE divides by; NaN without two neighbouring
    /// rows.</summary>
    /// <param name="table">The recording.</param>
    /// <param name="channel">Index of the channel.</param>
    /// <param name="training">The training rows.</param>
    public static double NaiveError(SeriesTable table, int channel, RowRange training)
    {
        ArgumentNullException.ThrowIfNull(table);
        (double sum, long count) = (0, 0);
        foreach (RowRange stretch in table.Stretches)
        {
            RowRange part = stretch.Intersect(training);
            for (int row = part.Begin + 1; row < part.End; row++)
            {
                double change = Math.Abs((double)table[row, channel] - table[row - 1, channel]);
                if (double.IsFinite(change))
                {
                    sum += change;
                    count++;
                }
            }
        }

        return sum / count;
    }

    private static double DirectionHit(double came, double foretold) =>
        foretold == 0 ? 0.5 : Math.Sign(came) == Math.Sign(foretold) ? 1 : 0;

    private static QuantileScore[] ScoreQuantiles(SeriesTable table, OutputGroup group, ForecastSeries forecasts, int[] origins)
    {
        QuantileScore[] scores = new QuantileScore[group.Quantiles.Count];
        for (int k = 0; k < scores.Length; k++)
        {
            double quantile = group.Quantiles[k];
            (double loss, long below, long count) = (0, 0, 0);
            foreach (int row in origins)
            {
                double error = (double)table[row + group.Horizon, group.Channel] - forecasts[row, group.QuantileOutputs[k]];
                if (!double.IsNaN(error))
                {
                    count++;
                    loss += Math.Max(quantile * error, (quantile - 1) * error);
                    below += error <= 0 ? 1 : 0;
                }
            }

            scores[k] = new QuantileScore(quantile, loss / count, (double)below / count);
        }

        return scores;
    }

    private static BandScore ScoreBand(SeriesTable table, OutputGroup group, ForecastSeries forecasts, int[] origins)
    {
        (double width, long inside, long count) = (0, 0, 0);
        foreach (int row in origins)
        {
            double actual = table[row + group.Horizon, group.Channel];
            double low = forecasts[row, group.QuantileOutputs[0]];
            double high = forecasts[row, group.QuantileOutputs[group.QuantileOutputs.Count - 1]];
            if (!double.IsNaN(high - low))
            {
                count++;
                width += high - low;
                inside += actual >= low && actual <= high ? 1 : 0;
            }
        }

        double nominal = group.Quantiles[group.Quantiles.Count - 1] - group.Quantiles[0];
        return new BandScore(nominal, (double)inside / count, width / count);
    }
}
