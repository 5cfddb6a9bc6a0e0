// In how many bits a recurrent layer holds its weights.

using System.Diagnostics.CodeAnalysis;

namespace EdgeLstm.Core.Layers;

/// <summary>How a recurrent layer holds the weights of x and h.</summary>
/// <remarks>
/// Biases and peepholes are float32 always, and so are all other layers: the head of a network is small, and its rounding would
/// stand in every forecast. h, c and the activations are computed in float32 throughout.
/// </remarks>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The types are what is chosen.")]
public enum WeightPrecision
{
    /// <summary>As they were trained.</summary>
    Float32,

    /// <summary>Rounded to 8 significant bits (ties to even), half the memory; computed in float32.</summary>
    BFloat16,

    /// <summary>
    /// Integers from −127 to 127 with one scale for each row of W and each row of R, a quarter of the memory; x is rounded
    /// to 16 bits for the products, and h, where it lies between −1 and 1, to 8.
    /// </summary>
    Int8,
}
