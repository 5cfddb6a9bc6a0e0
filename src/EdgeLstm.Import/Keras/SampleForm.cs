// What the data are between two layers: a sample at each step, one vector for each window, or that vector in another shape.

namespace EdgeLstm.Import.Keras;

/// <summary>The form of what a layer gives.</summary>
internal enum SampleForm
{
    /// <summary>[batch, samples, features]: a result at each sample.</summary>
    Sequence,

    /// <summary>[batch, features]: a result for each window, or an input without axis of time.</summary>
    Vector,

    /// <summary>[batch, steps, features] that a Reshape made of a vector at the end: the same values.</summary>
    ReshapedVector,
}
