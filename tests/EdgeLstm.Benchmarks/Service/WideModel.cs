// The network of the throughput benchmark, or one of other inputs: a GRU of 32 units with random weights, as a model file.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Benchmarks.Service;

/// <summary>Writes the file; the golden vectors are what the network itself computes.</summary>
internal static class WideModel
{
    public const double PeriodMs = 0.1;
    private const int Hidden = 32;
    private const int GoldenSteps = 16;

    /// <summary>Names of the channels, in the order of the columns.</summary>
    public static readonly string[] Channels = ["x", "y", "z"];

    /// <summary>Saves the benchmark's model, of three inputs.</summary>
    public static void Save(string path) => Save(path, Channels);

    /// <summary>Saves such a model; each channel is an input, and an output of the same name.</summary>
    public static void Save(string path, IReadOnlyList<string> channels)
    {
        int inputs = channels.Count;
        Random random = new(1);
        float[] w = Noise(random, 3 * Hidden * inputs);
        float[] r = Noise(random, 3 * Hidden * Hidden);
        float[] b = Noise(random, 3 * Hidden);
        float[] bn = Noise(random, Hidden);
        float[] headWeight = Noise(random, inputs * Hidden);
        float[] headBias = Noise(random, inputs);
        float[] goldenInputs = Noise(random, GoldenSteps * inputs);
        Network network = new(
        [
            GruLayer.Create(new GruWeights("gru0", inputs, Hidden, w, r, b, bn, GruReset.After), VectorWidths.Best),
            DenseLayer.Create(new DenseWeights("head", Hidden, inputs, headWeight, headBias, Activation.Linear),
                VectorWidths.Best),
        ]);
        float[] goldenOutputs = new float[GoldenSteps * inputs];
        for (int step = 0; step < GoldenSteps; step++)
        {
            network.Step(goldenInputs.AsSpan(step * inputs, inputs), goldenOutputs.AsSpan(step * inputs, inputs));
        }

        ModelFile.Save(path, Manifest(channels),
        [
            new Tensor("gru0.weight_ih", [3 * Hidden, inputs], w),
            new Tensor("gru0.weight_hh", [3 * Hidden, Hidden], r),
            new Tensor("gru0.bias", [3 * Hidden], b),
            new Tensor("gru0.bias_hn", [Hidden], bn),
            new Tensor("head.weight", [inputs, Hidden], headWeight),
            new Tensor("head.bias", [inputs], headBias),
            new Tensor("golden.inputs", [GoldenSteps, inputs], goldenInputs),
            new Tensor("golden.outputs", [GoldenSteps, inputs], goldenOutputs),
        ]);
    }

    private static ModelManifest Manifest(IReadOnlyList<string> channels) => new(
        ModelManifest.CurrentFormatVersion,
        "wide-gru",
        ModelTask.Forecast,
        PeriodMs,
        16,
        [.. channels.Select(name => new InputManifest(name, "1", 0, 1, -10, 10))],
        [
            new LayerManifest("gru0", LayerKind.Gru, channels.Count, Hidden, Reset: GruReset.After),
            new LayerManifest("head", LayerKind.Dense, Hidden, channels.Count, Activation: Activation.Linear),
        ],
        [
            .. channels.Select(name => new OutputManifest(name, "1", 1, 0, 1, RelativeTo: name,
                Residuals: new ResidualManifest(3000, 0, 0.8, [0.5, 0.1, 0.01], [0.4, 1.2, 2.5]))),
        ],
        new GoldenManifest(1e-4),
        new ProvenanceManifest("random weights", new string('0', 64), "EdgeLstm.Benchmarks", "0.1.0", "2026-11-21"));

    private static float[] Noise(Random random, int count)
    {
        float[] values = new float[count];
        for (int k = 0; k < count; k++)
        {
            values[k] = (random.NextSingle() - 0.5f) / 2;
        }

        return values;
    }
}
