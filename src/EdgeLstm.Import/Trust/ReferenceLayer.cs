// The layers of the reference network, each straight from its equations.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Trust;

/// <summary>One layer in double precision.</summary>
internal abstract class ReferenceLayer(ImportedLayer layer, int stateSize)
{
    // Looked up once: a name is put together for each search.
    private readonly Dictionary<string, float[]?> _tensors = [];

    /// <summary>What it carries: [h], of an LSTM [h, c], of a convolution the past samples, oldest first.</summary>
    public double[] State { get; } = new double[stateSize];

    protected LayerManifest Manifest { get; } = layer.Manifest;

    private ImportedLayer Layer { get; } = layer;

    public static ReferenceLayer Create(ImportedLayer layer) => layer.Manifest.Kind switch
    {
        LayerKind.Lstm => new ReferenceLstm(layer),
        LayerKind.Gru => new ReferenceGru(layer),
        LayerKind.Rnn => new ReferenceRnn(layer),
        LayerKind.Conv1d => new ReferenceConv1d(layer),
        _ => new ReferenceFeedforward(layer),
    };

    public abstract double[] Step(double[] x);

    public virtual void ResetState() => Array.Clear(State);

    /// <summary>The values of tensor <c>Name.suffix</c>; null where there is none.</summary>
    protected float[]? Values(string suffix)
    {
        if (!_tensors.TryGetValue(suffix, out float[]? values))
        {
            values = Layer.Values(suffix);
            _tensors.Add(suffix, values);
        }

        return values;
    }

    /// <summary>Copies a trained initial state, where there is one, to its place.</summary>
    protected void Begin(string suffix, int at)
    {
        float[] initial = Values(suffix) ?? [];
        for (int k = 0; k < initial.Length; k++)
        {
            State[at + k] = initial[k];
        }
    }

    /// <summary>Row <paramref name="row"/> of a matrix times a vector.</summary>
    protected static double Dot(float[] matrix, int row, ReadOnlySpan<double> vector)
    {
        double sum = 0;
        for (int k = 0; k < vector.Length; k++)
        {
            sum += (double)matrix[(row * vector.Length) + k] * vector[k];
        }

        return sum;
    }

    protected double Clip(double a) => Manifest.Clip is { } clip ? Math.Clamp(a, -clip, clip) : a;
}

/// <summary>i, f, g, o of Gers et al. (2000, 2002), with a projection after Sak et al. (2014).</summary>
internal sealed class ReferenceLstm : ReferenceLayer
{
    private readonly int _hidden;
    private readonly int _output;

    public ReferenceLstm(ImportedLayer layer)
        : base(layer, layer.Manifest.OutputSize + (layer.Manifest.HiddenSize ?? layer.Manifest.OutputSize))
    {
        _output = layer.Manifest.OutputSize;
        _hidden = layer.Manifest.HiddenSize ?? _output;
    }

    public override double[] Step(double[] x)
    {
        double[] h = State[.._output];
        double[] next = new double[_hidden];
        for (int unit = 0; unit < _hidden; unit++)
        {
            next[unit] = StepUnit(unit, x, h);
        }

        if (Values("weight_hr") is { } projection)
        {
            next = ArrayProjection.Of(_output, row => Dot(projection, row, next));
        }

        next.CopyTo(State, 0);
        return next;
    }

    public override void ResetState()
    {
        base.ResetState();
        Begin("initial_h", 0);
        Begin("initial_c", _output);
    }

    private double StepUnit(int unit, double[] x, double[] h)
    {
        ActivationFunction gate = Manifest.GateActivation ?? Activation.Sigmoid;
        float[]? peephole = Values("weight_peephole");
        double c = State[_output + unit];
        double i = ReferenceActivation.Apply(gate, Clip(Sum(0, unit, x, h) + Peep(peephole, 0, unit, c)));
        double f = Manifest.CoupledForget == true
            ? 1 - i
            : ReferenceActivation.Apply(gate, Clip(Sum(1, unit, x, h) + Peep(peephole, 1, unit, c)));
        double g = ReferenceActivation.Apply(Manifest.Activation ?? Activation.Tanh, Clip(Sum(2, unit, x, h)));
        c = (f * c) + (i * g);
        c = Manifest.CellClip is { } clip ? Math.Clamp(c, -clip, clip) : c;
        double o = ReferenceActivation.Apply(gate, Clip(Sum(3, unit, x, h) + Peep(peephole, 2, unit, c)));
        State[_output + unit] = c;
        return o * ReferenceActivation.Apply(Manifest.OutputActivation ?? Activation.Tanh, c);
    }

    private double Sum(int gate, int unit, double[] x, double[] h)
    {
        int row = (gate * _hidden) + unit;
        return Dot(Values("weight_ih")!, row, x) + Dot(Values("weight_hh")!, row, h) + Values("bias")![row];
    }

    private double Peep(float[]? weights, int gate, int unit, double c) =>
        weights is null ? 0 : weights[(gate * _hidden) + unit] * c;
}

