// Trained weights of the layers without recurrence; matrices are row-major, one row per output.

namespace EdgeLstm.Core.Layers;

/// <summary>Weights of a dense layer.</summary>
/// <param name="Name">Name within the network.</param>
/// <param name="InputSize">Inputs I.</param>
/// <param name="OutputSize">Outputs O.</param>
/// <param name="Weights">W [O, I].</param>
/// <param name="Bias">b [O].</param>
/// <param name="Activation">Applied to W·x + b.</param>
public sealed record DenseWeights(
    string Name, int InputSize, int OutputSize, float[] Weights, float[] Bias, ActivationFunction Activation)
{
    internal void Validate()
    {
        WeightShape.CheckSizes(Name, (nameof(InputSize), InputSize), (nameof(OutputSize), OutputSize));
        WeightShape.Check(Name, nameof(Weights), Weights, "OutputSize, InputSize", OutputSize, InputSize);
        WeightShape.Check(Name, nameof(Bias), Bias, "OutputSize", OutputSize);
        WeightShape.CheckActivation(Name, Activation);
    }
}

/// <summary>Weights of a layer that scales and shifts each value.</summary>
/// <param name="Name">Name within the network.</param>
/// <param name="Size">Inputs and outputs n.</param>
/// <param name="Weight">What each value is multiplied with [n].</param>
/// <param name="Bias">What is added then [n].</param>
public sealed record ScaleWeights(string Name, int Size, float[] Weight, float[] Bias)
{
    internal void Validate()
    {
        WeightShape.CheckSizes(Name, (nameof(Size), Size));
        WeightShape.Check(Name, nameof(Weight), Weight, "Size", Size);
        WeightShape.Check(Name, nameof(Bias), Bias, "Size", Size);
    }
}

/// <summary>Weights of a layer that normalises the values of each sample.</summary>
/// <param name="Name">Name within the network.</param>
/// <param name="Size">Inputs and outputs n.</param>
/// <param name="Weight">What each normalised value is multiplied with [n].</param>
/// <param name="Bias">What is added then [n].</param>
/// <param name="Epsilon">Added to the variance; 0 or more.</param>
public sealed record LayerNormWeights(string Name, int Size, float[] Weight, float[] Bias, float Epsilon)
{
    internal void Validate()
    {
        WeightShape.CheckSizes(Name, (nameof(Size), Size));
        WeightShape.Check(Name, nameof(Weight), Weight, "Size", Size);
        WeightShape.Check(Name, nameof(Bias), Bias, "Size", Size);
        if (!(Epsilon >= 0 && float.IsFinite(Epsilon)))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"layer '{Name}': Epsilon is {Epsilon}; expected a finite number of at least 0."));
        }
    }
}

/// <summary>Weights of a causal convolution along time.</summary>
/// <param name="Name">Name within the network.</param>
/// <param name="InputSize">Inputs I.</param>
/// <param name="OutputSize">Outputs O.</param>
/// <param name="KernelSize">Samples each output sees, K.</param>
/// <param name="Dilation">Distance of these samples in steps; 1: one after the other.</param>
/// <param name="Weights">W [O, K, I], the newest sample last.</param>
/// <param name="Bias">b [O].</param>
/// <param name="Activation">Applied to the sums.</param>
public sealed record Conv1dWeights(
    string Name,
    int InputSize,
    int OutputSize,
    int KernelSize,
    int Dilation,
    float[] Weights,
    float[] Bias,
    ActivationFunction Activation)
{
    /// <summary>Greatest number of samples each output sees, and their greatest distance.</summary>
    public const int MaxReach = 1024;

    /// <summary>Most values each output sees, K·I: 1 MiB of them.</summary>
    public const int MaxColumns = 1 << 18;

    /// <summary>Most values that are carried, (K−1)·Dilation·I: 16 MiB.</summary>
    public const int MaxStateSize = 1 << 22;

    internal void Validate()
    {
        WeightShape.CheckSizes(Name, (nameof(InputSize), InputSize), (nameof(OutputSize), OutputSize));
        CheckReach(nameof(KernelSize), KernelSize);
        CheckReach(nameof(Dilation), Dilation);
        CheckProduct("KernelSize·InputSize", (long)KernelSize * InputSize, MaxColumns);
        CheckProduct("(KernelSize−1)·Dilation·InputSize", (KernelSize - 1L) * Dilation * InputSize, MaxStateSize);
        WeightShape.Check(
            Name, nameof(Weights), Weights, "OutputSize, KernelSize·InputSize", OutputSize, KernelSize * InputSize);
        WeightShape.Check(Name, nameof(Bias), Bias, "OutputSize", OutputSize);
        WeightShape.CheckActivation(Name, Activation);
    }

    private void CheckReach(string name, int value)
    {
        if (value is < 1 or > MaxReach)
        {
            throw new ArgumentException($"layer '{Name}': {name} is {value}; expected 1 to {MaxReach}.");
        }
    }

    private void CheckProduct(string product, long value, int maximum)
    {
        if (value > maximum)
        {
            throw new ArgumentException($"layer '{Name}': {product} is {value}; expected at most {maximum}.");
        }
    }
}
