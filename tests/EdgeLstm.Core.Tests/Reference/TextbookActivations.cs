// Every activation by its definition, in double precision.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

internal static class TextbookActivations
{
    /// <summary>Every elementwise function, with parameters that are no one's default.</summary>
    public static ActivationFunction[] Elementwise { get; } =
        [.. Enum.GetValues<Activation>().Where(kind => kind != Activation.Softmax).Select(WithParameters)];

    public static double Of(ActivationFunction function, double a)
    {
        (double alpha, double beta) = (function.Alpha, function.Beta);
        return function.Kind switch
        {
            Activation.Linear => a,
            Activation.Relu => Math.Max(a, 0),
            Activation.Tanh => Math.Tanh(a),
            Activation.Sigmoid => 1 / (1 + Math.Exp(-a)),
            Activation.HardSigmoid => Math.Max(0, Math.Min(1, (alpha * a) + beta)),
            Activation.LeakyRelu => a < 0 ? alpha * a : a,
            Activation.Elu => a < 0 ? alpha * (Math.Exp(a) - 1) : a,
            Activation.Selu => 1.0507009873554805 * (a < 0 ? 1.6732632423543772 * (Math.Exp(a) - 1) : a),
            Activation.Softplus => Math.Log(1 + Math.Exp(a)),
            Activation.Softsign => a / (1 + Math.Abs(a)),
            Activation.Affine => (alpha * a) + beta,
            Activation.ScaledTanh => alpha * Math.Tanh(beta * a),
            Activation.ThresholdedRelu => a > alpha ? a : 0,
            Activation.Clamp => Math.Max(alpha, Math.Min(beta, a)),
            Activation.Silu => a / (1 + Math.Exp(-a)),
            Activation.Gelu => a * Normal(a),
            Activation.GeluTanh => a / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (a + (0.044715 * a * a * a)))),
            Activation.Exponential => Math.Exp(a),
            _ => throw new ArgumentException($"{function} is not elementwise.", nameof(function)),
        };
    }

    // Φ(a) as the integral of its density from 0, by Simpson's rule.
    private static double Normal(double a)
    {
        const int Parts = 2000;
        double width = a / Parts;
        double sum = 1 + Math.Exp(-a * a / 2);
        for (int k = 1; k < Parts; k++)
        {
            double x = k * width;
            sum += (k % 2 == 1 ? 4 : 2) * Math.Exp(-x * x / 2);
        }

        return 0.5 + (sum * width / 3 / Math.Sqrt(2 * Math.PI));
    }

    private static ActivationFunction WithParameters(Activation kind) => kind switch
    {
        Activation.HardSigmoid => new ActivationFunction(kind, 0.22f, 0.48f),
        Activation.LeakyRelu => new ActivationFunction(kind, 0.27f),
        Activation.Elu => new ActivationFunction(kind, 0.8f),
        Activation.Affine => new ActivationFunction(kind, 0.7f, 0.1f),
        Activation.ScaledTanh => new ActivationFunction(kind, 1.2f, 0.6f),
        Activation.ThresholdedRelu => new ActivationFunction(kind, 0.3f),
        Activation.Clamp => new ActivationFunction(kind, -0.6f, 0.9f),
        _ => kind,
    };
}
