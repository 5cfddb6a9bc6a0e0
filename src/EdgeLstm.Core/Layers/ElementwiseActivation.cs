// Every activation over the values of a layer: tanh, sigmoid and relu in whole vectors, the others one value at a time.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>Applies an <see cref="ActivationFunction"/> in place. NaN stays NaN; nothing is allocated.</summary>
/// <remarks>Each value depends on itself alone, wherever it lies; softmax is over all values of the span.</remarks>
internal static unsafe class ElementwiseActivation
{
    // Of selu: Klambauer et al. (2017), "Self-Normalizing Neural Networks".
    private const float SeluScale = 1.0507009873554805f;
    private const float SeluAlpha = 1.6732632423543772f;

    // Of the approximate gelu: 2 · √(2/π), as 1 + tanh u = 2 · σ(2·u).
    private const float GeluTanhScale = 1.5957691216057308f;
    private const float GeluTanhCube = 0.044715f;

    /// <summary>Applies <paramref name="function"/> to <paramref name="count"/> floats, a whole number of vectors.</summary>
    /// <param name="function">Any function that is elementwise.</param>
    /// <param name="values">The values; what stands beyond the last unit is computed too, and nobody's.</param>
    /// <param name="count">A multiple of the lanes of a vector.</param>
    public static void Apply<TSimd, TVector>(ActivationFunction function, float* values, int count)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        switch (function.Kind)
        {
            case Activation.Linear:
                break;
            case Activation.Relu:
                DenseKernel.Relu<TSimd, TVector>(values, count);
                break;
            case Activation.Tanh:
                DenseKernel.Tanh<TSimd, TVector>(values, count);
                break;
            case Activation.Sigmoid:
                DenseKernel.Sigmoid<TSimd, TVector>(values, count);
                break;
            default:
                Apply(function, new Span<float>(values, count));
                break;
        }
    }

    /// <summary>Applies any function to any number of values.</summary>
    public static void Apply(ActivationFunction function, Span<float> values)
    {
        if (function.Kind == Activation.Softmax)
        {
            Softmax(values);
            return;
        }

        foreach (ref float value in values)
        {
            value = Of(function, value);
        }
    }

    // Where two cases are told apart, the comparison is such that NaN takes the one that keeps it.
    private static float Of(ActivationFunction function, float a) => function.Kind switch
    {
        Activation.Relu => MathF.Max(a, 0),
        Activation.Tanh => MathF.Tanh(a),
        Activation.Sigmoid => Sigmoid(a),
        Activation.HardSigmoid => MathF.Max(0, MathF.Min(1, (function.Alpha * a) + function.Beta)),
        Activation.LeakyRelu => a >= 0 ? a : function.Alpha * a,
        Activation.Elu => a >= 0 ? a : function.Alpha * (MathF.Exp(a) - 1),
        Activation.Selu => SeluScale * (a >= 0 ? a : SeluAlpha * (MathF.Exp(a) - 1)),
        Activation.Softplus => MathF.Max(a, 0) + MathF.Log(1 + MathF.Exp(-MathF.Abs(a))),
        Activation.Softsign => a / (1 + MathF.Abs(a)),
        Activation.Affine => (function.Alpha * a) + function.Beta,
        Activation.ScaledTanh => function.Alpha * MathF.Tanh(function.Beta * a),
        Activation.ThresholdedRelu => a <= function.Alpha ? 0 : a,
        Activation.Clamp => MathF.Max(function.Alpha, MathF.Min(function.Beta, a)),
        Activation.Silu => a * Sigmoid(a),
        Activation.Gelu => a * NormalDistribution(a),
        Activation.GeluTanh => a * Sigmoid(GeluTanhScale * (a + (GeluTanhCube * a * a * a))),
        Activation.Exponential => MathF.Exp(a),
        _ => a,
    };

    private static float Sigmoid(float a) => 1 / (1 + MathF.Exp(-a));

    /// <summary>Φ(a) = ½ · (1 + erf(a/√2)), to the precision of a float on both sides of 0.</summary>
    /// <remarks>
    /// Φ(−|a|) = e^(−a²/2) · t · P(t) with t = 1 / (1 + |a|/4): the form of Abramowitz and Stegun (1964), 7.1.26. P of degree 9
    /// was fitted by least squares of the relative error, which is below 4e-8 for every a.
    /// </remarks>
    private static float NormalDistribution(float a)
    {
        double x = Math.Abs((double)a);
        double t = 1 / (1 + (0.25 * x));
        double p = 0.0200630472811;
        p = (p * t) - 0.082025222163;
        p = (p * t) + 0.097531626181;
        p = (p * t) - 0.0334558409571;
        p = (p * t) + 0.064597571665;
        p = (p * t) + 0.0587065317147;
        p = (p * t) + 0.0816474103779;
        p = (p * t) + 0.0934627738862;
        p = (p * t) + 0.0997365401447;
        p = (p * t) + 0.099735566199;
        double tail = Math.Exp(-0.5 * x * x) * t * p;
        return (float)(a > 0 ? 1 - tail : tail);
    }

    // e^(aᵢ − max a) / Σⱼ e^(aⱼ − max a): none overflows.
    private static void Softmax(Span<float> values)
    {
        float greatest = float.NegativeInfinity;
        foreach (float value in values)
        {
            greatest = MathF.Max(greatest, value);
        }

        float sum = 0;
        foreach (ref float value in values)
        {
            value = MathF.Exp(value - greatest);
            sum += value;
        }

        foreach (ref float value in values)
        {
            value /= sum;
        }
    }
}
