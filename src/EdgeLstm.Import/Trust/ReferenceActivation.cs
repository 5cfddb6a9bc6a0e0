// The activations in double precision, by their definitions.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.Trust;

/// <summary>Applies an activation.</summary>
internal static class ReferenceActivation
{
    /// <summary>The activation of one sum; softmax has none.</summary>
    public static double Apply(ActivationFunction function, double a)
    {
        (double alpha, double beta) = (function.Alpha, function.Beta);
        return function.Kind switch
        {
            Activation.Linear => a,
            Activation.Relu => Math.Max(a, 0),
            Activation.Tanh => Math.Tanh(a),
            Activation.Sigmoid => Sigmoid(a),
            Activation.HardSigmoid => Math.Max(0, Math.Min(1, (alpha * a) + beta)),
            Activation.LeakyRelu => a >= 0 ? a : alpha * a,
            Activation.Elu => a >= 0 ? a : alpha * (Math.Exp(a) - 1),
            Activation.Selu => 1.0507009873554805 * (a >= 0 ? a : 1.6732632423543772 * (Math.Exp(a) - 1)),
            Activation.Softplus => a > 0 ? a + Math.Log(1 + Math.Exp(-a)) : Math.Log(1 + Math.Exp(a)),
            Activation.Softsign => a / (1 + Math.Abs(a)),
            Activation.Affine => (alpha * a) + beta,
            Activation.ScaledTanh => alpha * Math.Tanh(beta * a),
            Activation.ThresholdedRelu => a > alpha ? a : 0,
            Activation.Clamp => Math.Max(alpha, Math.Min(beta, a)),
            Activation.Silu => a * Sigmoid(a),
            Activation.Gelu => a * NormalDistribution(a),
            Activation.GeluTanh => a / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (a + (0.044715 * a * a * a)))),
            Activation.Exponential => Math.Exp(a),
            _ => throw new ArgumentException($"{function} is not applied value by value.", nameof(function)),
        };
    }

    /// <summary>The activation of all sums of a layer.</summary>
    public static double[] Apply(ActivationFunction function, double[] sums)
    {
        if (function.IsElementwise)
        {
            return sums.ToArray(a => Apply(function, a));
        }

        double greatest = sums.Max();
        double[] powers = sums.ToArray(a => Math.Exp(a - greatest));
        double total = powers.Sum();
        return powers.ToArray(power => power / total);
    }

    private static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));

    // Φ(a) by the series Φ = 1/2 + φ(a) · Σ a^(2k+1) / (1·3·5···(2k+1)), Abramowitz and Stegun (1964), 26.2.10; beyond 8 it is
    // 0 or 1.
    private static double NormalDistribution(double a)
    {
        if (Math.Abs(a) > 8)
        {
            return a > 0 ? 1 : 0;
        }

        double term = a;
        double sum = a;
        for (int k = 1; Math.Abs(term) > 1e-18 * Math.Abs(sum); k++)
        {
            term *= a * a / ((2 * k) + 1);
            sum += term;
        }

        return 0.5 + (sum * Math.Exp(-a * a / 2) / Math.Sqrt(2 * Math.PI));
    }
}
