// Random weights of every kind of layer, the same for the same seed.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Tests.Reference;

/// <summary>Weights up to 1/√I and 1/√H, so that gates move and states stay bounded.</summary>
/// <remarks>
/// Peepholes stay within 0.2. At 0.5 some units feed their own forget gate until c runs away; on the way a rounding of the state
/// grows a hundredfold, in double precision too, and the comparison would measure that instead of the kernel.
/// </remarks>
internal static class RandomWeights
{
    public static LstmWeights Lstm(int inputSize, int hiddenSize, bool peepholes = false, string name = "lstm")
    {
        Random random = new((inputSize * 1000) + hiddenSize);
        return new LstmWeights(
            name,
            inputSize,
            hiddenSize,
            Uniform(random, 4 * hiddenSize * inputSize, InputRange(inputSize)),
            Uniform(random, 4 * hiddenSize * hiddenSize, RecurrentRange(hiddenSize)),
            Uniform(random, 4 * hiddenSize, 0.5),
            peepholes ? Uniform(random, 3 * hiddenSize, 0.2) : null);
    }

    public static GruWeights Gru(int inputSize, int hiddenSize, GruReset reset, string name = "gru")
    {
        Random random = new((inputSize * 1000) + hiddenSize);
        return new GruWeights(
            name,
            inputSize,
            hiddenSize,
            Uniform(random, 3 * hiddenSize * inputSize, InputRange(inputSize)),
            Uniform(random, 3 * hiddenSize * hiddenSize, RecurrentRange(hiddenSize)),
            Uniform(random, 3 * hiddenSize, 0.5),
            reset == GruReset.After ? Uniform(random, hiddenSize, 0.5) : null,
            reset);
    }

    public static RnnWeights Rnn(int inputSize, int hiddenSize, Activation activation, string name = "rnn")
    {
        Random random = new((inputSize * 1000) + hiddenSize);
        return new RnnWeights(
            name,
            inputSize,
            hiddenSize,
            Uniform(random, hiddenSize * inputSize, InputRange(inputSize)),
            Uniform(random, hiddenSize * hiddenSize, RecurrentRange(hiddenSize)),
            Uniform(random, hiddenSize, 0.5),
            activation);
    }

    public static DenseWeights Dense(
        int inputSize, int outputSize, ActivationFunction activation, string name = "dense")
    {
        Random random = new((inputSize * 1000) + outputSize);
        return new DenseWeights(
            name,
            inputSize,
            outputSize,
            Uniform(random, outputSize * inputSize, InputRange(inputSize)),
            Uniform(random, outputSize, 0.5),
            activation);
    }

    public static ScaleWeights Scale(int size, string name = "scale")
    {
        Random random = new(size);
        return new ScaleWeights(name, size, Uniform(random, size, 2), Uniform(random, size, 0.5));
    }

    public static LayerNormWeights LayerNorm(int size, float epsilon = 1e-5f, string name = "layerNorm")
    {
        Random random = new(size);
        return new LayerNormWeights(name, size, Uniform(random, size, 2), Uniform(random, size, 0.5), epsilon);
    }

    public static Conv1dWeights Conv1d(
        int inputSize,
        int outputSize,
        int kernelSize,
        int dilation = 1,
        ActivationFunction activation = default,
        string name = "conv1d")
    {
        Random random = new((inputSize * 1000) + outputSize + (kernelSize * 7));
        return new Conv1dWeights(
            name,
            inputSize,
            outputSize,
            kernelSize,
            dilation,
            Uniform(random, outputSize * kernelSize * inputSize, InputRange(kernelSize * inputSize)),
            Uniform(random, outputSize, 0.5),
            activation);
    }

    /// <summary>Values between −range and range.</summary>
    public static float[] Uniform(Random random, int count, double range) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)(((2 * random.NextDouble()) - 1) * range))];

    private static double InputRange(int inputSize) => 1 / Math.Sqrt(inputSize);

    private static double RecurrentRange(int hiddenSize) => 1 / Math.Sqrt(hiddenSize);
}