/// <summary>r, z, n of Cho et al. (2014), the reset gate before or after the recurrent product.</summary>
internal sealed class ReferenceGru(ImportedLayer layer) : ReferenceLayer(layer, layer.Manifest.OutputSize)
{
    private readonly int _hidden = layer.Manifest.OutputSize;

    public override double[] Step(double[] x)
    {
        ActivationFunction gate = Manifest.GateActivation ?? Activation.Sigmoid;
        double[] h = [.. State];
        double[] r = Gates(0, x, h, gate);
        double[] z = Gates(1, x, h, gate);
        double[] resetState = h.ToArray((value, unit) => r[unit] * value);
        float[] w = Values("weight_ih")!;
        float[] recurrent = Values("weight_hh")!;
        float[] bias = Values("bias")!;
        for (int unit = 0; unit < _hidden; unit++)
        {
            int row = (2 * _hidden) + unit;
            double candidate = Manifest.Reset == GruReset.After
                ? r[unit] * (Dot(recurrent, row, h) + Values("bias_hn")![unit])
                : Dot(recurrent, row, resetState);
            double n = ReferenceActivation.Apply(
                Manifest.Activation ?? Activation.Tanh, Clip(Dot(w, row, x) + bias[row] + candidate));
            State[unit] = ((1 - z[unit]) * n) + (z[unit] * h[unit]);
        }

        return [.. State];
    }

    public override void ResetState()
    {
        base.ResetState();
        Begin("initial_h", 0);
    }

    private double[] Gates(int index, double[] x, double[] h, ActivationFunction gate)
    {
        double[] values = new double[_hidden];
        for (int unit = 0; unit < _hidden; unit++)
        {
            int row = (index * _hidden) + unit;
            double sum = Dot(Values("weight_ih")!, row, x) + Dot(Values("weight_hh")!, row, h)
                + Values("bias")![row];
            values[unit] = ReferenceActivation.Apply(gate, Clip(sum));
        }

        return values;
    }
}

/// <summary>h' = activation(W·x + R·h + b).</summary>
internal sealed class ReferenceRnn(ImportedLayer layer) : ReferenceLayer(layer, layer.Manifest.OutputSize)
{
    public override double[] Step(double[] x)
    {
        double[] h = [.. State];
        for (int row = 0; row < h.Length; row++)
        {
            double sum = Dot(Values("weight_ih")!, row, x) + Dot(Values("weight_hh")!, row, h)
                + Values("bias")![row];
            State[row] = ReferenceActivation.Apply(Manifest.Activation ?? Activation.Tanh, Clip(sum));
        }

        return [.. State];
    }

    public override void ResetState()
    {
        base.ResetState();
        Begin("initial_h", 0);
    }
}

/// <summary>Causal convolution: a dense layer over the past samples, zeros before the first.</summary>
internal sealed class ReferenceConv1d(ImportedLayer layer)
    : ReferenceLayer(layer, (layer.Manifest.KernelSize!.Value - 1) * (layer.Manifest.Dilation ?? 1) * layer.Manifest.InputSize)
{
    public override double[] Step(double[] x)
    {
        int dilation = Manifest.Dilation ?? 1;
        double[] past = [.. State, .. x];
        double[] seen = ArrayProjection.Of(
            Manifest.KernelSize!.Value * x.Length, i => past[(i / x.Length * dilation * x.Length) + (i % x.Length)]);
        past[x.Length..].CopyTo(State, 0);
        double[] sums =
            ArrayProjection.Of(Manifest.OutputSize, row => Dot(Values("weight")!, row, seen) + Values("bias")![row]);
        return ReferenceActivation.Apply(Manifest.Activation!.Value, sums);
    }
}

/// <summary>Dense, activation, scale and layer normalisation.</summary>
internal sealed class ReferenceFeedforward(ImportedLayer layer) : ReferenceLayer(layer, 0)
{
    public override double[] Step(double[] x) => Manifest.Kind switch
    {
        LayerKind.Dense => ReferenceActivation.Apply(
            Manifest.Activation!.Value,
            ArrayProjection.Of(Manifest.OutputSize, row => Dot(Values("weight")!, row, x) + Values("bias")![row])),
        LayerKind.Activation => ReferenceActivation.Apply(Manifest.Activation!.Value, x),
        LayerKind.Scale => ScaleAndShift(x),
        LayerKind.LayerNorm => ScaleAndShift(Normalise(x)),
        _ => throw new ArgumentException($"layer '{Manifest.Name}' is of kind {Manifest.Kind}, which has no reference."),
    };

    private double[] Normalise(double[] x)
    {
        double mean = x.Average();
        double variance = x.Average(value => (value - mean) * (value - mean));
        return x.ToArray(value => (value - mean) / Math.Sqrt(variance + Manifest.Epsilon!.Value));
    }

    private double[] ScaleAndShift(double[] x) =>
        x.ToArray((value, k) => (value * Values("weight")![k]) + Values("bias")![k]);
}
