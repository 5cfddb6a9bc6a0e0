// Golden vectors: network inputs and the outputs they must give, from a zero state;  |y − ŷ| ≤ tolerance · max(1, |ŷ|).

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>Network inputs and the raw outputs that whoever made the model computed for them in double precision.</summary>
/// <remarks>
/// The state is zero before the first input and carried to the last. Of a model with a window of T samples, Outputs[t] is that of
/// the latest min(t + 1, T) inputs from a zero state.
/// </remarks>
/// <param name="Inputs">Standardised inputs [Steps, InputSize].</param>
/// <param name="Outputs">Raw outputs [Steps, OutputSize].</param>
/// <param name="Steps">16 to 1024; of a windowed model at least T + 1, so that the window has moved, to T + 1024.</param>
public sealed record GoldenVectors(float[] Inputs, float[] Outputs, int Steps)
{
    private const int MinSteps = 16;
    private const int MaxSteps = 1024;
    private const string InputsName = "golden.inputs";

    /// <summary>The tensor that holds the outputs.</summary>
    internal const string OutputsName = "golden.outputs";

    /// <summary>Takes both tensors from a model file.</summary>
    /// <exception cref="ModelFileException">One is missing, has another shape, or a value that is not finite.</exception>
    internal static GoldenVectors Take(SafetensorsFile file, int inputSize, int outputSize, int? window)
    {
        // Within its first window a windowed model answers like one that carries its state: that would prove nothing.
        int least = Math.Max(MinSteps, (window + 1) ?? 0);
        int most = MaxSteps + (window ?? 0);

        // The number of steps is whatever golden.inputs says; where that is no shape at all, Take says so.
        bool hasSteps = file.Tensors.TryGetValue(InputsName, out TensorInfo? info) && info.Shape.Count == 2;
        long steps = hasSteps ? info!.Shape[0] : least;
        if (steps < least || steps > most)
        {
            throw ModelFileException.In(file.Path, $"tensor '{InputsName}' has {steps} steps; expected {least} to {most}.");
        }

        return new GoldenVectors(
            file.Take(InputsName, "[Steps, inputs]", steps, inputSize),
            file.Take(OutputsName, "[Steps, outputs]", steps, outputSize),
            (int)steps);
    }

    /// <summary>The raw outputs [Steps, OutputSize] of <paramref name="network"/> for the inputs, from a zero state.</summary>
    public float[] Run(ISequenceModel network)
    {
        ArgumentNullException.ThrowIfNull(network);
        float[] outputs = new float[Steps * network.OutputSize];
        network.ResetState();
        for (int step = 0; step < Steps; step++)
        {
            network.Step(
                Inputs.AsSpan(step * network.InputSize, network.InputSize),
                outputs.AsSpan(step * network.OutputSize, network.OutputSize));
        }

        return outputs;
    }

    /// <summary>Steps <paramref name="network"/> over the inputs from a zero state and finds where it is off the most.</summary>
    public GoldenDeviation Measure(ISequenceModel network)
    {
        float[] found = Run(network);
        var worst = new GoldenDeviation(Steps, 0, -1, 0, 0, 0, 0);
        for (int k = 0; k < found.Length; k++)
        {
            worst = worst.Or(k / network.OutputSize, k % network.OutputSize, found[k], Outputs[k]);
        }

        return worst;
    }
}

/// <summary>How far a network is off its golden vectors, and where the most.</summary>
/// <param name="Steps">Steps compared.</param>
/// <param name="MaxAbsolute">Greatest |found − expected|.</param>
/// <param name="MaxScaled">Greatest |found − expected| / max(1, |expected|); NaN where an output is NaN.</param>
/// <param name="Step">The step of <paramref name="MaxScaled"/>, from 0.</param>
/// <param name="Output">The output of <paramref name="MaxScaled"/>, from 0.</param>
/// <param name="Found">What the network gave there.</param>
/// <param name="Expected">What it should have given.</param>
public sealed record GoldenDeviation(
    int Steps, double MaxAbsolute, double MaxScaled, int Step, int Output, float Found, float Expected)
{
    /// <summary>True where every output is within the tolerance.</summary>
    public bool IsWithin(double tolerance) => MaxScaled <= tolerance;

    internal GoldenDeviation Or(int step, int output, float found, float expected)
    {
        double absolute = Math.Abs((double)found - expected);
        double scaled = absolute / Math.Max(1, Math.Abs((double)expected));
        double maxAbsolute = Math.Max(MaxAbsolute, absolute);

        // NaN is worse than any number, and once found it stays.
        if (scaled > MaxScaled || (double.IsNaN(scaled) && !double.IsNaN(MaxScaled)))
        {
            return new GoldenDeviation(Steps, maxAbsolute, scaled, step, output, found, expected);
        }

        // A copy for each of some ten thousand comparisons would be most of what a service allocates until it runs.
        return absolute > MaxAbsolute ? this with { MaxAbsolute = maxAbsolute } : this;
    }
}
