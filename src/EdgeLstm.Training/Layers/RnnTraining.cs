// A trainable vanilla recurrent layer:  h' = tanh(W·x + R·h + b) or relu;  da = dh' ⊙ (1 − h'²), or dh' where h' > 0.

using System.Numerics;
using System.Runtime.CompilerServices;
using EdgeLstm.Core.Layers;
using EdgeLstm.Training.Kernels;

namespace EdgeLstm.Training.Layers;

/// <summary>The layer of Elman (1990).</summary>
public sealed class RnnTraining<T> : RecurrentTraining<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <param name="name">Name within the network.</param>
    /// <param name="inputSize">Inputs I.</param>
    /// <param name="hiddenSize">Units H.</param>
    /// <param name="activation">Tanh or Relu.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another activation.</exception>
    public RnnTraining(string name, int inputSize, int hiddenSize, Activation activation = Activation.Tanh)
        : base(name, inputSize, hiddenSize, gates: 1)
    {
        if (activation is not (Activation.Tanh or Activation.Relu))
        {
            throw new ArgumentOutOfRangeException(nameof(activation), activation, "can be trained with Tanh and Relu");
        }

        Activation = activation;
    }

    /// <summary>Tanh or Relu.</summary>
    public Activation Activation { get; }

    /// <inheritdoc/>
    internal override LayerRun<T> CreateRun(int steps) => new RnnRun<T>(this, steps);
}

/// <summary>Values of one group of sequences.</summary>
internal sealed unsafe class RnnRun<T> : LayerRun<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly RnnTraining<T> _layer;
    private readonly bool _isTanh;
    private readonly int _inputs;
    private readonly int _units;
    private readonly int _state;                  // numbers of h of one step
    private readonly PinnedBuffer<T> _sums;       // gradients of the sums [steps, H, lanes]
    private readonly PinnedBuffer<T> _before;     // h before the first step [H, lanes]
    private readonly PinnedBuffer<T> _after;      // h after the last [H, lanes]
    private readonly PinnedBuffer<T> _hidden;     // ∂L/∂h of the step in hand, from the next one [H, lanes]

    public RnnRun(RnnTraining<T> layer, int steps)
        : base(steps, layer.HiddenSize)
    {
        _layer = layer;
        _isTanh = layer.Activation == Activation.Tanh;
        (_inputs, _units) = (layer.InputSize, layer.HiddenSize);
        _state = _units * Lanes.Count;
        (_sums, _before, _after, _hidden) = (new(steps * _state), new(_state), new(_state), new(_state));
    }

    /// <inheritdoc/>
    public override void ResetState(int lane) => ResetLane(_after, lane);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(T* parameters, T* x, int steps)
    {
        _after.Span.CopyTo(_before.Span);
        T* h = _before.Pointer;
        for (int t = 0; t < steps; t++)
        {
            T* next = Output.Pointer + (t * _state);
            LaneProduct<T>.Multiply(next, _units, parameters + _layer.Bias, parameters + _layer.InputWeights,
                x + (t * _inputs * Lanes.Count), _inputs, parameters + _layer.RecurrentWeights, h, _units);
            for (int at = 0; at < _state; at += Vector<T>.Count)
            {
                Vector<T> sum = Vector.Load(next + at);
                (_isTanh ? Lanes.Tanh(sum) : Vector.Max(sum, Vector<T>.Zero)).Store(next + at);
            }

            h = next;
        }

        new Span<T>(h, _state).CopyTo(_after.Span);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(T* parameters, T* x, T* inputGradient, T* gradients, int steps)
    {
        _hidden.Span.Clear();
        for (int t = steps - 1; t >= 0; t--)
        {
            T* sums = _sums.Pointer + (t * _state);
            Differentiate(sums, t);
            _hidden.Span.Clear();
            LaneProduct<T>.AddTransposed(_hidden.Pointer, _units, parameters + _layer.RecurrentWeights, sums, _units);
            if (inputGradient is not null)
            {
                T* dx = inputGradient + (t * _inputs * Lanes.Count);
                new Span<T>(dx, _inputs * Lanes.Count).Clear();
                LaneProduct<T>.AddTransposed(dx, _inputs, parameters + _layer.InputWeights, sums, _units);
            }
        }

        T* a = _sums.Pointer;
        LaneProduct<T>.AddOuter(gradients + _layer.InputWeights, _units, _inputs, a, _state, x, _inputs * Lanes.Count, steps);
        T* recurrent = gradients + _layer.RecurrentWeights;
        LaneProduct<T>.AddOuter(recurrent, _units, _units, a, _state, _before.Pointer, _state, 1);
        LaneProduct<T>.AddOuter(recurrent, _units, _units, a + _state, _state, Output.Pointer, _state, steps - 1);
        LaneProduct<T>.AddSums(gradients + _layer.Bias, _units, a, _state, steps);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(T* sums, int t)
    {
        T* outer = OutputGradient.Pointer + (t * _state);
        T* output = Output.Pointer + (t * _state);
        for (int at = 0; at < _state; at += Vector<T>.Count)
        {
            Vector<T> h = Vector.Load(output + at);
            Vector<T> dh = Vector.Load(outer + at) + Vector.Load(_hidden.Pointer + at);
            dh.Store(outer + at);
            Vector<T> da = _isTanh
                ? dh * (Vector<T>.One - (h * h))
                : Vector.ConditionalSelect(Vector.GreaterThan(h, Vector<T>.Zero), dh, Vector<T>.Zero);
            da.Store(sums + at);
        }
    }
}
