// The band around each output:  value ± the |residual| that was exceeded with probability 1 − coverage when the model was
// validated.

using EdgeLstm.Core.Anomaly;
using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Forecasting;

/// <summary>Bands of constant width from the manifest's residual calibration. Allocates nothing after construction.</summary>
public sealed class ForecastBands
{
    /// <summary>The part of values that is meant to fall inside.</summary>
    public const double Coverage = 0.9;

    private readonly float[] _halfWidth;

    /// <param name="manifest">The model's manifest.</param>
    /// <param name="outputOfChannel">The output that scores each channel, −1 for none [channels].</param>
    public ForecastBands(ModelManifest manifest, ReadOnlySpan<int> outputOfChannel)
    {
        _halfWidth = manifest.Outputs.ToArray(output => HalfWidth(output.Residuals));
        foreach (int output in outputOfChannel)
        {
            LongestScoredHorizon = Math.Max(LongestScoredHorizon, output < 0 ? 0 : manifest.Outputs[output].Horizon);
        }
    }

    /// <summary>The longest horizon among the outputs that samples are scored against, in samples.</summary>
    public int LongestScoredHorizon { get; }

    /// <summary>Writes the band of each output; NaN where the model has no calibration.</summary>
    /// <param name="outputs">Outputs in physical units [outputs].</param>
    /// <param name="low">Receives the lower edges [outputs].</param>
    /// <param name="high">Receives the upper edges [outputs].</param>
    public void Around(ReadOnlySpan<float> outputs, Span<float> low, Span<float> high)
    {
        for (int i = 0; i < _halfWidth.Length; i++)
        {
            low[i] = outputs[i] - _halfWidth[i];
            high[i] = outputs[i] + _halfWidth[i];
        }
    }

    private static float HalfWidth(ResidualManifest? residuals) => residuals is null
        ? float.NaN
        : (float)new CalibratedTail(residuals.TailProbability, residuals.AbsoluteResidual).ResidualAt(1 - Coverage);
}
