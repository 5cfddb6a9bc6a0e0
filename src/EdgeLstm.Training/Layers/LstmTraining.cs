// A trainable long short-term memory layer, with or without peepholes: forwards as LstmKernel computes it, and backwards.
//
//   dh = ∂L/∂h + Rᵀ·da(t+1)           da_o = dh ⊙ tanh c ⊙ o(1 − o)
//   dc = dh ⊙ o ⊙ (1 − tanh² c) [+ p_o ⊙ da_o] + dc(t+1) ⊙ f(t+1) [+ p_i ⊙ da_i(t+1) + p_f ⊙ da_f(t+1)]
//   da_i = dc ⊙ g ⊙ i(1 − i)          da_f = dc ⊙ c(t−1) ⊙ f(1 − f)          da_g = dc ⊙ i ⊙ (1 − g²)

using System.Numerics;
using System.Runtime.CompilerServices;
using EdgeLstm.Core.Layers;
using EdgeLstm.Training.Kernels;

namespace EdgeLstm.Training.Layers;

/// <summary>Gates in the order i, f, g, o, as <see cref="LstmWeights"/> has them; the forget gate's bias begins at 1 (Gers,
/// Schmidhuber, Cummins, 2000; Jozefowicz, Zaremba, Sutskever, 2015).</summary>
public sealed class LstmTraining<T> : RecurrentTraining<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <param name="name">Name within the network.</param>
    /// <param name="inputSize">Inputs I.</param>
    /// <param name="hiddenSize">Units H.</param>
    /// <param name="hasPeepholes">Whether i and f also see the old c, and o the new one.</param>
    public LstmTraining(string name, int inputSize, int hiddenSize, bool hasPeepholes = false)
        : base(name, inputSize, hiddenSize, gates: 4)
    {
        HasPeepholes = hasPeepholes;
        Peepholes = hasPeepholes ? AddVector("weight_peephole", 3 * hiddenSize, isDecayed: true) : -1;
    }

    /// <summary>Whether the gates see c.</summary>
    public bool HasPeepholes { get; }

    /// <summary>Offset of p_i, p_f, p_o.</summary>
    internal int Peepholes { get; }

    /// <inheritdoc/>
    internal override void Initialise(Span<T> parameters, RandomStream random)
    {
        base.Initialise(parameters, random);
        Span<T> forget = parameters.Slice(Bias + HiddenSize, HiddenSize);
        if (MemoryRows == 0)
        {
            forget.Fill(T.One);
            return;
        }

        // What a unit keeps for long it takes in slowly.
        for (int unit = 0; unit < HiddenSize; unit++)
        {
            parameters[Bias + unit] = -forget[unit];
        }
    }

    /// <inheritdoc/>
    internal override LayerRun<T> CreateRun(int steps) => new LstmRun<T>(this, steps);
}

