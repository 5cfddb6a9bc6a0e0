// An input channel of a model: y = (x − Offset) · Scale.

namespace EdgeLstm.Core.Models;

/// <summary>One input channel and how its physical value becomes the network's.</summary>
/// <param name="Name">The channel's name, unique in the model.</param>
/// <param name="Unit">Unit of x; "1" for a plain number.</param>
/// <param name="Offset">Subtracted from x, in its unit.</param>
/// <param name="Scale">Multiplies the difference; finite, not 0.</param>
/// <param name="Minimum">Least value in the training data, in the channel's unit.</param>
/// <param name="Maximum">Greatest value in the training data, in the channel's unit.</param>
public sealed record InputManifest(
    string Name, string Unit, double Offset, double Scale, double? Minimum = null, double? Maximum = null)
{
    /// <summary>The network's input for the physical value <paramref name="x"/>; NaN stays NaN.</summary>
    public float Standardize(float x) => (float)((x - Offset) * Scale);

    /// <summary>The physical value of network input <paramref name="y"/>: the inverse of <see cref="Standardize"/>.</summary>
    public float ToPhysical(float y) => (float)((y / Scale) + Offset);
}
