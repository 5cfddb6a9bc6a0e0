// Trained weights of each recurrent layer, in canonical order; matrices are row-major, one row per unit and gate.

namespace EdgeLstm.Core.Layers;

/// <summary>Weights of a long short-term memory layer, gates in the order i, f, g, o.</summary>
/// <param name="Name">Name within the network.</param>
/// <param name="InputSize">Inputs I.</param>
/// <param name="HiddenSize">Units H.</param>
/// <param name="InputWeights">W [4·H, I].</param>
/// <param name="RecurrentWeights">R [4·H, H].</param>
/// <param name="Bias">Sum of input and recurrent bias [4·H].</param>
/// <param name="Peepholes">p_i, p_f, p_o [3·H], or null without peepholes. p_o takes the new c.</param>
/// <param name="InitialState">Where the state begins, [h, c] of OutputSize + H; null: at zero.</param>
/// <param name="Variant">What differs from the plain cell, with R [4·H, OutputSize] where it projects h; null: nothing.</param>
public sealed record LstmWeights(
    string Name,
    int InputSize,
    int HiddenSize,
    float[] InputWeights,
    float[] RecurrentWeights,
    float[] Bias,
    float[]? Peepholes = null,
    float[]? InitialState = null,
    LstmVariant? Variant = null)
{
    /// <summary>Values of h: H, or as many as it is projected to.</summary>
    public int OutputSize => Variant?.ProjectedSize ?? HiddenSize;

    internal void Validate()
    {
        WeightShape.CheckSizes(Name, (nameof(InputSize), InputSize), (nameof(HiddenSize), HiddenSize));
        Variant?.Validate(this);
        string h = Variant?.ProjectedSize is null ? nameof(HiddenSize) : nameof(LstmVariant.ProjectedSize);
        WeightShape.Check(Name, nameof(InputWeights), InputWeights, "4·HiddenSize, InputSize", 4 * HiddenSize, InputSize);
        WeightShape.Check(
            Name, nameof(RecurrentWeights), RecurrentWeights, $"4·HiddenSize, {h}", 4 * HiddenSize, OutputSize);
        WeightShape.Check(Name, nameof(Bias), Bias, "4·HiddenSize", 4 * HiddenSize);
        if (Peepholes is not null)
        {
            WeightShape.Check(Name, nameof(Peepholes), Peepholes, "3·HiddenSize", 3 * HiddenSize);
        }

        if (InitialState is not null)
        {
            WeightShape.Check(Name, nameof(InitialState), InitialState, $"{h} + HiddenSize", OutputSize + HiddenSize);
        }
    }
}

/// <summary>Weights of a gated recurrent unit layer, gates in the order r, z, n.</summary>
/// <param name="Name">Name within the network.</param>
/// <param name="InputSize">Inputs I.</param>
/// <param name="HiddenSize">Units H.</param>
/// <param name="InputWeights">W [3·H, I].</param>
/// <param name="RecurrentWeights">R [3·H, H].</param>
/// <param name="Bias">[3·H]: the sums of input and recurrent bias; with reset after, for n the input bias alone.</param>
/// <param name="RecurrentBias">b_hn [H] inside r ⊙ (…); with reset after only, else null.</param>
/// <param name="Reset">Where the reset gate acts.</param>
/// <param name="InitialState">Where h begins [H]; null: at zero.</param>
/// <param name="Variant">What differs from the plain cell; null: nothing.</param>
public sealed record GruWeights(
    string Name,
    int InputSize,
    int HiddenSize,
    float[] InputWeights,
    float[] RecurrentWeights,
    float[] Bias,
    float[]? RecurrentBias,
    GruReset Reset,
    float[]? InitialState = null,
    GruVariant? Variant = null)
{
    internal void Validate()
    {
        WeightShape.CheckSizes(Name, (nameof(InputSize), InputSize), (nameof(HiddenSize), HiddenSize));
        WeightShape.Check(Name, nameof(InputWeights), InputWeights, "3·HiddenSize, InputSize", 3 * HiddenSize, InputSize);
        WeightShape.Check(
            Name, nameof(RecurrentWeights), RecurrentWeights, "3·HiddenSize, HiddenSize", 3 * HiddenSize, HiddenSize);
        WeightShape.Check(Name, nameof(Bias), Bias, "3·HiddenSize", 3 * HiddenSize);
        Variant?.Validate(Name);
        if (InitialState is not null)
        {
            WeightShape.Check(Name, nameof(InitialState), InitialState, "HiddenSize", HiddenSize);
        }

        if (Reset == GruReset.After)
        {
            WeightShape.Check(Name, nameof(RecurrentBias), RecurrentBias, "HiddenSize", HiddenSize);
        }
        else if (Reset != GruReset.Before)
        {
            throw new ArgumentException($"layer '{Name}': Reset is {Reset}; expected Before or After.");
        }
        else if (RecurrentBias is not null)
        {
            throw new ArgumentException(
                $"layer '{Name}': RecurrentBias has {RecurrentBias.Length} values; expected none where Reset is Before.");
        }
    }
}

/// <summary>Weights of a vanilla recurrent layer.</summary>
/// <param name="Name">Name within the network.</param>
/// <param name="InputSize">Inputs I.</param>
/// <param name="HiddenSize">Units H.</param>
/// <param name="InputWeights">W [H, I].</param>
/// <param name="RecurrentWeights">R [H, H].</param>
/// <param name="Bias">Sum of input and recurrent bias [H].</param>
/// <param name="Activation">Elementwise; <see cref="Activation.Tanh"/> and <see cref="Activation.Relu"/> have fast
/// kernels.</param>
/// <param name="InitialState">Where h begins [H]; null: at zero.</param>
/// <param name="Clip">Sums are kept within ± this, above 0; infinity: they are not.</param>
public sealed record RnnWeights(
    string Name,
    int InputSize,
    int HiddenSize,
    float[] InputWeights,
    float[] RecurrentWeights,
    float[] Bias,
    ActivationFunction Activation,
    float[]? InitialState = null,
    float Clip = float.PositiveInfinity)
{
    /// <summary>Whether the fast kernels compute it.</summary>
    internal bool IsPlain =>
        Activation.Kind is Layers.Activation.Tanh or Layers.Activation.Relu && float.IsPositiveInfinity(Clip);

    internal void Validate()
    {
        WeightShape.CheckSizes(Name, (nameof(InputSize), InputSize), (nameof(HiddenSize), HiddenSize));
        WeightShape.Check(Name, nameof(InputWeights), InputWeights, "HiddenSize, InputSize", HiddenSize, InputSize);
        WeightShape.Check(Name, nameof(RecurrentWeights), RecurrentWeights, "HiddenSize, HiddenSize", HiddenSize, HiddenSize);
        WeightShape.Check(Name, nameof(Bias), Bias, "HiddenSize", HiddenSize);
        VariantRules.CheckActivation(Name, nameof(Activation), Activation);
        VariantRules.CheckClip(Name, nameof(Clip), Clip);
        if (InitialState is not null)
        {
            WeightShape.Check(Name, nameof(InitialState), InitialState, "HiddenSize", HiddenSize);
        }
    }
}
