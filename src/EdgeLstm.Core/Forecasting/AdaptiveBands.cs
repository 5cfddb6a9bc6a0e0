// The bands of all outputs of a model:  around a point or median output, or from the model's own quantile outputs where it has a
// pair of them, each put right by what came.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.State;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Adaptive bands of a model's outputs, and how well they held. Allocates nothing after construction.</summary>
/// <remarks>
/// Each point or median forecast has a <see cref="ConformalBand"/>. Where the model also gives quantiles of the same channel and
/// horizon on both sides of the median, the band lies between the two nearest to those of the coverage asked. Until it is
/// learned, a band has the width of the manifest's calibration, or none. Quantile outputs, and what nobody measures (tasks
/// regress and classify), learn nothing: they have the band of their calibration, or none.
/// </remarks>
public sealed class AdaptiveBands
{
    private readonly BandOfOutput[] _bands;

    /// <param name="manifest">The model's manifest.</param>
    /// <param name="coverage">The part of values to fall inside, see <see cref="ConformalBand"/>.</param>
    public AdaptiveBands(ModelManifest manifest, double coverage = 0.9)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        Coverage = coverage;
        _bands = manifest.Outputs.ToArray((_, index) => Create(manifest, index, coverage));
    }

    /// <summary>The part of values asked to fall inside.</summary>
    public double Coverage { get; }

    /// <summary>What was achieved over the last day by the band of an output; null where nothing is learned.</summary>
    public CoverageTracker? CoverageOf(int output) => _bands[output].Achieved;

    /// <summary>Learns from a sample and gives the bands of the forecasts made from it; once for every step.</summary>
    /// <param name="values">The sample in physical units, NaN where a channel was missing [channels].</param>
    /// <param name="due">The forecasts made for this sample, NaN where there is none to be trusted [outputs].</param>
    /// <param name="outputs">The forecasts made from it, physical units [outputs].</param>
    /// <param name="unixSeconds">When it was measured, for the coverage of the last day.</param>
    /// <param name="low">Receives the lower edges, NaN where there is no band [outputs].</param>
    /// <param name="high">Receives the upper edges, NaN where there is no band [outputs].</param>
    public void Step(
        ReadOnlySpan<float> values,
        ReadOnlySpan<float> due,
        ReadOnlySpan<float> outputs,
        double unixSeconds,
        Span<float> low,
        Span<float> high)
    {
        for (int output = 0; output < _bands.Length; output++)
        {
            BandOfOutput of = _bands[output];
            double value = of.Channel < 0 ? double.NaN : values[of.Channel];
            if (of.Band is ConformalBand band)
            {
                of.Achieved!.Observe(band.Observe(value - due[of.LowOutput], value - due[of.HighOutput]), unixSeconds);
            }

            (double below, double above) = (of.Band?.Low ?? -of.HalfWidth, of.Band?.High ?? of.HalfWidth);
            low[output] = (float)(outputs[of.LowOutput] + below);
            high[output] = (float)(outputs[of.HighOutput] + above);
            if (low[output] > high[output])
            {
                low[output] = high[output] = (low[output] / 2) + (high[output] / 2);   // quantile outputs that cross
            }
        }
    }

    /// <summary>Appends the state.</summary>
    public void Save(StateWriter writer)
    {
        foreach (BandOfOutput of in _bands)
        {
            of.Band?.Save(writer);
            of.Achieved?.Save(writer);
        }
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">It was written for other outputs or another coverage, or is damaged.</exception>
    public void Restore(ref StateReader reader)
    {
        foreach (BandOfOutput of in _bands)
        {
            of.Band?.Restore(ref reader);
            of.Achieved?.Restore(ref reader);
        }
    }

    private static BandOfOutput Create(ModelManifest manifest, int index, double coverage)
    {
        OutputManifest output = manifest.Outputs[index];
        double halfWidth = HalfWidth(output.Residuals, coverage);
        int channel = manifest.Task == ModelTask.Forecast ? manifest.IndexOfInput(output.Name) : -1;
        if (channel < 0 || output.Horizon < 1 || output.Quantile is not (null or 0.5))
        {
            return new BandOfOutput(-1, index, index, halfWidth, null, null);
        }

        CoverageTracker achieved = new(coverage);
        int low = NearestQuantile(manifest, output, (1 - coverage) / 2, upper: false);
        int high = NearestQuantile(manifest, output, (1 + coverage) / 2, upper: true);
        return low >= 0 && high >= 0
            ? new BandOfOutput(channel, low, high, 0, ConformalBand.AroundQuantiles(output.Horizon, coverage), achieved)
            : new BandOfOutput(channel, index, index, halfWidth, new(output.Horizon, coverage, halfWidth), achieved);
    }

    private static double HalfWidth(ResidualManifest? residuals, double coverage) => residuals is null
        ? double.NaN
        : new CalibratedTail(residuals.TailProbability, residuals.AbsoluteResidual).ResidualAt(1 - coverage);

    // The output that estimates the quantile nearest to this one, on the same side of the median; −1 where there is none.
    private static int NearestQuantile(ModelManifest manifest, OutputManifest of, double quantile, bool upper)
    {
        int nearest = -1;
        double distance = double.PositiveInfinity;
        for (int i = 0; i < manifest.Outputs.Count; i++)
        {
            OutputManifest output = manifest.Outputs[i];
            bool sameSide = upper ? output.Quantile > 0.5 : output.Quantile < 0.5;
            if (sameSide && output.Name == of.Name && output.Horizon == of.Horizon
                && Math.Abs(output.Quantile!.Value - quantile) < distance)
            {
                distance = Math.Abs(output.Quantile.Value - quantile);
                nearest = i;
            }
        }

        return nearest;
    }

    // Where a band's edges are added to: the output itself, or the model's lower and upper quantile. Without a channel nothing is
    // learned: HalfWidth stands.
    private sealed record BandOfOutput(
        int Channel, int LowOutput, int HighOutput, double HalfWidth, ConformalBand? Band, CoverageTracker? Achieved);
}
