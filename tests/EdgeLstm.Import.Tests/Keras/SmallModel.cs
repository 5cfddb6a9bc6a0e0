// A model whose configuration and weights a test makes up.

using System.Text;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Keras;
using EdgeLstm.Import.Trust;

namespace EdgeLstm.Import.Tests.Keras;

/// <summary>Reads configurations as text.</summary>
internal static class SmallModel
{
    public static SourceFile File { get; } = new("m.h5", []);

    /// <summary>A Sequential model of the given layers.</summary>
    public static ImportedModel Sequential(string layers, MemoryWeights? weights = null, string? version = "2.15.0") =>
        Read($$$"""{"class_name": "Sequential", "config": {"name": "s", "layers": [{{{layers}}}]}}""", weights, version);

    public static ImportedModel Read(string json, MemoryWeights? weights = null, string? version = "2.15.0")
    {
        ConfigNode config = ConfigNode.Parse(File, "the file", Encoding.UTF8.GetBytes(json));
        return KerasLayerMapper.Read(File, "HDF5", KerasArchitecture.Read(config, version), weights ?? Weights());
    }

    public static string Refusal(string layers, MemoryWeights? weights = null, string? version = "2.15.0") =>
        Assert.Throws<ModelFileException>(() => Sequential(layers, weights, version)).Message;

    /// <summary>A layer's JSON; <paramref name="config"/> without braces.</summary>
    public static string Layer(string className, string name, string config = "")
    {
        string comma = config.Length > 0 ? ", " : "";
        return $$$"""{"class_name": "{{{className}}}", "config": {"name": "{{{name}}}"{{{comma}}}{{{config}}}}}""";
    }

    /// <summary>Weights of the layers lstm and lstm2 (2 → 3, 3 → 3), gru (2 → 3, one bias), rnn (2 → 3) and dense (3 →
    /// 2).</summary>
    public static MemoryWeights Weights() => new()
    {
        ["lstm"] = Cell(1, 2, 12),
        ["lstm2"] = Cell(2, 3, 12),
        ["gru"] = Cell(3, 2, 9),
        ["rnn"] = Cell(4, 2, 3),
        ["dense"] = [MemoryWeights.Tensor("dense/kernel:0", 5, 3, 2), MemoryWeights.Tensor("dense/bias:0", 6, 2)],
    };

    public static SourceTensor[] Cell(int seed, int inputs, int columns, int biasRows = 1) =>
    [
        MemoryWeights.Tensor("kernel:0", seed, inputs, columns),
        MemoryWeights.Tensor("recurrent_kernel:0", seed + 100, 3, columns),
        biasRows == 1
            ? MemoryWeights.Tensor("bias:0", seed + 200, columns)
            : MemoryWeights.Tensor("bias:0", seed + 200, 2, columns),
    ];

    /// <summary>Outputs of eight samples.</summary>
    public static double[][] Run(ImportedModel model)
    {
        var network = new ReferenceNetwork(model.Layers);
        return
        [
            .. Enumerable.Range(0, 8).Select(t => network.Step(
                [.. Enumerable.Range(0, model.InputSize).Select(k => Math.Sin((t * model.InputSize) + k + 1.0))])),
        ];
    }

    public static void AssertSame(double[][] expected, double[][] found)
    {
        for (int t = 0; t < expected.Length; t++)
        {
            for (int k = 0; k < expected[t].Length; k++)
            {
                Assert.Equal(expected[t][k], found[t][k], 1e-6);
            }
        }
    }
}
