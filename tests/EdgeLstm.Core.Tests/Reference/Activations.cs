// Every activation, with parameters where it takes some, and its definition in double precision.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

/// <summary>The activations as textbooks define them.</summary>
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
            return [.. a.Select(value => Of(function, value))];
        }

        double greatest = a.Max();
        double total = a.Sum(value => Math.Exp(value - greatest));
        return [.. a.Select(value => Math.Exp(value - greatest) / total)];
    }

    private static double Of(ActivationFunction function, double a)
    {
        (double alpha, double beta) = (function.Alpha, function.Beta);
        return function.Kind switch
        {
            Activation.Linear => a,
            Activation.Relu => a > 0 ? a : 0,
            Activation.Tanh => Math.Tanh(a),
            Activation.Sigmoid => 1 / (1 + Math.Exp(-a)),
            Activation.HardSigmoid => Math.Clamp((alpha * a) + beta, 0, 1),
            Activation.LeakyRelu => a < 0 ? alpha * a : a,
            Activation.Elu => a < 0 ? alpha * (Math.Exp(a) - 1) : a,
            Activation.Selu => 1.0507009873554805 * (a < 0 ? 1.6732632423543772 * (Math.Exp(a) - 1) : a),
            Activation.Softplus => Math.Log(1 + Math.Exp(a)),
            Activation.Softsign => a / (1 + Math.Abs(a)),
            Activation.Affine => (alpha * a) + beta,
            Activation.ScaledTanh => alpha * Math.Tanh(beta * a),
            Activation.ThresholdedRelu => a > alpha ? a : 0,
            Activation.Clamp => Math.Clamp(a, alpha, beta),
            Activation.Silu => a / (1 + Math.Exp(-a)),
            Activation.Gelu => a * NormalDistribution(a),
            Activation.GeluTanh => a / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (a + (0.044715 * a * a * a)))),
            Activation.Exponential => Math.Exp(a),
            _ => throw new ArgumentOutOfRangeException(nameof(function), function, "not elementwise"),
        };
    }

    // ½ + ∫ φ from 0 to a, by Simpson's rule.
    private static double NormalDistribution(double a)
    {
        const int pieces = 400;
        double width = a / pieces;
        double sum = 0;
        for (int k = 0; k <= pieces; k++)
        {
            double weight = k is 0 or pieces ? 1 : k % 2 == 1 ? 4 : 2;
            sum += weight * Math.Exp(-k * width * k * width / 2);
        }

        return 0.5 + (sum * width / 3 / Math.Sqrt(2 * Math.PI));
    }
}
