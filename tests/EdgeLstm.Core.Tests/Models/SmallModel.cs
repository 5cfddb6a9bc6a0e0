// Models of a few units with random weights; their golden vectors come from the double-precision reference.

using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Tests.Models;

internal static class SmallModel
{
    public const int GoldenSteps = 16;

    /// <summary>One channel, a GRU of two units, forecasts of one and twelve periods.</summary>
    public static ModelManifest Manifest { get; } = new(
        FormatVersion: 1,
        Name: "small-gru",
        Task: ModelTask.Forecast,
        SamplePeriodMs: 1000,
        WarmUpSamples: 8,
        Inputs: [new InputManifest("temperature", "°C", 20, 0.1, -40, 125)],
        Layers:
        [
            new LayerManifest("gru0", LayerKind.Gru, 1, 2, Reset: GruReset.After),
            new LayerManifest("head", LayerKind.Dense, 2, 2, Activation: Activation.Linear),
        ],
        Outputs:
        [
            new OutputManifest("temperature", "°C", 1, 0, 0.5, RelativeTo: "temperature", ClipMinimum: -40, ClipMaximum: 125,
                Residuals: new ResidualManifest(3000, 0.01, 0.8, [0.5, 0.1, 0.01], [0.4, 1.2, 2.5])),
            new OutputManifest("temperature", "°C", 12, 20, 0.1, Quantile: 0.9),
        ],
        Golden: new GoldenManifest(1e-5),
        Provenance: new ProvenanceManifest(
            "noise.csv (made for tests)", new string('a', 64), "SmallModel", "0.1.0", "2026-11-21"),
        Results: [new ResultManifest("temperature", 1, ErrorMetric.Mae, "°C", 0.9, 1.1, 5)]);

    /// <summary>The same model around other layers: the head maps the last of them to the two outputs.</summary>
    public static ModelManifest With(params LayerManifest[] layers) => Manifest with
    {
        Layers = [.. layers, new LayerManifest("head", LayerKind.Dense, layers[^1].OutputSize, 2, Activation: Activation.Linear)],
    };

    /// <summary>Random weights for every layer of <paramref name="manifest"/>, and golden vectors.</summary>
    public static List<Tensor> Tensors(ModelManifest manifest, int seed = 7)
    {
        var random = new Random(seed);
        var tensors = new List<Tensor>();
        foreach (LayerManifest layer in manifest.Layers)
        {
            foreach ((string name, long[] shape) in Shapes(layer))
            {
                tensors.Add(new Tensor($"{layer.Name}.{name}", shape, Noise(random, shape)));
            }
        }

        long[] inputsShape = [GoldenSteps, manifest.Inputs.Count];
        float[] inputs = Noise(random, inputsShape);
        tensors.Add(new Tensor("golden.inputs", inputsShape, inputs));
        float[] outputs = ReferenceNetwork.Run(manifest, tensors, inputs);
        tensors.Add(new Tensor("golden.outputs", [GoldenSteps, manifest.Outputs.Count], outputs));
        return tensors;
    }

    public static byte[] Bytes() => ModelFile.ToBytes(Manifest, Tensors(Manifest));

    private static List<(string Name, long[] Shape)> Shapes(LayerManifest layer)
    {
        (long inputs, long outputs) = (layer.InputSize, layer.OutputSize);
        switch (layer.Kind)
        {
            case LayerKind.Dense:
                return [("weight", [outputs, inputs]), ("bias", [outputs])];
            case LayerKind.Activation:
                return [];
            case LayerKind.Scale or LayerKind.LayerNorm:
                return [("weight", [inputs]), ("bias", [inputs])];
            case LayerKind.Conv1d:
                return [("weight", [outputs, layer.KernelSize!.Value, inputs]), ("bias", [outputs])];
            default:
                break;
        }

        long rows = outputs * (layer.Kind == LayerKind.Lstm ? 4 : layer.Kind == LayerKind.Gru ? 3 : 1);
        List<(string, long[])> shapes = [("weight_ih", [rows, inputs]), ("weight_hh", [rows, outputs]), ("bias", [rows])];
        if (layer.Peepholes == true)
        {
            shapes.Add(("weight_peephole", [3 * outputs]));
        }

        if (layer.Reset == GruReset.After)
        {
            shapes.Add(("bias_hn", [outputs]));
        }

        return shapes;
    }

    private static float[] Noise(Random random, long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (int k = 0; k < values.Length; k++)
        {
            values[k] = (2 * random.NextSingle()) - 1;
        }

        return values;
    }
}
