// The activations of dense and vanilla recurrent layers.

namespace EdgeLstm.Core.Layers;

/// <summary>What is applied to a weighted sum a.</summary>
public enum Activation
{
    /// <summary>a itself.</summary>
    Linear,

    /// <summary>max(a, 0).</summary>
    Relu,

    /// <summary>The hyperbolic tangent.</summary>
    Tanh,

    /// <summary>1 / (1 + e⁻ᵃ).</summary>
    Sigmoid,

    /// <summary>e^aᵢ / Σⱼ e^aⱼ over the units of the layer.</summary>
    Softmax,
}
