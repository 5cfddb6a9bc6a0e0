// A trainable gated recurrent unit layer, the reset gate before or after the product with R: forwards and backwards.
//
//   after:   q = R_n·h + b_hn,  n = tanh(W_n·x + b_n + r ⊙ q)         before:   s = r ⊙ h,  n = tanh(W_n·x + b_n + R_n·s)
//   h' = (1 − z) ⊙ n + z ⊙ h
//   da_n = dh' ⊙ (1 − z) ⊙ (1 − n²)      da_z = dh' ⊙ (h − n) ⊙ z(1 − z)
//   after:   da_r = da_n ⊙ q ⊙ r(1 − r),  dq = da_n ⊙ r               before:   ds = R_nᵀ·da_n,  da_r = ds ⊙ h ⊙ r(1 − r)

using System.Numerics;
using System.Runtime.CompilerServices;
using EdgeLstm.Core.Layers;
using EdgeLstm.Training.Kernels;

namespace EdgeLstm.Training.Layers;

/// <summary>Gates in the order r, z, n, as <see cref="GruWeights"/> has them.</summary>
public sealed class GruTraining<T> : RecurrentTraining<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <param name="name">Name within the network.</param>
    /// <param name="inputSize">Inputs I.</param>
    /// <param name="hiddenSize">Units H.</param>
    /// <param name="reset">Where the reset gate acts.</param>
    public GruTraining(string name, int inputSize, int hiddenSize, GruReset reset)
        : base(name, inputSize, hiddenSize, gates: 3)
    {
        Reset = reset;
        RecurrentBias = reset == GruReset.After ? AddVector("bias_hn", hiddenSize) : -1;
    }

    /// <summary>Where the reset gate acts.</summary>
    public GruReset Reset { get; }

    /// <summary>Offset of b_hn.</summary>
    internal int RecurrentBias { get; }

    /// <inheritdoc/>
    internal override LayerRun<T> CreateRun(int steps) => new GruRun<T>(this, steps);
}

