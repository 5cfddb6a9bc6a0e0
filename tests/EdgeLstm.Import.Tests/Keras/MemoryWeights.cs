// Weights of layers that a test makes up.

using EdgeLstm.Import.Keras;

namespace EdgeLstm.Import.Tests.Keras;

/// <summary>Weights by the layer's name.</summary>
internal sealed class MemoryWeights : KerasWeights
{
    private readonly Dictionary<string, SourceTensor[]> _weights = [];

    public SourceTensor[] this[string layer]
    {
        set => _weights[layer] = value;
    }

    /// <summary>Values that differ from each other, between −1 and 1, the same at each call.</summary>
    public static SourceTensor Tensor(string name, int seed, params int[] shape)
    {
        var random = new Random(seed);
        int count = shape.Aggregate(1, (product, size) => product * size);
        return new SourceTensor(name, shape, [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)]);
    }

    protected override IReadOnlyList<KerasWeight> Find(KerasLayer layer) =>
        _weights.TryGetValue(layer.Name, out SourceTensor[]? tensors)
        ? [.. tensors.Select(tensor => new KerasWeight(tensor.Name, () => tensor))]
        : throw layer.Config.Refuse("has no weights");
}
