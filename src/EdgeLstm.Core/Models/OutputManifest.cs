// An output of a model: physical = clip(raw / Scale + Offset [+ the current value of the channel RelativeTo]).

namespace EdgeLstm.Core.Models;

/// <summary>One output of a model and how the network's number becomes a physical value.</summary>
/// <param name="Name">Forecast: the input channel it foretells. Classify: the class. Regress: the quantity.</param>
/// <param name="Unit">Unit of the physical value; "1" for a plain number.</param>
/// <param name="Horizon">Sample periods ahead: 1 or more for a forecast, 0 otherwise.</param>
/// <param name="Offset">Added after division, in the output's unit.</param>
/// <param name="Scale">Divides the network's number; finite, not 0.</param>
/// <param name="Quantile">The quantile this output estimates, between 0 and 1; none for the expected value.</param>
/// <param name="RelativeTo">The input channel whose current physical value is added.</param>
/// <param name="ClipMinimum">Least physical value that is possible.</param>
/// <param name="ClipMaximum">Greatest physical value that is possible.</param>
/// <param name="Residuals">How far this output was off on data the training had not seen.</param>
public sealed record OutputManifest(
    string Name,
    string Unit,
    int Horizon,
    double Offset,
    double Scale,
    double? Quantile = null,
    string? RelativeTo = null,
    double? ClipMinimum = null,
    double? ClipMaximum = null,
    ResidualManifest? Residuals = null)
{
    /// <summary>The physical value of the network's output.</summary>
    /// <param name="raw">What the network wrote.</param>
    /// <param name="currentValueOfRelative">
    /// The current physical value of channel <see cref="RelativeTo"/>; not looked at where there is none.
    /// </param>
    /// <returns>The value in <see cref="Unit"/>; NaN stays NaN.</returns>
    public float ToPhysical(float raw, float currentValueOfRelative)
    {
        double value = (raw / Scale) + Offset;
        if (RelativeTo is not null)
        {
            value += currentValueOfRelative;
        }

        if (value < ClipMinimum)
        {
            value = ClipMinimum.Value;
        }

        if (value > ClipMaximum)
        {
            value = ClipMaximum.Value;
        }

        return (float)value;
    }
}

/// <summary>Calibration: residuals (value that came − forecast made for it) on validation data, in the output's unit.</summary>
/// <param name="Samples">How many residuals were measured.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="StandardDeviation">Their standard deviation.</param>
/// <param name="TailProbability">Probabilities, falling.</param>
/// <param name="AbsoluteResidual">What |residual| exceeds with each of these probabilities; as many, never falling.</param>
public sealed record ResidualManifest(
    int Samples,
    double Mean,
    double StandardDeviation,
    IReadOnlyList<double> TailProbability,
    IReadOnlyList<double> AbsoluteResidual);
