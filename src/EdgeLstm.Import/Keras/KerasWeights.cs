// The weights of the layers, wherever a container keeps them; read when a layer asks for them.

namespace EdgeLstm.Import.Keras;

/// <summary>A tensor of a layer that has not been read yet.</summary>
/// <param name="Name">The name the file gives it, or its path.</param>
/// <param name="Read">Reads it.</param>
internal sealed record KerasWeight(string Name, Func<SourceTensor> Read);

/// <summary>Where a container keeps the weights.</summary>
internal abstract class KerasWeights
{
    // The order in which Keras itself keeps the weights of a layer, by the last part of their names.
    private static readonly string[] UsualOrder =
    [
        "kernel", "recurrent_kernel", "gamma", "beta", "moving_mean", "moving_variance", "mean", "variance", "count", "bias",
    ];

    /// <summary>The weights of a layer in the order in which Keras keeps them; refuses a layer that has none in the
    /// file.</summary>
    public IReadOnlyList<KerasWeight> Of(KerasLayer layer)
    {
        KerasWeight[] weights = [.. Find(layer)];
        int[] ranks = new int[weights.Length];
        for (int k = 0; k < weights.Length; k++)
        {
            ranks[k] = Array.IndexOf(UsualOrder, Role(weights[k].Name));
            if (ranks[k] < 0 || Array.IndexOf(ranks, ranks[k]) < k)
            {
                return weights;
            }
        }

        Array.Sort(ranks, weights);
        return weights;
    }

    /// <summary>The weights of a layer as the container lists them; refuses a layer that has none.</summary>
    protected abstract IReadOnlyList<KerasWeight> Find(KerasLayer layer);

    /// <summary>The role a name tells: <c>kernel</c> of <c>lstm/lstm_cell/kernel:0</c>.</summary>
    private static string Role(string name)
    {
        string last = name[(name.LastIndexOf('/') + 1)..];
        int colon = last.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? last : last[..colon];
    }
}
