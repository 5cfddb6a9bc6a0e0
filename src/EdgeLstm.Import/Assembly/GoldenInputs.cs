// The samples a model proves itself with: pseudo-random, the same for every import, uniform in ±1.5 of what the network reads.

using EdgeLstm.Core.Collections;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Assembly;

/// <summary>Makes golden vectors whose outputs are computed in double precision, apart from the kernels they judge.</summary>
internal static class GoldenInputs
{
    private const int Steps = 32;
    private const int MinSteps = 16;
    private const double Amplitude = 1.5;
    private const ulong Seed = 0x45_64_67_65_4C_73_74_6D; // "EdgeLstm"

    /// <summary>The two tensors of a model file.</summary>
    /// <param name="file">The file that is imported, for refusals.</param>
    /// <param name="model">Its network.</param>
    /// <param name="window">Length of the windows; null: the state is carried on.</param>
    /// <exception cref="ModelFileException">An output is no finite number.</exception>
    public static IReadOnlyList<Tensor> Make(SourceFile file, ImportedModel model, int? window)
    {
        int steps = window is { } length ? Math.Max(MinSteps, length + 1) : Steps;
        (int inputSize, int outputSize) = (model.InputSize, model.OutputSize);
        float[] inputs = Fill(steps * inputSize);
        double[][] samples = ArrayProjection.Of(
            steps, step => Array.ConvertAll(inputs[(step * inputSize)..((step + 1) * inputSize)], value => (double)value));
        float[] outputs = new float[steps * outputSize];
        double[][] rows = new ReferenceNetwork(model.Layers).Run(samples, window);
        for (int k = 0; k < outputs.Length; k++)
        {
            outputs[k] = (float)rows[k / outputSize][k % outputSize];
            if (!float.IsFinite(outputs[k]))
            {
                throw file.Refuse($"gives no finite number at step {k / outputSize}, output {k % outputSize}, for samples within "
                    + FormattableString.Invariant($"±{Amplitude}: the network is unstable"));
            }
        }

        return
        [
            new Tensor("golden.inputs", [steps, inputSize], inputs), new Tensor("golden.outputs", [steps, outputSize], outputs),
        ];
    }

    // SplitMix64 (Steele, Lea, Flood 2014): the same on every machine and in every version of .NET.
    private static float[] Fill(int count)
    {
        float[] values = new float[count];
        ulong state = Seed;
        for (int k = 0; k < count; k++)
        {
            state += 0x9E3779B97F4A7C15;
            ulong z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            values[k] = (float)(((z >> 11) * (2 * Amplitude / (1UL << 53))) - Amplitude);
        }

        return values;
    }
}