/// <summary>Values of one group of sequences.</summary>
internal sealed unsafe class LstmRun<T> : LayerRun<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly LstmTraining<T> _layer;
    private readonly int _inputs;
    private readonly int _units;
    private readonly int _state;                    // numbers of h or c of one step
    private readonly PinnedBuffer<T> _gates;        // i f g o, then their gradients [steps, 4·H, lanes]
    private readonly PinnedBuffer<T> _cells;        // c, that before the first step first [steps + 1, H, lanes]
    private readonly PinnedBuffer<T> _tanhs;        // tanh c, then ∂L/∂c [steps, H, lanes]
    private readonly PinnedBuffer<T> _before;       // h before the first step [H, lanes]
    private readonly PinnedBuffer<T> _after;        // h after the last [H, lanes]
    private readonly PinnedBuffer<T> _cellAfter;    // c after the last [H, lanes]
    private readonly PinnedBuffer<T> _hidden;       // ∂L/∂h of the step in hand, from the next one [H, lanes]
    private readonly PinnedBuffer<T> _cell;         // ∂L/∂c likewise [H, lanes]

    public LstmRun(LstmTraining<T> layer, int steps)
        : base(steps, layer.HiddenSize)
    {
        _layer = layer;
        (_inputs, _units) = (layer.InputSize, layer.HiddenSize);
        _state = _units * Lanes.Count;
        _gates = new(4 * steps * _state);
        _cells = new((steps + 1) * _state);
        _tanhs = new(steps * _state);
        (_before, _after, _cellAfter) = (new(_state), new(_state), new(_state));
        (_hidden, _cell) = (new(_state), new(_state));
    }

    /// <summary>That of c.</summary>
    public override PinnedBuffer<T> StateGradient => _tanhs;

    /// <inheritdoc/>
    public override void ResetState(int lane)
    {
        ResetLane(_after, lane);
        ResetLane(_cellAfter, lane);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Forward(T* parameters, T* x, int steps)
    {
        _after.Span.CopyTo(_before.Span);
        _cellAfter.Span.CopyTo(_cells.Span);
        T* h = _before.Pointer;
        for (int t = 0; t < steps; t++)
        {
            T* gates = _gates.Pointer + (4 * t * _state);
            LaneProduct<T>.Multiply(gates, 4 * _units, parameters + _layer.Bias, parameters + _layer.InputWeights,
                x + (t * _inputs * Lanes.Count), _inputs, parameters + _layer.RecurrentWeights, h, _units);
            h = Output.Pointer + (t * _state);
            Activate(parameters, gates, t, h);
        }

        new Span<T>(h, _state).CopyTo(_after.Span);
        _cells.Span.Slice(steps * _state, _state).CopyTo(_cellAfter.Span);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Backward(T* parameters, T* x, T* inputGradient, T* gradients, int steps)
    {
        _hidden.Span.Clear();
        _cell.Span.Clear();
        for (int t = steps - 1; t >= 0; t--)
        {
            T* gates = _gates.Pointer + (4 * t * _state);
            Differentiate(parameters, gradients, gates, t);
            _hidden.Span.Clear();
            LaneProduct<T>.AddTransposed(_hidden.Pointer, _units, parameters + _layer.RecurrentWeights, gates, 4 * _units);
            if (inputGradient is not null)
            {
                T* dx = inputGradient + (t * _inputs * Lanes.Count);
                new Span<T>(dx, _inputs * Lanes.Count).Clear();
                LaneProduct<T>.AddTransposed(dx, _inputs, parameters + _layer.InputWeights, gates, 4 * _units);
            }
        }

        T* a = _gates.Pointer;
        int stride = 4 * _state;
        LaneProduct<T>.AddOuter(gradients + _layer.InputWeights, 4 * _units, _inputs, a, stride, x, _inputs * Lanes.Count, steps);
        T* recurrent = gradients + _layer.RecurrentWeights;
        LaneProduct<T>.AddOuter(recurrent, 4 * _units, _units, a, stride, _before.Pointer, _state, 1);
        LaneProduct<T>.AddOuter(recurrent, 4 * _units, _units, a + stride, stride, Output.Pointer, _state, steps - 1);
        LaneProduct<T>.AddSums(gradients + _layer.Bias, 4 * _units, a, stride, steps);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Activate(T* parameters, T* gates, int t, T* h)
    {
        T* p = _layer.HasPeepholes ? parameters + _layer.Peepholes : null;
        T* before = _cells.Pointer + (t * _state);
        T* after = before + _state;
        T* tanhs = _tanhs.Pointer + (t * _state);
        for (int at = 0; at < _state; at += Vector<T>.Count)
        {
            int unit = at / Lanes.Count;
            Vector<T> old = Vector.Load(before + at);
            Vector<T> ai = Vector.Load(gates + at), af = Vector.Load(gates + _state + at);
            Vector<T> ao = Vector.Load(gates + (3 * _state) + at);
            if (_layer.HasPeepholes)
            {
                ai = Lanes.MultiplyAdd(new Vector<T>(p[unit]), old, ai);
                af = Lanes.MultiplyAdd(new Vector<T>(p[_units + unit]), old, af);
            }

            Vector<T> i = Lanes.Sigmoid(ai), f = Lanes.Sigmoid(af);
            Vector<T> g = Lanes.Tanh(Vector.Load(gates + (2 * _state) + at));
            Vector<T> c = Lanes.MultiplyAdd(f, old, i * g);
            if (_layer.HasPeepholes)
            {
                ao = Lanes.MultiplyAdd(new Vector<T>(p[(2 * _units) + unit]), c, ao);
            }

            Vector<T> o = Lanes.Sigmoid(ao), tanh = Lanes.Tanh(c);
            i.Store(gates + at);
            f.Store(gates + _state + at);
            g.Store(gates + (2 * _state) + at);
            o.Store(gates + (3 * _state) + at);
            c.Store(after + at);
            tanh.Store(tanhs + at);
            (o * tanh).Store(h + at);
        }
    }

    // The gates of a step become their gradients.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(T* parameters, T* gradients, T* gates, int t)
    {
        T* p = _layer.HasPeepholes ? parameters + _layer.Peepholes : null;
        T* dp = gradients + _layer.Peepholes;
        T* outer = OutputGradient.Pointer + (t * _state);
        T* before = _cells.Pointer + (t * _state);
        T* after = before + _state;
        T* tanhs = _tanhs.Pointer + (t * _state);
        Vector<T> one = Vector<T>.One;
        for (int at = 0; at < _state; at += Vector<T>.Count)
        {
            int unit = at / Lanes.Count;
            Vector<T> i = Vector.Load(gates + at), f = Vector.Load(gates + _state + at);
            Vector<T> g = Vector.Load(gates + (2 * _state) + at), o = Vector.Load(gates + (3 * _state) + at);
            Vector<T> old = Vector.Load(before + at), tanh = Vector.Load(tanhs + at);
            Vector<T> dh = Vector.Load(outer + at) + Vector.Load(_hidden.Pointer + at);
            dh.Store(outer + at);
            Vector<T> dao = dh * tanh * o * (one - o);
            Vector<T> dc = Lanes.MultiplyAdd(dh * o, one - (tanh * tanh), Vector.Load(_cell.Pointer + at));
            if (_layer.HasPeepholes)
            {
                dc = Lanes.MultiplyAdd(new Vector<T>(p[(2 * _units) + unit]), dao, dc);
            }

            dc.Store(tanhs + at);
            Vector<T> dai = dc * g * i * (one - i);
            Vector<T> daf = dc * old * f * (one - f);
            Vector<T> dag = dc * i * (one - (g * g));
            Vector<T> carried = dc * f;
            if (_layer.HasPeepholes)
            {
                carried = Lanes.MultiplyAdd(new Vector<T>(p[unit]), dai, carried);
                carried = Lanes.MultiplyAdd(new Vector<T>(p[_units + unit]), daf, carried);
                dp[unit] += Vector.Sum(dai * old);
                dp[_units + unit] += Vector.Sum(daf * old);
                dp[(2 * _units) + unit] += Vector.Sum(dao * Vector.Load(after + at));
            }

            dai.Store(gates + at);
            daf.Store(gates + _state + at);
            dag.Store(gates + (2 * _state) + at);
            dao.Store(gates + (3 * _state) + at);
            carried.Store(_cell.Pointer + at);
        }
    }
}
