// A textbook network in double precision that reads the tensors of a model file by name.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Models;

internal sealed class ReferenceNetwork
{
    private readonly LayerManifest _layer;
    private readonly Dictionary<string, float[]> _tensors;
    private readonly double[] _c;
    private readonly List<double[]> _samples = [];
    private double[] _h;

    private ReferenceNetwork(LayerManifest layer, Dictionary<string, float[]> tensors)
    {
        _layer = layer;
        _tensors = tensors;
        _h = new double[layer.OutputSize];
        _c = new double[layer.OutputSize];
    }

    /// <summary>Raw outputs [Steps, outputs]; of a windowed model each from the latest inputs alone, stepped anew.</summary>
    public static float[] Run(ModelManifest manifest, IEnumerable<Tensor> tensors, float[] inputs)
    {
        Dictionary<string, float[]> byName = tensors.ToDictionary(t => t.Name, t => t.Values);
        float[][] samples = [.. inputs.Chunk(manifest.Inputs.Count)];
        return manifest.Window is not int window
            ? [.. RunFromZero(manifest, byName, samples).SelectMany(y => y)]
            : [.. Enumerable.Range(1, samples.Length).SelectMany(
                end => RunFromZero(manifest, byName, samples[Math.Max(0, end - window)..end]).Last())];
    }

    private static IEnumerable<float[]> RunFromZero(
        ModelManifest manifest, Dictionary<string, float[]> tensors, IEnumerable<float[]> samples)
    {
        ReferenceNetwork[] layers = [.. manifest.Layers.Select(layer => new ReferenceNetwork(layer, tensors))];
        foreach (float[] sample in samples)
        {
            double[] x = [.. sample.Select(value => (double)value)];
            yield return [.. layers.Aggregate(x, (values, layer) => layer.Step(values)).Select(value => (float)value)];
        }
    }

    private double[] Step(double[] x) => _layer.Kind switch
    {
        LayerKind.Lstm => StepLstm(x),
        LayerKind.Gru => StepGru(x),
        LayerKind.Rnn => _h = Activate(Sum(0, "weight_ih", x, "bias").Zip(Sum(0, "weight_hh", _h), (a, b) => a + b)),
        LayerKind.Dense => Activate(Sum(0, "weight", x, "bias")),
        LayerKind.Activation => Activate(x),
        LayerKind.Scale => TextbookLayers.Scale(Tensor("weight"), Tensor("bias"), x),
        LayerKind.LayerNorm => TextbookLayers.Normalize(Tensor("weight"), Tensor("bias"), _layer.Epsilon!.Value, x),
        LayerKind.Conv1d => Convolve(x),
        _ => throw new ArgumentException($"no reference of kind {_layer.Kind}", nameof(x)),
    };

    private double[] Convolve(double[] x)
    {
        _samples.Add(x);
        return TextbookLayers.Convolve(
            new Conv1dWeights(
                _layer.Name, x.Length, _layer.OutputSize, _layer.KernelSize!.Value, _layer.Dilation ?? 1, Tensor("weight"),
                Tensor("bias"), _layer.Activation!.Value),
            _samples);
    }

    private double[] StepLstm(double[] x)
    {
        double[][] a =
            [.. Enumerable.Range(0, 4).Select(gate => Add(Sum(gate, "weight_ih", x, "bias"), Sum(gate, "weight_hh", _h)))];
        double[] h = new double[_h.Length];
        for (int k = 0; k < h.Length; k++)
        {
            double i = Sigmoid(a[0][k] + (Peephole(0, k) * _c[k]));
            double f = Sigmoid(a[1][k] + (Peephole(1, k) * _c[k]));
            _c[k] = (f * _c[k]) + (i * Math.Tanh(a[2][k]));
            h[k] = Sigmoid(a[3][k] + (Peephole(2, k) * _c[k])) * Math.Tanh(_c[k]);
        }

        return _h = h;
    }

    private double[] StepGru(double[] x)
    {
        double[] r = [.. Add(Sum(0, "weight_ih", x, "bias"), Sum(0, "weight_hh", _h)).Select(Sigmoid)];
        double[] z = [.. Add(Sum(1, "weight_ih", x, "bias"), Sum(1, "weight_hh", _h)).Select(Sigmoid)];
        double[] n = Sum(2, "weight_ih", x, "bias");
        double[] recurrent = _layer.Reset == GruReset.After
            ? [.. Add(Sum(2, "weight_hh", _h), Tensor("bias_hn").Select(b => (double)b)).Zip(r, (a, gate) => a * gate)]
            : Sum(2, "weight_hh", [.. _h.Zip(r, (state, gate) => state * gate)]);
        return _h = [.. _h.Select((state, k) => ((1 - z[k]) * Math.Tanh(n[k] + recurrent[k])) + (z[k] * state))];
    }

    /// <summary>Rows of one gate times <paramref name="x"/>, plus the bias if one is named.</summary>
    private double[] Sum(int gate, string matrix, double[] x, string? bias = null)
    {
        int size = _layer.OutputSize;
        float[] w = Tensor(matrix);
        return [.. Enumerable.Range(gate * size, size).Select(row =>
            x.Select((value, k) => value * w[(row * x.Length) + k]).Sum() + (bias is null ? 0 : Tensor(bias)[row]))];
    }

    private double[] Activate(IEnumerable<double> sums) => Activations.Apply(_layer.Activation!.Value, [.. sums]);

    private double Peephole(int gate, int unit) =>
        _layer.Peepholes == true ? Tensor("weight_peephole")[(gate * _layer.OutputSize) + unit] : 0;

    private float[] Tensor(string name) => _tensors[$"{_layer.Name}.{name}"];

    private static double[] Add(IEnumerable<double> a, IEnumerable<double> b) => [.. a.Zip(b, (left, right) => left + right)];

    private static double Sigmoid(double a) => 1 / (1 + Math.Exp(-a));
}
