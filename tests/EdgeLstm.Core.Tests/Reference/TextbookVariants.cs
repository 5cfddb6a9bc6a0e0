// The variants of the recurrent cells as textbooks write them, in double precision and plain loops.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

/// <summary>One time step of each variant. State arrays are replaced in place.</summary>
internal static class TextbookVariants
{
    /// <summary>Gates i, f, g, o of <see cref="LstmVariant"/>; h has OutputSize values, c has HiddenSize.</summary>
    public static void StepLstm(LstmWeights weights, double[] x, double[] h, double[] c)
    {
        LstmVariant variant = weights.Variant!;
        int size = weights.HiddenSize;
        double[] output = new double[size];
        for (int u = 0; u < size; u++)
        {
            double Gate(int gate, ActivationFunction activation, int peephole, double cell)
            {
                int row = (gate * size) + u;
                double sum = weights.Bias[row] + Row(weights.InputWeights, row, x) + Row(weights.RecurrentWeights, row, h);
                sum += weights.Peepholes is null || peephole < 0 ? 0 : weights.Peepholes[(peephole * size) + u] * cell;
                return TextbookActivations.Of(activation, Math.Clamp(sum, -variant.Clip, variant.Clip));
            }

            double i = Gate(0, variant.GateActivation, 0, c[u]);
            double f = variant.CoupledForget ? 1 - i : Gate(1, variant.GateActivation, 1, c[u]);
            double g = Gate(2, variant.Activation, -1, 0);
            c[u] = Math.Clamp((f * c[u]) + (i * g), -variant.CellClip, variant.CellClip);
            double o = Gate(3, variant.GateActivation, 2, c[u]);
            output[u] = o * TextbookActivations.Of(variant.OutputActivation, c[u]);
        }

        for (int u = 0; u < h.Length; u++)
        {
            h[u] = variant.Projection is null ? output[u] : Row(variant.Projection, u, output);
        }
    }

    /// <summary>Gates r, z, n of <see cref="GruVariant"/>.</summary>
    public static void StepGru(GruWeights weights, double[] x, double[] h)
    {
        GruVariant variant = weights.Variant!;
        int size = weights.HiddenSize;
        double Input(int gate, int u) =>
            weights.Bias[(gate * size) + u] + Row(weights.InputWeights, (gate * size) + u, x);
        double Activate(ActivationFunction activation, double sum) =>
            TextbookActivations.Of(activation, Math.Clamp(sum, -variant.Clip, variant.Clip));
        double[] Gate(int gate) =>
            [.. Enumerable.Range(0, size).Select(u => Activate(
                variant.GateActivation, Input(gate, u) + Row(weights.RecurrentWeights, (gate * size) + u, h)))];

        double[] r = Gate(0);
        double[] z = Gate(1);
        double[] reset = [.. h.Zip(r, (value, gate) => value * gate)];
        double[] next = new double[size];
        for (int u = 0; u < size; u++)
        {
            double recurrent = weights.Reset == GruReset.After
                ? r[u] * (weights.RecurrentBias![u] + Row(weights.RecurrentWeights, (2 * size) + u, h))
                : Row(weights.RecurrentWeights, (2 * size) + u, reset);
            next[u] = ((1 - z[u]) * Activate(variant.Activation, Input(2, u) + recurrent)) + (z[u] * h[u]);
        }

        next.CopyTo(h, 0);
    }

    /// <summary>h' = activation(clip(W·x + R·h + b)).</summary>
    public static void StepRnn(RnnWeights weights, double[] x, double[] h)
    {
        double[] old = [.. h];
        for (int u = 0; u < h.Length; u++)
        {
            double sum = weights.Bias[u] + Row(weights.InputWeights, u, x) + Row(weights.RecurrentWeights, u, old);
            h[u] = TextbookActivations.Of(weights.Activation, Math.Clamp(sum, -weights.Clip, weights.Clip));
        }
    }

    private static double Row(float[] matrix, int row, double[] z)
    {
        double sum = 0;
        for (int k = 0; k < z.Length; k++)
        {
            sum += matrix[(row * z.Length) + k] * z[k];
        }

        return sum;
    }
}
