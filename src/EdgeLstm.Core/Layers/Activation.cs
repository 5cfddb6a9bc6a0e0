// The activations of layers, by the names of the field; parameters alpha and beta belong to ActivationFunction.

namespace EdgeLstm.Core.Layers;

/// <summary>What is applied to a weighted sum a. The first five have kernels of their own.</summary>
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

    /// <summary>max(0, min(1, alpha · a + beta)).</summary>
    HardSigmoid,

    /// <summary>a for a ≥ 0, else alpha · a.</summary>
    LeakyRelu,

    /// <summary>a for a ≥ 0, else alpha · (eᵃ − 1).</summary>
    Elu,

    /// <summary>1.0507009873554805 · (a for a ≥ 0, else 1.6732632423543772 · (eᵃ − 1)).</summary>
    Selu,

    /// <summary>ln(1 + eᵃ).</summary>
    Softplus,

    /// <summary>a / (1 + |a|).</summary>
    Softsign,

    /// <summary>alpha · a + beta.</summary>
    Affine,

    /// <summary>alpha · tanh(beta · a).</summary>
    ScaledTanh,

    /// <summary>a for a > alpha, else 0.</summary>
    ThresholdedRelu,

    /// <summary>max(alpha, min(beta, a)).</summary>
    Clamp,

    /// <summary>a / (1 + e⁻ᵃ); also called swish.</summary>
    Silu,

    /// <summary>a · Φ(a), with the normal distribution function Φ.</summary>
    Gelu,

    /// <summary>a / 2 · (1 + tanh(√(2/π) · (a + 0.044715 · a³))).</summary>
    GeluTanh,

    /// <summary>eᵃ.</summary>
    Exponential,
}
