// Dropout between layers:  y = x ⊙ m / (1 − p),  m = 0 with probability p, drawn anew for every step.

using System.Numerics;
using EdgeLstm.Training.Kernels;

namespace EdgeLstm.Training.Layers;

/// <summary>Lets values through while a network is used, and drops some while it is trained.</summary>
/// <remarks>Srivastava et al. (2014). As torch.nn.LSTM(dropout=p) between its layers.</remarks>
public sealed class DropoutTraining<T> : TrainingLayer<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <param name="size">Inputs and outputs.</param>
    /// <param name="probability">p, 0 to below 1.</param>
    public DropoutTraining(int size, double probability)
        : base("dropout", size, size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1);
        Probability = probability;
    }

    /// <summary>p.</summary>
    public double Probability { get; }

    /// <inheritdoc/>
    internal override void Initialise(Span<T> parameters, RandomStream random)
    {
    }

    /// <inheritdoc/>
    internal override LayerRun<T> CreateRun(int steps) => new DropoutRun<T>(this, steps);
}

/// <summary>Values of one group of sequences.</summary>
internal sealed unsafe class DropoutRun<T>(DropoutTraining<T> layer, int steps) : LayerRun<T>(steps, layer.OutputSize)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly PinnedBuffer<T> _mask = new(steps * layer.OutputSize * Lanes.Count);

    /// <summary>Draws the masks; null while the network is used.</summary>
    public RandomStream? Random { get; set; }

    /// <inheritdoc/>
    public override void Forward(T* parameters, T* x, int steps)
    {
        int count = steps * OutputStride;
        if (Random is null)
        {
            new Span<T>(x, count).CopyTo(Output.Span);
            return;
        }

        T kept = T.One / T.CreateTruncating(1 - layer.Probability);
        foreach (ref T value in _mask.Span[..count])
        {
            value = Random.NextDouble() < layer.Probability ? T.Zero : kept;
        }

        Product(x, Output.Pointer, count);
    }

    /// <inheritdoc/>
    public override void Backward(T* parameters, T* x, T* inputGradient, T* gradients, int steps)
    {
        if (inputGradient is not null)
        {
            Product(OutputGradient.Pointer, inputGradient, steps * OutputStride);
        }
    }

    private void Product(T* values, T* result, int count)
    {
        for (int at = 0; at < count; at += Vector<T>.Count)
        {
            (Vector.Load(values + at) * Vector.Load(_mask.Pointer + at)).Store(result + at);
        }
    }
}
