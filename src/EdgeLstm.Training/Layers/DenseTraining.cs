// A trainable dense layer:  y = act(W·x + b);  da = dy ⊙ act'.

using System.Numerics;
using EdgeLstm.Core.Layers;
using EdgeLstm.Training.Kernels;

namespace EdgeLstm.Training.Layers;

/// <summary>A layer without state.</summary>
public sealed class DenseTraining<T> : TrainingLayer<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <param name="name">Name within the network.</param>
    /// <param name="inputSize">Inputs.</param>
    /// <param name="outputSize">Outputs.</param>
    /// <param name="activation">Linear, Tanh or Relu.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another activation.</exception>
    public DenseTraining(string name, int inputSize, int outputSize, Activation activation = Activation.Linear)
        : base(name, inputSize, outputSize)
    {
        if (activation is not (Activation.Linear or Activation.Tanh or Activation.Relu))
        {
            throw new ArgumentOutOfRangeException(nameof(activation), activation, "can be trained with Linear, Tanh and Relu");
        }

        Activation = activation;
        Weights = AddMatrix("weight", outputSize, inputSize);
        Bias = AddVector("bias", outputSize);
    }

    /// <summary>Linear, Tanh or Relu.</summary>
    public Activation Activation { get; }

    /// <summary>Offset of W.</summary>
    internal int Weights { get; }

    /// <summary>Offset of b.</summary>
    internal int Bias { get; }

    /// <inheritdoc/>
    internal override void Initialise(Span<T> parameters, RandomStream random)
    {
        parameters.Clear();
        Initialisation.Xavier(parameters[..(OutputSize * InputSize)], OutputSize, InputSize, random);
    }

    /// <inheritdoc/>
    internal override LayerRun<T> CreateRun(int steps) => new DenseRun<T>(this, steps);
}

/// <summary>Values of one group of sequences.</summary>
internal sealed unsafe class DenseRun<T>(DenseTraining<T> layer, int steps) : LayerRun<T>(steps, layer.OutputSize)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int _inputs = layer.InputSize;
    private readonly int _outputs = layer.OutputSize;

    /// <inheritdoc/>
    public override void Forward(T* parameters, T* x, int steps)
    {
        for (int t = 0; t < steps; t++)
        {
            LaneProduct<T>.Multiply(Output.Pointer + (t * OutputStride), _outputs, parameters + layer.Bias,
                parameters + layer.Weights, x + (t * _inputs * Lanes.Count), _inputs);
        }

        if (layer.Activation == Activation.Linear)
        {
            return;
        }

        T* y = Output.Pointer;
        for (int at = 0; at < steps * OutputStride; at += Vector<T>.Count)
        {
            Vector<T> sum = Vector.Load(y + at);
            (layer.Activation == Activation.Tanh ? Lanes.Tanh(sum) : Vector.Max(sum, Vector<T>.Zero)).Store(y + at);
        }
    }

    /// <inheritdoc/>
    public override void Backward(T* parameters, T* x, T* inputGradient, T* gradients, int steps)
    {
        Differentiate(steps);
        T* a = OutputGradient.Pointer;
        for (int t = 0; t < steps && inputGradient is not null; t++)
        {
            T* dx = inputGradient + (t * _inputs * Lanes.Count);
            new Span<T>(dx, _inputs * Lanes.Count).Clear();
            LaneProduct<T>.AddTransposed(dx, _inputs, parameters + layer.Weights, a + (t * OutputStride), _outputs);
        }

        LaneProduct<T>.AddOuter(
            gradients + layer.Weights, _outputs, _inputs, a, OutputStride, x, _inputs * Lanes.Count, steps);
        LaneProduct<T>.AddSums(gradients + layer.Bias, _outputs, a, OutputStride, steps);
    }

    private void Differentiate(int steps)
    {
        T* a = OutputGradient.Pointer;
        for (int at = 0; layer.Activation != Activation.Linear && at < steps * OutputStride; at += Vector<T>.Count)
        {
            Vector<T> y = Vector.Load(Output.Pointer + at), dy = Vector.Load(a + at);
            Vector<T> da = layer.Activation == Activation.Tanh
                ? dy * (Vector<T>.One - (y * y))
                : Vector.ConditionalSelect(Vector.GreaterThan(y, Vector<T>.Zero), dy, Vector<T>.Zero);
            da.Store(a + at);
        }
    }
}
