// The cells as textbooks write them, in double precision and plain loops: what the kernels are measured against.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

/// <summary>One time step of each cell in double precision. State arrays are replaced in place.</summary>
/// <remarks>
/// Equations: the canonical forms of torch.nn.LSTM, GRU, RNN and of ONNX for peepholes and reset-before. <c>held</c> is what the
/// products with R see of h, where a layer rounds it; h itself is carried whole.
/// </remarks>
internal static class TextbookCells
{
    /// <summary>Gates i, f, g, o; peepholes p_i and p_f see the old c, p_o the new one.</summary>
    public static void StepLstm(LstmWeights weights, double[] x, double[] h, double[] c, Func<double, double>? held = null)
    {
        int size = weights.HiddenSize;
        double[] old = Held(h, held);
        for (int u = 0; u < size; u++)
        {
            double Sum(int gate) =>
                weights.Bias[(gate * size) + u]
                + Row(weights.InputWeights, (gate * size) + u, x)
                + Row(weights.RecurrentWeights, (gate * size) + u, old);
            double Peephole(int gate) => weights.Peepholes is null ? 0 : weights.Peepholes[(gate * size) + u] * c[u];

            double i = Sigmoid(Sum(0) + Peephole(0));
            double f = Sigmoid(Sum(1) + Peephole(1));
            double g = Math.Tanh(Sum(2));
            c[u] = (f * c[u]) + (i * g);
            double o = Sigmoid(Sum(3) + Peephole(2));
            h[u] = o * Math.Tanh(c[u]);
        }
    }

    /// <summary>Gates r, z, n, in both forms of the reset.</summary>
    public static void StepGru(GruWeights weights, double[] x, double[] h, Func<double, double>? held = null)
    {
        int size = weights.HiddenSize;
        double[] old = Held(h, held);
        double[] r = new double[size];
        double[] z = new double[size];
        double[] reset = new double[size];
        for (int u = 0; u < size; u++)
        {
            r[u] = Sigmoid(weights.Bias[u] + Row(weights.InputWeights, u, x) + Row(weights.RecurrentWeights, u, old));
            z[u] = Sigmoid(
                weights.Bias[size + u] + Row(weights.InputWeights, size + u, x) + Row(weights.RecurrentWeights, size + u, old));
            reset[u] = r[u] * h[u];
        }

        reset = Held(reset, held);
        double[] next = new double[size];
        for (int u = 0; u < size; u++)
        {
            int row = (2 * size) + u;
            double input = weights.Bias[row] + Row(weights.InputWeights, row, x);
            double recurrent = weights.Reset == GruReset.After
                ? r[u] * (weights.RecurrentBias![u] + Row(weights.RecurrentWeights, row, old))
                : Row(weights.RecurrentWeights, row, reset);
            double n = Math.Tanh(input + recurrent);
            next[u] = ((1 - z[u]) * n) + (z[u] * h[u]);
        }

        next.CopyTo(h, 0);
    }

    /// <summary>h' = activation(W·x + R·h + b).</summary>
    public static void StepRnn(RnnWeights weights, double[] x, double[] h, Func<double, double>? held = null)
    {
        double[] old = Held(h, held);
        for (int u = 0; u < h.Length; u++)
        {
            double sum = weights.Bias[u] + Row(weights.InputWeights, u, x) + Row(weights.RecurrentWeights, u, old);
            h[u] = Activate(weights.Activation.Kind, sum);
        }
    }

    /// <summary>y = activation(W·x + b).</summary>
    public static double[] StepDense(DenseWeights weights, double[] x)
    {
        double[] y = new double[weights.OutputSize];
        for (int u = 0; u < y.Length; u++)
        {
            y[u] = Activate(weights.Activation.Kind, weights.Bias[u] + Row(weights.Weights, u, x));
        }

        return weights.Activation.Kind == Activation.Softmax ? Softmax(y) : y;
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double[] Held(double[] h, Func<double, double>? held) =>
        held is null ? (double[])h.Clone() : Array.ConvertAll(h, value => held(value));

    private static double Row(float[] matrix, int row, double[] z)
    {
        double sum = 0;
        for (int i = 0; i < z.Length; i++)
        {
            sum += matrix[(row * z.Length) + i] * z[i];
        }

        return sum;
    }

    private static double Activate(Activation activation, double a) => activation switch
    {
        Activation.Relu => Math.Max(a, 0),
        Activation.Tanh => Math.Tanh(a),
        Activation.Sigmoid => Sigmoid(a),
        _ => a,
    };

    private static double[] Softmax(double[] a)
    {
        double greatest = a.Max();
        double sum = a.Sum(value => Math.Exp(value - greatest));
        return [.. a.Select(value => Math.Exp(value - greatest) / sum)];
    }
}
