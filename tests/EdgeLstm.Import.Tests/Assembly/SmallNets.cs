// Small networks made in code, with weights that are the same every time.

using EdgeLstm.Core.Layers;
using EdgeLstm.Import.Canonical;

namespace EdgeLstm.Import.Tests.Assembly;

internal static class SmallNets
{
    /// <summary>The file a network pretends to come from.</summary>
    public static SourceFile File { get; } = new("trained.pt", [1, 2, 3]);

    /// <summary>LSTM inputs → 4, then dense 4 → outputs.</summary>
    public static ImportedModel Lstm(
        int inputs = 2,
        int outputs = 3,
        SequenceUse? use = null,
        Activation last = Activation.Linear,
        ChannelScaling? scaling = null,
        SampleAxes axes = SampleAxes.TimeFirstOrSingleBatch)
    {
        var random = new Random(7);
        var layers = new LayerBuilder(File);
        layers.AddLstm(
            "lstm", "ifgo", Values(random, "w", 16, inputs), Values(random, "r", 16, 4), [Values(random, "b", 16)]);
        layers.AddDense("fc", Values(random, "v", outputs, 4), Values(random, "c", outputs), last);
        return new ImportedModel("PyTorch state_dict", layers.Layers, use ?? new SequenceUse(), axes, scaling, []);
    }

    /// <summary>Two GRU layers inputs → 4 → 3.</summary>
    public static ImportedModel TwoGrus(int inputs = 2, SampleAxes axes = SampleAxes.TimeFirstOrSingleBatch)
    {
        var random = new Random(8);
        var layers = new LayerBuilder(File);
        layers.AddGru(
            "gru0", "rzn", Values(random, "w", 12, inputs), Values(random, "r", 12, 4), Values(random, "b", 12),
            Values(random, "c", 12), GruReset.After);
        layers.AddGru(
            "gru1", "rzn", Values(random, "w", 9, 4), Values(random, "r", 9, 3), Values(random, "b", 9), Values(random, "c", 9),
            GruReset.After);
        return new ImportedModel("PyTorch state_dict", layers.Layers, new SequenceUse(), axes, null, []);
    }

    /// <summary>A dense layer alone: y = gain · x, of two values.</summary>
    public static ImportedModel Gain(float gain)
    {
        var layers = new LayerBuilder(File);
        layers.AddDense("fc", new SourceTensor("w", [2, 2], [gain, 0, 0, gain]), null, Activation.Linear);
        return new ImportedModel("PyTorch state_dict", layers.Layers, new SequenceUse(), SampleAxes.BatchFirst, null, []);
    }

    /// <summary>Samples [count][size].</summary>
    public static double[][] Samples(int count, int size, int seed = 9)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(
            _ => Enumerable.Range(0, size).Select(_ => (double)(float)((random.NextDouble() * 2) - 1)).ToArray())];
    }

    private static SourceTensor Values(Random random, string name, params int[] shape)
    {
        int count = shape.Aggregate(1, (product, size) => product * size);
        return new SourceTensor(name, shape, [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))]);
    }
}
