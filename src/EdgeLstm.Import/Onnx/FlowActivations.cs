// Activations: as operators on the signal, and by name inside recurrent operators. Defaults of alpha and beta are those of the
// ONNX operators of the same names.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.Onnx;

/// <summary>Finds the function a node applies.</summary>
internal static class FlowActivations
{
    /// <summary>The signal after an activation; null where the operator is none.</summary>
    public static Flow? Compute(NodeScope at)
    {
        ActivationFunction? function = at.Node.OpType switch
        {
            "Relu" => Activation.Relu,
            "Tanh" => Activation.Tanh,
            "Sigmoid" => Activation.Sigmoid,
            "Softmax" => Softmax(at),
            "HardSigmoid" => new ActivationFunction(Activation.HardSigmoid, at.Float("alpha", 0.2f), at.Float("beta", 0.5f)),
            "LeakyRelu" => new ActivationFunction(Activation.LeakyRelu, at.Float("alpha", 0.01f)),
            "PRelu" => new ActivationFunction(Activation.LeakyRelu, Slope(at)),
            "Elu" => new ActivationFunction(Activation.Elu, at.Float("alpha", 1)),
            "Celu" => at.Float("alpha", 1) == 1
                ? new ActivationFunction(Activation.Elu, 1)
                : throw at.Refuse($"has alpha {at.Float("alpha", 1)}; expected 1"),
            "Selu" => Selu(at),
            "Softplus" => Activation.Softplus,
            "Softsign" => Activation.Softsign,
            "ThresholdedRelu" => new ActivationFunction(Activation.ThresholdedRelu, at.Float("alpha", 1)),
            "Gelu" => at.Text("approximate") == "tanh" ? Activation.GeluTanh : Activation.Gelu,
            "Swish" => at.Float("alpha", 1) == 1
                ? Activation.Silu
                : throw at.Refuse($"has alpha {at.Float("alpha", 1)}; expected 1"),
            "Clip" => Clip(at),
            "Exp" => Activation.Exponential,
            _ => (ActivationFunction?)null,
        };
        if (function is not { } found)
        {
            return null;
        }

        Flow x = at.Flow(0);
        return x.Then(new ActivationStep(at.Node.LayerName, x.Last, found), x.Features);
    }

    /// <summary>x · sigmoid(x), which is silu; null where it is something else.</summary>
    public static Flow? Gated(NodeScope at, Flow a, Flow b)
    {
        return IsSigmoidOf(b, a) ? Silu(at, a) : IsSigmoidOf(a, b) ? Silu(at, b) : null;
    }

    /// <summary>The function of a gate.</summary>
    /// <param name="at">The recurrent node.</param>
    /// <param name="name">Its name, in any case.</param>
    /// <param name="parameters">Values of alpha and beta that are left; a function takes its own off the front.</param>
    public static ActivationFunction OfGate(NodeScope at, string name, (Queue<float> Alphas, Queue<float> Betas) parameters)
    {
        float Alpha(float otherwise) => parameters.Alphas.TryDequeue(out float given) ? given : otherwise;
        float Beta(float otherwise) => parameters.Betas.TryDequeue(out float given) ? given : otherwise;
        return name.ToUpperInvariant() switch
        {
            "SIGMOID" => Activation.Sigmoid,
            "TANH" => Activation.Tanh,
            "RELU" => Activation.Relu,
            "SOFTSIGN" => Activation.Softsign,
            "SOFTPLUS" => Activation.Softplus,
            "AFFINE" => new ActivationFunction(Activation.Affine, Alpha(1), Beta(0)),
            "LEAKYRELU" => new ActivationFunction(Activation.LeakyRelu, Alpha(0.01f)),
            "THRESHOLDEDRELU" => new ActivationFunction(Activation.ThresholdedRelu, Alpha(1)),
            "SCALEDTANH" => new ActivationFunction(Activation.ScaledTanh, Alpha(1), Beta(1)),
            "HARDSIGMOID" => new ActivationFunction(Activation.HardSigmoid, Alpha(0.2f), Beta(0.5f)),
            "ELU" => new ActivationFunction(Activation.Elu, Alpha(1)),
            _ => throw at.Refuse($"has the activation '{QuotedText.Of(name)}', which is none of the operator's"),
        };
    }

    private static bool IsSigmoidOf(Flow y, Flow x) =>
        y.Last is ActivationStep { Function.Kind: Activation.Sigmoid } step && ReferenceEquals(step.Before, x.Last);

    private static Flow Silu(NodeScope at, Flow x) =>
        x.Then(new ActivationStep(at.Node.LayerName, x.Last, Activation.Silu), x.Features);

    // Before opset 13 all axes from the given one on are put together; by default from axis 1.
    private static ActivationFunction Softmax(NodeScope at)
    {
        Flow x = at.Flow(0);
        int axis = at.Axis(at.Int("axis", at.Opset < 13 ? 1 : -1), x.Rank);
        FlowAxis[] over = at.Opset < 13 ? x.Axes[axis..] : [x.Axes[axis]];
        return over.Any(a => a.Roles == "F") && over.All(a => a.Roles == "F" || a.Size.IsOne)
            ? Activation.Softmax
            : throw at.Refuse($"runs along axis {axis} of {x.AxesText}; expected the features");
    }

    private static float Slope(NodeScope at)
    {
        Known slope = KnownTensors.Materialise(at.Budget, at.Known(1, "slope"));
        return slope.Floats is { Length: > 0 } values && Array.TrueForAll(values, value => value == values[0])
            ? values[0]
            : throw at.Refuse("has different slopes; expected one for all features");
    }

    private static ActivationFunction Selu(NodeScope at)
    {
        (float alpha, float gamma) = (at.Float("alpha", 1.6732632f), at.Float("gamma", 1.0507009f));
        return Math.Abs(alpha - 1.6732632f) < 1e-5f && Math.Abs(gamma - 1.0507009f) < 1e-5f
            ? Activation.Selu
            : throw at.Refuse($"has alpha {alpha} and gamma {gamma}; expected 1.6732632 and 1.0507009");
    }

    // Bounds are attributes before opset 11.
    private static ActivationFunction Clip(NodeScope at)
    {
        float least = Bound(at, 1, "min", -float.MaxValue);
        float greatest = Bound(at, 2, "max", float.MaxValue);
        return least == 0 && greatest >= float.MaxValue ? Activation.Relu
            : least <= greatest ? new ActivationFunction(Activation.Clamp, Math.Max(least, -float.MaxValue),
                Math.Min(greatest, float.MaxValue))
            : throw at.Refuse($"keeps values between {least} and {greatest}");
    }

    private static float Bound(NodeScope at, int input, string name, float otherwise)
    {
        Known? given = at.KnownOrNone(input, name);
        return given is null ? at.Float(name, otherwise)
            : given.Floats is { Length: 1 } value && !float.IsNaN(value[0]) ? value[0]
            : throw at.Refuse($"its {name} is no single number");
    }
}
