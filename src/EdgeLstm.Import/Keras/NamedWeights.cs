// Weights by the names of layers: group <layer>, attribute weight_names, a dataset for each name below the group.

using EdgeLstm.Core.Json;
using EdgeLstm.Import.Hdf5;

namespace EdgeLstm.Import.Keras;

/// <summary>The weights of .h5 files: <c>model_weights/lstm_1</c> with <c>weight_names = ["lstm_1/kernel:0", …]</c>.</summary>
internal sealed class NamedWeights(Hdf5Group root) : KerasWeights
{
    private const int MaxPieces = 1024;

    /// <summary>A list of names; Keras splits a long one into attributes with numbers: <c>weight_names0</c>,
    /// <c>weight_names1</c>.</summary>
    public static IReadOnlyList<string>? TextsOf(Hdf5Group group, string attribute)
    {
        if (group.Texts(attribute) is { } whole)
        {
            return whole;
        }

        List<string>? names = null;
        for (int piece = 0; piece < MaxPieces && group.Texts($"{attribute}{piece}") is { } part; piece++)
        {
            names = [.. names ?? [], .. part];
        }

        return names;
    }

    protected override IReadOnlyList<KerasWeight> Find(KerasLayer layer)
    {
        Hdf5Group group = root.Group(layer.Name) ?? throw layer.Config.Refuse(
            $"has no weights: there is no group '{QuotedText.Of(layer.Name)}' in '{QuotedText.Of(root.Path)}'; found "
                + $"{PathWeights.NamesOf(root)}");
        IReadOnlyList<string> names = TextsOf(group, "weight_names")
            ?? throw layer.Config.Refuse($"group '{QuotedText.Of(group.Path)}' has no attribute 'weight_names'");
        return [.. names.Select(name => new KerasWeight(name, () => Read(layer, group, name)))];
    }

    private static SourceTensor Read(KerasLayer layer, Hdf5Group group, string name)
    {
        Hdf5Dataset dataset = group.Dataset(name) ?? throw layer.Config.Refuse(
            $"group '{QuotedText.Of(group.Path)}' names the weight '{QuotedText.Of(name)}', but holds no such dataset");
        return dataset.Read() with { Name = name };
    }
}
