// The layers without recurrence as textbooks write them, in double precision and plain loops.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

/// <summary>One time step of each layer in double precision.</summary>
internal static class TextbookLayers
{
    /// <summary>y = activation(W·x + b).</summary>
    public static double[] StepDense(DenseWeights weights, double[] x) => Activations.Apply(
        weights.Activation, TextbookCells.StepDense(weights with { Activation = Activation.Linear }, x));

    /// <summary>y = x ⊙ weight + bias.</summary>
    public static double[] Scale(float[] weight, float[] bias, double[] x) =>
        [.. x.Select((value, k) => (value * weight[k]) + bias[k])];

    /// <summary>y = (x − mean) / √(variance + epsilon) ⊙ weight + bias.</summary>
    public static double[] Normalize(float[] weight, float[] bias, double epsilon, double[] x)
    {
        double mean = x.Average();
        double variance = x.Sum(value => (value - mean) * (value - mean)) / x.Length;
        return Scale(weight, bias, [.. x.Select(value => (value - mean) / Math.Sqrt(variance + epsilon))]);
    }

    /// <summary>The output after all samples of a stream: the sum over the kernel, zeros before the first sample.</summary>
    public static double[] Convolve(Conv1dWeights weights, IReadOnlyList<double[]> samples)
    {
        double[] sums = new double[weights.OutputSize];
        for (int row = 0; row < sums.Length; row++)
        {
            sums[row] = weights.Bias[row];
            for (int k = 0; k < weights.KernelSize; k++)
            {
                int at = samples.Count - 1 - ((weights.KernelSize - 1 - k) * weights.Dilation);
                for (int i = 0; i < weights.InputSize && at >= 0; i++)
                {
                    sums[row] += weights.Weights[(((row * weights.KernelSize) + k) * weights.InputSize) + i] * samples[at][i];
                }
            }
        }

        return Activations.Apply(weights.Activation, sums);
    }

    /// <summary>Steps <see cref="Convolve"/> along a stream.</summary>
    public static Func<double[], double[]> Stepper(Conv1dWeights weights)
    {
        List<double[]> samples = [];
        return x =>
        {
            samples.Add([.. x]);
            return Convolve(weights, samples);
        };
    }
}
