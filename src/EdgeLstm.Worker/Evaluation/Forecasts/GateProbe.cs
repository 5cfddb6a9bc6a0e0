// The gates of one layer at one step, from its equations:
//
//   LSTM  i = σ(W·x + R·h + p ⊙ c + b), f likewise, g = tanh(W·x + R·h + b), o = σ(W·x + R·h + p ⊙ c' + b)
//   GRU   r = σ(W·x + R·h + b), z likewise, n = tanh(W·x + b + r ⊙ (R·h + b_hn)) or tanh(W·x + b + R·(r ⊙ h))

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Training.Evaluation;

namespace EdgeLstm.Worker.Evaluation.Forecasts;

/// <summary>Computes the gates of a plain LSTM or GRU layer and sums them up.</summary>
internal sealed class GateProbe
{
    private static readonly string[] LstmGates = ["input", "forget", "cell", "output"];
    private static readonly string[] GruGates = ["reset", "update", "new"];

    private readonly LayerManifest _layer;
    private readonly string[] _names;
    private readonly int _size;
    private readonly float[] _input;
    private readonly float[] _recurrent;
    private readonly float[] _bias;
    private readonly float[] _peepholes;
    private readonly float[] _recurrentBias;
    private readonly double[] _gates;
    private readonly double[] _sums;
    private readonly double[] _squares;
    private long _rows;

    private GateProbe(LayerManifest layer, SafetensorsFile file)
    {
        bool isLstm = layer.Kind == LayerKind.Lstm;
        _layer = layer;
        _names = isLstm ? LstmGates : GruGates;
        _size = layer.OutputSize;
        _input = Tensor(file, "weight_ih");
        _recurrent = Tensor(file, "weight_hh");
        _bias = Tensor(file, "bias");
        _peepholes = Tensor(file, "weight_peephole");
        _recurrentBias = Tensor(file, "bias_hn");
        _gates = new double[_names.Length * _size];
        _sums = new double[_gates.Length];
        _squares = new double[_gates.Length];
        State = new float[isLstm ? 2 * _size : _size];
    }

    /// <summary>The state before the step: h, of an LSTM h and c; to be filled in.</summary>
    public float[] State { get; }

    /// <summary>Products of one step.</summary>
    public double Products => (double)_gates.Length * (_layer.InputSize + _size);

    /// <summary>A probe of a layer.</summary>
    /// <param name="layer">A plain LSTM, peepholes allowed, or GRU.</param>
    /// <param name="file">The model's file, which was loaded before.</param>
    public static GateProbe Create(LayerManifest layer, SafetensorsFile file) => new(layer, file);

    /// <summary>Takes one step.</summary>
    /// <param name="x">The layer's input [InputSize].</param>
    public void Take(ReadOnlySpan<float> x)
    {
        _rows++;
        if (_layer.Kind == LayerKind.Lstm)
        {
            TakeLstm(x);
        }
        else
        {
            TakeGru(x);
        }

        for (int k = 0; k < _gates.Length; k++)
        {
            _sums[k] += _gates[k];
            _squares[k] += _gates[k] * _gates[k];
        }
    }

    /// <summary>What the gates did over all steps; none where there were no steps.</summary>
    public IReadOnlyList<GateActivity> Activities()
    {
        List<GateActivity> activities = [];
        for (int gate = 0; gate < _names.Length && _rows > 0; gate++)
        {
            (double[] means, double[] deviations) = (new double[_size], new double[_size]);
            for (int unit = 0; unit < _size; unit++)
            {
                means[unit] = _sums[(gate * _size) + unit] / _rows;
                double variance = (_squares[(gate * _size) + unit] / _rows) - (means[unit] * means[unit]);
                deviations[unit] = Math.Sqrt(Math.Max(variance, 0));
            }

            string name = _names[gate];
            activities.Add(new GateActivity(_layer.Name, name, name is not ("cell" or "new"), means, deviations, _rows));
        }

        return activities;
    }

    private float[] Tensor(SafetensorsFile file, string suffix) =>
        file.TryGet($"{_layer.Name}.{suffix}", out _, out float[] values) ? values : [];

    private void TakeLstm(ReadOnlySpan<float> x)
    {
        ReadOnlySpan<float> c = State.AsSpan(_size);
        for (int unit = 0; unit < _size; unit++)
        {
            double i = Sigmoid(Sum(0, unit, x) + (Peephole(0, unit) * c[unit]));
            double f = Sigmoid(Sum(1, unit, x) + (Peephole(1, unit) * c[unit]));
            double g = Math.Tanh(Sum(2, unit, x));
            double next = (f * c[unit]) + (i * g);
            _gates[unit] = i;
            _gates[_size + unit] = f;
            _gates[(2 * _size) + unit] = g;
            _gates[(3 * _size) + unit] = Sigmoid(Sum(3, unit, x) + (Peephole(2, unit) * next));
        }
    }

    private void TakeGru(ReadOnlySpan<float> x)
    {
        for (int unit = 0; unit < _size; unit++)
        {
            _gates[unit] = Sigmoid(Sum(0, unit, x));
            _gates[_size + unit] = Sigmoid(Sum(1, unit, x));
        }

        for (int unit = 0; unit < _size; unit++)
        {
            int row = (2 * _size) + unit;
            double candidate = _layer.Reset == GruReset.After
                ? _gates[unit] * (Dot(_recurrent, row, State) + _recurrentBias[unit])
                : ResetDot(row);
            _gates[row] = Math.Tanh(Dot(_input, row, x) + _bias[row] + candidate);
        }
    }

    private double ResetDot(int row)
    {
        double sum = 0;
        for (int k = 0; k < _size; k++)
        {
            sum += _recurrent[(row * _size) + k] * _gates[k] * State[k];
        }

        return sum;
    }

    private double Sum(int gate, int unit, ReadOnlySpan<float> x)
    {
        int row = (gate * _size) + unit;
        return Dot(_input, row, x) + Dot(_recurrent, row, State.AsSpan(0, _size)) + _bias[row];
    }

    private double Peephole(int gate, int unit) => _peepholes.Length == 0 ? 0 : _peepholes[(gate * _size) + unit];

    private static double Dot(float[] matrix, int row, ReadOnlySpan<float> vector)
    {
        ReadOnlySpan<float> weights = matrix.AsSpan(row * vector.Length, vector.Length);
        double sum = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            sum += (double)weights[k] * vector[k];
        }

        return sum;
    }

    private static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));
}