/// <summary>Values of one group of sequences.</summary>
internal sealed unsafe class GruRun<T> : LayerRun<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly GruTraining<T> _layer;
    private readonly bool _isAfter;
    private readonly int _inputs;
    private readonly int _units;
    private readonly int _state;                  // numbers of h of one step
    private readonly PinnedBuffer<T> _gates;      // r z n, then their gradients [steps, 3·H, lanes]
    private readonly PinnedBuffer<T> _inner;      // q, then dq; or s [steps, H, lanes]
    private readonly PinnedBuffer<T> _before;     // h before the first step [H, lanes]
    private readonly PinnedBuffer<T> _after;      // h after the last [H, lanes]
    private readonly PinnedBuffer<T> _hidden;     // ∂L/∂h of the step in hand, from the next one [H, lanes]
    private readonly PinnedBuffer<T> _reset;      // ds [H, lanes]

    public GruRun(GruTraining<T> layer, int steps)
        : base(steps, layer.HiddenSize)
    {
        _layer = layer;
        _isAfter = layer.Reset == GruReset.After;
        (_inputs, _units) = (layer.InputSize, layer.HiddenSize);
        _state = _units * Lanes.Count;
        _gates = new(3 * steps * _state);
        _inner = new(steps * _state);
        (_before, _after, _hidden, _reset) = (new(_state), new(_state), new(_state), new(_state));
    }

    /// <inheritdoc/>
    public override void ResetState(int lane) => ResetLane(_after, lane);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(T* parameters, T* x, int steps)
    {
        _after.Span.CopyTo(_before.Span);
        T* h = _before.Pointer;
        T* inputs = parameters + _layer.InputWeights;
        T* bias = parameters + _layer.Bias;
        T* recurrent = parameters + _layer.RecurrentWeights;
        T* candidate = recurrent + (2 * _units * _units);
        for (int t = 0; t < steps; t++)
        {
            T* gates = _gates.Pointer + (3 * t * _state);
            T* inner = _inner.Pointer + (t * _state);
            T* row = x + (t * _inputs * Lanes.Count);
            LaneProduct<T>.Multiply(gates, 2 * _units, bias, inputs, row, _inputs, recurrent, h, _units);
            LaneProduct<T>.Multiply(
                gates + (2 * _state), _units, bias + (2 * _units), inputs + (2 * _units * _inputs), row, _inputs);
            Open(gates, h, inner);
            if (_isAfter)
            {
                LaneProduct<T>.Multiply(inner, _units, parameters + _layer.RecurrentBias, candidate, h, _units);
            }
            else
            {
                LaneProduct<T>.Add(gates + (2 * _state), _units, candidate, inner, _units);
            }

            T* next = Output.Pointer + (t * _state);
            Close(gates, h, inner, next);
            h = next;
        }

        new Span<T>(h, _state).CopyTo(_after.Span);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(T* parameters, T* x, T* inputGradient, T* gradients, int steps)
    {
        _hidden.Span.Clear();
        T* recurrent = parameters + _layer.RecurrentWeights;
        T* candidate = recurrent + (2 * _units * _units);
        for (int t = steps - 1; t >= 0; t--)
        {
            T* gates = _gates.Pointer + (3 * t * _state);
            T* h = t > 0 ? Output.Pointer + ((t - 1) * _state) : _before.Pointer;
            T* inner = _inner.Pointer + (t * _state);
            if (_isAfter)
            {
                DifferentiateAfter(gates, h, inner, t);
                LaneProduct<T>.AddTransposed(_hidden.Pointer, _units, candidate, inner, _units);
            }
            else
            {
                DifferentiateBefore(gates, h, candidate, t);
            }

            LaneProduct<T>.AddTransposed(_hidden.Pointer, _units, recurrent, gates, 2 * _units);
            if (inputGradient is not null)
            {
                T* dx = inputGradient + (t * _inputs * Lanes.Count);
                new Span<T>(dx, _inputs * Lanes.Count).Clear();
                LaneProduct<T>.AddTransposed(dx, _inputs, parameters + _layer.InputWeights, gates, 3 * _units);
            }
        }

        AddGradients(x, gradients, steps);
    }

    private void AddGradients(T* x, T* gradients, int steps)
    {
        T* a = _gates.Pointer;
        int stride = 3 * _state;
        LaneProduct<T>.AddOuter(gradients + _layer.InputWeights, 3 * _units, _inputs, a, stride, x, _inputs * Lanes.Count, steps);
        LaneProduct<T>.AddSums(gradients + _layer.Bias, 3 * _units, a, stride, steps);
        T* recurrent = gradients + _layer.RecurrentWeights;
        T* candidate = recurrent + (2 * _units * _units);
        AddRecurrent(recurrent, 2 * _units, a, stride, steps);
        if (_isAfter)
        {
            AddRecurrent(candidate, _units, _inner.Pointer, _state, steps);
            LaneProduct<T>.AddSums(gradients + _layer.RecurrentBias, _units, _inner.Pointer, _state, steps);
        }
        else
        {
            LaneProduct<T>.AddOuter(candidate, _units, _units, a + (2 * _state), stride, _inner.Pointer, _state, steps);
        }
    }

    private void AddRecurrent(T* gradient, int rows, T* a, int stride, int steps)
    {
        LaneProduct<T>.AddOuter(gradient, rows, _units, a, stride, _before.Pointer, _state, 1);
        LaneProduct<T>.AddOuter(gradient, rows, _units, a + stride, stride, Output.Pointer, _state, steps - 1);
    }

    // r and z, and where the reset gate comes first s.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Open(T* gates, T* h, T* inner)
    {
        for (int at = 0; at < _state; at += Vector<T>.Count)
        {
            Vector<T> r = Lanes.Sigmoid(Vector.Load(gates + at));
            r.Store(gates + at);
            Lanes.Sigmoid(Vector.Load(gates + _state + at)).Store(gates + _state + at);
            if (!_isAfter)
            {
                (r * Vector.Load(h + at)).Store(inner + at);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Close(T* gates, T* h, T* inner, T* next)
    {
        for (int at = 0; at < _state; at += Vector<T>.Count)
        {
            Vector<T> sum = Vector.Load(gates + (2 * _state) + at);
            if (_isAfter)
            {
                sum = Lanes.MultiplyAdd(Vector.Load(gates + at), Vector.Load(inner + at), sum);
            }

            Vector<T> n = Lanes.Tanh(sum), z = Vector.Load(gates + _state + at);
            n.Store(gates + (2 * _state) + at);
            Lanes.MultiplyAdd(z, Vector.Load(h + at) - n, n).Store(next + at);
        }
    }

    // Leaves da in place of the gates, dq in place of q, and dh' ⊙ z where the gradient of the step before begins.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DifferentiateAfter(T* gates, T* h, T* inner, int t)
    {
        T* outer = OutputGradient.Pointer + (t * _state);
        Vector<T> one = Vector<T>.One;
        for (int at = 0; at < _state; at += Vector<T>.Count)
        {
            Vector<T> r = Vector.Load(gates + at), z = Vector.Load(gates + _state + at);
            Vector<T> n = Vector.Load(gates + (2 * _state) + at), q = Vector.Load(inner + at);
            Vector<T> dh = Vector.Load(outer + at) + Vector.Load(_hidden.Pointer + at);
            dh.Store(outer + at);
            Vector<T> dan = dh * (one - z) * (one - (n * n));
            (dan * q * r * (one - r)).Store(gates + at);
            (dh * (Vector.Load(h + at) - n) * z * (one - z)).Store(gates + _state + at);
            dan.Store(gates + (2 * _state) + at);
            (dan * r).Store(inner + at);
            (dh * z).Store(_hidden.Pointer + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void DifferentiateBefore(T* gates, T* h, T* candidate, int t)
    {
        T* outer = OutputGradient.Pointer + (t * _state);
        Vector<T> one = Vector<T>.One;
        for (int at = 0; at < _state; at += Vector<T>.Count)
        {
            Vector<T> z = Vector.Load(gates + _state + at), n = Vector.Load(gates + (2 * _state) + at);
            Vector<T> dh = Vector.Load(outer + at) + Vector.Load(_hidden.Pointer + at);
            dh.Store(outer + at);
            (dh * (one - z) * (one - (n * n))).Store(gates + (2 * _state) + at);
            (dh * (Vector.Load(h + at) - n) * z * (one - z)).Store(gates + _state + at);
            (dh * z).Store(_hidden.Pointer + at);
        }

        _reset.Span.Clear();
        LaneProduct<T>.AddTransposed(_reset.Pointer, _units, candidate, gates + (2 * _state), _units);
        for (int at = 0; at < _state; at += Vector<T>.Count)
        {
            Vector<T> r = Vector.Load(gates + at), ds = Vector.Load(_reset.Pointer + at);
            Lanes.MultiplyAdd(ds, r, Vector.Load(_hidden.Pointer + at)).Store(_hidden.Pointer + at);
            (ds * Vector.Load(h + at) * r * (one - r)).Store(gates + at);
        }
    }
}
