// The names of weight precisions in model files, configurations and on the command line: float32, bfloat16, int8.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Core.Models;

/// <summary>Names of <see cref="WeightPrecision"/>, all lower case.</summary>
public static class PrecisionNames
{
    /// <summary>All names, from the widest to the narrowest.</summary>
    public static IReadOnlyList<string> All { get; } = Array.ConvertAll(Enum.GetValues<WeightPrecision>(), Of);

    /// <summary>The name of <paramref name="precision"/>.</summary>
    public static string Of(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Float32 => "float32",
        WeightPrecision.BFloat16 => "bfloat16",
        WeightPrecision.Int8 => "int8",
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "not a weight precision"),
    };

    /// <summary>The precision that <paramref name="name"/> names; false where none has this name.</summary>
    public static bool TryParse(string name, out WeightPrecision precision)
    {
        foreach (WeightPrecision known in Enum.GetValues<WeightPrecision>())
        {
            if (Of(known) == name)
            {
                precision = known;
                return true;
            }
        }

        precision = default;
        return false;
    }
}
