// The layers the signal went through, each linked to the one before. Only those on the way to the output become layers of the
// model, so that branches nobody uses cost nothing.

using EdgeLstm.Core.Layers;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.Onnx;

/// <summary>One layer on the way of the signal.</summary>
/// <param name="Source">The name of its node.</param>
/// <param name="Before">The layer before; null for the first.</param>
internal abstract record LayerStep(string Source, LayerStep? Before)
{
    /// <summary>Values it reads, where it knows.</summary>
    public virtual int InputSize => 0;

    public abstract void AddTo(LayerBuilder layers, int inputSize);

    /// <summary>All layers up to this one, first to last.</summary>
    public static List<LayerStep> Chain(LayerStep? last)
    {
        List<LayerStep> chain = [];
        for (LayerStep? step = last; step is not null; step = step.Before)
        {
            chain.Add(step);
        }

        chain.Reverse();
        return chain;
    }
}

/// <summary>y = W·x + b with W [O, I] given as it is or transposed.</summary>
internal sealed record DenseStep(
    string Source, LayerStep? Before, SourceTensor W, bool IsTransposed, float Factor, float[]? Bias) : LayerStep(Source, Before)
{
    public override int InputSize => IsTransposed ? W.Columns : W.Rows;

    public int OutputSize => IsTransposed ? W.Rows : W.Columns;

    public override void AddTo(LayerBuilder layers, int inputSize)
    {
        SourceTensor w = IsTransposed ? W : W.Transpose();
        w = Factor == 1 ? w : w with { Values = Array.ConvertAll(w.Values, value => value * Factor) };
        SourceTensor? bias = Bias is null ? null : new SourceTensor("bias", [Bias.Length], Bias);
        layers.AddDense(Source, w, bias, Activation.Linear);
    }
}

/// <summary>y = x ⊙ scale + shift; a single value holds for all features.</summary>
internal sealed record ScaleStep(string Source, LayerStep? Before, double[] Scale, double[] Shift) : LayerStep(Source, Before)
{
    public override int InputSize => Scale.Length == 1 ? 0 : Scale.Length;

    public override void AddTo(LayerBuilder layers, int inputSize) =>
        layers.AddScale(Source, Vector("scale", Scale, inputSize), Vector("shift", Shift, inputSize));

    private static SourceTensor Vector(string name, double[] values, int size)
    {
        float[] vector = new float[size];
        for (int k = 0; k < size; k++)
        {
            vector[k] = (float)values[values.Length == 1 ? 0 : k];
        }

        return new SourceTensor(name, [size], vector);
    }
}

/// <summary>y = f(x).</summary>
internal sealed record ActivationStep(string Source, LayerStep? Before, ActivationFunction Function) : LayerStep(Source, Before)
{
    public override void AddTo(LayerBuilder layers, int inputSize)
    {
        if (layers.IsEmpty)
        {
            // A layer that changes nothing says how many values there are.
            new ScaleStep($"{Source}_input", null, [1], [0]).AddTo(layers, inputSize);
        }

        layers.AddActivation(Source, Function);
    }
}

/// <summary>Normalisation over the values of a sample.</summary>
internal sealed record LayerNormStep(
    string Source, LayerStep? Before, float[]? Gamma, float[]? Beta, int Size, double Epsilon) : LayerStep(Source, Before)
{
    public override int InputSize => Size;

    public override void AddTo(LayerBuilder layers, int inputSize) =>
        layers.AddLayerNorm(Source, Vector("gamma", Gamma), Vector("beta", Beta), Size, Epsilon);

    private static SourceTensor? Vector(string name, float[]? values) =>
        values is null ? null : new SourceTensor(name, [values.Length], values);
}

/// <summary>Causal convolution; W [O, I, k] as the file has it, the newest sample last.</summary>
internal sealed record ConvStep(string Source, LayerStep? Before, SourceTensor W, float[]? Bias, int Dilation)
    : LayerStep(Source, Before)
{
    public override int InputSize => W.Shape[1];

    public override void AddTo(LayerBuilder layers, int inputSize)
    {
        (int outputs, int inputs, int kernel) = (W.Shape[0], W.Shape[1], W.Shape[2]);
        float[] values = new float[W.Values.Length];
        for (int row = 0; row < outputs; row++)
        {
            for (int k = 0; k < kernel; k++)
            {
                for (int input = 0; input < inputs; input++)
                {
                    values[(((row * kernel) + k) * inputs) + input] = W.Values[(((row * inputs) + input) * kernel) + k];
                }
            }
        }

        SourceTensor? bias = Bias is null ? null : new SourceTensor("bias", [Bias.Length], Bias);
        layers.AddConv1d(Source, new SourceTensor(W.Name, [outputs, kernel, inputs], values), bias, Dilation, Activation.Linear);
    }
}
