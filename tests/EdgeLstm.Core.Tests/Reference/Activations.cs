// Every activation, with parameters where it takes some, over the sums of a layer in double precision.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

/// <summary>The activations of layers.</summary>
internal static class Activations
{
    /// <summary>Every function once; those with parameters twice.</summary>
    public static IEnumerable<ActivationFunction> All { get; } =
    [
        Activation.Linear, Activation.Relu, Activation.Tanh, Activation.Sigmoid, Activation.Softmax,
        new(Activation.HardSigmoid, 0.2f, 0.5f), new(Activation.HardSigmoid, 1 / 6f, 0.5f),
        new(Activation.LeakyRelu, 0.01f), new(Activation.LeakyRelu, 0.3f),
        new(Activation.Elu, 1), new(Activation.Elu, 0.5f),
        Activation.Selu, Activation.Softplus, Activation.Softsign,
        new(Activation.Affine, 2, -0.25f), new(Activation.Affine, -1, 1),
        new(Activation.ScaledTanh, 1.7159f, 2 / 3f), new(Activation.ScaledTanh, 1, -1),
        new(Activation.ThresholdedRelu, 1), new(Activation.ThresholdedRelu, -0.5f),
        new(Activation.Clamp, 0, 6), new(Activation.Clamp, -1, 1),
        Activation.Silu, Activation.Gelu, Activation.GeluTanh, Activation.Exponential,
    ];

    /// <summary>The activation of all sums of a layer.</summary>
    public static double[] Apply(ActivationFunction function, double[] a)
    {
        if (function.Kind != Activation.Softmax)
        {
            return [.. a.Select(value => TextbookActivations.Of(function, value))];
        }

        double greatest = a.Max();
        double total = a.Sum(value => Math.Exp(value - greatest));
        return [.. a.Select(value => Math.Exp(value - greatest) / total)];
    }
}
