// Weights by the place of layers, as Keras 3 stores them: the class in snake case and a count, then vars/0, vars/1 …
//
//   Keras 3, tf-keras 2.14      layers/lstm_1/cell/vars/0
//   tf-keras 2.13               _layer_checkpoint_dependencies/lstm_1/cell/vars/0
//   the same on Windows         one link '_layer_checkpoint_dependencies\lstm_1\cell', below it vars/0

using EdgeLstm.Core.Json;
using EdgeLstm.Import.Hdf5;

namespace EdgeLstm.Import.Keras;

/// <summary>The weights of <c>model.weights.h5</c>.</summary>
internal sealed class PathWeights(Hdf5Group root) : KerasWeights
{
    private static readonly string[] Containers = ["layers", "_layer_checkpoint_dependencies"];

    // Recurrent layers keep their weights in their cell, TimeDistributed in the layer it wraps.
    private static readonly string[] Places = ["cell/vars", "layer/vars", "vars"];

    /// <summary>Whether a file stores its weights so.</summary>
    public static bool AreIn(Hdf5Group root) => root.Names.Any(
        name => Array.Exists(Containers, container => name.StartsWith(container, StringComparison.Ordinal)));

    /// <summary>What a group holds, for messages.</summary>
    public static string NamesOf(Hdf5Group group) => group.Names.Count == 0
        ? "nothing"
        : string.Join(", ", group.Names.Take(8).Select(name => $"'{QuotedText.Of(name)}'"))
            + (group.Names.Count > 8 ? ", …" : "");

    protected override IReadOnlyList<KerasWeight> Find(KerasLayer layer)
    {
        foreach (string container in Containers)
        {
            foreach (string place in Places)
            {
                string path = $"{container}/{layer.StoredName}/{place}";
                if (Resolve(root, path) is { } vars && Weights(vars, path) is { Count: > 0 } weights)
                {
                    return weights;
                }
            }
        }

        throw layer.Config.Refuse($"has no weights: expected the group '{Containers[0]}/{QuotedText.Of(layer.StoredName)}' (the "
            + "class and "
            + $"a count); found {NamesOf(Resolve(root, Containers[0]) ?? root)}");
    }

    private static List<KerasWeight> Weights(Hdf5Group vars, string path)
    {
        var weights = new List<KerasWeight>();
        int most = vars.Names.Count;
        for (int k = 0; k < most && vars.Dataset($"{k}") is { } dataset; k++)
        {
            string name = $"{path}/{k}";
            weights.Add(new KerasWeight(name, () => dataset.Read() with { Name = name }));
        }

        return weights;
    }

    // A link's name may be several steps of the path, joined by backslashes.
    private static Hdf5Group? Resolve(Hdf5Group group, string path)
    {
        if (path.Length == 0)
        {
            return group;
        }

        foreach (string name in group.Names)
        {
            string steps = name.Replace('\\', '/');
            bool isOn = steps.Length > 0 && path.StartsWith(steps, StringComparison.Ordinal)
                && (path.Length == steps.Length || path[steps.Length] == '/');
            string rest = isOn ? path[Math.Min(steps.Length + 1, path.Length)..] : "";
            if (isOn && group.Group(name) is { } child && Resolve(child, rest) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
