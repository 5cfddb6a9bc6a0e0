// What tells the variants of recurrent cells apart from the plain ones; without a variant a layer has the fast kernels.

namespace EdgeLstm.Core.Layers;

/// <summary>A long short-term memory cell that is not the plain one.</summary>
/// <remarks>
/// <code>
/// i = gate(clip(W_i·x + R_i·h + b_i [+ p_i ⊙ c]))      f likewise, or 1 − i        g = activation(clip(W_g·x + R_g·h + b_g))
/// c' = cellClip(f ⊙ c + i ⊙ g)
/// o = gate(clip(W_o·x + R_o·h + b_o [+ p_o ⊙ c']))
/// h' = [P·] (o ⊙ output(c'))
/// </code>
/// Projection: Sak, Senior, Beaufays (2014), "Long Short-Term Memory Recurrent Neural Network Architectures for Large Scale
/// Acoustic Modeling". Coupled gates: Greff et al. (2017), "LSTM: A Search Space Odyssey".
/// </remarks>
public sealed record LstmVariant
{
    /// <summary>Of i, f and o; elementwise.</summary>
    public ActivationFunction GateActivation { get; init; } = Layers.Activation.Sigmoid;

    /// <summary>Of g; elementwise.</summary>
    public ActivationFunction Activation { get; init; } = Layers.Activation.Tanh;

    /// <summary>Of c' where h' is made of it; elementwise.</summary>
    public ActivationFunction OutputActivation { get; init; } = Layers.Activation.Tanh;

    /// <summary>Sums of the gates are kept within ± this, above 0.</summary>
    public float Clip { get; init; } = float.PositiveInfinity;

    /// <summary>c' is kept within ± this, above 0.</summary>
    public float CellClip { get; init; } = float.PositiveInfinity;

    /// <summary>Whether f = 1 − i, whatever the weights of f.</summary>
    public bool CoupledForget { get; init; }

    /// <summary>Size P of a projected h; null without projection.</summary>
    public int? ProjectedSize { get; init; }

    /// <summary>Weights of the projection [P, H]; null without.</summary>
    public float[]? Projection { get; init; }

    internal void Validate(LstmWeights weights)
    {
        VariantRules.CheckActivation(weights.Name, nameof(GateActivation), GateActivation);
        VariantRules.CheckActivation(weights.Name, nameof(Activation), Activation);
        VariantRules.CheckActivation(weights.Name, nameof(OutputActivation), OutputActivation);
        VariantRules.CheckClip(weights.Name, nameof(Clip), Clip);
        VariantRules.CheckClip(weights.Name, nameof(CellClip), CellClip);
        if (ProjectedSize is { } projected)
        {
            WeightShape.CheckSizes(weights.Name, (nameof(ProjectedSize), projected));
            WeightShape.Check(
                weights.Name, nameof(Projection), Projection, "ProjectedSize, HiddenSize", projected, weights.HiddenSize);
        }
        else if (Projection is not null)
        {
            throw new ArgumentException(
                $"layer '{weights.Name}': Projection has {Projection.Length} values; expected none without ProjectedSize.");
        }
    }
}

/// <summary>A gated recurrent unit that is not the plain one.</summary>
public sealed record GruVariant
{
    /// <summary>Of r and z; elementwise.</summary>
    public ActivationFunction GateActivation { get; init; } = Layers.Activation.Sigmoid;

    /// <summary>Of n; elementwise.</summary>
    public ActivationFunction Activation { get; init; } = Layers.Activation.Tanh;

    /// <summary>What the activations take is kept within ± this, above 0.</summary>
    public float Clip { get; init; } = float.PositiveInfinity;

    internal void Validate(string layer)
    {
        VariantRules.CheckActivation(layer, nameof(GateActivation), GateActivation);
        VariantRules.CheckActivation(layer, nameof(Activation), Activation);
        VariantRules.CheckClip(layer, nameof(Clip), Clip);
    }
}

/// <summary>Rules of what variants are made of.</summary>
internal static class VariantRules
{
    /// <summary>Throws unless the activation takes each value alone.</summary>
    public static void CheckActivation(string layer, string property, ActivationFunction activation)
    {
        if (!Enum.IsDefined(activation.Kind) || !activation.IsElementwise)
        {
            throw new ArgumentException(
                $"layer '{layer}': {property} is {activation.Kind}; expected a function of each value alone, as tanh is.");
        }
    }

    /// <summary>Throws unless the bound lies above 0; infinity is none.</summary>
    public static void CheckClip(string layer, string property, float clip)
    {
        if (!(clip > 0))
        {
            throw new ArgumentException($"layer '{layer}': {property} is {clip}; expected a number above 0.");
        }
    }

    /// <summary>Throws unless the weights are to be held in float32: variants have no narrow kernels.</summary>
    public static void RequireFloat32(string layer, WeightPrecision precision)
    {
        if (precision != WeightPrecision.Float32)
        {
            throw new ArgumentException(
                $"layer '{layer}' is a variant that runs with float32 weights only; got {precision}.", nameof(precision));
        }
    }
}
